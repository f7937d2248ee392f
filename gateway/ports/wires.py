"""The doors to a wire: coroutines, each under one total deadline; and the scribe of documents.

From `send`, `Unavailable` means that nothing was taken; if that is not certain, it is `InDoubt`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from gateway.domain.agreement import Agreement
from gateway.domain.exchange import Exchange
from gateway.domain.facts import Numbered, Prepared, Ready
from gateway.domain.parcel import Acknowledgement, Parcel, Receipt, Unknown
from gateway.domain.problems import Problem
from gateway.domain.report import Report, ReportHead


class Channel(Protocol):
    """One destination that takes parcels."""

    async def send(self, parcel: Parcel, body: bytes, beside: Sequence[bytes] = ()) -> Receipt:
        """`beside`: of a composite, the bytes of `parcel.narrative` and then of each of `parcel.files`.

        The receiver takes all of it or nothing.
        """

    async def inquire(self, parcel: Parcel) -> Receipt | Unknown: ...
    async def holding(self, head: ReportHead) -> Receipt | None:
        """What the receiver has of this very report and revision, whoever entered it; None where it has nothing,

        or cannot be asked so.
        """

    async def confirm(self, parcel: Parcel, receipt: Receipt) -> Acknowledgement | None:
        """The judgement, or None while there is none yet."""

    async def statement(self, parcel: Parcel, receipt: Receipt) -> bytes:
        """What the receiver holds of this parcel, as canonical JSON {digest, values}."""

    async def close(self) -> None: ...


class Source(Protocol):
    """One destination that serves catalogues."""

    async def fetch(self, name: str, since: str = "") -> bytes:
        """The catalogue packet; an increment on the version `since` where one is named and the issuer has one."""


@dataclass(frozen=True, slots=True)
class DocumentStatus:
    """One status package of the axis, correlated by DocumentId (edXML status codes 01 … 16).

    `about` (128/BC-UBND) and `issued` (yyyy-mm-dd) tell the document where a bus lost its DocumentId. `issued` is
    what was written where nobody can read it, and `otherwise` the day it is if the month stands first. `unread`: why
    nothing else of it is known; it stays on the route, for a person.
    """

    document_id: str
    recipient: str
    code: str
    description: str
    at: str
    axis_id: str
    raw: bytes
    about: str = ""
    issued: str = ""
    otherwise: str = ""
    unread: Problem | None = None


class DocumentRoute(Protocol):
    """A way for formal documents: the axis, a provincial LGSP, a watched folder."""

    async def send(self, edxml: bytes, sender: str, recipients: Sequence[str]) -> str:
        """The axis' id of the document. Errors as for `Channel.send`."""

    async def tell(self, status: bytes, sender: str, recipient: str) -> str:
        """Send a status package (13: give it back); the axis' id of it. Twice does no harm."""

    async def sent(self, document_id: str) -> str | None: ...  # read before anything is sent again
    async def statuses(self) -> list[DocumentStatus]: ...
    async def settle(self, axis_id: str) -> None: ...  # we have it on disk; do not deliver it again
    async def close(self) -> None: ...


class Scribe(Protocol):
    """Writes the formal document and its edXML."""

    def prepare(
        self,
        parent: Exchange,
        agreement: Agreement,
        report: Report,
        packet: bytes,
        at: datetime,
        *,
        numbered: Numbered | None = None,
    ) -> tuple[Prepared, tuple[bytes, ...]]:
        """`numbered`: with number, date and signer in their places, for the gateway to sign; else these stay open."""

    def edxml(
        self,
        agreement: Agreement,
        prepared: Prepared,
        numbered: Numbered,
        files: Mapping[str, bytes],
        at: datetime,
        *,
        replaced: Sequence[Ready] = (),
    ) -> tuple[Ready, bytes]:
        """`replaced`: what was sent before and holds no more (type 3); whoever was sent it is sent this one too."""

    def recall(
        self, agreement: Agreement, numbered: Numbered, ready: Ready, office: str, why: str, *, at: datetime
    ) -> bytes:
        """The status package by which the document is asked back of one office (13)."""


class Allowance(Protocol):
    """How fast a destination may be asked, handed out to all workers together by the store's clock."""

    def moments(self, destination: str, interval: float, count: int) -> float:
        """Seconds from now to the first of `count` moments, `interval` seconds apart, that are the caller's."""

    def seats(self, destination: str, wanted: int, most: int, sitting: int, seconds: float) -> int:
        """How many calls this worker may have under way, of `most` for all; it has `sitting`. For `seconds`."""

    def rest(self, destination: str, seconds: float) -> None: ...  # nobody asks it before


@dataclass(frozen=True, slots=True)
class Peers:
    """Everything declared, by name. Built by `wiring`."""

    agreements: Mapping[str, Agreement]
    channels: Mapping[str, Channel] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    routes: Mapping[str, DocumentRoute] = field(default_factory=dict)
