"""Absorb: what the fallback desk did in the gap becomes part of the journal, once, whatever was here already.

The desk's facts are taken over as they were told, times and bytes included, so that their chains stay the
very same. Where this gateway has the report too, its own exchange goes on from the desk's document.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import StrEnum
from typing import Any

from gateway.domain.conflict import conflict
from gateway.domain.errors import Conflict, Problem, problem
from gateway.domain.exchange import Exchange, Kind, Opening, Stage
from gateway.domain.facts import Absorbed, Diverted, Fact, Parked, Released, Superseded
from gateway.domain.parcel import Blob
from gateway.journey.case import Doors
from gateway.journey.handover import waits_for_the_desk
from gateway.journey.numbers import given_twice
from gateway.ports import Birth, Entry, Journal, Query

_PAGE = 200
_BY = "absorb"
_UNSENT = frozenset({Stage.PACKAGED, Stage.DIVERTED})
_UNREAD = frozenset({Stage.ACCEPTED, Stage.VALIDATED, Stage.VERIFIED, Stage.TRANSLATED})


class Became(StrEnum):
    """What became of one report of the desk."""

    OPENED = "opened"  # it was unknown here
    JOINED = "joined"  # it waited here, and goes on from the desk's document
    LET_GO = "let_go"  # the desk sent nothing of it: it goes on by itself
    TWICE = "twice"  # it was sent from here too: the document is to be recalled
    WAITS = "waits"  # not read, or in doubt here: absorb again once that is known
    CONFLICT = "conflict"  # the same key with other content
    KNOWN = "known"  # absorbed before


@dataclass(frozen=True, slots=True)
class Line:
    """One report of the ledger, and what became of it."""

    ledger: str
    line: int
    exchange: str
    agreement: str
    key: str
    became: Became
    document: str | None = None
    why: Problem | None = None


def absorb(doors: Doors, desk: Journal, ledger: str) -> list[Line]:
    """Take over every report of `desk`, oldest first. Repeating it changes nothing that was taken over."""
    reports = [x for x in oldest_first(desk) if x.kind is Kind.OUTBOUND]
    return [_absorbed(doors, desk, ledger, x) for x in reports]


def _absorbed(doors: Doors, desk: Journal, ledger: str, theirs: Exchange) -> Line:
    told = Line(ledger, theirs.ordinal, theirs.id, theirs.agreement, theirs.key, Became.OPENED, theirs.paper)
    mark = Absorbed(ledger, theirs.ordinal)
    try:
        ours = _same_report(doors, theirs)
    except Conflict as error:
        return replace(told, became=Became.CONFLICT, why=error.problem)
    if ours is None:
        told = replace(told, why=_take_document(doors, desk, theirs, theirs.id))
        history = [*entries_of(desk, theirs), Entry(mark, doors.clock.now())]
        ours, _ = doors.journal.open(Birth(opening_of(theirs), tuple(history)))
        _give_way(doors, ours)
        return told
    told = replace(told, exchange=ours.id)
    if _has(doors, ours, mark):
        _give_way(doors, ours)
        return replace(told, became=Became.KNOWN)
    told, more = _joined(doors, desk, theirs, ours, told)
    if told.became is not Became.WAITS:
        kept = waits_for_the_desk(ours) and ours.stage is Stage.PARKED
        facts: list[Fact] = [*([Released(_BY, ledger)] if kept else []), mark, *more]
        doors.journal.append(ours, [Entry(fact, doors.clock.now()) for fact in facts])
    return told


def _joined(doors: Doors, desk: Journal, theirs: Exchange, ours: Exchange, told: Line) -> tuple[Line, list[Fact]]:
    """The report stands on both sides of the street: what became of it, and what to tell of ours."""
    stands = ours.before if ours.stage is Stage.PARKED else ours.stage
    if stands is Stage.IN_DOUBT or (theirs.paper and stands in _UNREAD):
        return replace(told, became=Became.WAITS), []
    told = replace(told, why=_take_document(doors, desk, theirs, ours.id))
    if theirs.paper is None:
        return replace(told, became=Became.LET_GO), []
    if stands in _UNSENT and not ours.paper:
        return replace(told, became=Became.JOINED), [Diverted(theirs.paper, problem("F-101", ledger=told.ledger))]
    return replace(told, became=Became.TWICE, why=problem("F-113", document=theirs.paper)), []


def _take_document(doors: Doors, desk: Journal, theirs: Exchange, parent: str) -> Problem | None:
    """The document first: a report that names one must find it.

    F-105 where its number was given here while the gateway stood apart: it is kept for a person, for the two would
    go by one DocumentId, and what an office says of one would be believed of the other.
    """
    if theirs.paper is None:
        return None
    paper = desk.read(theirs.paper)
    opening, history = replace(opening_of(paper), parent=parent), list(entries_of(desk, paper))
    twice = given_twice(doors, paper)
    if twice is not None and not paper.settled and paper.stage is not Stage.PARKED:
        history.append(Entry(Parked(twice), doors.clock.now()))
    doors.journal.open(Birth(opening, tuple(history)))
    return twice


def _give_way(doors: Doors, ours: Exchange) -> None:
    """The same figures under another key waited here for the desk: they have gone now."""
    for peer in doors.journal.in_lane(ours.head.lane) if ours.head and ours.paper else []:
        waits = waits_for_the_desk(peer) and peer.stage is Stage.PARKED
        if peer.id != ours.id and waits and peer.content == ours.content:
            facts: Sequence[Fact] = (Released(_BY, ours.id), Superseded(ours.id))
            doors.journal.append(peer, [Entry(fact, doors.clock.now()) for fact in facts])


def _same_report(doors: Doors, theirs: Exchange) -> Exchange | None:
    """Ours under the same agreement and key. Raises `Conflict` (C-008) when it has other content."""
    found = _by_key(doors.journal, theirs)
    if found is not None and found.content != theirs.content:
        raise conflict(found, theirs)
    return found


def _by_key(journal: Journal, theirs: Exchange) -> Exchange | None:
    return next(iter(journal.find(Query(agreements=(theirs.agreement,), key=theirs.key, limit=1))), None)


def oldest_first(journal: Journal) -> list[Exchange]:
    found: list[Exchange] = []
    before: int | None = None
    while page := journal.find(Query(before=before, limit=_PAGE)):
        found += page
        before = page[-1].ordinal
    return found[::-1]


def opening_of(x: Exchange) -> Opening:
    return Opening(x.id, x.kind, x.agreement, x.key, x.content, x.destination, x.parent)


def entries_of(desk: Journal, x: Exchange) -> Iterator[Entry]:
    """The facts of `x` as they were told, with the bytes they name."""
    for link in desk.history(x.id):
        yield Entry(link.fact, link.at, tuple(desk.bytes_of(blob.digest) for blob in _blobs(link.fact)))


def _blobs(value: Any) -> Iterator[Blob]:
    if isinstance(value, Blob):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _blobs(getattr(value, field.name))
    elif isinstance(value, Mapping):
        yield from _each(value.values())
    elif isinstance(value, tuple | list):
        yield from _each(value)


def _each(values: Iterable[Any]) -> Iterator[Blob]:
    for value in values:
        yield from _blobs(value)


def _has(doors: Doors, ours: Exchange, mark: Absorbed) -> bool:
    if Absorbed.__name__ not in ours.progress:
        return False
    return any(link.fact == mark for link in doors.journal.history(ours.id))
