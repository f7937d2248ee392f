"""Packet 4, số liệu báo cáo: written from columns and read back into columns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from gateway.domain.calendar import period
from gateway.domain.errors import Problem, Rejected, problem
from gateway.domain.parcel import Backfill
from gateway.domain.report import Columns, Report, ReportHead
from gateway.safexml import Element
from gateway.schemas.national.canonical import element, optional
from gateway.schemas.national.model import ReportData
from gateway.schemas.national.wire import wire


def written(data: ReportData) -> str:
    """The ReportData element."""
    head, columns = data.report.head, data.report.columns
    covers = period(head.period)
    return element(
        "ReportData",
        (
            element("Regime", head.regime),
            element("Form", head.form),
            element(
                "Period",
                code=covers.code,
                end=covers.end.isoformat(),
                regime=covers.regime,
                start=covers.start.isoformat(),
            ),
            element("Reporter", head.reporter),
            element("Revision", str(head.revision)),
            optional("Approver", head.approver),
            optional("Note", head.note),
            _backfill(data.backfill) if data.backfill else "",
            element("Values", _values(columns), count=str(len(columns))),
        ),
    )


def read(body: Element) -> ReportData:
    """From a body that its schema has passed. Raises `Rejected` (C-005) for what no schema can say."""
    found = {child.tag.rpartition("}")[2]: child for child in body}
    head = ReportHead(
        regime=_text(found["Regime"]),
        form=_text(found["Form"]),
        period=f"{found['Period'].get('regime')}:{found['Period'].get('code')}",
        reporter=_text(found["Reporter"]),
        revision=int(_text(found["Revision"])),
        approver=_text(found["Approver"]) if "Approver" in found else "",
        note=_text(found["Note"]) if "Note" in found else "",
    )
    values = found["Values"]
    faults = [*_period_faults(found["Period"], head), *_value_faults(values)]
    if faults:
        raise Rejected(*faults)
    return ReportData(
        Report(head, _columns(values)), _read_backfill(found["Backfill"]) if "Backfill" in found else None
    )


def parsed_breakdown(text: str) -> dict[str, str]:
    """``SEX=F;URB=U`` as a mapping; totals are left out."""
    return dict(part.split("=", 1) for part in text.split(";")) if text else {}


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


def _backfill(b: Backfill) -> str:
    return element(
        "Backfill",
        documentId=b.document_id,
        issued=b.issued,
        notation=b.notation,
        number=b.number,
        sentAt=b.sent_at.isoformat(),
    )


def _read_backfill(e: Element) -> Backfill:
    return Backfill(
        e.get("documentId", ""),
        e.get("number", ""),
        e.get("notation", ""),
        e.get("issued", ""),
        datetime.fromisoformat(e.get("sentAt", "").strip()),
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


def _period_faults(e: Element, head: ReportHead) -> Iterator[Problem]:
    covers = period(head.period)
    for key, day in (("start", covers.start), ("end", covers.end)):
        if date.fromisoformat(e.get(key, "")) != day:
            path = f"/Packet/Body/ReportData/Period/@{key}"
            yield problem("C-005", path=path, line=e.sourceline, reason=f"“{e.get(key, '')}”", expected=day.isoformat())


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


def _text(e: Element) -> str:
    return e.text or ""
