"""What the packets of a report begin with, 4, 5, 6 and 13 alike: regime, form, period, reporter, revision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from gateway.domain.calendar import period
from gateway.domain.errors import Problem, Rejected, problem
from gateway.domain.parcel import Backfill
from gateway.domain.report import ReportHead
from gateway.safexml import Element
from gateway.schemas.national.canonical import element, optional


def written(head: ReportHead, backfill: Backfill | None) -> str:
    """The elements of the head, in order."""
    covers = period(head.period)
    said = element(
        "Period", code=covers.code, end=covers.end.isoformat(), regime=covers.regime, start=covers.start.isoformat()
    )
    return "".join(
        (
            element("Regime", head.regime),
            element("Form", head.form),
            said,
            element("Reporter", head.reporter),
            element("Revision", str(head.revision)),
            optional("Approver", head.approver),
            optional("Note", head.note),
            _backfill(backfill) if backfill else "",
        )
    )


def named(body: Element) -> dict[str, Element]:
    """The children of a body by local name."""
    return {child.tag.rpartition("}")[2]: child for child in body}


def read(found: Mapping[str, Element]) -> tuple[ReportHead, Backfill | None]:
    """From `named` children that the schema has passed. Raises `Rejected` (C-005) for a period no calendar has."""
    head = ReportHead(
        regime=text(found["Regime"]),
        form=text(found["Form"]),
        period=f"{found['Period'].get('regime')}:{found['Period'].get('code')}",
        reporter=text(found["Reporter"]),
        revision=int(text(found["Revision"])),
        approver=text(found["Approver"]) if "Approver" in found else "",
        note=text(found["Note"]) if "Note" in found else "",
    )
    return head, _read_backfill(found["Backfill"]) if "Backfill" in found else None


def faults(found: Mapping[str, Element], head: ReportHead, name: str) -> Iterator[Problem]:
    """Where the period's days are not those of its calendar."""
    covers, said = period(head.period), found["Period"]
    for key, day in (("start", covers.start), ("end", covers.end)):
        if date.fromisoformat(said.get(key, "")) != day:
            path, reason = f"/Packet/Body/{name}/Period/@{key}", f"“{said.get(key, '')}”"
            yield problem("C-005", path=path, line=said.sourceline, reason=reason, expected=day.isoformat())


def sound(found: Mapping[str, Element], name: str) -> tuple[ReportHead, Backfill | None]:
    """`read`, refusing the `faults`."""
    head, backfill = read(found)
    wrong = list(faults(found, head, name))
    if wrong:
        raise Rejected(*wrong)
    return head, backfill


def text(e: Element) -> str:
    return e.text or ""


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
