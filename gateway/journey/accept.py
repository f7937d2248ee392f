"""Accept: what is refused at the door never gets in; what gets in is on disk before we say so."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.domain.agreement import Agreement, Classification
from gateway.domain.errors import GatewayError, NotFound, Rejected, problem
from gateway.domain.exchange import Exchange, Kind, Opening
from gateway.domain.facts import Accepted, Submission
from gateway.domain.ids import digest_of
from gateway.domain.parcel import Blob
from gateway.domain.record import canonical
from gateway.journey import enclosing
from gateway.journey.case import Doors, blob
from gateway.journey.enclosing import File
from gateway.ports import Birth, Entry

_LONGEST_KEY = 200
SPOOLED = "spool:"
_OURS = ("document:", "replay:", SPOOLED)  # how the way names what it opens itself


@dataclass(frozen=True, slots=True)
class Incoming:
    """A submission at the door: the bytes exactly as they came.

    `narrative` and `attachments` are one with the figures (báo cáo liên kết): kept together, or not at all.
    """

    agreement: str
    key: str
    sender: str
    media_type: str
    payload: bytes = field(repr=False)
    signature: bytes | None = field(default=None, repr=False)
    parent: str | None = None  # set by a replay
    pack: str | None = None
    period: str = ""  # told of a workbook that does not say it in a head of its own
    form: str = ""
    revision: int = 1
    part: bool = False  # set by the correction of a partly answered exchange
    trace: str = ""  # W3C traceparent of the caller
    narrative: File | None = None
    attachments: tuple[File, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of all its parts."""
        alone = len(self.payload) + len(self.signature or b"")
        return alone + sum(len(part.content) for part in self.beside)

    @property
    def beside(self) -> tuple[File, ...]:
        """What came with the figures: the narrative first."""
        return self.attachments if self.narrative is None else (self.narrative, *self.attachments)


def accept(doors: Doors, incoming: Incoming) -> tuple[Exchange, bool]:
    """Keep the submission; the exchange it opened, or opened before, and whether it is new.

    Raises what `admitted` does, `Conflict` (C-008) or `Unavailable`.
    """
    return doors.journal.open(admitted(doors, incoming))


def admitted(doors: Doors, incoming: Incoming) -> Birth:
    """What is to be kept of a submission that passed the door. Asks no store.

    Raises `NotFound` (B-005), `Rejected` (B-006, C-003, C-006, C-007, C-014; C-030, C-031 of what is enclosed).
    """
    agreed = doors.peers.agreements.get(incoming.agreement)
    if agreed is None:
        raise NotFound(problem("B-005", agreement=incoming.agreement))
    _gate(agreed, incoming)
    payload = blob(incoming.payload, incoming.media_type)
    opening = Opening(
        id=doors.clock.new_id("gd"),
        kind=Kind.OUTBOUND,
        agreement=agreed.id,
        key=incoming.key,
        content=_content(incoming, payload.digest),
        destination=agreed.destination,
        parent=incoming.parent,
    )
    return Birth(opening, (_accepted(doors, incoming, payload),))


def _content(incoming: Incoming, digest: str) -> str:
    """The payload's `digest`; with a detached signature, that of both digests, so that the cut counts too.

    What was told beside the payload belongs to it: one form for another month is another report. So does every part
    of a composite, by its name, its bytes and its place.
    """
    if incoming.narrative or incoming.attachments:
        narrative = digest_of(incoming.narrative.content) if incoming.narrative else ""
        digest = digest_of(
            canonical([digest, narrative, [[f.name, digest_of(f.content)] for f in incoming.attachments]])
        )
    if incoming.period or incoming.form or incoming.revision != 1:
        told = f"{incoming.period} {incoming.form} {incoming.revision}"
        digest = digest_of(f"{digest} {told}".encode())
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
    of_parts = enclosing.faults(agreed, incoming.narrative, incoming.attachments)
    if told := [*(fault.problem for fault in faults), *of_parts]:
        raise Rejected(*told)


def _accepted(doors: Doors, incoming: Incoming, payload: Blob) -> Entry:
    signature = blob(incoming.signature, "application/xml") if incoming.signature else None
    submission = Submission(
        incoming.agreement,
        incoming.key,
        incoming.sender,
        incoming.media_type,
        signature,
        incoming.parent,
        incoming.pack,
        incoming.period,
        incoming.form,
        incoming.revision,
        incoming.part,
        incoming.trace,
        *enclosing.kept(incoming.narrative, incoming.attachments),
    )
    beside = [part.content for part in incoming.beside]
    contents = (incoming.payload, *([incoming.signature] if incoming.signature else []), *beside)
    return Entry(Accepted(submission, payload), doors.clock.now(), contents)
