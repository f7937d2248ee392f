"""The steps of a document: write its edXML, send it, follow what the receiving office says."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

from gateway.domain.errors import Rejected, Unavailable, problem
from gateway.domain.exchange import Stage
from gateway.domain.facts import Attempted, Postponed, Ready, Sent, Undelivered
from gateway.journey.case import Case
from gateway.journey.handover import kept_for_the_desk
from gateway.journey.recall import ask_back, kept_somewhere
from gateway.journey.statuses import news, recipients_of, surely_of
from gateway.ports import Entry

# Documents an office holds, or may hold: a corrected report replaces them.
_STANDING = frozenset({Stage.SENT, Stage.ARRIVED, Stage.IN_DOUBT, Stage.DOCUMENT_ACCEPTED})
_SOONEST, _LATEST = timedelta(seconds=1), timedelta(minutes=2)


def seal(case: Case) -> Iterator[Entry]:
    """Yields `Ready`: from here the bytes and the DocumentId never change."""
    x = case.exchange
    assert x.prepared is not None
    assert x.numbered is not None
    files = {attachment.name: case.bytes_of(attachment.content) for attachment in x.numbered.files}
    replaced = _replaced(case)
    ready, edxml = case.doors.scribe.edxml(case.agreement, x.prepared, x.numbered, files, case.now, replaced=replaced)
    yield case.entry(ready, edxml)


def _replaced(case: Case) -> list[Ready]:
    """Documents by which earlier revisions of the report went, and which stand still."""
    x, report = case.exchange, case.parent
    if report is None or report.head is None or report.lane is None:
        return []
    peers = case.doors.journal.in_lane(report.lane)
    older = [peer for peer in peers if peer.head and peer.head.revision < report.head.revision]
    papers = [case.doors.journal.read(peer.paper) for peer in older if peer.paper and peer.paper != x.id]
    return [paper.ready for paper in papers if paper.ready and paper.stage in _STANDING]


async def send(case: Case) -> AsyncIterator[Entry]:
    """Yields `Attempted`, then `Sent`; or `Undelivered` and raises on."""
    x = case.exchange
    assert x.ready is not None
    if (kept := kept_for_the_desk(case.doors, x, case.parent)) is not None:
        yield kept
        return
    edxml, route = case.bytes_of(x.ready.edxml), case.route
    begun = case.doors.clock.ticks()
    yield case.entry(Attempted(x.destination, x.attempts + 1))
    try:
        case.not_late(begun)
        axis_id = await route.send(edxml, case.agreement.sender.code, recipients_of(x, case.agreement))
    except (Unavailable, Rejected) as error:
        yield case.entry(Undelivered(error.problem))
        raise
    yield case.entry(Sent(axis_id))


async def look_in_the_sent_list(case: Case) -> AsyncIterator[Entry]:
    """Yields `Sent` when the axis lists the document, else `Undelivered`."""
    x = case.exchange
    assert x.ready is not None
    axis_id = await case.route.sent(x.ready.document_id)
    assert x.since is not None
    settled = x.since + case.agreement.settles_after
    if axis_id is None and case.now < settled:
        yield case.entry(Postponed(settled, problem("G-001", destination=x.destination, reason="not there yet")))
    elif axis_id is None:
        yield case.entry(Undelivered(problem("G-001", destination=x.destination, reason="not in the sent list")))
    else:
        yield case.entry(Sent(axis_id, recovered=True))


async def follow(case: Case) -> AsyncIterator[Entry]:
    """Yields a fact per status of this document; each is settled on the axis once it is on disk.

    Statuses come doubled and out of order: what adds nothing to what is known is settled silently.
    """
    x = case.exchange
    assert x.ready is not None
    async for entry in ask_back(case):
        yield entry
        case = case.foreseen(entry)
    recipients = recipients_of(x, case.agreement)
    route, box = case.route, case.doors.letterboxes.of(x.destination)
    ours = await surely_of(case.doors, x, await box.look(route, x, case.doors.clock.ticks()))
    told = news(case.exchange, ours, recipients)
    for status, fact in told:
        entry = case.entry(fact, status.raw)
        yield entry
        case = case.foreseen(entry)
    for status in ours:
        await box.settle(route, status)
    kept = kept_somewhere(case)
    if kept is not None:
        yield kept
    elif not told:
        wait = max(_SOONEST, min(_LATEST, case.waited / 4))
        why = problem("F-011", destination=x.destination, document=x.ready.document_id)
        yield case.entry(Postponed(case.now + wait, why))
