"""Maintenance (bảo trì, nâng cấp), pure: a time in which nothing is sent to one destination, told well ahead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.domain.calendar import YEARS
from gateway.domain.obligations import Cause, Stop
from gateway.domain.workdays import Level, WorkingDays

EVERYWHERE = ""
LONGEST = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Maintenance:
    """From `starts` until `ends` nothing goes to `destination`; `EVERYWHERE` is the gateway's own maintenance."""

    id: str
    destination: str
    starts: datetime
    ends: datetime
    what: str

    def covers(self, destination: str, at: datetime) -> bool:
        return self.destination in (EVERYWHERE, destination) and self.starts <= at < self.ends

    def meets(self, other: Maintenance) -> bool:
        """Whether both stop one destination at one time."""
        same = self.destination == other.destination or EVERYWHERE in (self.destination, other.destination)
        return same and self.starts < other.ends and other.starts < self.ends

    @property
    def stop(self) -> Stop:
        """What it means for reports that were due meanwhile: not the unit's doing."""
        return Stop(Cause.AUTHORITY if self.destination else Cause.LINK, self.starts, self.ends)


def earliest_start(now: datetime, notice: Level | None, days: WorkingDays) -> datetime:
    """The first instant at which maintenance told at `now` may begin (Đồng Tháp art. 20.3: ten working hours)."""
    return notice.end(now, days) if notice else now


def impossible(starts: datetime, ends: datetime) -> str:
    """Why this is no span to maintain anything in; empty when it is one."""
    if starts.tzinfo is None or ends.tzinfo is None:
        return "a time without offset"
    if ends <= starts:
        return "it ends before it begins"
    if ends - starts > LONGEST:
        return f"longer than {LONGEST.days} days"
    return "" if {starts.year, ends.year} <= set(YEARS) else f"outside {YEARS[0]}–{YEARS[-1]}"


def under_way(announced: Iterable[Maintenance], destination: str, at: datetime) -> Maintenance | None:
    """The maintenance that stops `destination` at `at` and ends last."""
    found = (one for one in announced if one.covers(destination, at))
    return max(found, key=lambda one: one.ends, default=None)
