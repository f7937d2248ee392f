"""Working days and office hours (ngày làm việc, giờ làm việc), pure: which days are off comes in as values.

Saturdays and Sundays rest unless a swap makes one of them worked; other days work unless a law or a swap makes
them off. Clocks of the service levels count office hours only: two working hours to answer, ten ahead of
maintenance (Đồng Tháp art. 20.1, 20.3).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal

from gateway.domain.calendar import VIETNAM

_DAY = timedelta(days=1)
_SATURDAY = 5
_LONGEST_REST = 31  # days; a calendar without a working day for so long is a mistake, not a holiday
_LAST_SECOND = time.fromisoformat("23:59:59")
Hours = tuple[time, time]
Span = tuple[datetime, datetime]
# No regulation we hold defines office hours; a province's declaration may say others.
_MORNING = (time.fromisoformat("07:30"), time.fromisoformat("11:30"))
_AFTERNOON = (time.fromisoformat("13:30"), time.fromisoformat("17:00"))
OFFICE_HOURS: Mapping[int, tuple[Hours, ...]] = dict.fromkeys(range(_SATURDAY), (_MORNING, _AFTERNOON))


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """Lịch làm việc.

    off        days of rest besides Saturdays and Sundays
    worked     Saturdays and Sundays that are worked instead of a day off (làm bù)
    undecided  days whose state no document has settled yet, and what is known; `off` holds the default taken
    hours      office hours of each weekday (Monday 0); a worked weekend day has those of Monday
    """

    off: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()
    undecided: Mapping[date, str] = field(default_factory=dict)
    hours: Mapping[int, tuple[Hours, ...]] = field(default_factory=lambda: OFFICE_HOURS)

    def __post_init__(self) -> None:
        if not self.hours.get(0):
            raise ValueError("office hours need at least those of a Monday")

    def is_working(self, day: date) -> bool:
        return day in self.worked or (day.weekday() < _SATURDAY and day not in self.off)

    def rolled(self, day: date) -> date:
        """`day` itself when it is worked, else the next working day (Lào Cai art. 14.2, Sóc Trăng art. 16.2)."""
        for later in range(_LONGEST_REST):
            if self.is_working(found := day + later * _DAY):
                return found
        raise ValueError(f"no working day within {_LONGEST_REST} days of {day}")

    def is_within(self, at: datetime) -> bool:
        """Whether `at` lies in office hours; the closing minute does not."""
        return any(start <= at < end for start, end in self._spans(_here(at).date()))

    def after(self, at: datetime, duration: timedelta) -> datetime:
        """The instant at which `duration` of office hours has passed since `at`."""
        for start, end in self._from(at):
            if end - start >= duration:
                return start + duration
            duration -= end - start
        raise AssertionError("office hours never end")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Office hours from `start` until `end`; nothing when `end` comes first."""
        total = timedelta()
        if end <= start:
            return total
        for opened, closed in self._from(start):
            if opened >= end:
                break
            total += min(closed, end) - opened
        return total

    def _from(self, at: datetime) -> Iterator[Span]:
        """The office hours that are left from `at` on, for ever."""
        at = _here(at)
        day = at.date()
        while True:
            day = self.rolled(day)
            yield from ((max(start, at), end) for start, end in self._spans(day) if end > at)
            day += _DAY

    def _spans(self, day: date) -> Iterator[Span]:
        if not self.is_working(day):
            return
        for start, end in self.hours.get(0 if day in self.worked else day.weekday(), ()):
            yield datetime.combine(day, start, VIETNAM), datetime.combine(day, end, VIETNAM)


@dataclass(frozen=True, slots=True)
class Level:
    """Mức phục vụ: one promise with a clock, and the article that makes it."""

    amount: int
    unit: Literal["working_hours", "hours", "working_days"]
    article: str

    def end(self, at: datetime, days: WorkingDays) -> datetime:
        """The last instant within the promise for what came in at `at`; a promise in days ends with its last one."""
        if self.unit == "hours":
            return at + timedelta(hours=self.amount)
        if self.unit == "working_hours":
            return days.after(at, timedelta(hours=self.amount))
        day = _here(at).date()
        for _ in range(self.amount):
            day = days.rolled(day + _DAY)
        return datetime.combine(day, _LAST_SECOND, VIETNAM)


def _here(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()} has no offset")
    return at.astimezone(VIETNAM)
