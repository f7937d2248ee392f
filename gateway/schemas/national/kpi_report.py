"""Packet 13, dữ liệu chỉ số (KPI)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from gateway.domain.kpi import KpiReport, KpiValue, Score
from gateway.safexml import Element
from gateway.schemas.national import head
from gateway.schemas.national.canonical import element
from gateway.schemas.national.constraints import Breach, refuse, repeated
from gateway.schemas.national.wire import wire

_EACH = "Values/Value[{}]"


def written(report: KpiReport) -> str:
    """The KpiReport element."""
    return element(
        "KpiReport",
        (
            head.written(report.head, report.backfill),
            element("Values", map(_value, report.values), count=str(len(report.values))),
            element("Scores", (element("Score", organisation=s.organisation, points=s.points) for s in report.scores)),
        ),
        setVersion=report.set_version,
    )


def read(body: Element) -> KpiReport:
    """From a body that its schema has passed. Raises `Rejected` (C-005 the period, C-022)."""
    found = head.named(body)
    said, backfill = head.sound(found, "KpiReport")
    values, scores = found["Values"], found["Scores"]
    refuse(_of_the_wire(values), "KpiReport", body)
    marks = wire().marks
    report = KpiReport(
        said,
        body.get("setVersion", ""),
        tuple(_read_value(e, marks[e.get("state", "")] if "state" in e.attrib else head.text(e)) for e in values),
        tuple(Score(e.get("organisation", ""), e.get("points", "")) for e in scores),
        backfill,
    )
    refuse(breaches(report), "KpiReport", body)
    return report


def breaches(report: KpiReport) -> Iterator[Breach]:
    """Constraints of packet 13 that this report does not keep."""
    states = wire().states
    keys = [" | ".join((v.kpi, v.organisation, v.breakdown)) for v in report.values]
    yield from repeated("value-once", keys, _EACH)
    sums: dict[str, Decimal] = {}
    for number, v in enumerate(report.values, start=1):
        dimensions = [part.partition("=")[0] for part in v.breakdown.split(";")]
        if dimensions != sorted(set(dimensions)):
            yield Breach("breakdown-order", f"{_at(number)}/@breakdown", v.breakdown)
        if not v.points:
            continue
        sums[v.organisation] = sums.get(v.organisation, Decimal()) + Decimal(v.points)
        if v.value in states:
            yield Breach("points-figure", f"{_at(number)}/@points", f"{v.value}: {v.points}")
        if v.breakdown:
            yield Breach("points-total", f"{_at(number)}/@points", v.breakdown)
    yield from repeated("score-once", [s.organisation for s in report.scores], "Scores/Score[{}]")
    for number, score in enumerate(report.scores, start=1):
        total = sums.get(score.organisation, Decimal())
        if Decimal(score.points) != total:
            yield Breach("score-sum", f"Scores/Score[{number}]/@points", f"{score.points} ≠ {total}")


def _of_the_wire(values: Element) -> Iterator[Breach]:
    if int(values.get("count", "")) != len(values):
        yield Breach("values-count", "Values/@count", f"{values.get('count')} ≠ {len(values)}")
    for number, row in enumerate(values, start=1):
        if ("state" in row.attrib) == bool(row.text):
            yield Breach("value-or-state", _at(number), row.text or "")


def _at(number: int) -> str:
    return _EACH.format(number)


def _value(v: KpiValue) -> str:
    state = wire().states.get(v.value)
    return element(
        "Value",
        "" if state else v.value,
        breakdown=v.breakdown,
        evidence=v.evidence,
        kpi=v.kpi,
        organisation=v.organisation,
        points=v.points,
        state=state,
    )


def _read_value(e: Element, value: str) -> KpiValue:
    return KpiValue(
        kpi=e.get("kpi", ""),
        organisation=e.get("organisation", ""),
        value=value,
        breakdown=e.get("breakdown", ""),
        points=e.get("points", ""),
        evidence=e.get("evidence", ""),
    )
