"""An exchange at work: its folded facts, its agreement, the doors, and what was read once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from gateway.domain.agreement import Agreement
from gateway.domain.calendar import clock_face, period
from gateway.domain.catalogue import Catalogue
from gateway.domain.deadlines import Due
from gateway.domain.errors import GatewayError, Misconfigured, Problem, Rejected, Unavailable, problem
from gateway.domain.exchange import Exchange, after
from gateway.domain.facts import Fact, Recorded
from gateway.domain.ids import digest_of
from gateway.domain.parcel import Blob, Parcel
from gateway.domain.report import Cover, Report
from gateway.journey.letterbox import Letterboxes
from gateway.journey.parts import part_of
from gateway.journey.routes import RouteTimes
from gateway.ports import (
    Catalogues,
    Channel,
    Clock,
    Deadlines,
    DocumentRoute,
    Entry,
    FormRead,
    Forms,
    HandOver,
    Journal,
    NothingHandedOver,
    Peers,
    Reader,
    Scribe,
    Signer,
    Translation,
    Translator,
    Verifier,
    Writer,
)

T = TypeVar("T")

Read = tuple[str, Report, bytes]  # the schema, the report, and what reading it as a form met


class NoForms:
    """`ports.Forms` of a house whose packs declare no layouts."""

    def read(self, payload: bytes, media_type: str, cover: Cover) -> FormRead | None:
        return None


def no_keys(profile: str) -> Signer:
    """The signers of a house that has no keys: people sign there."""
    raise Misconfigured(problem("F-005", file="gateway.toml", key=f"signers.{profile}", reason="no keys here"))


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
    handover: HandOver = field(default_factory=NothingHandedOver)
    route_times: RouteTimes | None = None
    forms: Forms = field(default_factory=NoForms)
    signer: Callable[[str], Signer] = no_keys  # by profile
    letterboxes: Letterboxes = field(default_factory=Letterboxes)


@dataclass(slots=True)
class Memory:
    """Bytes and parsed reports of this exchange, so that one walk parses once."""

    bytes: dict[str, bytes] = field(default_factory=dict)
    read: Read | None = None  # what was handed in
    overtaken: list[Problem] | None = None  # asked ahead, with others
    translation: tuple[Translation | GatewayError, Catalogue] | None = None  # mapped ahead, with others
    translated: Report | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """What a step sees."""

    exchange: Exchange
    doors: Doors
    memory: Memory = field(default_factory=Memory)
    alone: bool = False  # no other revision was known when it was taken up
    taken_up: tuple[datetime, float] | None = None  # the time then, by the clock that decides, and our ticks

    @property
    def agreement(self) -> Agreement:
        """As declared, with the margin that its document route needs as measured."""
        agreed = agreement_of(self.doors, self.exchange.agreement)
        return self.doors.route_times.widened(agreed) if self.doors.route_times else agreed

    @property
    def parent(self) -> Exchange | None:
        """The report a document carries: its own head is in national terms, the report's names its lane."""
        return self.doors.journal.read(self.exchange.parent) if self.exchange.parent else None

    @property
    def channel(self) -> Channel:
        """The line to the destination. Raises `Unavailable` (F-012) while it is under announced maintenance."""
        self.keep_off()
        return _declared(self.doors.peers.channels, self.exchange.destination)

    @property
    def route(self) -> DocumentRoute:
        """The way for documents to the destination. Raises as `channel` does."""
        self.keep_off()
        return _declared(self.doors.peers.routes, self.exchange.destination)

    def keep_off(self) -> None:
        """Raises `Unavailable` (F-012), until its end, while maintenance announced for the destination is under way.

        Asked before `Attempted`, so that what was not sent is never in doubt (Đồng Tháp art. 20.3).
        """
        keep_off(self.doors, self.exchange.destination)

    def not_late(self, begun: float) -> None:
        """Raises `Unavailable` (A-007) when the time since `begun` (ticks) no longer leaves room for an attempt.

        Asked between `Attempted` and the first byte: a process may stand still just there, and what it sent when it
        goes on would come after others had asked and had been told that it never came.
        """
        waited = self.doors.clock.ticks() - begun
        if waited > self.agreement.settles_after.total_seconds() / 2:
            raise Unavailable(problem("A-007", destination=self.exchange.destination, seconds=round(waited)))

    @property
    def parcel(self) -> Parcel:
        return _present(self.exchange.parcel)

    @property
    def now(self) -> datetime:
        """By the clock that decides what is due, carried on here: a host's own may be wrong, and jump."""
        if self.taken_up is None:
            return self.doors.clock.now()
        at, ticks = self.taken_up
        return at + timedelta(seconds=self.doors.clock.ticks() - ticks)

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
        return self.read()[1]

    def read(self) -> Read:
        """The schema of what was handed in, the report, and what reading it as a form met. Raises `Rejected`."""
        if self.memory.read is None:
            self.memory.read = self._read()
        return self.memory.read

    def _read(self) -> Read:
        told, agreed = _present(self.exchange.submission), self.agreement
        payload = self.bytes_of(self.exchange.payload)
        cover = Cover(
            pack=told.pack or agreed.pack,
            regime=agreed.regime,
            forms=agreed.forms,
            reporter=agreed.sender.code,
            period=told.period,
            form=told.form,
            revision=told.revision,
        )
        found = self.doors.forms.read(payload, told.media_type, cover)
        if found is not None:
            schema, report, findings = found.schema, found.report, found.findings
        else:
            schema, report = self.doors.reader.read(payload, told.media_type)
            findings = b""
        if told.part:  # for the receiver it is a newer revision, whatever was kept
            report = replace(report, head=replace(report.head, revision=told.revision))
        return schema, report, findings

    def translated(self) -> Report:
        """What goes out of the report, in national terms. Raises `Rejected` (E-010) as `part_of` does."""
        if self.memory.translated is None:
            self.memory.translated = self.doors.writer.recall(self.bytes_of(self.exchange.document))
        return part_of(self.doors.journal, self.doors.writer, self.exchange, self.memory.translated)

    def at(self, exchange: Exchange) -> Case:
        return replace(self, exchange=exchange)

    def foreseen(self, entry: Entry) -> Case:
        """As it will stand once `entry` is recorded; its digest is made then, not here."""
        x = self.exchange
        return self.at(after(x, Recorded(x.id, x.seq + 1, entry.at, entry.fact, x.head_digest)))


def blob(content: bytes, media_type: str) -> Blob:
    return Blob(digest_of(content), len(content), media_type)


def keep_off(doors: Doors, destination: str) -> None:
    """Raises `Unavailable` (F-012) while maintenance announced for `destination` is under way."""
    rest = doors.deadlines.rest(destination, doors.clock.now())
    if rest is not None:
        told = problem("F-012", destination=destination, maintenance=rest.id, until=clock_face(rest.ends))
        raise Unavailable(told, until=rest.ends)


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
