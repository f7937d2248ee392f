"""Reporting periods (kỳ báo cáo), pure: a code of a regime calendar becomes a first and a last day.

    ND09    from the 15th to the 14th, as Thanh Hóa's regulation words it (art. 6.3 to 6.6); the cut-off of
            Decree 09/2019/NĐ-CP, so the usual one where a province names none
    LICH    by the calendar: months, quarters, cumulative nine months, years
    NAMHOC  school years, 01/9 to 15/6 (Thanh Hóa art. 6.6), handed in twice

A day, a half-month and an ad hoc span mean the same days in ND09 and LICH and still are different periods: a
code is never compared across calendars. Asia/Ho_Chi_Minh has had one offset (+07:00) and no summer time
since 1975, so a fixed offset is exact and needs no zone database.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from enum import StrEnum
from functools import lru_cache

from gateway.domain.errors import Rejected, problem

VIETNAM = timezone(timedelta(hours=7), "+07")


def clock_face(at: datetime) -> str:
    """``HH:MM:SS dd/MM/yyyy`` in Vietnam time, as an office writes it."""
    return at.astimezone(VIETNAM).strftime("%H:%M:%S %d/%m/%Y")


YEARS = range(1950, 2201)
REGIMES = ("ND09", "LICH", "NAMHOC")
_DAY = timedelta(days=1)
_EXPECTED = (
    "ND09|LICH : 2025-06-03, 2025M06A, 2025M06, 2025Q1, 2025H1, 2025-9T, 2025, 2025-06-03P8D; NAMHOC : 2024-2025"
)


class PeriodKind(StrEnum):
    """The values are those of the sheet `ky` of a mapping pack, and of declared deadlines."""

    DAY = "ngay"
    HALF_MONTH = "15n"
    MONTH = "thang"
    QUARTER = "quy"
    HALF = "6t"
    NINE_MONTHS = "9t"  # luỹ kế
    YEAR = "nam"  # in NAMHOC the school year
    AD_HOC = "dot_xuat"


@dataclass(frozen=True, slots=True)
class Period:
    """Kỳ báo cáo: first and last day, both inclusive. Ordered within its calendar; across them it raises."""

    regime: str
    code: str
    kind: PeriodKind
    start: date
    end: date

    @property
    def name(self) -> str:
        return f"{self.regime}:{self.code}"

    @property
    def cut_off(self) -> datetime:
        """Thời điểm chốt số liệu: 0 giờ 00 of the day after the last one. It never moves."""
        return datetime.combine(self.end + _DAY, time(), VIETNAM)

    def __lt__(self, other: Period) -> bool:
        if self.regime != other.regime:
            raise ValueError(f"{self.name} and {other.name} are of two calendars and cannot be compared")
        return (self.end, self.start) < (other.end, other.start)


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


@lru_cache(maxsize=4096)  # some hundred names are asked for again and again
def period(name: str) -> Period:
    """The period named ``REGIME:CODE``, e.g. ``ND09:2025M06`` = 15/05–14/06/2025.

    Raises `Rejected` (C-005) for an unknown regime, a code of no known shape, a date that does not exist, and
    a year outside `YEARS`.
    """
    regime, _, code = name.partition(":")
    if regime not in REGIMES:
        raise _refused(name, "unknown regime")
    for kind, shape in _SCHOOL if regime == "NAMHOC" else _SHAPES:
        if found := shape.fullmatch(code):
            return Period(regime, code, kind, *_days(name, regime, kind, found))
    raise _refused(name, "no such period")


def periods_of(regime: str, kind: PeriodKind, year: int) -> Iterator[Period]:
    """Every period of that kind whose code names `year` (for a school year, the one it begins in), in order."""
    if regime != "NAMHOC":
        yield from (period(f"{regime}:{code}") for code in _CODES[kind](year))
    elif kind is PeriodKind.YEAR:
        yield period(f"{regime}:{year}-{year + 1}")


@lru_cache(maxsize=4096)
def before(p: Period) -> Period | None:
    """The period of the same calendar and kind that ends where `p` begins; None for the first year known, and for an
    ad hoc span, which follows nothing.

    A cumulative one (9t) and a school year follow those of the year before.
    """
    if p.kind is PeriodKind.DAY:
        return period(f"{p.regime}:{p.start - _DAY}") if (p.start - _DAY).year in YEARS else None
    year = int(p.code[:4])
    known = [y for y in (year - 1, year) if y in YEARS] if p.kind is not PeriodKind.AD_HOC else []
    earlier = [one for y in known for one in periods_of(p.regime, p.kind, y) if one.end < p.start]
    return max(earlier, default=None)


def in_words(p: Period) -> str:
    """As an office writes it in a text: 6 tháng đầu năm 2024, quý I năm 2024, năm học 2024 - 2025.

    What is no month, quarter or year by the calendar (ND09, a half-month, an ad hoc span) is its days.
    """
    if p.regime == "NAMHOC":
        return f"năm học {p.start.year} - {p.end.year}"
    year, month = p.end.year, p.end.month
    if p.regime == "LICH" and p.kind in _WORDS:
        parts = {"quarter": _QUARTERS[(month - 1) // 3], "half": _HALVES[(month - 1) // 6]}
        return _WORDS[p.kind].format(year=year, month=month_written(month), **parts)
    first, last = (f"ngày {day.day:02}/{month_written(day.month)}/{day.year}" for day in (p.start, p.end))
    return last if p.start == p.end else f"từ {first} đến {last}"


def month_written(month: int) -> str:
    """Of months 1 and 2 alone with a nought (Decree 30/2020, appendix I, II.4)."""
    return f"{month:02}" if month in (1, 2) else str(month)


def deadline(p: Period, rule: DeadlineRule) -> datetime:
    """The last admissible instant for reports of `p` under `rule`, in Vietnam time."""
    last = day_of_month(p.end, rule.day, rule.months)
    if not rule.inclusive:
        last -= _DAY
    at = rule.before or time(23, 59, 59)
    return datetime.combine(last, at, VIETNAM)


def day_of_month(from_day: date, day: int, months: int = 0) -> date:
    """Day `day` of the month that lies `months` after that of `from_day`; of a shorter month the last one."""
    year, month = divmod(from_day.year * 12 + from_day.month - 1 + months, 12)
    return date(year, month + 1, min(day, monthrange(year, month + 1)[1]))


_SHAPES = (
    (PeriodKind.DAY, re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")),
    (PeriodKind.HALF_MONTH, re.compile(r"([0-9]{4})M([0-9]{2})([AB])")),
    (PeriodKind.MONTH, re.compile(r"([0-9]{4})M([0-9]{2})")),
    (PeriodKind.QUARTER, re.compile(r"([0-9]{4})Q([1-4])")),
    (PeriodKind.HALF, re.compile(r"([0-9]{4})H([12])")),
    (PeriodKind.NINE_MONTHS, re.compile(r"([0-9]{4})-9T")),
    (PeriodKind.YEAR, re.compile(r"([0-9]{4})")),
    (PeriodKind.AD_HOC, re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})P([1-9][0-9]{0,3})D")),  # from a day, n days
)
_SCHOOL = ((PeriodKind.YEAR, re.compile(r"([0-9]{4})-([0-9]{4})")),)
_LENGTHS = {
    PeriodKind.MONTH: 1,
    PeriodKind.QUARTER: 3,
    PeriodKind.HALF: 6,
    PeriodKind.NINE_MONTHS: 9,
    PeriodKind.YEAR: 12,
}
_WORDS = {
    PeriodKind.MONTH: "tháng {month} năm {year}",
    PeriodKind.QUARTER: "quý {quarter} năm {year}",
    PeriodKind.HALF: "6 tháng {half} năm {year}",
    PeriodKind.NINE_MONTHS: "9 tháng đầu năm {year}",
    PeriodKind.YEAR: "năm {year}",
}
_QUARTERS, _HALVES = ("I", "II", "III", "IV"), ("đầu", "cuối")
_MONTHS = range(1, 13)
_CODES: dict[PeriodKind, Callable[[int], Iterator[str]]] = {
    PeriodKind.DAY: lambda y: (
        f"{date.fromordinal(n)}" for n in range(date(y, 1, 1).toordinal(), date(y + 1, 1, 1).toordinal())
    ),
    PeriodKind.HALF_MONTH: lambda y: (f"{y}M{m:02}{half}" for m in _MONTHS for half in "AB"),
    PeriodKind.MONTH: lambda y: (f"{y}M{m:02}" for m in _MONTHS),
    PeriodKind.QUARTER: lambda y: (f"{y}Q{q}" for q in range(1, 5)),
    PeriodKind.HALF: lambda y: (f"{y}H{h}" for h in (1, 2)),
    PeriodKind.NINE_MONTHS: lambda y: iter((f"{y}-9T",)),
    PeriodKind.YEAR: lambda y: iter((f"{y}",)),
    PeriodKind.AD_HOC: lambda _: iter(()),  # nobody knows them beforehand
}


def _days(name: str, regime: str, kind: PeriodKind, found: re.Match[str]) -> tuple[date, date]:
    """First and last day. Raises `Rejected` for what the calendar does not have."""
    if kind is PeriodKind.DAY:
        day = _date(name, found[0])
        return day, day
    if kind is PeriodKind.AD_HOC:
        start = _date(name, found[1])
        return start, start + (int(found[2]) - 1) * _DAY
    year = _year(name, found[1])
    if regime == "NAMHOC":
        if int(found[2]) != year + 1:
            raise _refused(name, "a school year is two years in a row")
        return date(year, 9, 1), date(year + 1, 6, 15)
    last = _last_month(name, kind, found)
    if kind is PeriodKind.HALF_MONTH:
        return _half_month(year, last, found[3])
    return _months(regime, year, last, _LENGTHS[kind])


def _half_month(year: int, month: int, half: str) -> tuple[date, date]:
    """From the 01st to the end of the 14th, from the 15th to the end of the month (Thanh Hóa art. 6.2)."""
    if half == "A":
        return date(year, month, 1), date(year, month, 14)
    return date(year, month, 15), date(year, month, monthrange(year, month)[1])


def _months(regime: str, year: int, last: int, length: int) -> tuple[date, date]:
    end = date(year, last, 14 if regime == "ND09" else monthrange(year, last)[1])
    if regime == "ND09":
        return day_of_month(end, 15, -length), end
    return day_of_month(end, 1, 1 - length), end


def _last_month(name: str, kind: PeriodKind, found: re.Match[str]) -> int:
    if kind is PeriodKind.NINE_MONTHS:
        return 9
    if kind is PeriodKind.YEAR:
        return 12
    number = int(found[2])
    if kind in (PeriodKind.QUARTER, PeriodKind.HALF):
        return number * _LENGTHS[kind]
    if number not in _MONTHS:
        raise _refused(name, f"no month {number:02}")
    return number


def _date(name: str, text: str) -> date:
    _year(name, text[:4])
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _refused(name, f"no such date: {text}") from None


def _year(name: str, text: str) -> int:
    if int(text) not in YEARS:
        raise _refused(name, f"year {text} is outside {YEARS[0]}–{YEARS[-1]}")
    return int(text)


def _refused(name: str, reason: str) -> Rejected:
    said = f"“{name}”: {reason}"
    return Rejected(problem("C-005", path="period", line="-", reason=said, expected=_EXPECTED))
