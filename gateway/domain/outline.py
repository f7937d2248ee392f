"""Đề cương: the outline a report's words follow, the words handed in, and the list of what is attached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from gateway.domain.parcel import Backfill
from gateway.domain.report import ReportHead

Role = Literal["narrative", "form", "annex"]


@dataclass(frozen=True, slots=True)
class Section:
    """Mục của đề cương: numbered as printed (``I``, ``1``, ``a``), below its `parent` or on top.

    `longest` is in characters, 0 for a heading that takes no words; `indicators` are those its words must
    quote: by the figure the report has for each.
    """

    code: str
    number: str
    title: str
    parent: str = ""
    guidance: str = ""
    required: bool = False
    longest: int = 0
    indicators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outline:
    """Biểu mẫu báo cáo đề cương. `attachments` is the most files a report may carry beside its words."""

    code: str
    version: str
    valid_from: date
    name: str
    legal_basis: str
    subjects: str
    send_time: str
    approver: str
    sections: tuple[Section, ...]
    attachments: int = 0
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """Lời văn của một mục."""

    section: str
    text: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a report, named by its SHA-256; its bytes travel beside the packet.

    narrative  bản báo cáo đã ký, which may stand for all words (Thanh Hóa, Điều 11)
    form       biểu số liệu đã ký, of the form named
    annex      anything else
    """

    name: str
    media_type: str
    size: int
    digest: str
    role: Role
    form: str = ""


@dataclass(frozen=True, slots=True)
class Narrative:
    """Báo cáo đề cương as handed in; the head's form is the outline's code."""

    head: ReportHead
    outline_version: str
    words: tuple[Words, ...]
    attachments: tuple[Attachment, ...] = ()
    backfill: Backfill | None = None
