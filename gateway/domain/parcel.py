"""What goes over a wire, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.domain.account import Tally
from gateway.domain.part import Place


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes kept by the journal under their SHA-256; here only their name, size and type."""

    digest: str
    size: int
    media_type: str


@dataclass(frozen=True, slots=True)
class Enclosed:
    """Tệp kèm theo: a file beside the figures of a report; its name made safe, its kind as its bytes show."""

    name: str
    content: Blob


@dataclass(frozen=True, slots=True)
class Backfill:
    """Cập nhật bổ sung sau sự cố: the document that carried the report in the gap."""

    document_id: str
    number: str
    notation: str
    issued: str  # yyyy-mm-dd, the date on the document
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Parcel:
    """One packet ready for the wire; resending it means these very bytes under this very id."""

    message_id: str
    packet: str  # packet type, e.g. "report-data"
    body: Blob
    report_key: str  # business key by which the receiver can be asked
    backfill: Backfill | None = None
    trace: str = ""  # W3C traceparent that goes with it
    narrative: Blob | None = None  # packet 6, which `body` names by its digest, and which names the files by theirs
    files: tuple[Enclosed, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """The receiver's word that it holds the parcel; `raw` is the answer as it came."""

    reference: str  # the receiver's own id
    digest: str | None  # digest of the body as the receiver stored it, when it says so
    received_at: datetime | None
    raw: Blob | None = None
    parts: tuple[str, ...] | None = None  # SHA-256 of each part beside the body as it was stored, when it says so


class Answer(StrEnum):
    ACCEPTED = "accepted"
    PARTLY = "partly"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The receiver's judgement of a delivered parcel, with a reason for everything not taken."""

    answer: Answer
    tally: Tally
    reasons: tuple[str, ...]
    at: datetime | None
    raw: Blob | None = None
    rejected: tuple[Place, ...] = ()  # what was not taken, where the receiver names it value by value
    reference: str = ""  # of what it judges, where it says so


class Unknown(StrEnum):
    """What an inquiry can say besides a receipt."""

    NOT_THERE = "not_there"  # the receiver is certain it never saw the parcel
    CANNOT_TELL = "cannot_tell"  # the receiver cannot be asked
