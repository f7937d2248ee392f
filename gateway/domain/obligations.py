"""Obligations (nghĩa vụ báo cáo), pure: who owes which regime for which period, and how it stands.

A list of them is never kept: it is told one after another, so that two hundred units by sixty regimes by a year
cost no memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import repeat
from typing import NamedTuple

from gateway.domain.deadlines import Due, Regime, Window, dues
from gateway.domain.workdays import WorkingDays


class Obligation(NamedTuple):
    unit: str
    regime: str
    due: Due


class Standing(StrEnum):
    OPEN = "chưa đến hạn"
    IN_TIME = "đúng hạn"
    LATE = "quá hạn"  # arrived, too late
    OVERDUE = "chưa gửi, quá hạn"


class Cause(StrEnum):
    """Why a report is late; only UNIT counts against the unit (Sóc Trăng art. 17.4)."""

    UNIT = "đơn vị"
    LINK = "sự cố kỹ thuật"
    AUTHORITY = "cơ quan nhận"


@dataclass(frozen=True, slots=True)
class Stop:
    """A time in which nothing could be handed in, and whose doing it was; `end` is None while it lasts."""

    cause: Cause
    start: datetime
    end: datetime | None = None

    def covers(self, at: datetime) -> bool:
        return self.start <= at and (self.end is None or at < self.end)


def obligations(
    regimes: Iterable[Regime],
    owing: Mapping[str, Sequence[str]],
    first: date,
    last: date,
    *,
    days: WorkingDays,
    windows: Sequence[Window] = (),
) -> Iterator[Obligation]:
    """Every obligation with a deadline from `first` to `last`; `owing` names the units of each regime by its id."""
    for regime in regimes:
        units = owing.get(regime.id, ())
        for due in dues(regime, first, last, days, windows) if units else ():
            yield from map(Obligation, units, repeat(regime.id), repeat(due))


def standing(due: Due, arrived: datetime | None, now: datetime) -> Standing:
    """How an obligation stands at `now`."""
    if arrived is not None:
        return Standing.LATE if due.is_late(arrived) else Standing.IN_TIME
    return Standing.OVERDUE if due.is_late(now) else Standing.OPEN


def cause(due: Due, stops: Iterable[Stop]) -> Cause:
    """Whose doing lateness was: whoever made it impossible to send at the last admissible instant, else the unit."""
    return next((stop.cause for stop in stops if stop.covers(due.deadline)), Cause.UNIT)
