"""An exchange at work: its folded facts, its agreement, the doors, and what was read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from gateway.domain.agreement import Agreement
from gateway.domain.calendar import period
from gateway.domain.deadlines import Due
from gateway.domain.errors import Misconfigured, Rejected, problem
from gateway.domain.exchange import Exchange, after
from gateway.domain.facts import Fact, Recorded
from gateway.domain.ids import digest_of
from gateway.domain.parcel import Blob, Parcel
from gateway.domain.report import Report
from gateway.ports import (
    Catalogues,
    Channel,
    Clock,
    Deadlines,
    DocumentRoute,
    Entry,
    Journal,
    Peers,
    Reader,
    Scribe,
    Translator,
    Verifier,
    Writer,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Doors:
    """Every port the way goes through; filled in by `wiring`."""

    journal: Journal
    clock: Clock
    reader: Reader
    writer: Writer
    verifier: Verifier
    translator: Translator
    catalogues: Catalogues
    deadlines: Deadlines
    scribe: Scribe
    peers: Peers


@dataclass(slots=True)
class Memory:
    """Bytes and parsed reports of this exchange, so that one walk parses once."""

    bytes: dict[str, bytes] = field(default_factory=dict)
    submitted: Report | None = None
    translated: Report | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """What a step sees."""

    exchange: Exchange
    doors: Doors
    memory: Memory = field(default_factory=Memory)

    @property
    def agreement(self) -> Agreement:
        return agreement_of(self.doors, self.exchange.agreement)

    @property
    def channel(self) -> Channel:
        return _declared(self.doors.peers.channels, self.exchange.destination)

    @property
    def route(self) -> DocumentRoute:
        return _declared(self.doors.peers.routes, self.exchange.destination)

    @property
    def parcel(self) -> Parcel:
        return _present(self.exchange.parcel)

    @property
    def now(self) -> datetime:
        return self.doors.clock.now()

    @property
    def waited(self) -> timedelta:
        """How long the exchange has stood at its stage."""
        return self.now - (self.exchange.since or self.now)

    @property
    def deadline(self) -> datetime | None:
        """The last admissible instant, where the regulation or the agreement names one for this period."""
        found = due_of(self.doors, self.exchange)
        return found.deadline if found else None

    def entry(self, fact: Fact, *contents: bytes) -> Entry:
        for content in contents:
            self.memory.bytes[digest_of(content)] = content
        return Entry(fact, self.now, contents)

    def bytes_of(self, blob: Blob | None) -> bytes:
        digest = _present(blob).digest
        if digest not in self.memory.bytes:
            self.memory.bytes[digest] = self.doors.journal.bytes_of(digest)
        return self.memory.bytes[digest]

    def submitted(self) -> Report:
        """The report as it was handed in."""
        if self.memory.submitted is None:
            x = self.exchange
            media_type = _present(x.submission).media_type
            _, self.memory.submitted = self.doors.reader.read(self.bytes_of(x.payload), media_type)
        return self.memory.submitted

    def translated(self) -> Report:
        """The report in national terms."""
        if self.memory.translated is None:
            self.memory.translated = self.doors.writer.recall(self.bytes_of(self.exchange.document))
        return self.memory.translated

    def at(self, exchange: Exchange) -> Case:
        return replace(self, exchange=exchange)

    def foreseen(self, entry: Entry) -> Case:
        """As it will stand once `entry` is recorded; its digest is made then, not here."""
        x = self.exchange
        return self.at(after(x, Recorded(x.id, x.seq + 1, entry.at, entry.fact, x.head_digest)))


def blob(content: bytes, media_type: str) -> Blob:
    return Blob(digest_of(content), len(content), media_type)


def due_of(doors: Doors, x: Exchange) -> Due | None:
    """When the report of `x` is due; None where nothing says so, or the agreement is declared no more."""
    agreed = doors.peers.agreements.get(x.agreement)
    if x.head is None or agreed is None:
        return None
    try:
        covers = period(x.head.period)
    except Rejected:  # kept by a version that knew more calendars
        return None
    return doors.deadlines.of(agreed, covers)


def agreement_of(doors: Doors, name: str) -> Agreement:
    """The agreement declared under `name`; exchanges may outlive a declaration taken away."""
    return _declared(doors.peers.agreements, name)


def _declared(peers: Mapping[str, T], name: str) -> T:
    try:
        return peers[name]
    except KeyError:
        raise Misconfigured(problem("F-005", file="partners/", key=name, reason="not declared any more")) from None


def _present(value: T | None) -> T:
    if value is None:
        raise TypeError("the timetable led here before the fact it needs")
    return value
