"""Check: the rules of a pack (kiem_tra) and of every report. Passed, failed and not evaluated are three things."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import polars as pl

from gateway.mapping.batch import Batch
from gateway.mapping.conflicts import Conflict, Severity
from gateway.mapping.conflicts import Rule as Sentence
from gateway.mapping.derive import Conflicts, Derived
from gateway.mapping.figures import NUMBER
from gateway.mapping.formulas import Rule, decimal_of
from gateway.mapping.pack import Pack
from gateway.mapping.resolve import TOTAL
from gateway.mapping.wide import KEY, Wide

_JUMP = 100
_NO_GAPS = {"keep_nulls": False, "empty_as_null": False}


@dataclass(frozen=True, slots=True)
class Checked:
    """How often a rule passed, failed and could not be evaluated in one report."""

    code: str
    passed: int
    failed: int
    not_evaluated: int


@dataclass(slots=True)
class Outcome:
    results: pl.DataFrame
    conflicts: Conflicts = field(default_factory=lambda: defaultdict(list))
    outcomes: dict[int, tuple[Checked, ...]] = field(default_factory=dict)


def checked(batch: Batch, pack: Pack, derived: Derived, previous: pl.DataFrame) -> Outcome:
    """The results that pass, and what is said of the others. `previous` is of `gateway.mapping.wide.before`."""
    done = Outcome(derived.results)
    wide = Wide(batch, pack, derived.results, derived.targets, previous)
    held: list[pl.DataFrame] = []
    for rule in pack.rules:
        held += _one(wide, rule, done)
    _required(batch, pack, derived, done)
    _totals(wide, pack, done)
    if previous.height:
        _jumps(wide, done)
    if held:
        _take_away(batch, derived, done, pl.concat(held).unique())
    return done


def _take_away(batch: Batch, derived: Derived, done: Outcome, away: pl.DataFrame) -> None:
    """The results that a held value is part of go; where one organisation was split, so does what its other part is
    added to, and those values are held with it (M505): a value goes whole or not at all."""
    results = done.results.with_row_index("at")
    touched = results.select("at", "report", "derived", pl.col("rows").alias("row")).explode("row")
    while True:
        gone = touched.join(away, on=["report", "row"], how="semi").select("at").unique()
        drawn = touched.filter(~pl.col("derived")).join(gone, on="at", how="semi")
        more = drawn.join(away, on=["report", "row"], how="anti")
        if not (batch.splits and more.height):
            break
        place = results.select("at", "target", "to").join(more, on="at", how="inner").sort("at", "row")
        for (_, target, to, report), rows in place.group_by("at", "target", "to", "report", maintain_order=True):
            what = f"{derived.targets.said[target][0]} {derived.targets.organisations[to]}"
            done.conflicts[report].append(Conflict("M505", what, tuple(rows["row"].to_list())))
        away = pl.concat([away, more.select("report", "row")]).unique()
    done.results = results.join(gone, on="at", how="anti", maintain_order="left").drop("at")


def _one(wide: Wide, rule: Rule, done: Outcome) -> list[pl.DataFrame]:
    """Evaluate one rule; the (report, row) that it holds."""
    table = wide.of(rule.expression.references, rule.missing, rule.line)
    if not table.height:
        return []
    judged = table.with_columns(
        pl.when(rule.expression.fits().fill_null(value=True)).then(pl.col(one.column)).alias(one.column)
        for one in rule.expression.references
    ).with_columns(rule.expression.polars().alias("holds"))
    for report, outcome in _counted(rule, judged).items():
        done.outcomes[report] = (*done.outcomes.get(report, ()), outcome)
    own = Sentence(Severity.HELD if rule.holds else Severity.WARNING, rule.line["thong_bao"], rule.line["thong_bao"])
    for row in judged.filter(~pl.col("holds")).iter_rows(named=True):
        conflict = Conflict(rule.code, _what(wide, row), tuple(sorted(row["rows"])), own=own)
        done.conflicts[row["report"]].append(conflict)
    if rule.missing == "giu":
        for row in judged.filter(pl.col("holds").is_null()).iter_rows(named=True):
            done.conflicts[row["report"]].append(Conflict("M803", f"{rule.code} {_what(wide, row)}"))
    failed = judged.filter(~pl.col("holds")).select("report", pl.col("rows").alias("row")).explode("row")
    return [failed.drop_nulls()] if rule.holds and failed.height else []


def _counted(rule: Rule, judged: pl.DataFrame) -> dict[int, Checked]:
    counts: dict[int, dict[bool | None, int]] = defaultdict(dict)
    for report, holds, number in judged.group_by("report", "holds").len().iter_rows():
        counts[report][holds] = number
    return {
        report: Checked(rule.code, found.get(True, 0), found.get(False, 0), found.get(None, 0))
        for report, found in counts.items()
    }


def _required(batch: Batch, pack: Pack, derived: Derived, done: Outcome) -> None:
    """M801: a required target nobody gave. What was given and held is not missing."""
    wanted = [resolver.required() for resolver in batch.resolvers]
    if not any(wanted):
        return
    said = derived.targets.said
    there: dict[int, set[str]] = defaultdict(set)
    for report, target in derived.results.select("report", "target").unique().iter_rows():
        there[report].add(said[target][0])
    for report, rule in batch.frame.select("report", "rule").unique().iter_rows():
        there[report].add(batch.rules[rule].target)
    for report, period in enumerate(batch.periods):
        for code in wanted[period]:
            if code not in there[report]:
                done.conflicts[report].append(Conflict("M801", code))


def _totals(wide: Wide, pack: Pack, done: Outcome) -> None:
    """M203: every value of one dimension is there, and together they are not the total beside them."""
    said = wide.targets.said
    totals = {code for code, broken, _, collapse in said if not broken and collapse == "cong"}
    dimension = [
        broken.partition("=")[0] if code in totals and ";" not in broken else None for code, broken, *_ in said
    ]
    if not any(dimension):
        return
    kinds = {"target": pl.UInt32, "code": pl.String, "dimension": pl.String}
    known = pl.DataFrame(
        [(n, said[n][0], name) for n, name in enumerate(dimension) if name is not None], kinds, orient="row"
    )
    figures = wide.results.join(known, on="target", how="inner")
    parts = figures.filter(pl.col("dimension") != "").group_by("report", "to", "code", "dimension", maintain_order=True)
    summed = parts.agg(
        pl.col("number").sum().alias("parts"), pl.len().alias("there"), pl.col("rows").list.explode(**_NO_GAPS)
    )
    total = figures.filter(pl.col("dimension") == "").select(
        "report", "to", "code", "number", pl.col("rows").alias("also")
    )
    values: dict[str, set[str]] = defaultdict(set)
    for line in pack.lines["phan_to"]:
        values[line["chieu_dich"]] |= {line["dich"]} - {TOTAL}
    for row in summed.join(total, on=["report", "to", "code"], how="inner").iter_rows(named=True):
        whole = row["there"] == len(values[row["dimension"]])
        if whole and row["number"] is not None and abs(row["parts"] - row["number"]) > _tolerance(pack, row["code"]):
            what = f"{row['code']} {wide.targets.organisations[row['to']]} {row['dimension']}"
            done.conflicts[row["report"]].append(Conflict("M203", what, tuple(sorted({*row["rows"], *row["also"]}))))


def _tolerance(pack: Pack, code: str) -> Decimal:
    return max(decimal_of(line["dung_sai"] or "0") or Decimal(0) for line in pack.targets[code])


def _jumps(wide: Wide, done: Outcome) -> None:
    """M304: a hundred times the period before, or a hundredth of it, is a unit more often than news."""
    said = pl.Series("code", [code for code, *_ in wide.targets.said], dtype=pl.String)
    now = wide.results.filter(pl.col("number").is_not_null())
    now = now.select("report", "to", wide.targets.broken(now["target"]), said.gather(now["target"]), "number", "rows")
    met = now.join(wide.earlier().drop("rows"), on=[*KEY, "code"], how="inner", suffix=":before", maintain_order="left")
    nought = pl.lit(0).cast(NUMBER)
    ratio = (pl.col("number").cast(pl.Float64) / pl.col("number:before").cast(pl.Float64)).abs()
    off = met.filter(pl.col("number") != nought, pl.col("number:before") != nought).filter(
        (ratio >= _JUMP) | (ratio <= 1 / _JUMP)
    )
    for row in off.sort("code", maintain_order=True).iter_rows(named=True):
        conflict = Conflict("M304", f"{row['code']} {_what(wide, row)}", tuple(sorted(row["rows"])))
        done.conflicts[row["report"]].append(conflict)


def _what(wide: Wide, row: Mapping[str, object]) -> str:
    to = row["to"]
    assert isinstance(to, int)
    return " ".join(filter(None, (wide.targets.organisations[to], str(row["broken"]))))
