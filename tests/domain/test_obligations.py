"""Who owes what, how it stands, and whose doing it is when it is late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from gateway.domain.calendar import VIETNAM, PeriodKind, period
from gateway.domain.deadlines import DayOfMonth, Nature, Regime, Rule, due
from gateway.domain.obligations import Cause, Standing, Stop, cause, obligations, standing
from gateway.domain.workdays import WorkingDays

MONTHLY = Rule("gui", PeriodKind.MONTH, DayOfMonth(20), inclusive=True, words="")
REGIMES = [Regime(name, "", "ND09", Nature.PERIODIC, (MONTHLY,)) for name in ("KTXH", "DTC")]
JUNE = due(period("ND09:2025M06"), MONTHLY, WorkingDays())
LAST = datetime(2025, 6, 20, 23, 59, 59, tzinfo=VIETNAM)
DAY = timedelta(days=1)


def listed(owing: dict[str, list[str]], last: date = date(2025, 6, 30)) -> Iterator[tuple[str, str, str]]:
    found = obligations(REGIMES, owing, date(2025, 6, 1), last, days=WorkingDays())
    return ((owed.unit, owed.regime, owed.due.period.code) for owed in found)


def test_every_unit_owes_every_period_of_the_regimes_it_is_named_for() -> None:
    assert list(listed({"KTXH": ["H38.01", "H38.02"], "DTC": ["H38.02"]})) == [
        ("H38.01", "KTXH", "2025M06"),
        ("H38.02", "KTXH", "2025M06"),
        ("H38.02", "DTC", "2025M06"),
    ]


def test_a_regime_nobody_is_named_for_is_owed_by_nobody() -> None:
    assert not list(listed({}))


def test_the_list_is_told_and_never_kept() -> None:
    endless = listed({"KTXH": [f"H38.{number}" for number in range(200)]}, date(2035, 6, 30))

    assert next(endless) == ("H38.0", "KTXH", "2025M06")


@pytest.mark.parametrize(
    ("arrived", "now", "expected"),
    [
        (None, LAST, Standing.OPEN),
        (None, LAST + DAY, Standing.OVERDUE),
        (LAST, LAST + DAY, Standing.IN_TIME),
        (LAST + timedelta(seconds=1), LAST + DAY, Standing.LATE),
    ],
)
def test_an_obligation_stands_open_in_time_late_or_overdue(
    arrived: datetime | None, now: datetime, expected: Standing
) -> None:
    assert standing(JUNE, arrived, now) is expected


def test_lateness_is_the_units_unless_something_stood_in_its_way_at_the_last_instant() -> None:
    outage = Stop(Cause.LINK, LAST - timedelta(hours=1), LAST + timedelta(hours=2))
    mended = Stop(Cause.LINK, LAST - DAY, LAST - timedelta(hours=3))
    closed = Stop(Cause.AUTHORITY, LAST - DAY)

    assert cause(JUNE, []) is Cause.UNIT
    assert cause(JUNE, [mended]) is Cause.UNIT
    assert cause(JUNE, [mended, outage]) is Cause.LINK
    assert cause(JUNE, [closed]) is Cause.AUTHORITY
