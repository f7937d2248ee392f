"""Derive: targets computed from targets (cong_thuc), in polars, each formula after what it needs.

A figure that was reported stays as reported and is compared with what its formula gives (M703). Where the parts of a
ratio met (gop = ty_so), the formula's figure takes their place, or all of them are held (M505).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from gateway.mapping.batch import NUMBERED, Batch
from gateway.mapping.collapse import Collapsed, Targets
from gateway.mapping.conflicts import Conflict
from gateway.mapping.figures import NUMBER
from gateway.mapping.formulas import Formula
from gateway.mapping.pack import Pack
from gateway.mapping.wide import KEY, Wide

Conflicts = dict[int, list[Conflict]]


@dataclass(slots=True)
class Derived:
    """`results` with a column derived; `stuck` values and `dropped` repetitions; `conflicts` of each report."""

    results: pl.DataFrame
    stuck: pl.DataFrame
    dropped: pl.DataFrame
    targets: Targets
    conflicts: Conflicts = field(default_factory=lambda: defaultdict(list))

    @property
    def any_derived(self) -> bool:
        return bool(self.results["derived"].any())


@dataclass(frozen=True, slots=True)
class _Computing:
    """What every formula is computed from."""

    batch: Batch
    pack: Pack
    previous: pl.DataFrame


def derived(batch: Batch, pack: Pack, collapsed: Collapsed, previous: pl.DataFrame) -> Derived:
    """The results with what the pack's formulas make of them. `previous` is of `gateway.mapping.wide.before`."""
    plain = collapsed.results.with_columns(pl.lit(value=False).alias("derived"))
    done = Derived(plain, collapsed.stuck, collapsed.dropped, collapsed.targets)
    pending = collapsed.pending
    computing = _Computing(batch, pack, previous)
    for formula in pack.formulas:
        pending = _one(computing, done, formula, pending)
    if pending.height:
        done.stuck = pl.concat([done.stuck, _unmade(batch, pending)])
    if pack.formulas:
        first = pl.col("rows").list.first().fill_null(0)
        done.results = done.results.sort("report", "derived", first, "target", "to", maintain_order=True)
    return done


def _one(computing: _Computing, done: Derived, formula: Formula, pending: pl.DataFrame) -> pl.DataFrame:
    """Add what one formula gives; the pending results that are left."""
    wide = Wide(computing.batch, computing.pack, done.results, done.targets, computing.previous)
    given = formula.expression
    table = wide.of(given.references, formula.missing, formula.line)
    figured = table.with_columns(given.fits().fill_null(value=True).alias("fits")).with_columns(
        pl.when(pl.col("fits")).then(pl.col(one.column)).alias(one.column) for one in given.references
    )
    number = given.polars().round(formula.places, mode="half_to_even").cast(NUMBER).alias("number")
    figured = figured.with_columns(number, given.nought().alias("nought"))
    _tell(done, formula, figured)
    made = figured.filter(pl.col("number").is_not_null())
    if not made.height:
        return pending
    numbers = [_target(done.targets, formula, broken) for broken in made["broken"].to_list()]
    made = made.with_columns(pl.Series("target", numbers, dtype=pl.UInt32))
    made = made.join(wide.at(formula.code).rename({"number": "reported"}), on=KEY, how="left")
    _compare(done, formula, made)
    return _added(done, formula, made.filter(pl.col("there").is_null()), pending)


def _added(done: Derived, formula: Formula, fresh: pl.DataFrame, pending: pl.DataFrame) -> pl.DataFrame:
    """Put new results in; where parts of a ratio waited for one, it is made of their rows."""
    waiting = [n for n, (code, *_) in enumerate(done.targets.said) if code == formula.code]
    mine = pending.filter(pl.col("target").is_in(waiting))
    mine = mine.select("report", "to", done.targets.broken(mine["target"]), pl.col("rows").alias("own"))
    joined = fresh.join(mine, on=KEY, how="left")
    computed = pl.col("own").is_null()
    rows = pl.when(computed).then(pl.col("rows")).otherwise(pl.col("own")).alias("rows")
    mark = pl.lit(None, pl.String).alias("mark")
    made = joined.select("report", "target", "to", "number", mark, rows, computed.alias("derived"))
    done.results = pl.concat([done.results, made])
    served = mine.join(fresh.select(KEY), on=KEY, how="semi")
    left = pending.with_columns(done.targets.broken(pending["target"])).join(
        served.with_columns(pl.lit(value=True).alias("served")).select(*KEY, "served"), on=KEY, how="left"
    )
    of_formula = pl.col("target").is_in(waiting)
    return left.filter(~of_formula | pl.col("served").is_null()).select(pending.columns)


def _tell(done: Derived, formula: Formula, figured: pl.DataFrame) -> None:
    """What could not be computed, and why; `bo_qua` says nothing of what is missing."""
    failed = figured.filter(pl.col("number").is_null())
    for row in failed.select("report", "to", "broken", "nought", "fits").iter_rows(named=True):
        code = "M702" if row["nought"] else "M701" if row["fits"] else "M902"
        if code == "M701" and formula.missing == "bo_qua":
            continue
        done.conflicts[row["report"]].append(Conflict(code, _what(done, formula, row)))


def _compare(done: Derived, formula: Formula, made: pl.DataFrame) -> None:
    tolerance = pl.lit(formula.tolerance, dtype=NUMBER)
    off = made.filter((pl.col("reported") - pl.col("number")).abs() > tolerance)
    for row in off.iter_rows(named=True):
        done.conflicts[row["report"]].append(Conflict("M703", _what(done, formula, row), tuple(sorted(row["said_by"]))))


def _what(done: Derived, formula: Formula, row: Mapping[str, object]) -> str:
    to = row["to"]
    assert isinstance(to, int)
    return " ".join(filter(None, (formula.code, done.targets.organisations[to], str(row["broken"]))))


def _target(targets: Targets, formula: Formula, broken: str) -> int:
    said = (formula.code, broken, formula.unit, "")
    if said not in targets.said:
        targets.said.append(said)
    return targets.said.index(said)


def _unmade(batch: Batch, pending: pl.DataFrame) -> pl.DataFrame:
    """Parts whose ratio nobody could compute."""
    rows = pending.select("report", pl.col("rows").alias("row")).explode("row")
    frame = batch.frame.join(rows.unique(), on=["report", "row"], how="semi", maintain_order="left")
    stuck = frame.select("report", "row", "rule", "scaling", "place", "value")
    return stuck.with_columns(pl.lit(NUMBERED["M505"], dtype=pl.UInt8).alias("against"))
