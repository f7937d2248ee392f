"""Reporting periods and their deadlines, pure: the rules come in as values.

Asia/Ho_Chi_Minh has had one offset (+07:00) and no summer time since 1975, so a fixed offset is
exact and needs no zone database. Regimes: ND09 counts from the 15th to the 14th (Thanh Hóa's
regulation art. 6), LICH by the calendar. A code is never compared across regimes.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from enum import StrEnum

from gateway.domain.errors import Rejected, problem

VIETNAM = timezone(timedelta(hours=7), "+07")


class PeriodKind(StrEnum):
    MONTH = "thang"
    QUARTER = "quy"
    HALF = "6t"
    NINE_MONTHS = "9t"
    YEAR = "nam"


@dataclass(frozen=True, slots=True)
class Period:
    """Kỳ báo cáo: first and last day, both inclusive."""

    regime: str
    code: str
    kind: PeriodKind
    start: date
    end: date

    @property
    def name(self) -> str:
        return f"{self.regime}:{self.code}"


@dataclass(frozen=True, slots=True)
class DeadlineRule:
    """The last day to send, counted from the month in which the period ends.

    “trước ngày 20” is exclusive, “chậm nhất ngày 20” inclusive: a day apart.
    """

    day: int
    months: int = 0
    inclusive: bool = True
    before: time | None = None  # “trước 16 giờ 30”
    legal_basis: str = ""


_SHAPES = (
    (PeriodKind.MONTH, re.compile(r"(\d{4})M(0[1-9]|1[0-2])")),
    (PeriodKind.QUARTER, re.compile(r"(\d{4})Q([1-4])")),
    (PeriodKind.HALF, re.compile(r"(\d{4})H([12])")),
    (PeriodKind.NINE_MONTHS, re.compile(r"(\d{4})-9(T)")),
    (PeriodKind.YEAR, re.compile(r"(\d{4})")),
)
_MONTHS = {
    PeriodKind.MONTH: 1,
    PeriodKind.QUARTER: 3,
    PeriodKind.HALF: 6,
    PeriodKind.NINE_MONTHS: 9,
    PeriodKind.YEAR: 12,
}
_REGIMES = ("ND09", "LICH")


def period(name: str) -> Period:
    """The period named ``REGIME:CODE``, e.g. ``ND09:2025M06`` = 15/05–14/06/2025.

    Raises `Rejected` (C-005) for an unknown regime or a code of no known shape.
    """
    regime, _, code = name.partition(":")
    for kind, shape in _SHAPES:
        found = shape.fullmatch(code)
        if found and regime in _REGIMES and 1950 <= int(found[1]) <= 2200:
            return _bounds(regime, code, kind, int(found[1]), _last_month(kind, found))
    raise Rejected(
        problem(
            "C-005",
            path="period",
            line="-",
            reason=f"“{name}”",
            expected="ND09|LICH : 2025M06, 2025Q1, 2025H1, 2025-9T, 2025",
        )
    )


def deadline(p: Period, rule: DeadlineRule) -> datetime:
    """The last admissible instant for reports of `p` under `rule`, in Vietnam time."""
    month0 = p.end.year * 12 + p.end.month - 1 + rule.months
    year, month = divmod(month0, 12)
    last = date(year, month + 1, min(rule.day, monthrange(year, month + 1)[1]))
    if not rule.inclusive:
        last -= timedelta(days=1)
    at = rule.before or time(23, 59, 59)
    return datetime.combine(last, at, VIETNAM)


def _last_month(kind: PeriodKind, found: re.Match[str]) -> int:
    if kind is PeriodKind.NINE_MONTHS:
        return 9
    if kind is PeriodKind.YEAR:
        return 12
    return int(found[2]) * _MONTHS[kind]


def _bounds(regime: str, code: str, kind: PeriodKind, year: int, last: int) -> Period:
    first0 = year * 12 + last - _MONTHS[kind]
    if regime == "LICH":
        start = date(first0 // 12, first0 % 12 + 1, 1)
        end = date(year, last, monthrange(year, last)[1])
    else:
        before = first0 - 1
        start = date(before // 12, before % 12 + 1, 15)
        end = date(year, last, 14)
    return Period(regime, code, kind, start, end)
