"""Packet 7, trạng thái báo cáo: what the receiver made of a packet."""

from __future__ import annotations

from datetime import datetime

from gateway.domain.account import Tally
from gateway.domain.errors import Rejected, problem
from gateway.domain.parcel import Answer
from gateway.safexml import Element
from gateway.schemas.national.canonical import element
from gateway.schemas.national.model import Reason, Status
from gateway.schemas.national.schema import qualified

_COUNTS = ("received", "accepted", "updated", "unchanged", "rejected", "ignored")


def written(status: Status) -> str:
    """The Status element."""
    return element(
        "Status",
        (
            element("About", messageId=status.message_id, reference=status.reference),
            element("State", status.answer.value),
            element("Tally", **{name: str(getattr(status.tally, name)) for name in _COUNTS}),
            element("Reasons", map(_reason, status.reasons)),
            element("At", status.at.isoformat()),
        ),
    )


def read(body: Element) -> Status:
    """From a body that its schema has passed. Raises `Rejected` (C-005) when its tally does not balance."""
    about, state, counts, reasons, at = body
    tally = Tally(**{name: int(counts.get(name, "")) for name in _COUNTS})
    if not tally.balances():
        raise Rejected(
            problem(
                "C-005",
                path="/Packet/Body/Status/Tally",
                line=counts.sourceline,
                reason=f"received {tally.received}",
                expected="accepted + updated + unchanged + rejected + ignored",
            )
        )
    return Status(
        message_id=about.get("messageId", ""),
        reference=about.get("reference", ""),
        answer=Answer(state.text or ""),
        tally=tally,
        reasons=tuple(map(_read_reason, reasons.iterchildren(qualified("Reason")))),
        at=datetime.fromisoformat((at.text or "").strip()),
    )


def _reason(r: Reason) -> str:
    return element(
        "Reason", r.text, breakdown=r.breakdown, code=r.code, indicator=r.indicator, organisation=r.organisation
    )


def _read_reason(e: Element) -> Reason:
    return Reason(
        e.get("code", ""), e.text or "", e.get("indicator", ""), e.get("organisation", ""), e.get("breakdown", "")
    )
