"""Run a pack over a report: expand the answers, look up, scale, collapse; account for every value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from gateway.domain.account import Account
from gateway.domain.calendar import period
from gateway.domain.catalogue import Catalogue
from gateway.domain.report import Columns, Report
from gateway.mapping import figures
from gateway.mapping.conflicts import Conflict
from gateway.mapping.pack import Pack
from gateway.mapping.resolve import EXCLUDED, Answer, Resolver

_KEY = ("indicator", "organisation")


@dataclass(frozen=True, slots=True)
class Mapped:
    """`lineage`: for each result, the rows of the submission it was made of, counted from 0."""

    columns: Columns
    lineage: list[list[int]]
    conflicts: tuple[Conflict, ...]
    account: Account


def run(pack: Pack, report: Report, catalogue: Catalogue | None) -> Mapped:
    """Map the values of `report`; what nobody may guess is held and named."""
    resolver = Resolver(pack, period(report.head.period), catalogue)
    dimensions = sorted(report.columns.breakdown)
    values = _frame(report.columns, dimensions)
    if not resolver.carries_period:
        conflict = Conflict("M402", report.head.period, tuple(range(values.height)))
        return Mapped(Columns([], [], [], []), [], (conflict,), Account(values.height, 0, values.height, 0))
    looked_up, targets = _looked_up(values, resolver, dimensions)
    read = looked_up.with_columns(figures.read(pl.col("value"), pack.settings["figures"])).with_columns(
        _against_figure()
    )
    read, repeated = _duplicates(read, dimensions)
    results, stuck = _collapsed(read.filter(pl.col("against") == ""), targets)
    conflicts = repeated
    if read.height != sum(results["rows"].list.len()):  # on a small report, looking for nothing costs the most
        against = pl.concat([_causes(read), _causes(stuck)])
        conflicts = tuple(_conflicts(against, _proposals(looked_up))) + repeated
    excluded = int((read["against"] == EXCLUDED).sum())
    held = sum(len(one.rows) for one in conflicts if one.code != "M602")
    account = Account(values.height, sum(results["rows"].list.len()) + _dropped(repeated), held, excluded)
    return Mapped(_columns(results, targets), results["rows"].to_list(), conflicts, account)


def _frame(columns: Columns, dimensions: list[str]) -> pl.DataFrame:
    said = {
        "indicator": columns.indicator,
        "organisation": columns.organisation,
        "unit": columns.unit,
        "value": columns.value,
        **{f"dim:{name}": columns.breakdown[name] for name in dimensions},
    }
    schema = dict.fromkeys(said, pl.String)
    return pl.DataFrame({key: list(column) for key, column in said.items()}, schema=schema).with_row_index("row")


def _looked_up(values: pl.DataFrame, resolver: Resolver, dimensions: list[str]) -> tuple[pl.DataFrame, list[Answer]]:
    """Each value with its rule, its scale and its organisation, or the first thing against it."""
    by = ["indicator", *(f"dim:{name}" for name in dimensions)]
    rules: list[Answer] = []
    rows: list[dict[str, object]] = []
    for key in values.select(*by, "unit").unique(maintain_order=True).iter_rows(named=True):
        breakdown = {name: key[f"dim:{name}"] for name in dimensions}
        rule = resolver.indicator(key["indicator"], breakdown)
        exact, against, proposal = (
            resolver.scaled(rule, key["unit"]) if not rule.against else (None, rule.against, rule.proposal)
        )
        rows.append(
            {**key, "rule": len(rules), "times": exact.times if exact else 1, "shift": exact.shift if exact else 0}
            | {"against": against, "proposal": proposal}
        )
        rules.append(rule)
    kinds = dict.fromkeys([*by, "unit"], pl.String) | {
        "rule": pl.UInt32, "times": pl.Int128, "shift": pl.Int32, "against": pl.String, "proposal": pl.String,
    }  # fmt: skip
    found = values.join(pl.DataFrame(rows, schema=kinds), on=[*by, "unit"], how="left", maintain_order="left")
    found = found.join(_organisations(values, resolver), on="organisation", how="left", maintain_order="left")
    first = pl.when(pl.col("against") != "").then(pl.col("against")).otherwise(pl.col("org_against")).alias("against")
    return found.with_columns(first), rules


def _organisations(values: pl.DataFrame, resolver: Resolver) -> pl.DataFrame:
    codes = values["organisation"].unique(maintain_order=True).to_list()
    answers = [resolver.organisation(code) for code in codes]
    said = {
        "organisation": codes,
        "to": [answer.target for answer in answers],
        "org_against": [answer.against for answer in answers],
        "org_proposal": [answer.proposal for answer in answers],
    }
    return pl.DataFrame(said, schema=dict.fromkeys(said, pl.String))


def _against_figure() -> pl.Expr:
    long = pl.col("digits").str.len_bytes() + pl.col("times").cast(pl.String).str.len_bytes() > figures.MOST_DIGITS
    return (
        pl.when(pl.col("against") != "")
        .then(pl.col("against"))
        .when(pl.col("mark").is_not_null())
        .then(pl.lit(""))
        .when(~pl.col("number"))
        .then(pl.lit("M901"))
        .when(long)
        .then(pl.lit("M902"))
        .otherwise(pl.lit(""))
        .alias("against")
    )


def _duplicates(values: pl.DataFrame, dimensions: list[str]) -> tuple[pl.DataFrame, tuple[Conflict, ...]]:
    """One key given twice: held when the values differ (M601), once when they are the same (M602)."""
    key = [*_KEY, *(f"dim:{name}" for name in dimensions)]
    if not values.select(key).is_duplicated().any():
        return values, ()
    several = values.filter(pl.col("against") == "").filter(pl.len().over(key) > 1)
    if several.is_empty():
        return values, ()
    said = ("unit", "value")
    groups = several.group_by(key, maintain_order=True).agg(pl.col("row"), pl.struct(said).n_unique().alias("kinds"))
    differing = groups.filter(pl.col("kinds") > 1)["row"].explode().to_list()
    same = groups.filter(pl.col("kinds") == 1)
    extra = [rows[1:] for rows in same["row"].to_list()]
    names = [" ".join(filter(None, named)) for named in same.select(key).iter_rows()]
    dropped = [row for rows in extra for row in rows]
    marked = values.with_columns(
        pl.when(pl.col("row").is_in(differing)).then(pl.lit("M601")).otherwise(pl.col("against")).alias("against")
    ).filter(~pl.col("row").is_in(dropped))
    return marked, tuple(Conflict("M602", name, tuple(rows)) for name, rows in zip(names, extra, strict=True))


def _dropped(repeated: tuple[Conflict, ...]) -> int:
    """Repetitions are mapped with the value they repeat."""
    return sum(len(one.rows) for one in repeated)


def _collapsed(values: pl.DataFrame, rules: list[Answer]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One result for each target key; groups that cannot be added up come back as stuck (M505)."""
    if values.is_empty():
        return _no_results(), values
    known = pl.DataFrame(
        {
            "rule": range(len(rules)),
            "target": [rule.target for rule in rules],
            "broken": [";".join(f"{k}={v}" for k, v in sorted(rule.breakdown.items())) for rule in rules],
            "adds_up": [rule.adds_up for rule in rules],
        },
        schema={"rule": pl.UInt32, "target": pl.String, "broken": pl.String, "adds_up": pl.Boolean},
    )
    keyed = values.join(known, on="rule", how="left", maintain_order="left").with_columns(
        figures.unscaled().alias("number"), (pl.col("places") + pl.col("shift")).alias("places")
    )
    by = ["target", "to", "broken"]
    if not keyed.select(by).is_duplicated().any():
        return _apart(keyed), keyed.clear()
    parts = pl.len().over(by)
    unsummable = (parts > 1) & (
        (~pl.col("adds_up")).any().over(by) | pl.col("mark").is_in(["…", "x"]).fill_null(value=False).any().over(by)
    )
    # Aligned to the widest decimal of its group, a sum of whole numbers is exact.
    widest = pl.when(pl.col("mark").is_null()).then(pl.col("places")).otherwise(0).max().over(by)
    stuck = keyed.filter(unsummable).with_columns(pl.lit("M505").alias("against"))
    aligned = keyed.filter(~unsummable).with_columns(
        pl.when(pl.col("mark").is_null()).then(_padded("number", widest - pl.col("places"))).alias("number"),
        widest.alias("places"),
    )
    results = aligned.group_by(by, maintain_order=True).agg(
        pl.col("rule").first(),
        pl.col("row").alias("rows"),
        pl.col("number").sum().alias("sum"),
        pl.col("number").count().alias("numbers"),
        pl.col("places").first(),
        pl.col("mark").first(),
    )
    text = (
        pl.when(pl.col("numbers") > 0).then(figures.written(pl.col("sum"), pl.col("places"))).otherwise(pl.col("mark"))
    )
    return results.with_columns(text.alias("value")), stuck


def _apart(keyed: pl.DataFrame) -> pl.DataFrame:
    """Where no two values meet in one target, as in most reports: each value is a result."""
    figure = figures.written(pl.col("number"), pl.col("places"))
    text = pl.when(pl.col("mark").is_null()).then(figure).otherwise(pl.col("mark"))
    rows = pl.concat_list("row").alias("rows")
    return keyed.select("target", "to", "broken", "rule", rows, text.alias("value"))


def _padded(number: str, by: pl.Expr) -> pl.Expr:
    """`number` × 10^by, by way of its digits: Polars has no exact power of whole numbers of 128 bits."""
    text = pl.col(number).cast(pl.String)
    width = (text.str.len_bytes().cast(pl.Int64) + by.cast(pl.Int64)).clip(lower_bound=0)
    return text.str.pad_end(width, "0").cast(pl.Int128, strict=False)


def _no_results() -> pl.DataFrame:
    kinds = dict.fromkeys(("target", "to", "broken", "value"), pl.String)
    return pl.DataFrame(schema={**kinds, "rule": pl.UInt32, "rows": pl.List(pl.UInt32)})


def _columns(results: pl.DataFrame, rules: list[Answer]) -> Columns:
    chosen = results["rule"].to_list()
    broken = [rules[rule].breakdown for rule in chosen]
    dimensions = sorted({name for one in broken for name in one})
    return Columns(
        indicator=results["target"].to_list(),
        organisation=results["to"].to_list(),
        unit=[rules[rule].unit for rule in chosen],
        value=results["value"].to_list(),
        breakdown={name: [one.get(name, "") for one in broken] for name in dimensions},
    )


def _causes(values: pl.DataFrame) -> pl.DataFrame:
    return values.filter(~pl.col("against").is_in(["", EXCLUDED])).select(
        "row", "against", "indicator", "organisation", "unit", "value"
    )


def _proposals(looked_up: pl.DataFrame) -> dict[tuple[str, str], str]:
    said = looked_up.select("indicator", "unit", "organisation", "proposal", "org_proposal", "against").unique()
    found: dict[tuple[str, str], str] = {}
    for row in said.filter(pl.col("against") != "").iter_rows(named=True):
        text = row["org_proposal"] if row["against"].startswith("M5") else row["proposal"]
        if text:
            found[row["against"], _object(row)] = text
    return found


def _conflicts(against: pl.DataFrame, proposals: dict[tuple[str, str], str]) -> Iterator[Conflict]:
    groups: dict[tuple[str, str], list[int]] = {}
    for row in against.iter_rows(named=True):
        groups.setdefault((row["against"], _object(row)), []).append(row["row"])
    for (code, what), rows in sorted(groups.items()):
        yield Conflict(code, what, tuple(sorted(rows)), proposals.get((code, what), ""))


def _object(row: dict[str, str]) -> str:
    match row["against"][:2]:
        case "M3":
            return row["unit"]
        case "M5" if row["against"] != "M505":
            return row["organisation"]
        case "M6":
            return f"{row['indicator']} {row['organisation']}"
        case "M9":
            return row["value"]
        case _:
            return row["indicator"]
