"""Back-fill: after recovery the system is updated with what the document carried in the gap.

Đồng Tháp 11.2, Bắc Kạn 7.6: what arose during the incident is entered afterwards; an agreement names that article, and
without one a person decides. Marked
“bổ sung sau sự cố” with the document's number, date and original time, so that it counts once and
not as late. Nothing is back-filled from a document that ended rejected or recalled; and where somebody
typed the figures in from the document, they are compared and linked, never overwritten.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta

from gateway.domain.errors import problem
from gateway.domain.exchange import Exchange, Stage
from gateway.domain.facts import Attempted, Backfilled, Discrepant, Parked, Postponed, Released, Sent, Superseded
from gateway.domain.parcel import Backfill, Receipt
from gateway.journey.case import Case, agreement_of
from gateway.journey.statuses import recipients_of
from gateway.journey.steps.deliver import deliver
from gateway.journey.steps.package import packet
from gateway.journey.steps.reconcile import differences_of, shortly
from gateway.ports import Entry

_NO_DUTY = "F-116"
_TAKEN_BACK = ("02", "15")
_SOONEST, _LATEST = timedelta(seconds=1), timedelta(minutes=2)


async def backfill(case: Case) -> AsyncIterator[Entry]:
    """Yields `Packaged` (marked), `Attempted`, `Backfilled`; or waits for the document's end.

    `Backfilled` alone, or `Discrepant`, where the receiver has the report already.
    """
    x = case.exchange
    assert x.paper is not None
    paper = case.doors.journal.read(x.paper)
    if (fell := _fell(case, paper)) is not None:
        yield case.entry(Parked(problem("E-001", reason=f"văn bản {paper.id}: {fell}")))
        return
    if paper.stage is not Stage.DOCUMENT_ACCEPTED:
        wait = max(_SOONEST, min(_LATEST, case.waited / 4))
        why = problem("F-011", destination=paper.destination, document=paper.id)
        yield case.entry(Postponed(case.now + wait, why))
        return
    if not _is_to_be_entered(case):
        yield case.entry(Parked(problem(_NO_DUTY, document=paper.id, agreement=x.agreement)))
        return
    newer = _delivered_since(case)
    if newer is not None:
        yield case.entry(Superseded(newer.id))
        return
    if x.parcel is None or x.parcel.backfill is None:
        entry = packet(case, _mark(case, paper))
        yield entry
        case = case.foreseen(entry)
        if case.exchange.stage is Stage.IN_DOUBT:
            return  # after a recovery it may have been filled in already: asked first
    held = await case.channel.holding(case.translated().head)
    if held is not None:
        yield await _linked(case, paper, held)
        return
    async for entry in deliver(case):
        yield entry


def _fell(case: Case, paper: Exchange) -> str | None:
    """How the document ended where it does not stand; also one that was taken in, and returned or given back since."""
    if paper.settled and paper.stage is not Stage.DOCUMENT_ACCEPTED:
        return paper.stage
    addressee = next(iter(recipients_of(paper, case.agreement)), "")
    said = paper.offices.get(addressee, "")
    return f"{addressee}: {said}" if paper.settled and said in _TAKEN_BACK else None


async def _linked(case: Case, paper: Exchange, held: Receipt) -> Entry:
    """Somebody typed it in from the document: linked where every value is the same, else for a person."""
    statement = json.loads(await case.channel.statement(case.parcel, held))
    differences = differences_of(case, statement["values"])
    if differences:
        told = {"reference": held.reference, "document": paper.id, "reason": shortly(differences)}
        return case.entry(Discrepant(problem("E-101", **told)))
    assert case.parcel.backfill is not None
    return case.entry(Backfilled(paper.id, case.parcel.backfill, held, recovered=True, linked=True))


def _is_to_be_entered(case: Case) -> bool:
    """Where the agreement names the article that says so, or a person let it go on after it was kept for that."""
    terms = agreement_of(case.doors, case.exchange.agreement).fallback
    if terms is not None and terms.backfill_basis:
        return True
    kept = False
    for link in case.doors.journal.history(case.exchange.id):
        kept = kept or (isinstance(link.fact, Parked) and link.fact.why.code == _NO_DUTY)
        if kept and isinstance(link.fact, Released):
            return True
    return False


def _delivered_since(case: Case) -> Exchange | None:
    """A younger exchange of the lane that the receiver holds: its figures must stay the last."""
    x = case.exchange
    peers = case.doors.journal.in_lane(x.lane or "")
    return next((peer for peer in peers if peer.ordinal > x.ordinal and peer.receipt is not None), None)


def _mark(case: Case, paper: Exchange) -> Backfill:
    numbered, ready = paper.numbered, paper.ready
    assert numbered is not None
    assert ready is not None
    # Where no receipt came back and the office answered all the same, it left with the last attempt.
    left = [r for r in case.doors.journal.history(paper.id) if isinstance(r.fact, Sent | Attempted)]
    sent = next((r.at for r in left if isinstance(r.fact, Sent)), left[-1].at)
    return Backfill(ready.document_id, numbered.number, numbered.notation, numbered.issued, sent)
