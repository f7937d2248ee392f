"""Results turned on their side: one row for each report, organisation and breakdown, one column for each figure that a
formula or a rule asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from gateway.domain.report import Columns
from gateway.mapping.batch import Batch
from gateway.mapping.collapse import Targets
from gateway.mapping.expression import Reference
from gateway.mapping.figures import NIL, NUMBER, read
from gateway.mapping.pack import Pack
from gateway.mapping.sheets import Line

KEY = ["report", "to", "broken"]
_PLACE_KINDS = {"organisation": pl.String, "to": pl.UInt32}
_BEFORE_KINDS = {
    "report": pl.UInt32, "organisation": pl.String, "broken": pl.String, "code": pl.String, "value": pl.String,
}  # fmt: skip


@dataclass(slots=True)
class Wide:
    """The results of a batch, looked at by key. `previous` is what `before` made of the period before."""

    batch: Batch
    pack: Pack
    results: pl.DataFrame
    targets: Targets
    previous: pl.DataFrame

    def of(self, references: Sequence[Reference], missing: str, line: Line) -> pl.DataFrame:
        """Columns `KEY`, rows (of the submission, of all inputs) and one of `NUMBER` for each reference.

        Only keys of reports whose period `line` is valid in, and only where some input is there.
        """
        tables = [self._table(reference) for reference in references]
        keys = pl.concat([table.select(KEY) for table in tables]).unique(maintain_order=True)
        keys = keys.filter(pl.col("report").is_in(self._reports(line)))
        for reference, table in zip(references, tables, strict=True):
            name = reference.column
            keys = keys.join(
                table.select(*KEY, pl.col("number").alias(name), pl.col("rows").alias(f"rows:{name}")),
                on=KEY,
                how="left",
                maintain_order="left",
            )
        listed = [pl.col(f"rows:{reference.column}").fill_null([]) for reference in references]
        rows = pl.concat_list(listed).list.unique(maintain_order=True).alias("rows")
        named = [reference.column for reference in references]
        whole = keys.select(*KEY, rows, *named)
        return whole.with_columns(pl.col(named).fill_null(0)) if missing == "khong" else whole

    def at(self, code: str) -> pl.DataFrame:
        """Columns `KEY`, number, said_by and there: what the results say of an indicator themselves."""
        return self._now(code).select(
            *KEY, "number", pl.col("rows").alias("said_by"), pl.lit(value=True).alias("there")
        )

    def _reports(self, line: Line) -> list[int]:
        days = [resolver.day for resolver in self.batch.resolvers]
        return [n for n, period in enumerate(self.batch.periods) if line.valid_on(days[period])]

    def _table(self, reference: Reference) -> pl.DataFrame:
        match reference.kind:
            case "before":
                return self._before(reference.code)
            case "sum":
                return self._sum(reference)
            case _:
                return self._now(reference.code)

    def _now(self, code: str) -> pl.DataFrame:
        """Figures of one indicator; nil counts as 0, what is not available or confidential is missing."""
        mine = [n for n, (said, *_) in enumerate(self.targets.said) if said == code]
        found = self.results.filter(pl.col("target").is_in(mine))
        nil = pl.when(pl.col("mark") == NIL).then(pl.lit(0).cast(NUMBER)).otherwise("number").alias("number")
        return found.select("report", "to", self.targets.broken(found["target"]), nil, "rows")

    def _sum(self, reference: Reference) -> pl.DataFrame:
        """Over the units of a level that belong to the organisation; there only when all of them are."""
        below = self._below(reference.level)
        found = self._now(reference.code).join(below, on=["report", "to"], how="inner")
        summed = found.group_by("report", "above", "broken", maintain_order=True).agg(
            pl.col("number").sum(),
            pl.col("number").count().alias("there"),
            pl.col("rows").list.explode(keep_nulls=False, empty_as_null=False),
            pl.col("of").first(),
        )
        number = pl.when(pl.col("there") == pl.col("of")).then("number").alias("number")
        return summed.select("report", pl.col("above").alias("to"), "broken", number, "rows")

    def _below(self, level: str) -> pl.DataFrame:
        """Which unit belongs to which, for each report, and how many there are of them."""
        number = {code: n for n, code in enumerate(self.targets.organisations)}
        said: list[tuple[int, int, int, int]] = []
        for report, period in enumerate(self.batch.periods):
            day = self.batch.resolvers[period].day
            lines = [line for line in self.pack.lines["to_chuc"] if line["cap"] == level and line.valid_on(day)]
            units: dict[str, set[str]] = {}
            for line in lines:
                units.setdefault(line["thuoc"], set()).add(line["dich"])
            for above, inside in units.items():
                place = self._place(above)
                said += [(report, number[unit], place, len(inside)) for unit in inside if unit in number]
        kinds = {"report": pl.UInt32, "to": pl.UInt32, "above": pl.UInt32, "of": pl.UInt32}
        return pl.DataFrame(said, schema=kinds, orient="row")

    def _place(self, code: str) -> int:
        if code not in self.targets.organisations:
            self.targets.organisations.append(code)
        return self.targets.organisations.index(code)

    def _before(self, code: str) -> pl.DataFrame:
        return self.earlier().filter(pl.col("code") == code).drop("code")

    def earlier(self) -> pl.DataFrame:
        """Columns `KEY`, code, number and rows (none): every figure of the period before."""
        there = self.previous["organisation"].unique(maintain_order=True).to_list()
        number = {code: n for n, code in enumerate(self.targets.organisations)}
        fresh = [code for code in there if code not in number]
        number |= {code: n for n, code in enumerate(fresh, start=len(number))}
        self.targets.organisations.extend(fresh)
        places = pl.DataFrame({"organisation": there, "to": [number[code] for code in there]}, _PLACE_KINDS)
        found = self.previous.join(places, on="organisation", how="left", maintain_order="left")
        return found.select(*KEY, "code", "number", pl.lit([], dtype=pl.List(pl.UInt32)).alias("rows"))


def before(previous: Mapping[int, Columns]) -> pl.DataFrame:
    """Columns report, organisation, broken, code and number of what was sent for the period before, by the number of
    the report that is compared with it. Nil counts as 0, as it does now."""
    said: dict[str, list[Any]] = {name: [] for name in _BEFORE_KINDS}
    for report, columns in previous.items():
        names = sorted(columns.breakdown)
        said["report"] += [report] * len(columns)
        said["organisation"] += columns.organisation
        said["code"] += columns.indicator
        said["value"] += columns.value
        said["broken"] += [
            ";".join(f"{name}={columns.breakdown[name][n]}" for name in names if columns.breakdown[name][n])
            for n in range(len(columns))
        ]
    frame = pl.DataFrame(said, schema=_BEFORE_KINDS)
    figures = read(frame["value"], "machine")
    nil = pl.when(pl.col("mark") == NIL).then(pl.lit(0).cast(NUMBER)).otherwise("number").alias("number")
    return frame.drop("value").with_columns(figures.select(nil).to_series())
