"""Periods and deadlines as the regulation of Thanh Hóa words them (articles 6 and 7)."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.calendar import VIETNAM, DeadlineRule, deadline, period
from gateway.domain.errors import Rejected


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("ND09:2025M06", date(2025, 5, 15), date(2025, 6, 14)),
        ("ND09:2025M01", date(2024, 12, 15), date(2025, 1, 14)),
        ("ND09:2025Q1", date(2024, 12, 15), date(2025, 3, 14)),
        ("ND09:2025H1", date(2024, 12, 15), date(2025, 6, 14)),
        ("ND09:2025H2", date(2025, 6, 15), date(2025, 12, 14)),
        ("ND09:2025", date(2024, 12, 15), date(2025, 12, 14)),
        ("LICH:2024M02", date(2024, 2, 1), date(2024, 2, 29)),
        ("LICH:2025-9T", date(2025, 1, 1), date(2025, 9, 30)),
    ],
)
def test_a_period_has_the_days_the_regulation_gives_it(name: str, start: date, end: date) -> None:
    found = period(name)

    assert (found.start, found.end, found.name) == (start, end, name)


@pytest.mark.parametrize(
    "name", ["", "ND09", "XX:2025M06", "ND09:2025M13", "ND09:2025Q5", "ND09:1900", "ND09:9999M01", "ND09:2025m06"]
)
def test_what_is_no_period_is_refused_with_c005(name: str) -> None:
    with pytest.raises(Rejected) as refused:
        period(name)

    assert refused.value.problem.code == "C-005"


@given(st.integers(1951, 2199), st.integers(1, 12), st.sampled_from(["ND09", "LICH"]))
def test_months_of_a_regime_follow_each_other_without_gap_or_overlap(year: int, month: int, regime: str) -> None:
    this = period(f"{regime}:{year}M{month:02}")
    next_year, next_month = (year, month + 1) if month < 12 else (year + 1, 1)
    following = period(f"{regime}:{next_year}M{next_month:02}")

    assert this.end + timedelta(days=1) == following.start


def test_before_the_20th_and_at_the_latest_on_the_20th_are_a_day_apart() -> None:
    june = period("ND09:2025M06")

    before = deadline(june, DeadlineRule(day=20, inclusive=False))
    at_latest = deadline(june, DeadlineRule(day=20, inclusive=True))

    assert before == datetime(2025, 6, 19, 23, 59, 59, tzinfo=VIETNAM)
    assert at_latest - before == timedelta(days=1)


def test_a_time_of_day_and_a_following_month_are_kept() -> None:
    rule = DeadlineRule(day=31, months=1, before=time(16, 30))

    assert deadline(period("LICH:2025M01"), rule) == datetime(2025, 2, 28, 16, 30, tzinfo=VIETNAM)
