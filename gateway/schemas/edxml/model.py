"""What an edXML package says, in plain values. The reader makes them, the writer takes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

NAMESPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"


class Business(StrEnum):
    """BussinessDocType: what is to be done with the document."""

    NEW = "0"  # văn bản mới
    RECALL = "1"  # thu hồi
    UPDATE = "2"  # cập nhật
    REPLACE = "3"  # thay thế


@dataclass(frozen=True, slots=True)
class Organ:
    """An agency as sender or receiver. `id` may be of either code system; both still occur."""

    id: str
    name: str
    in_charge: str = ""
    address: str = ""
    email: str = ""
    telephone: str = ""
    fax: str = ""
    website: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """ResponseFor: the document this one, or this status, is about. `document_id` byte for byte."""

    organ_id: str
    code: str  # "128/BC-X", one string
    issued: str  # yyyy-mm-dd, or "" when unreadable
    document_id: str
    written: str = field(default="", compare=False)  # the day as it came, whatever its order


@dataclass(frozen=True, slots=True)
class Signer:
    competence: str = ""  # TM., KT., TUQ.
    position: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Replaced:
    document_id: str
    organ_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class File:
    """An attachment as its author knows it: real name, real bytes."""

    name: str
    description: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Document:
    """A document package (văn bản điện tử).

    document_id  opaque: kept and echoed byte for byte
    issued       yyyy-mm-dd
    sent_at      yyyy-mm-dd HH:MM:SS, Vietnam time, no zone on the wire
    notes        what the reader had to mend; the writer ignores it
    """

    sender: Organ
    recipients: tuple[Organ, ...]
    document_id: str
    number: str
    notation: str
    place: str
    issued: str
    subject: str
    sent_at: str
    files: tuple[File, ...]
    content: str = ""
    type: str = "2"  # 2 administrative; producers disagree, so receivers go by the name
    type_detail: str = "14"  # báo cáo is the 14th of Decree 30/2020 art. 7
    type_name: str = "Báo cáo"
    signer: Signer = Signer()
    priority: str = "0"
    pages: int = 0
    appendixes: tuple[str, ...] = ()
    answers: tuple[Answered, ...] = ()
    steering: str = "0"  # 2 when the report answers a directive
    places: tuple[str, ...] = ()
    business: Business = Business.NEW
    reason: str = ""
    paper: bool = False
    replaces: tuple[Replaced, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Status:
    """A status package. `code` has two digits; `at` is as in `Document.sent_at`, or as it came."""

    sender: Organ
    about: Answered
    code: str
    description: str
    at: str
    notes: tuple[str, ...] = ()
