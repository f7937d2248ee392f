"""Accept: what is refused at the door never gets in; what gets in is on disk before we say so."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.domain.agreement import Agreement, Classification
from gateway.domain.errors import GatewayError, NotFound, Rejected, problem
from gateway.domain.exchange import Exchange, Kind, Opening
from gateway.domain.facts import Accepted, Submission
from gateway.domain.ids import digest_of
from gateway.journey.case import Doors, blob
from gateway.ports import Birth, Entry

_LONGEST_KEY = 200
_OURS = ("document:", "replay:")  # how the way names what it opens itself


@dataclass(frozen=True, slots=True)
class Incoming:
    """A submission at the door: the bytes exactly as they came."""

    agreement: str
    key: str
    sender: str
    media_type: str
    payload: bytes = field(repr=False)
    signature: bytes | None = field(default=None, repr=False)
    parent: str | None = None  # set by a replay
    pack: str | None = None


def accept(doors: Doors, incoming: Incoming) -> tuple[Exchange, bool]:
    """Keep the submission; the exchange it opened, or opened before, and whether it is new.

    Raises `NotFound` (B-005), `Rejected` (B-006, C-003, C-006, C-007, C-014), `Conflict` (C-008) or `Unavailable`.
    """
    agreed = doors.peers.agreements.get(incoming.agreement)
    if agreed is None:
        raise NotFound(problem("B-005", agreement=incoming.agreement))
    _gate(agreed, incoming)
    content = _content(incoming)
    opening = Opening(
        id=doors.clock.new_id("gd"),
        kind=Kind.OUTBOUND,
        agreement=agreed.id,
        key=incoming.key,
        content=content,
        destination=agreed.destination,
        parent=incoming.parent,
    )
    return doors.journal.open(Birth(opening, (_accepted(doors, incoming),)))


def _content(incoming: Incoming) -> str:
    """The payload's digest; with a detached signature, that of both digests, so that the cut counts too."""
    digest = digest_of(incoming.payload)
    return digest_of(f"{digest} {digest_of(incoming.signature)}".encode()) if incoming.signature else digest


def _gate(agreed: Agreement, incoming: Incoming) -> None:
    faults: list[GatewayError] = []
    if agreed.classification is not Classification.OPEN:
        declared = agreed.classification.value
        raise Rejected(problem("B-006", regime=agreed.regime, classification=declared))
    if not 0 < len(incoming.key) <= _LONGEST_KEY:
        faults.append(Rejected(problem("C-007")))
    if incoming.key.startswith(_OURS) and incoming.parent is None:
        faults.append(Rejected(problem("C-014", key=incoming.key)))
    if len(incoming.payload) > agreed.max_bytes:
        faults.append(Rejected(problem("C-003", what="bytes", found=len(incoming.payload), limit=agreed.max_bytes)))
    if incoming.media_type not in agreed.media_types:
        faults.append(Rejected(problem("C-006", media_type=incoming.media_type)))
    if faults:
        raise Rejected(*(fault.problem for fault in faults))


def _accepted(doors: Doors, incoming: Incoming) -> Entry:
    signature = blob(incoming.signature, "application/xml") if incoming.signature else None
    submission = Submission(
        incoming.agreement,
        incoming.key,
        incoming.sender,
        incoming.media_type,
        signature,
        incoming.parent,
        incoming.pack,
    )
    contents = (incoming.payload,) if incoming.signature is None else (incoming.payload, incoming.signature)
    return Entry(Accepted(submission, blob(incoming.payload, incoming.media_type)), doors.clock.now(), contents)
