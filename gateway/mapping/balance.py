"""The account of quantities, asserted while running: Σ received × factor = Σ sent + Σ held, for every indicator.

Computed a second way: the figures as received are added first and multiplied afterwards, by the ratio of the units as
the pack declares it, in exact fractions. A factor, a share or a row lost on the way shows as a difference, and a
difference is a fault of ours: nothing goes out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from gateway.mapping.batch import Batch
from gateway.mapping.derive import Derived
from gateway.mapping.resolve import Ruling

_ADDED = ("", "cong", "khong_gop")


@dataclass(frozen=True, slots=True)
class Sum:
    """Of one target indicator, in its unit, as decimals written out."""

    indicator: str
    unit: str
    received: str
    sent: str
    held: str


def balanced(batch: Batch, derived: Derived, held: pl.DataFrame) -> dict[int, list[Sum]]:
    """The sums of each report. Raises `AssertionError` where one does not balance."""
    codes: dict[tuple[str, str] | None, int] = {None: 0}
    of_rule = [codes.setdefault(_code(rule), len(codes)) for rule in batch.rules]
    sound = pl.Series([scaling.unit is not None for scaling in batch.scalings], dtype=pl.Boolean)
    counted = batch.frame.select(
        "report",
        "row",
        "number",
        "scaling",
        pl.Series(of_rule, dtype=pl.UInt32).gather(batch.frame["rule"]).alias("code"),
    ).filter((pl.col("code") > 0) & sound.gather(batch.frame["scaling"]) & pl.col("number").is_not_null())
    if derived.dropped.height:
        counted = counted.join(derived.dropped.select("report", "row"), on=["report", "row"], how="anti")
    came = _by_target(batch, list(codes), counted)
    back = counted.join(held.select("report", "row"), on=["report", "row"], how="semi") if held.height else None
    excluded = _by_target(batch, list(codes), back) if back is not None else {}
    sent = _sent(derived)
    told: dict[int, list[Sum]] = defaultdict(list)
    for (report, target, unit), total in sorted(came.items()):
        out, kept = sent.get((report, target, unit), Fraction(0)), excluded.get((report, target, unit), Fraction(0))
        if total != out + kept:
            raise AssertionError(f"{target}: {total} received, {out} sent, {kept} held: the account does not balance")
        told[report].append(Sum(target, unit, _text(total), _text(out), _text(kept)))
    return told


def _code(ruling: Ruling) -> tuple[str, str] | None:
    """The target and its unit, where figures of it may be added."""
    if ruling.against or ruling.collapse not in _ADDED or not ruling.unit:
        return None
    return ruling.target, ruling.unit.code


def _by_target(
    batch: Batch, codes: Sequence[tuple[str, str] | None], values: pl.DataFrame
) -> dict[tuple[int, str, str], Fraction]:
    found: dict[tuple[int, str, str], Fraction] = defaultdict(Fraction)
    sums = values.group_by("report", "code", "scaling").agg(pl.col("number").sum())
    for report, code, scaling, total in sums.iter_rows():
        said, given = codes[code], batch.scalings[scaling].unit
        assert said is not None
        assert given is not None
        target, unit = said
        found[report, target, unit] += Fraction(total) * given.size / batch.units.size_of(unit)
    return found


def _sent(derived: Derived) -> dict[tuple[int, str, str], Fraction]:
    codes: dict[tuple[str, str], int] = {}
    of_target = [codes.setdefault((code, unit), len(codes)) for code, _, unit, _ in derived.targets.said]
    results = derived.results
    made = results.select(
        "report", "number", "derived", pl.Series(of_target, dtype=pl.UInt32).gather(results["target"]).alias("code")
    ).filter(pl.col("number").is_not_null() & ~pl.col("derived"))
    said = list(codes)
    sums = made.group_by("report", "code").agg(pl.col("number").sum())
    return {(report, *said[code]): Fraction(total) for report, code, total in sums.iter_rows()}


def _text(value: Fraction) -> str:
    """Whatever was received is a decimal, however long; `Decimal` would round it to its context."""
    places = next(n for n in range(200) if (value * 10**n).denominator == 1)
    digits = str(abs(int(value * 10**places))).zfill(places + 1)
    text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return f"-{text}" if value < 0 else text
