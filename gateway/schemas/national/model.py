"""What the packets say, as values. All but statuses are the domain's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.domain.account import Tally
from gateway.domain.catalogue import Catalogue
from gateway.domain.form import FormDefinition
from gateway.domain.kpi import KpiReport, KpiSet
from gateway.domain.listing import ListReport
from gateway.domain.outline import Narrative, Outline
from gateway.domain.parcel import Answer, Backfill
from gateway.domain.regime import Regime
from gateway.domain.report import Report
from gateway.ports import Header


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
class Beside:
    """Gói đề cương đi cùng số liệu: packet 6, whole, by the SHA-256 and the size of its bytes."""

    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class ReportData:
    """Số liệu báo cáo (packet 4); with `narrative` it is one part of a composite report (báo cáo liên kết)."""

    report: Report
    backfill: Backfill | None = None
    narrative: Beside | None = None


# All but report data, whose values are columns here and rows on a wire.
Plain = Regime | FormDefinition | Outline | ListReport | Narrative | Status | Catalogue | KpiSet | KpiReport
Content = Plain | ReportData


@dataclass(frozen=True, slots=True)
class Packet:
    header: Header
    content: Content
