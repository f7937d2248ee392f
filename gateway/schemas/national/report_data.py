"""Packet 4, số liệu báo cáo: written from columns and read back into columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import repeat
from typing import Any

from gateway.domain.errors import Problem, Rejected, problem
from gateway.domain.report import Columns, Report
from gateway.safexml import Element
from gateway.schemas.national import head
from gateway.schemas.national.canonical import attribute, element, text
from gateway.schemas.national.model import Beside, ReportData
from gateway.schemas.national.wire import wire


def written(data: ReportData) -> str:
    """The ReportData element."""
    columns = data.report.columns
    values = element("Values", _values(columns), count=str(len(columns)))
    return element("ReportData", (head.written(data.report.head, data.backfill), values, _beside(data.narrative)))


def read(body: Element) -> ReportData:
    """From a body that its schema has passed. Raises `Rejected` (C-005) for what no schema can say."""
    found = head.named(body)
    said, backfill = head.read(found)
    columns, wrong = _columns(found["Values"])
    faults = [*head.faults(found, said, "ReportData"), *wrong]
    if faults:
        raise Rejected(*faults)
    return ReportData(Report(said, columns), backfill, _read_beside(found.get("Narrative")))


def parsed_breakdown(text: str) -> dict[str, str]:
    """``SEX=F;URB=U`` as a mapping; totals are left out."""
    return dict(part.split("=", 1) for part in text.split(";")) if text else {}


def _beside(narrative: Beside | None) -> str:
    return element("Narrative", digest=narrative.digest, size=str(narrative.size)) if narrative else ""


def _read_beside(e: Element | None) -> Beside | None:
    return None if e is None else Beside(e.get("digest", ""), int(e.get("size", "")))


class _Once(dict[Any, str]):
    """What `make` makes of a key: made the first time it is asked for. Codes come again in every row."""

    def __init__(self, make: Callable[[Any], str]) -> None:
        self._make = make

    def __missing__(self, key: Any) -> str:
        return self.setdefault(key, self._make(key))


def _values(columns: Columns) -> Iterator[str]:
    """Written as `element` would, whose every call sorts its attributes anew: three times the cost of a long report."""
    states, dimensions = wire().states, sorted(columns.breakdown)

    def broken(values: tuple[str, ...]) -> str:
        said = (f"{name}={value}" for name, value in zip(dimensions, values, strict=True) if value)
        return attribute("breakdown", ";".join(said))

    total: Iterator[tuple[str, ...]] = repeat((), len(columns))
    parts = zip(*(columns.breakdown[name] for name in dimensions), strict=True) if dimensions else total
    rows = zip(
        map(_Once(broken).__getitem__, parts),
        map(_Once(partial(attribute, "indicator")).__getitem__, columns.indicator),
        map(_Once(partial(attribute, "organisation")).__getitem__, columns.organisation),
        map(_Once(partial(attribute, "unit")).__getitem__, columns.unit),
        columns.value,
        strict=True,
    )
    for breakdown, indicator, organisation, unit, value in rows:
        state = states.get(value)
        said, figure = (attribute("state", state), "") if state else ("", text(value))
        yield f"<Value{breakdown}{indicator}{organisation}{said}{unit}>{figure}</Value>"


def _columns(values: Element) -> tuple[Columns, list[Problem]]:
    """The rows as columns, and what is wrong with them; in one walk, for each row that is kept at hand costs memory."""
    marks, wrong = wire().marks, list(_count_faults(values))
    indicator, organisation, unit, figures, broken, source = [], [], [], [], [], []
    for number, row in enumerate(values.iterchildren(), start=1):
        said, figure = row.get, row.text
        state = said("state")
        if (state is not None) == bool(figure):
            wrong.append(_not_one(number, row))
        indicator.append(said("indicator", ""))
        organisation.append(said("organisation", ""))
        unit.append(said("unit", ""))
        figures.append(figure or "" if state is None else marks[state])
        broken.append(said("breakdown", ""))
        source.append(f"dòng {row.sourceline}")
    return Columns(indicator, organisation, unit, figures, _breakdown(broken), source), wrong


def _breakdown(said: Sequence[str]) -> dict[str, list[str]]:
    parsed = {one: parsed_breakdown(one) for one in set(said)}
    dimensions = sorted({name for one in parsed.values() for name in one})
    return {name: [parsed[one].get(name, "") for one in said] for name in dimensions}


def _count_faults(values: Element) -> Iterator[Problem]:
    said = values.get("count", "")
    if int(said) != len(values):
        path = "/Packet/Body/ReportData/Values/@count"
        yield problem("C-005", path=path, line=values.sourceline, reason=said, expected=len(values))


def _not_one(number: int, row: Element) -> Problem:
    return problem(
        "C-005",
        path=f"/Packet/Body/ReportData/Values/Value[{number}]",
        line=row.sourceline,
        reason="figure and @state" if row.text else "neither figure nor @state",
        expected="một trong hai / exactly one of them",
    )
