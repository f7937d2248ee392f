"""Reconcile: what the receiver holds is, value by value, what we sent."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from decimal import Decimal

from gateway.domain.errors import problem
from gateway.domain.facts import Discrepant, Reconciled
from gateway.domain.report import Columns
from gateway.journey.case import Case, blob
from gateway.journey.enclosing import other_parts
from gateway.ports import Entry

_FIGURE = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d{1,4})?", re.ASCII)
_LONGEST_FIGURE = 100
_LONGEST_TOLD = 300

Line = tuple[str, str, str, str, str]


async def reconcile(case: Case) -> AsyncIterator[Entry]:
    """Yields `Reconciled` with the receiver's statement, or `Discrepant` naming the first differences."""
    x = case.exchange
    assert x.receipt is not None
    statement = await case.channel.statement(case.parcel, x.receipt)
    said = json.loads(statement)
    differences = other_parts(case.parcel, said.get("parts")) + differences_of(case, said["values"])
    if differences:
        yield case.entry(Discrepant(problem("E-003", reason=shortly(differences))))
    else:
        yield case.entry(Reconciled(blob(statement, "application/json")), statement)


def differences_of(case: Case, said: Sequence[Mapping[str, str]]) -> list[str]:
    """What the `values` of the receiver's statement lack of ours, and have besides; in words."""
    theirs = Counter(lines_said(said))
    ours = Counter(lines_of(case.translated().columns))
    missing = [f"thiếu / missing {_told(line)}" for line in ours - theirs]
    foreign = [f"thừa / foreign {_told(line)}" for line in theirs - ours]
    return missing + foreign


def shortly(differences: list[str]) -> str:
    return "; ".join(one[:_LONGEST_TOLD] for one in differences[:5])


def _told(line: Line) -> str:
    indicator, organisation, breakdown, unit, value = line
    return f"{' '.join(filter(None, (indicator, organisation, breakdown)))} = {value} {unit}"


def lines_of(columns: Columns) -> list[Line]:
    """Every value as (indicator, organisation, breakdown, unit, figure), told so that like figures are alike."""
    dimensions = sorted(columns.breakdown)
    return [
        (
            columns.indicator[i],
            columns.organisation[i],
            ";".join(f"{d}={columns.breakdown[d][i]}" for d in dimensions if columns.breakdown[d][i]),
            columns.unit[i],
            _number(columns.value[i]),
        )
        for i in range(len(columns))
    ]


def lines_said(said: Sequence[Mapping[str, str]]) -> list[Line]:
    """The `values` of a receiver's statement, told as ours are."""
    return [(v["indicator"], v["organisation"], v["breakdown"], v["unit"], _number(v["value"])) for v in said]


def _number(text: str) -> str:
    """1.50 and 1.5 are one figure; a mark (nil, not available, confidential) stays as it is."""
    if len(text) > _LONGEST_FIGURE or not _FIGURE.fullmatch(text):
        return text
    figure = Decimal(text)
    if abs(figure.adjusted()) > _LONGEST_FIGURE:
        return text
    plain = f"{figure:f}"
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if plain in ("-0", "") else plain
