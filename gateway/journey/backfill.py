"""Back-fill: after recovery the system is updated with what the document carried in the gap.

Đồng Tháp 11.2, Bắc Kạn 7.6: what arose during the incident is entered afterwards. Marked
“bổ sung sau sự cố” with the document's number, date and original time, so that it counts once and
not as late. Nothing is back-filled from a document that ended rejected or recalled.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

from gateway.domain.errors import problem
from gateway.domain.exchange import Exchange, Stage
from gateway.domain.facts import Parked, Postponed, Sent, Superseded
from gateway.domain.parcel import Backfill
from gateway.journey.case import Case
from gateway.journey.steps.deliver import deliver
from gateway.journey.steps.package import packet
from gateway.ports import Entry

_SOONEST, _LATEST = timedelta(seconds=1), timedelta(minutes=2)


async def backfill(case: Case) -> AsyncIterator[Entry]:
    """Yields `Packaged` (marked), `Attempted`, `Backfilled`; or waits for the document's end."""
    x = case.exchange
    assert x.paper is not None
    paper = case.doors.journal.read(x.paper)
    if paper.settled and paper.stage is not Stage.DOCUMENT_ACCEPTED:
        yield case.entry(Parked(problem("E-001", reason=f"văn bản {paper.id}: {paper.stage}")))
        return
    if paper.stage is not Stage.DOCUMENT_ACCEPTED:
        wait = max(_SOONEST, min(_LATEST, case.waited / 4))
        why = problem("F-011", destination=paper.destination, document=paper.id)
        yield case.entry(Postponed(case.now + wait, why))
        return
    newer = _delivered_since(case)
    if newer is not None:
        yield case.entry(Superseded(newer.id))
        return
    if x.parcel is None or x.parcel.backfill is None:
        entry = packet(case, _mark(case, paper))
        yield entry
        case = case.foreseen(entry)
    async for entry in deliver(case):
        yield entry


def _delivered_since(case: Case) -> Exchange | None:
    """A younger exchange of the lane that the receiver holds: its figures must stay the last."""
    x = case.exchange
    peers = case.doors.journal.in_lane(x.lane or "")
    return next((peer for peer in peers if peer.ordinal > x.ordinal and peer.receipt is not None), None)


def _mark(case: Case, paper: Exchange) -> Backfill:
    numbered, ready = paper.numbered, paper.ready
    assert numbered is not None
    assert ready is not None
    sent = next(r.at for r in case.doors.journal.history(paper.id) if isinstance(r.fact, Sent))
    return Backfill(ready.document_id, numbered.number, numbered.notation, numbered.issued, sent)
