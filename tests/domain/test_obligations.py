"""Who owes what, how it stands, and whose doing it is when it is late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.calendar import VIETNAM, PeriodKind, period
from gateway.domain.deadlines import DayOfMonth, Nature, Regime, Rule, due
from gateway.domain.obligations import (
    CAUSE_WORDS,
    STANDING_WORDS,
    Cause,
    Filing,
    Standing,
    Stop,
    cause,
    obligations,
    standing,
)
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


EARLY = LAST - 2 * DAY


def filed(arrived: datetime | None, handed_in: datetime = EARLY, **more: bool) -> Filing:
    return Filing("gd-1", handed_in, arrived, **more)


@pytest.mark.parametrize(
    ("filings", "now", "expected"),
    [
        ([], LAST, Standing.OPEN),
        ([], LAST + DAY, Standing.OVERDUE),
        ([filed(None)], LAST, Standing.ON_ITS_WAY),
        ([filed(None)], LAST + DAY, Standing.OVERDUE),
        ([filed(None, void=True)], LAST, Standing.OPEN),
        ([filed(LAST)], LAST + DAY, Standing.IN_TIME),
        ([filed(LAST + timedelta(seconds=1))], LAST + DAY, Standing.LATE),
        ([filed(LAST, by_document=True)], LAST + DAY, Standing.BY_DOCUMENT),
        ([filed(LAST + DAY, by_document=True)], LAST + DAY, Standing.BY_DOCUMENT_LATE),
        ([filed(LAST, returned=True)], LAST + DAY, Standing.RETURNED),
        ([filed(LAST, returned=True), filed(LAST + DAY)], LAST + DAY, Standing.IN_TIME),
    ],
)
def test_an_obligation_stands_as_its_reports_and_the_day_make_it(
    filings: list[Filing], now: datetime, expected: Standing
) -> None:
    assert standing(JUNE, filings, now) is expected


@given(st.lists(st.timedeltas(timedelta(-90), timedelta(90)), min_size=1), st.timedeltas(timedelta(), timedelta(90)))
def test_what_came_in_time_once_never_becomes_late(arrivals: list[timedelta], waited: timedelta) -> None:
    filings = [filed(LAST + each) for each in arrivals]
    now = max(LAST + max(arrivals), LAST) + waited

    in_time = any(each < timedelta(seconds=1) for each in arrivals)  # the last second is still in time
    assert standing(JUNE, filings, now) is (Standing.IN_TIME if in_time else Standing.LATE)


def test_lateness_is_the_units_unless_something_stood_in_its_way_at_the_last_instant() -> None:
    outage = Stop(Cause.LINK, LAST - timedelta(hours=1), LAST + timedelta(hours=2))
    mended = Stop(Cause.LINK, LAST - DAY, LAST - timedelta(hours=3))
    closed = Stop(Cause.AUTHORITY, LAST - DAY)

    assert cause(JUNE, []) is Cause.UNIT
    assert cause(JUNE, [mended]) is Cause.UNIT
    assert cause(JUNE, [mended, outage]) is Cause.LINK
    assert cause(JUNE, [closed]) is Cause.AUTHORITY


def test_what_was_handed_in_while_there_was_time_is_not_the_units_doing() -> None:
    assert cause(JUNE, [], filed(LAST + DAY)) is Cause.LINK
    assert cause(JUNE, [], filed(None, their_doing=True)) is Cause.AUTHORITY
    assert cause(JUNE, [], filed(LAST + DAY, handed_in=LAST + DAY)) is Cause.UNIT


def test_every_standing_and_every_cause_has_its_word() -> None:
    assert STANDING_WORDS.keys() == set(Standing)
    assert CAUSE_WORDS.keys() == set(Cause)
