"""Working days and office hours: a week in January 2026, with a swap in it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.calendar import VIETNAM
from gateway.domain.workdays import WorkingDays

NEW_YEAR, SWAPPED, WORKED = date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 10)
DAYS = WorkingDays(off=frozenset({NEW_YEAR, SWAPPED}), worked=frozenset({WORKED}))
days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
minutes = st.integers(0, 60 * 60).map(lambda number: timedelta(minutes=number))
instants = st.integers(0, 300 * 24 * 60).map(lambda number: at(1, 0) + timedelta(minutes=number))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 1, day, hour, minute, tzinfo=VIETNAM)


def test_days_off_rest_and_a_worked_saturday_works() -> None:
    assert [day for day in range(1, 13) if DAYS.is_working(date(2026, 1, day))] == [5, 6, 7, 8, 9, 10, 12]


def test_a_day_of_rest_rolls_to_the_next_working_day() -> None:
    assert DAYS.rolled(NEW_YEAR) == date(2026, 1, 5)
    assert DAYS.rolled(WORKED) == WORKED


@given(days)
def test_rolling_is_idempotent_and_passes_no_working_day(day: date) -> None:
    moved = DAYS.rolled(day)

    assert DAYS.rolled(moved) == moved
    assert not any(DAYS.is_working(date.fromordinal(n)) for n in range(day.toordinal(), moved.toordinal()))


def test_a_calendar_of_rest_only_is_a_mistake() -> None:
    every = frozenset(date.fromordinal(date(2026, 1, 1).toordinal() + n) for n in range(60))
    with pytest.raises(ValueError, match="no working day"):
        WorkingDays(off=every).rolled(NEW_YEAR)


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        (at(5, 8), at(5, 10)),
        (at(5, 10, 30), at(5, 14, 30)),  # over the midday break
        (at(5, 16), at(6, 8, 30)),  # over the night
        (at(9, 16, 30), at(10, 9)),  # the Saturday that is worked
        (at(10, 16, 30), at(12, 9)),  # over the Sunday
        (at(1, 3), at(5, 9, 30)),  # over the holiday
    ],
)
def test_two_working_hours_are_counted_in_office_hours(asked: datetime, answered: datetime) -> None:
    assert DAYS.after(asked, timedelta(hours=2)) == answered
    assert DAYS.after(asked.astimezone(UTC), timedelta(hours=2)) == answered


@given(instants, minutes)
def test_what_was_added_lies_between(start: datetime, duration: timedelta) -> None:
    assert DAYS.between(start, DAYS.after(start, duration)) == duration


def test_ten_working_hours_ahead_of_maintenance_are_told_from_nine() -> None:
    maintenance = at(7, 22)

    assert DAYS.between(at(6, 9), maintenance) == timedelta(hours=13, minutes=30)
    assert DAYS.between(at(7, 7), maintenance) == timedelta(hours=7, minutes=30)
    assert DAYS.between(maintenance, at(6, 9)) == timedelta()


def test_office_hours_open_with_their_first_minute_and_close_before_their_last() -> None:
    assert [DAYS.is_within(x) for x in (at(5, 7, 29), at(5, 7, 30), at(5, 11, 30), at(5, 13, 30), at(5, 17))] == [
        False,
        True,
        False,
        True,
        False,
    ]
    assert not DAYS.is_within(at(1, 9))


def test_other_office_hours_come_in_as_values() -> None:
    round_the_clock = WorkingDays(hours=dict.fromkeys(range(5), ((time(0), time(23, 59)),)))

    assert round_the_clock.is_within(at(5, 22))


def test_an_instant_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="no offset"):
        DAYS.is_within(at(5, 9).replace(tzinfo=None))


def test_no_office_hours_at_all_are_refused() -> None:
    with pytest.raises(ValueError, match="Monday"):
        WorkingDays(hours={})
