"""Packet 4, số liệu báo cáo: written from columns and read back into columns."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.domain.errors import Problem, Rejected, problem
from gateway.domain.report import Columns, Report
from gateway.safexml import Element
from gateway.schemas.national import head
from gateway.schemas.national.canonical import element
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
    values = found["Values"]
    faults = [*head.faults(found, said, "ReportData"), *_value_faults(values)]
    if faults:
        raise Rejected(*faults)
    return ReportData(Report(said, _columns(values)), backfill, _read_beside(found.get("Narrative")))


def parsed_breakdown(text: str) -> dict[str, str]:
    """``SEX=F;URB=U`` as a mapping; totals are left out."""
    return dict(part.split("=", 1) for part in text.split(";")) if text else {}


def _beside(narrative: Beside | None) -> str:
    return element("Narrative", digest=narrative.digest, size=str(narrative.size)) if narrative else ""


def _read_beside(e: Element | None) -> Beside | None:
    return None if e is None else Beside(e.get("digest", ""), int(e.get("size", "")))


def _values(columns: Columns) -> Iterator[str]:
    states = wire().states
    dimensions = sorted(columns.breakdown)
    for i in range(len(columns)):
        broken = ";".join(f"{d}={columns.breakdown[d][i]}" for d in dimensions if columns.breakdown[d][i])
        state = states.get(columns.value[i])
        yield element(
            "Value",
            "" if state else columns.value[i],
            breakdown=broken,
            indicator=columns.indicator[i],
            organisation=columns.organisation[i],
            state=state,
            unit=columns.unit[i],
        )


def _columns(values: Element) -> Columns:
    marks = wire().marks
    rows = list(values)
    broken = [parsed_breakdown(row.get("breakdown", "")) for row in rows]
    dimensions = sorted({name for one in broken for name in one})
    return Columns(
        indicator=[row.get("indicator", "") for row in rows],
        organisation=[row.get("organisation", "") for row in rows],
        unit=[row.get("unit", "") for row in rows],
        value=[marks[row.get("state", "")] if "state" in row.attrib else row.text or "" for row in rows],
        breakdown={name: [one.get(name, "") for one in broken] for name in dimensions},
        source=[f"dòng {row.sourceline}" for row in rows],
    )


def _value_faults(values: Element) -> Iterator[Problem]:
    path = "/Packet/Body/ReportData/Values"
    if int(values.get("count", "")) != len(values):
        yield problem(
            "C-005", path=f"{path}/@count", line=values.sourceline, reason=values.get("count", ""), expected=len(values)
        )
    for number, row in enumerate(values, start=1):
        if ("state" in row.attrib) == bool(row.text):
            yield problem(
                "C-005",
                path=f"{path}/Value[{number}]",
                line=row.sourceline,
                reason="figure and @state" if row.text else "neither figure nor @state",
                expected="một trong hai / exactly one of them",
            )
