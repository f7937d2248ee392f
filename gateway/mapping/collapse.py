"""Collapse: the values that meet in one target become one, as the pack says (gop); each result knows its rows.

cong            added up
cuoi            the last: of one organisation, the greatest breakdown value
bq_gia_quyen:x  averaged, weighted by the indicator x of the same organisation and breakdown
ty_so           not combined; its formula computes it from parts that can be (gateway/mapping/derive.py)
khong_gop       never: a ratio or an index has no sum

Where a target was merged of several organisations, all of them must be there, or there is no result (M505).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import polars as pl

from gateway.mapping.batch import NUMBERED, Batch
from gateway.mapping.compiling import WEIGHTED
from gateway.mapping.figures import NUMBER
from gateway.mapping.organisations import ADMINISTRATIVE, AGENCY

_WEIGHTED_PLACES = 6
_DIFFERS = pl.lit(NUMBERED["M601"], dtype=pl.UInt8)
_STUCK = pl.lit(NUMBERED["M505"], dtype=pl.UInt8)
_RESULT = ("report", "target", "to", "number", "mark", "rows")


@dataclass(slots=True)
class Targets:
    """Every target of a batch by number: (code, breakdown, unit, gop); and every organisation that is reached."""

    said: list[tuple[str, str, str, str]]
    organisations: list[str]

    def broken(self, targets: pl.Series) -> pl.Series:
        """The breakdown of each target, by its number."""
        return pl.Series("broken", [text for _, text, *_ in self.said], dtype=pl.String).gather(targets)


@dataclass(slots=True)
class Collapsed:
    """`results` as columns `_RESULT`; `stuck` as (report, row, rule, scaling, place, value, against).

    `pending` are results of ty_so whose parts met: their rows, without a figure yet. `dropped` are the values that
    only repeat another one.
    """

    results: pl.DataFrame
    stuck: pl.DataFrame
    pending: pl.DataFrame
    dropped: pl.DataFrame
    targets: Targets


def collapse(batch: Batch, *, adds_repetitions: bool) -> Collapsed:
    """One result for each target key of the values that nothing stands against."""
    targets, of_rule = _targets(batch)
    keyed = _keyed(batch, targets, of_rule)
    meets = keyed["key"].is_duplicated() | (keyed["parts"] > 1)
    none = keyed.clear()
    if not meets.any():
        return Collapsed(_apart(keyed), _stuck(none), _apart(none), none, targets)
    met, again, differing = keyed.filter(meets), none, none
    if not adds_repetitions:
        met, again, differing = _repetitions(batch, met)
    groups, stuck, pending = _met(batch, met, targets)
    results = pl.concat([_apart(keyed.filter(~meets)), groups])
    if stuck.height and (batch.splits or again.height):
        alive = pl.concat([keyed.filter(~meets), met])
        down = _drawn_down(alive, stuck)
        drawn = pl.concat([alive, again]).join(down, on="key", how="semi", maintain_order="left")
        stuck = pl.concat([stuck, _stuck(drawn.with_columns(_STUCK.alias("against")))])
        stuck = stuck.unique(["report", "row"], keep="first", maintain_order=True)
        results, pending, again = (
            frame.join(down, left_on=left, right_on="key", how="anti", maintain_order="left")
            for frame, left in ((results, _key(targets)), (pending, _key(targets)), (again, pl.col("key")))
        )
    stuck = pl.concat([stuck, _stuck(differing.with_columns(_DIFFERS.alias("against")))])
    return Collapsed(
        results.sort("report", pl.col("rows").list.first(), maintain_order=True), stuck, pending, again, targets
    )


def _repetitions(batch: Batch, met: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """One key given twice: the others, those that say the same again (M602), and those that differ (M601)."""
    source = (pl.col("report").cast(pl.UInt64) * len(batch.rules) + pl.col("rule")) * len(batch.places) + pl.col(
        "place"
    )
    met = met.with_columns(source.alias("source"))
    by = ["source", "to"] if batch.splits else ["source"]
    twice = met.select(by).is_duplicated() if batch.splits else met["source"].is_duplicated()
    if not twice.any():
        return met.drop("source"), met.clear().drop("source"), met.clear().drop("source")
    several = met.filter(twice).with_columns(
        (pl.struct("scaling", "number", "mark").n_unique().over(by) == 1).alias("same"),
        (pl.col("row") != pl.col("row").min().over(by)).alias("again"),
    )
    same = several.filter(pl.col("same"))
    kept = pl.concat([met.filter(~twice), same.filter(~pl.col("again")).drop("same", "again")])
    again, differing = same.filter(pl.col("again")), several.filter(~pl.col("same"))
    extra = ("source", "same", "again")
    return kept.sort("report", "row").drop("source"), again.unique(["report", "row"]).drop(extra), differing.drop(extra)


def _targets(batch: Batch) -> tuple[Targets, list[int]]:
    numbers: dict[tuple[str, str, str, str], int] = {}
    of_rule = [
        numbers.setdefault((r.target, r.broken, r.unit.code if r.unit else "", r.collapse), len(numbers))
        for r in batch.rules
    ]
    reached = dict.fromkeys(to.organisation for place in batch.places for to in place.to)
    return Targets(list(numbers), list(reached)), of_rule


def _keyed(batch: Batch, targets: Targets, of_rule: list[int]) -> pl.DataFrame:
    """The sound values, each at its target and organisation, in the target's unit; shares taken."""
    frame = batch.frame.with_columns(
        pl.Series(of_rule, dtype=pl.UInt32).gather(batch.frame["rule"]).alias("target"),
        batch.each("scaling", lambda s: s.scale.factor, NUMBER).alias("factor"),
        batch.each("place", lambda p: p.parts, pl.UInt32).alias("parts"),
        batch.each("place", lambda p: p.is_part, pl.Boolean).alias("is_part"),
        batch.each("place", lambda p: p.system, pl.String).alias("system"),
    ).filter(pl.col("against") == 0)
    frame = _placed(frame, batch, targets)
    return frame.with_columns(_key(targets).alias("key"), pl.col("number") * pl.col("factor"))


def _key(targets: Targets) -> pl.Expr:
    width = len(targets.organisations) or 1
    return (pl.col("report").cast(pl.UInt64) * len(targets.said) + pl.col("target")) * width + pl.col("to")


def _drawn_down(alive: pl.DataFrame, stuck: pl.DataFrame) -> pl.DataFrame:
    """The keys of results that cannot be (column ``key``): those with a value that is stuck, and what they draw along.

    A value goes whole or not at all. Where an organisation was split, one part may be stuck in a sum while the other
    would go out: then that one is held too, and whatever it was added to.
    """
    rows, known = stuck.select("report", "row"), 0
    while True:
        keys = alive.join(rows, on=["report", "row"], how="semi").select("key").unique()
        if keys.height == known:
            return keys
        known = keys.height
        rows = alive.join(keys, on="key", how="semi").select("report", "row").unique()


def _placed(frame: pl.DataFrame, batch: Batch, targets: Targets) -> pl.DataFrame:
    """With column to; a value of an organisation that was split becomes several, by share."""
    number = {code: n for n, code in enumerate(targets.organisations)}
    if not batch.splits:
        to = pl.Series([number[p.to[0].organisation] if p.to else None for p in batch.places], dtype=pl.UInt32)
        return frame.with_columns(to.gather(frame["place"]).alias("to"))
    said = [
        (n, number[to.organisation], Decimal(to.share.numerator) / to.share.denominator, max(to.parts, place.parts))
        for n, place in enumerate(batch.places)
        for to in place.to
    ]
    parts = pl.DataFrame(
        said, schema={"place": pl.UInt32, "to": pl.UInt32, "share": NUMBER, "parts": pl.UInt32}, orient="row"
    )
    spread = frame.drop("parts").join(parts, on="place", how="left", maintain_order="left_right")
    return spread.with_columns(pl.col("factor") * pl.col("share")).drop("share")


def _apart(keyed: pl.DataFrame) -> pl.DataFrame:
    """Where no two values meet in one target, as in most reports: each value is a result."""
    return keyed.select("report", "target", "to", "number", "mark", pl.concat_list("row").alias("rows"))


def _met(batch: Batch, keyed: pl.DataFrame, targets: Targets) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """(results, stuck rows, pending) of the values that meet."""
    groups = keyed.group_by("key", maintain_order=True).agg(
        pl.col("report", "target", "to").first(),
        pl.col("number").sum(),
        pl.col("number").count().alias("numbers"),
        pl.col("mark").first(),
        pl.col("row").alias("rows"),
        pl.len().alias("values"),
        pl.col("mark").is_in(["…", "x"]).any().alias("lacks"),
        pl.col("parts").max(),
        pl.col("is_part").sum().cast(pl.UInt32).alias("present"),
        pl.col("rule").n_unique().alias("rules"),
        pl.col("place").n_unique().alias("places"),
        ((pl.col("system") == ADMINISTRATIVE).any() & (pl.col("system") == AGENCY).any()).alias("mixed"),
    )
    ways = [collapse.partition(":")[0] for *_, collapse in targets.said]
    groups = groups.with_columns(pl.Series(ways, dtype=pl.String).gather(groups["target"]).alias("way"))
    groups = groups.with_columns(_against().alias("against"))
    sums = groups.filter((pl.col("against") == 0) & ((pl.col("way") == "cong") | (pl.col("values") == 1)))
    pending = groups.filter((pl.col("against") == 0) & (pl.col("way") == "ty_so") & (pl.col("values") > 1))
    others = groups.filter(
        (pl.col("against") == 0) & (pl.col("values") > 1) & pl.col("way").is_in(["cuoi", WEIGHTED[:-1]])
    )
    made, failed = _one_by_one(batch, keyed, others, targets) if others.height else (_results(others), {})
    against = pl.concat([groups.filter(pl.col("against") > 0).select("key", "against"), _failures(failed)])
    stuck = keyed.drop("against").join(against, on="key", how="inner", maintain_order="left")
    return pl.concat([_results(sums), made]), _stuck(stuck), _results(pending)


def _against() -> pl.Expr:
    """Two systems of codes for one thing are no two things to add up; parts that are missing make no whole."""
    lacking = (pl.col("parts") > 0) & (pl.col("present") < pl.col("parts") * pl.col("rules"))
    unsummable = (pl.col("values") > 1) & (pl.col("lacks") | pl.col("way").is_in(["", "khong_gop"]))
    return (
        pl.when(pl.col("mixed"))
        .then(pl.lit(NUMBERED["M601"], dtype=pl.UInt8))
        .when(lacking | unsummable)
        .then(_STUCK)
        .when((pl.col("way") == "cuoi") & (pl.col("places") > 1))
        .then(_STUCK)
        .otherwise(pl.lit(0, dtype=pl.UInt8))
    )


def _results(groups: pl.DataFrame) -> pl.DataFrame:
    """A sum of nothing but nil is nil."""
    return groups.select(
        "report",
        "target",
        "to",
        pl.when(pl.col("numbers") > 0).then(pl.col("number")).alias("number"),
        pl.when(pl.col("numbers") == 0).then(pl.col("mark")).alias("mark"),
        "rows",
    )


def _stuck(keyed: pl.DataFrame) -> pl.DataFrame:
    return keyed.select("report", "row", "rule", "scaling", "place", "value", "against").unique(
        ["report", "row"], maintain_order=True
    )


def _failures(failed: dict[int, str]) -> pl.DataFrame:
    said = {"key": list(failed), "against": [NUMBERED[code] for code in failed.values()]}
    return pl.DataFrame(said, schema={"key": pl.UInt64, "against": pl.UInt8})


def _one_by_one(
    batch: Batch, keyed: pl.DataFrame, groups: pl.DataFrame, targets: Targets
) -> tuple[pl.DataFrame, dict[int, str]]:
    """`cuoi` and weighted means, exactly and in Python: there are few of them."""
    failed: dict[int, str] = {}
    numbers: dict[int, Decimal | None] = {}
    inside = keyed.join(groups.select("key", "way"), on="key", how="inner", maintain_order="left")
    weights = _weights(batch, keyed, targets)
    for (key,), rows in inside.partition_by("key", as_dict=True).items():
        if rows["way"][0] == "cuoi":
            last = max(rows.iter_rows(named=True), key=lambda row: (batch.rule_values[row["rule"]], row["row"]))
            numbers[key] = last["number"]
            continue
        found = [
            (row["number"] or Decimal(0), weights.get((row["report"], row["rule"], row["place"])))
            for row in rows.iter_rows(named=True)
        ]
        if any(weight is None for _, weight in found):
            failed[key] = "M505"
        elif not sum(weight for _, weight in found if weight):
            failed[key] = "M702"
        else:
            numbers[key] = _mean([(value, weight) for value, weight in found if weight is not None])
    done = groups.filter(pl.col("key").is_in(list(numbers)))
    made = pl.Series([numbers[key] for key in done["key"]], dtype=NUMBER)
    return _results(done.with_columns(made.alias("number"))), failed


def _weights(batch: Batch, keyed: pl.DataFrame, targets: Targets) -> dict[tuple[int, int, int], Decimal]:
    """The weight of each (report, rule, place): the figure of its indicator at the same place and breakdown."""
    names = {code.removeprefix(WEIGHTED) for *_, code in targets.said if code.startswith(WEIGHTED)}
    by_key = {(batch.rule_names[n], batch.rule_values[n]): n for n in range(len(batch.rules))}
    weighing = [n for n, name in enumerate(batch.rule_names) if name in names]
    rows = batch.frame.filter(
        pl.col("rule").is_in(weighing) & pl.col("number").is_not_null() & (pl.col("against") == 0)
    )
    found = {
        (row["report"], row["rule"], row["place"]): row["number"] * batch.scalings[row["scaling"]].scale.factor
        for row in rows.iter_rows(named=True)
    }
    weights: dict[tuple[int, int, int], Decimal] = {}
    for report, rule, place in keyed.select("report", "rule", "place").unique().iter_rows():
        name = batch.rules[rule].collapse
        weigher = by_key.get((name.removeprefix(WEIGHTED), batch.rule_values[rule]))
        if name.startswith(WEIGHTED) and weigher is not None and (report, weigher, place) in found:
            weights[report, rule, place] = found[report, weigher, place]
    return weights


def _mean(found: list[tuple[Decimal, Decimal]]) -> Decimal:
    whole = sum((Fraction(value) * Fraction(weight) for value, weight in found), Fraction(0))
    exact = whole / sum(Fraction(weight) for _, weight in found)
    return Decimal(round(exact * 10**_WEIGHTED_PLACES)).scaleb(-_WEIGHTED_PLACES)  # half to even
