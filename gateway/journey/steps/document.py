"""The steps of a document: write its edXML, send it, follow what the receiving office says."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import timedelta

from gateway.domain.errors import Rejected, Unavailable, problem
from gateway.domain.exchange import Exchange
from gateway.domain.facts import (
    Arrived,
    Attempted,
    DocumentAccepted,
    DocumentRejected,
    Fact,
    Postponed,
    Recalled,
    Sent,
    Undelivered,
)
from gateway.journey.case import Case, blob
from gateway.ports import DocumentStatus, Entry

_SOONEST, _LATEST = timedelta(seconds=1), timedelta(minutes=2)


def seal(case: Case) -> Iterator[Entry]:
    """Yields `Ready`: from here the bytes and the DocumentId never change."""
    x = case.exchange
    assert x.prepared is not None
    assert x.numbered is not None
    files = {attachment.name: case.bytes_of(attachment.content) for attachment in x.numbered.files}
    ready, edxml = case.doors.scribe.edxml(case.agreement, x.prepared, x.numbered, files, case.now)
    yield case.entry(ready, edxml)


async def send(case: Case) -> AsyncIterator[Entry]:
    """Yields `Attempted`, then `Sent`; or `Undelivered` and raises on."""
    x = case.exchange
    assert x.ready is not None
    agreed = case.agreement
    assert agreed.fallback is not None
    edxml = case.bytes_of(x.ready.edxml)
    yield case.entry(Attempted(x.destination, x.attempts + 1))
    try:
        axis_id = await case.route.send(edxml, agreed.sender.code, (agreed.fallback.recipient,))
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
    ours = [status for status in await case.route.statuses() if status.document_id == x.ready.document_id]
    news = _news(x, ours)
    for status, fact in news:
        yield case.entry(fact, status.raw)
    for status in ours:
        await case.route.settle(status.axis_id)
    if not news:
        wait = max(_SOONEST, min(_LATEST, case.waited / 4))
        why = problem("F-011", destination=x.destination, document=x.ready.document_id)
        yield case.entry(Postponed(case.now + wait, why))


_WEIGHT: Sequence[type[Fact]] = (Arrived, DocumentAccepted, DocumentRejected, Recalled)


def _news(x: Exchange, statuses: Sequence[DocumentStatus]) -> list[tuple[DocumentStatus, Fact]]:
    """The statuses that add something, in the order they must have happened, with one ending at most."""
    found: dict[type[Fact], tuple[DocumentStatus, Fact]] = {}
    for status in statuses:
        fact = _meaning(status)
        if fact is not None and type(fact).__name__ not in x.progress:
            found.setdefault(type(fact), (status, fact))
    told = [found[shape] for shape in _WEIGHT if shape in found]
    return [one for one in told[:-1] if isinstance(one[1], Arrived)] + told[-1:]


def _meaning(status: DocumentStatus) -> Fact | None:
    raw = blob(status.raw, "application/xml")
    match status.code:
        case "01":
            return Arrived(status.recipient, raw)
        case "02":
            return DocumentRejected(status.recipient, status.description, raw)
        case "03" | "04" | "05" | "06":
            return DocumentAccepted(status.recipient, status.at, raw)
        case "15":
            return Recalled(status.recipient, raw)
        case _:
            return None
