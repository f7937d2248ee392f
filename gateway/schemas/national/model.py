"""What the packets say, as values. Report data and catalogues are the domain's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from gateway.domain.account import Tally
from gateway.domain.catalogue import Catalogue
from gateway.domain.parcel import Answer, Backfill
from gateway.domain.report import Report
from gateway.ports import Header

Kind = Literal["data", "narrative", "both"]
ColumnType = Literal["text", "decimal", "integer"]


@dataclass(frozen=True, slots=True)
class FormColumn:
    """Cột của biểu."""

    code: str
    type: ColumnType
    name: str


@dataclass(frozen=True, slots=True)
class FormDefinition:
    """Biểu mẫu báo cáo (packet 2): what Decree 09/2019 art. 7 wants said of a report, and its grid."""

    code: str
    version: str
    valid_from: date
    name: str
    legal_basis: str
    subjects: str
    send_time: str
    aggregator: str
    approver: str
    kind: Kind
    columns: tuple[FormColumn, ...]
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something was not taken; empty fields mean the whole report."""

    code: str
    text: str
    indicator: str = ""
    organisation: str = ""
    breakdown: str = ""

    def __str__(self) -> str:
        place = " ".join(part for part in (self.indicator, self.organisation, self.breakdown) if part)
        return f"{self.code}: {self.text}" + (f" ({place})" if place else "")


@dataclass(frozen=True, slots=True)
class Status:
    """Trạng thái báo cáo (packet 7)."""

    message_id: str
    reference: str
    answer: Answer
    tally: Tally
    reasons: tuple[Reason, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class ReportData:
    """Số liệu báo cáo (packet 4)."""

    report: Report
    backfill: Backfill | None = None


Content = ReportData | Status | Catalogue | FormDefinition


@dataclass(frozen=True, slots=True)
class Packet:
    header: Header
    content: Content
