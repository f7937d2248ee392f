"""What the receiving offices say of a document: per recipient, upwards only, whatever order it comes in.

    01 arrived < 03 … 06 accepted and on the way < 02 rejected < 15 given back

Statuses are doubled, skipped and overtaken on the road. What adds nothing is settled silently; what comes
after the end, or from an agency it was not sent to, is kept and changes nothing of the document. (A report
that is not entered yet is not entered by a document that was returned or given back since: `backfill`.)
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.domain.agreement import Agreement
from gateway.domain.errors import Overtaken, Problem, problem
from gateway.domain.exchange import OFFICE_RANK, Exchange, Kind, Stage
from gateway.domain.facts import Arrived, DocumentAccepted, DocumentRejected, Fact, Progressed, Recalled, RecallRefused
from gateway.domain.ids import same_agency
from gateway.journey.case import Doors, agreement_of, blob, keep_off
from gateway.journey.letterbox import Pigeonholes, belongs
from gateway.ports import DocumentStatus, Entry, Query

_ON_THE_ROAD = frozenset({Stage.READY, Stage.IN_DOUBT, Stage.SENT, Stage.ARRIVED})  # ready: to be sent once more
_ENDINGS = (DocumentAccepted, DocumentRejected, Recalled)
_PAGE = 200

News = list[tuple[DocumentStatus, Fact]]


def recipients_of(x: Exchange, agreed: Agreement) -> tuple[str, ...]:
    """To whom it went; the first one's word decides."""
    if x.ready is not None and x.ready.recipients:
        return x.ready.recipients
    return (agreed.fallback.recipient,) if agreed.fallback else ()


def news(x: Exchange, statuses: Sequence[DocumentStatus], recipients: Sequence[str]) -> News:
    """The statuses of `x` that add something, as they must have happened; the addressee's ending last."""
    told: News = []
    copies = [*recipients[1:], *sorted(_strangers(statuses, recipients)), *recipients[:1]]
    for recipient in copies:
        ranked = sorted(_of(statuses, recipient), key=lambda status: OFFICE_RANK.get(status.code, 0))
        told += _of_one(x, ranked, recipient, decides=recipient == recipients[0], known=recipient in recipients)
    return told


def _of_one(
    x: Exchange, ranked: Sequence[DocumentStatus], recipient: str, *, decides: bool, known: bool
) -> Iterator[tuple[DocumentStatus, Fact]]:
    reached = OFFICE_RANK.get(x.offices.get(recipient, ""), 0)
    fresh = [status for status in ranked if OFFICE_RANK.get(status.code, 0) > reached]
    last = fresh[-1] if fresh else None
    stands = x.before if x.stage is Stage.PARKED else x.stage
    for status in _once(fresh):
        if not known or (stands not in _ON_THE_ROAD and decides):
            yield status, _progress(status, recipient, stranger=not known)
        elif status.code == "01" or status is last or status.code == (last.code if last else ""):
            yield status, _meaning(status, recipient)
    refusal = next((status for status in ranked if status.code == "16"), None)
    if refusal is not None and _may_refuse(x, recipient):
        yield refusal, RecallRefused(recipient, refusal.description, blob(refusal.raw, "application/xml"))


def _may_refuse(x: Exchange, recipient: str) -> bool:
    """Whether it was asked to give the document back, and has not answered."""
    if not x.asked_back:  # by an earlier version: the addressee alone was asked
        return "RecallAsked" in x.progress and "RecallRefused" not in x.progress
    return x.asked_back.get(recipient, "15") not in ("15", "16")


def _meaning(status: DocumentStatus, recipient: str) -> Fact:
    raw = blob(status.raw, "application/xml")
    match status.code:
        case "01":
            return Arrived(recipient, raw)
        case "02":
            return DocumentRejected(recipient, status.description, raw)
        case "15":
            return Recalled(recipient, raw)
        case _:
            return DocumentAccepted(recipient, status.at, raw, status.code)


def _progress(status: DocumentStatus, recipient: str, *, stranger: bool) -> Progressed:
    raw = blob(status.raw, "application/xml")
    return Progressed(recipient, status.code, status.description, status.at, raw, stranger)


def _of(statuses: Sequence[DocumentStatus], recipient: str) -> list[DocumentStatus]:
    return [status for status in statuses if same_agency(status.recipient, recipient)]


def _strangers(statuses: Sequence[DocumentStatus], recipients: Sequence[str]) -> set[str]:
    return {s.recipient for s in statuses if not any(same_agency(s.recipient, known) for known in recipients)}


def _once(statuses: Sequence[DocumentStatus]) -> list[DocumentStatus]:
    """One of each code; of doubles the one that came first."""
    seen: dict[str, DocumentStatus] = {}
    for status in statuses:
        seen.setdefault(status.code, status)
    return list(seen.values())


async def surely_of(doors: Doors, x: Exchange, statuses: Sequence[DocumentStatus]) -> list[DocumentStatus]:
    """Those that can be of no other document: what names its document by number and day alone may fit several."""
    sure: list[DocumentStatus] = []
    for one in statuses:
        if one.document_id.strip() or await asyncio.to_thread(claimants, doors, x.destination, one) == [x.id]:
            sure.append(one)
    return sure


def claimants(doors: Doors, route: str, status: DocumentStatus) -> list[str]:
    """The documents sent by `route` that the status may be of."""
    if not status.about:
        return [x.id for x in sent_by(doors, route) if belongs(x, status)]
    query = Query(kinds=(Kind.DOCUMENT,), destination=route, code=status.about, limit=_PAGE)
    return [other.id for other in doors.journal.find(query) if was_sent(other) and belongs(other, status)]


# ── all at once ──────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Sorted:
    """What became of the statuses that waited on a route."""

    taken: tuple[DocumentStatus, ...]
    unclaimed: tuple[tuple[DocumentStatus, Problem], ...]


async def sort_out(doors: Doors, route: str) -> Sorted:
    """Record every status that waits on `route` with its document, ended ones too, and settle it.

    What fits no document (F-106), or more than one (F-120), stays on the route and is named, as is what cannot be read
    (F-122); what an agency says that was not sent the document is kept with it and named as well (F-121). Raises
    `Unavailable` (F-012) while the route is under maintenance.
    """
    keep_off(doors, route)
    return await place(doors, route, await doors.peers.routes[route].statuses())


async def place(doors: Doors, route: str, waiting: Sequence[DocumentStatus], *, ended: bool = False) -> Sorted:
    """As `sort_out`, of what was read. `ended`: of documents that have ended alone; others are followed."""
    fitting = await asyncio.to_thread(_fitting, doors, route, waiting)
    unclaimed: list[tuple[DocumentStatus, Problem]] = []
    claimed: dict[str, list[DocumentStatus]] = {}
    for status in waiting:
        match fitting[status.axis_id]:
            case [one]:
                claimed.setdefault(one, []).append(status)
            case several:
                unclaimed.append((status, _unclaimed(status, several)))
    taken: list[DocumentStatus] = []
    for name, statuses in claimed.items():
        strange = await asyncio.to_thread(_recorded, doors, name, statuses, ended)
        if strange is not None:
            taken += statuses
            unclaimed += strange
    for status in taken:
        await doors.peers.routes[route].settle(status.axis_id)
    return Sorted(tuple(taken), tuple(unclaimed))


def _fitting(doors: Doors, route: str, waiting: Sequence[DocumentStatus]) -> dict[str, list[str]]:
    """The documents that each may be of. By number and symbol, which have an index; what is not found so, among all."""
    fitting = {status.axis_id: claimants(doors, route, status) if status.about else [] for status in waiting}
    missed = [status for status in waiting if not fitting[status.axis_id] and status.document_id.strip()]
    if missed:
        holes = Pigeonholes(missed)
        for x in sent_by(doors, route):
            for status in holes.of(x):
                fitting[status.axis_id].append(x.id)
    return fitting


def _recorded(
    doors: Doors, name: str, statuses: Sequence[DocumentStatus], ended: bool
) -> list[tuple[DocumentStatus, Problem]] | None:
    """The strange ones among them; None where a worker has the document, who follows it anyway."""
    x = doors.journal.read(name)
    if ended and not x.settled:
        return None
    strange: list[tuple[DocumentStatus, Problem]] = []
    told = news(x, statuses, recipients_of(x, agreement_of(doors, x.agreement)))
    try:
        for status, fact in told:  # one by one: an ending settles the document
            x = doors.journal.append(x, [Entry(fact, doors.clock.now(), (status.raw,))])
            if isinstance(fact, Progressed) and fact.stranger:
                strange.append((status, out_of_place(x.id, fact)))
    except Overtaken:
        return None
    return strange


def sent_by(doors: Doors, route: str) -> list[Exchange]:
    """Every document that was sent by `route`, ended ones too."""
    found: list[Exchange] = []
    before: int | None = None
    while page := doors.journal.find(Query(kinds=(Kind.DOCUMENT,), destination=route, before=before, limit=_PAGE)):
        found += [x for x in page if was_sent(x)]
        before = page[-1].ordinal
    return found


def out_of_place(document: str, said: Progressed) -> Problem:
    return problem("F-121", document=document, recipient=said.recipient, status=said.code)


def was_sent(x: Exchange) -> bool:
    return "Sent" in x.progress or "Attempted" in x.progress


def _said(why: Problem) -> str:
    return str(why.details.get("reason", ""))[:200]


def _unclaimed(status: DocumentStatus, fitting: Sequence[str]) -> Problem:
    if status.unread is not None:
        return problem("F-122", package=status.axis_id, reason=f"{status.unread.code} {_said(status.unread)}".strip())
    days = " = ".join(day for day in (status.issued, status.otherwise) if day)
    about = status.document_id.strip() or f"{status.about} {days}".strip() or "–"
    told = {"status": status.code, "recipient": status.recipient or "–"}
    if fitting:
        return problem("F-120", **told, about=about, documents=", ".join(fitting), package=status.axis_id)
    return problem("F-106", **told, reason=about, package=status.axis_id)
