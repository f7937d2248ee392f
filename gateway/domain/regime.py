"""Chế độ báo cáo as its issuer announces it: who reports what, how often, until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from typing import Literal

from gateway.domain.calendar import DeadlineRule, PeriodKind

Content = Literal["data", "narrative", "both"]
Shape = Literal["data", "list", "narrative"]


class RegimeKind(StrEnum):
    PERIODIC = "periodic"  # định kỳ
    THEMATIC = "thematic"  # chuyên đề
    AD_HOC = "ad_hoc"  # đột xuất


@dataclass(frozen=True, slots=True)
class SendTime:
    """Thời hạn gửi of one cycle at one stage: day `day` of the month `months` after the one the period ends in.

    `before` is ``HH:MM`` (“trước 16 giờ 30”) or empty; `inclusive` tells “chậm nhất ngày 20” from “trước ngày 20”.
    """

    cycle: PeriodKind
    stage: str
    day: int
    months: int = 0
    inclusive: bool = True
    before: str = ""

    def rule(self, legal_basis: str = "") -> DeadlineRule:
        at = time.fromisoformat(self.before) if self.before else None
        return DeadlineRule(self.day, self.months, self.inclusive, at, legal_basis)


@dataclass(frozen=True, slots=True)
class FormUse:
    """Biểu mẫu or đề cương of a regime, and whether it must be sent."""

    form: str
    shape: Shape
    required: bool


@dataclass(frozen=True, slots=True)
class Regime:
    """Chế độ báo cáo: what article 7 of Decree 09/2019/NĐ-CP wants said. Validity days are inclusive, None is open.

    A periodic regime names a calendar, its cycles and when each is to be sent; the others are asked for one by one.
    """

    code: str
    version: str
    valid_from: date
    name: str
    legal_basis: str
    kind: RegimeKind
    content: Content
    calendar: str
    subjects: str
    recipient: str
    means: str
    cycles: tuple[PeriodKind, ...]
    send_times: tuple[SendTime, ...]
    forms: tuple[FormUse, ...]
    valid_to: date | None = None
