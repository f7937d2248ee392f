"""Times and periods as an office writes them: Vietnam time, 24 hours, day before month."""

from __future__ import annotations

from datetime import UTC, date, datetime

from gateway.domain.calendar import PeriodKind, clock_face, period
from gateway.domain.errors import Rejected
from gateway.domain.problems import Text

_KINDS = {
    PeriodKind.DAY: Text("Ngày {day}/{month}/{year}", "{day}/{month}/{year}"),
    PeriodKind.HALF_MONTH: Text("15 ngày, đến {day}/{month}/{year}", "Half-month to {day}/{month}/{year}"),
    PeriodKind.MONTH: Text("Tháng {month}/{year}", "Month {month}/{year}"),
    PeriodKind.QUARTER: Text("Quý {quarter}/{year}", "Quarter {quarter}/{year}"),
    PeriodKind.HALF: Text("6 tháng, đến tháng {month}/{year}", "Half-year to {month}/{year}"),
    PeriodKind.NINE_MONTHS: Text("9 tháng/{year}", "Nine months of {year}"),
    PeriodKind.YEAR: Text("Năm {year}", "Year {year}"),  # of NAMHOC: `_SCHOOL_YEAR`
    PeriodKind.AD_HOC: Text("Đột xuất, đến {day}/{month}/{year}", "Ad hoc, to {day}/{month}/{year}"),
}


_SCHOOL_YEAR = Text("Năm học {begun}-{year}", "School year {begun}-{year}")


def when(at: datetime | None) -> str:
    """``HH:MM:SS dd/MM/yyyy`` in Vietnam time."""
    return clock_face(at) if at else "–"


def in_utc(at: datetime) -> str:
    """The same instant for a reader of logs; shown on hover."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def period_words(name: str, tongue: str) -> str:
    """``ND09:2025M06`` → Tháng 6/2025; what is no period of ours is shown as it was written."""
    try:
        p = period(name)
    except Rejected:
        return name
    text = _SCHOOL_YEAR if p.regime == "NAMHOC" else _KINDS[p.kind]
    words: str = getattr(text, tongue)
    told = {"day": p.end.day, "month": p.end.month, "quarter": (p.end.month + 2) // 3}
    return words.format(year=p.end.year, begun=p.start.year, **told)


def period_days(name: str) -> str:
    """First and last day of a period, both inclusive; empty when it is none of ours."""
    try:
        p = period(name)
    except Rejected:
        return ""
    return f"{_day(p.start)}–{_day(p.end)}"


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")
