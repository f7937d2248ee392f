"""The doors. The way (`journey`) sees the world through these and nothing else.

Errors are ours only: an adapter turns foreign exceptions into `gateway.domain.errors` at its wall.
From `send`, `Unavailable` means that nothing was taken; if that is not certain, it is `InDoubt`.
Pure doors are plain calls; doors to a wire are coroutines, each under one total deadline.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from gateway.domain.account import Account
from gateway.domain.agreement import Agreement
from gateway.domain.calendar import Period
from gateway.domain.catalogue import Catalogue
from gateway.domain.deadlines import Due
from gateway.domain.exchange import Exchange, Kind, Opening, Stage
from gateway.domain.facts import Fact, HeldGroup, Numbered, Prepared, Ready, Recorded
from gateway.domain.parcel import Acknowledgement, Backfill, Parcel, Receipt, Unknown
from gateway.domain.policy import Line
from gateway.domain.report import Report
from gateway.domain.verdict import Verdict


class Clock(Protocol):
    """The only place that asks for time or a new identity."""

    def now(self) -> datetime: ...  # aware, UTC
    def new_id(self, prefix: str) -> str: ...  # unique, sortable by time of making
    def spread(self) -> float: ...  # a draw from [0, 1), for jitter


# ── the journal ──────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Entry:
    """A fact about to be recorded, with the bytes its blobs name (only those not kept yet)."""

    fact: Fact
    at: datetime
    bytes: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Birth:
    """An exchange to be opened together with its first facts."""

    opening: Opening
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on one exchange. `fence` grows with every claim; the database's clock
    decides when it ends."""

    exchange: Exchange
    worker: str
    fence: int


@dataclass(frozen=True, slots=True)
class Query:
    """Which exchanges to list, newest first. Empty fields do not restrict."""

    stages: tuple[Stage, ...] = ()
    kinds: tuple[Kind, ...] = ()
    agreements: tuple[str, ...] = ()
    destination: str = ""
    parent: str = ""
    since: datetime | None = None
    before: int | None = None  # ordinal: keyset cursor
    limit: int = 50


class Journal(Protocol):
    """The truth. Whatever a method returned from is on disk."""

    def open(self, birth: Birth) -> tuple[Exchange, bool]:
        """Open an exchange, or find the one opened before under the same (agreement, key).

        Returns it and whether it is new. Raises `Conflict` (C-008) when the content differs.
        """

    def append(
        self,
        exchange: Exchange,
        entries: Sequence[Entry],
        *,
        lease: Lease | None = None,
        births: Sequence[Birth] = (),
        line: bool | None = None,
    ) -> Exchange:
        """Record `entries` after `exchange.seq`, with what they open, in one transaction.

        Raises `Overtaken` when the exchange has moved on or `lease` is no longer held. `line` tells
        of its destination: True it answered, False it failed. Work rows follow the folded exchange:
        gone when settled, due at `exchange.due`, never while it waits for a person.
        """

    def read(self, exchange: str) -> Exchange: ...  # NotFound
    def history(self, exchange: str) -> list[Recorded]: ...
    def bytes_of(self, digest: str) -> bytes: ...  # NotFound
    def claim(self, destination: str, worker: str, stages: Sequence[Stage], limit: int, seconds: float) -> list[Lease]:
        """Lease due exchanges at `stages` for `destination`, oldest first, one conditional UPDATE.

        Within a lane only the oldest that still blocks it; and, before a wire, nothing younger than
        an unread exchange of the same agreement.
        """

    def release(self, lease: Lease) -> None: ...
    def due(self) -> list[str]: ...  # destinations with work due now
    def in_lane(self, lane: str) -> list[Exchange]: ...  # every exchange of a lane, settled ones too, oldest first
    def find(self, query: Query) -> list[Exchange]: ...
    def count(self) -> dict[str, int]: ...  # exchanges by stage, from a roll-up
    def line(self, destination: str) -> Line: ...
    def anchor(self, day: date) -> tuple[str, int]: ...  # Merkle root over the day's heads, and their count
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Notice:
    """A fact that the system behind `agreement` is to be told."""

    exchange: str
    seq: int
    agreement: str
    fact: str
    at: datetime

    @property
    def id(self) -> str:
        return f"{self.exchange}.{self.seq}"


class Inbox(Protocol):
    """What came down for the systems that hand in reports; there until somebody took note of it."""

    def waiting(self, agreements: Sequence[str], limit: int) -> list[Notice]: ...  # oldest first
    def settle(self, notice: str, agreements: Sequence[str], by: str) -> None: ...  # NotFound; repeatable


class Doorbell(Protocol):
    """“Destination D may have work.” Rings may be lost, doubled or late; the sweep heals."""

    def ring(self, destination: str) -> None: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...


# ── materials ────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Header:
    """What every national packet carries (`gateway/schemas/national`)."""

    message_id: str
    packet: str
    created: datetime
    sender_code: str
    sender_old_code: str
    receiver_code: str
    receiver_old_code: str
    correlation_id: str = ""
    reply_to: str = ""


class Reader(Protocol):
    def read(self, payload: bytes, media_type: str) -> tuple[str, Report]:
        """The submission as (schema name, report). Raises `Rejected` with every fault found."""

    def read_catalogue(self, payload: bytes) -> Catalogue: ...


class Writer(Protocol):
    def write(self, header: Header, report: Report, backfill: Backfill | None) -> bytes:
        """The report-data packet, valid against its own schema."""

    def keep(self, report: Report) -> bytes: ...  # the translated report as the journal keeps it
    def recall(self, kept: bytes) -> Report: ...


@dataclass(frozen=True, slots=True)
class Translation:
    """The outcome of a mapping run. `report` is national; `findings` is canonical JSON."""

    report: Report
    pack: str
    pack_digest: str
    account: Account
    held: tuple[HeldGroup, ...]
    findings: bytes


class Translator(Protocol):
    def translate(self, report: Report, pack: str, catalogue: Catalogue | None) -> Translation: ...


class Verifier(Protocol):
    def verify(self, payload: bytes, signature: bytes | None, policy: str, at: datetime) -> Verdict:
        """Never raises on what is in `payload`; everything wrong is in the verdict."""


class Fetcher(Protocol):
    """Certificates' own services (CRL, OCSP, TSA) from allow-listed hosts, size- and time-bound."""

    def get(self, url: str) -> bytes: ...  # Unavailable
    def post(self, url: str, body: bytes, media_type: str) -> bytes: ...  # Unavailable


class Signer(Protocol):
    def sign(self, document: bytes, at: datetime) -> bytes: ...


class Deadlines(Protocol):
    """When reports are due, by the province's regulation or by what was agreed."""

    def of(self, agreement: Agreement, covers: Period) -> Due | None: ...


class Catalogues(Protocol):
    """The catalogues in force here."""

    def current(self, name: str) -> Catalogue | None: ...
    def publish(self, catalogue: Catalogue, exchange: str) -> None: ...


# ── wires ────────────────────────────────────────────────────────────────────────────────────────
class Channel(Protocol):
    """One destination that takes parcels."""

    async def send(self, parcel: Parcel, body: bytes) -> Receipt: ...
    async def inquire(self, parcel: Parcel) -> Receipt | Unknown: ...
    async def confirm(self, parcel: Parcel, receipt: Receipt) -> Acknowledgement | None:
        """The judgement, or None while there is none yet."""

    async def statement(self, parcel: Parcel, receipt: Receipt) -> bytes:
        """What the receiver holds of this parcel, as canonical JSON {digest, values}."""

    async def close(self) -> None: ...


class Source(Protocol):
    """One destination that serves catalogues."""

    async def fetch(self, name: str) -> bytes: ...


@dataclass(frozen=True, slots=True)
class DocumentStatus:
    """One status package of the axis, correlated by DocumentId (edXML status codes 01 … 16)."""

    document_id: str
    recipient: str
    code: str
    description: str
    at: str
    axis_id: str
    raw: bytes


class DocumentRoute(Protocol):
    """A way for formal documents: the axis, a provincial LGSP, a watched folder."""

    async def send(self, edxml: bytes, sender: str, recipients: Sequence[str]) -> str:
        """The axis' id of the document. Errors as for `Channel.send`."""

    async def sent(self, document_id: str) -> str | None: ...  # read before anything is sent again
    async def statuses(self) -> list[DocumentStatus]: ...
    async def settle(self, axis_id: str) -> None: ...  # we have it on disk; do not deliver it again
    async def close(self) -> None: ...


class Scribe(Protocol):
    """Writes the formal document and its edXML."""

    def prepare(
        self, parent: Exchange, agreement: Agreement, report: Report, packet: bytes, at: datetime
    ) -> tuple[Prepared, tuple[bytes, ...]]: ...
    def edxml(
        self, agreement: Agreement, prepared: Prepared, numbered: Numbered, files: Mapping[str, bytes], at: datetime
    ) -> tuple[Ready, bytes]: ...


@dataclass(frozen=True, slots=True)
class Peers:
    """Everything declared, by name. Built by `wiring`."""

    agreements: Mapping[str, Agreement]
    channels: Mapping[str, Channel] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    routes: Mapping[str, DocumentRoute] = field(default_factory=dict)
