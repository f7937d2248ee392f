"""Periods as the regulation of Thanh Hóa words them (article 6), and by the calendar."""

from __future__ import annotations

import operator
from datetime import date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.calendar import VIETNAM, DeadlineRule, PeriodKind, before, deadline, in_words, period, periods_of
from gateway.domain.errors import Rejected

TILING = [PeriodKind.DAY, PeriodKind.HALF_MONTH, PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.HALF, PeriodKind.YEAR]
years = st.integers(1951, 2198)
calendars = st.sampled_from(["ND09", "LICH"])


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("ND09:2025-06-03", date(2025, 6, 3), date(2025, 6, 3)),  # 6.1
        ("ND09:2025M06A", date(2025, 6, 1), date(2025, 6, 14)),  # 6.2
        ("ND09:2025M06B", date(2025, 6, 15), date(2025, 6, 30)),
        ("ND09:2024M02B", date(2024, 2, 15), date(2024, 2, 29)),
        ("ND09:2025M06", date(2025, 5, 15), date(2025, 6, 14)),  # 6.3
        ("ND09:2025M01", date(2024, 12, 15), date(2025, 1, 14)),
        ("ND09:2025Q1", date(2024, 12, 15), date(2025, 3, 14)),  # 6.4
        ("ND09:2025H1", date(2024, 12, 15), date(2025, 6, 14)),  # 6.5
        ("ND09:2025H2", date(2025, 6, 15), date(2025, 12, 14)),
        ("ND09:2025-9T", date(2024, 12, 15), date(2025, 9, 14)),
        ("ND09:2025", date(2024, 12, 15), date(2025, 12, 14)),  # 6.6
        ("NAMHOC:2024-2025", date(2024, 9, 1), date(2025, 6, 15)),
        ("LICH:2024M02", date(2024, 2, 1), date(2024, 2, 29)),
        ("LICH:2025Q4", date(2025, 10, 1), date(2025, 12, 31)),
        ("LICH:2025-9T", date(2025, 1, 1), date(2025, 9, 30)),
        ("LICH:2025", date(2025, 1, 1), date(2025, 12, 31)),
        ("LICH:2025-06-03P8D", date(2025, 6, 3), date(2025, 6, 10)),  # ad hoc, eight days
    ],
)
def test_a_period_has_the_days_the_regulation_gives_it(name: str, start: date, end: date) -> None:
    found = period(name)

    assert (found.start, found.end, found.name) == (start, end, name)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("LICH:2024M09", "tháng 9 năm 2024"),
        ("LICH:2024M02", "tháng 02 năm 2024"),
        ("LICH:2024M12", "tháng 12 năm 2024"),
        ("LICH:2024Q1", "quý I năm 2024"),
        ("LICH:2024Q4", "quý IV năm 2024"),
        ("LICH:2024H1", "6 tháng đầu năm 2024"),
        ("LICH:2024H2", "6 tháng cuối năm 2024"),
        ("LICH:2024-9T", "9 tháng đầu năm 2024"),
        ("LICH:2024", "năm 2024"),
        ("LICH:2024-09-15", "ngày 15/9/2024"),
        ("ND09:2024-02-05", "ngày 05/02/2024"),
        ("NAMHOC:2024-2025", "năm học 2024 - 2025"),
        ("ND09:2025M06", "từ ngày 15/5/2025 đến ngày 14/6/2025"),
        ("ND09:2025", "từ ngày 15/12/2024 đến ngày 14/12/2025"),
        ("LICH:2025M06A", "từ ngày 01/6/2025 đến ngày 14/6/2025"),
        ("LICH:2025-06-03P8D", "từ ngày 03/6/2025 đến ngày 10/6/2025"),
        ("LICH:2025-06-03P1D", "ngày 03/6/2025"),
    ],
)
def test_a_period_is_written_as_an_office_writes_it(name: str, words: str) -> None:
    assert in_words(period(name)) == words


@given(years, calendars, st.sampled_from(TILING))
def test_no_two_periods_of_a_calendar_are_written_alike(year: int, calendar: str, kind: PeriodKind) -> None:
    written = [in_words(p) for p in periods_of(calendar, kind, year)]

    assert len(set(written)) == len(written)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "unknown regime"),
        ("ND09", "no such period"),
        ("XX:2025M06", "unknown regime"),
        ("ND09:2025M13", "no month 13"),
        ("ND09:2025M00A", "no month 00"),
        ("ND09:2025M06C", "no such period"),
        ("ND09:2025M06-31", "no such period"),
        ("ND09:2025-02-29", "no such date: 2025-02-29"),
        ("ND09:2025-06-31", "no such date: 2025-06-31"),
        ("ND09:2025Q5", "no such period"),
        ("ND09:2025H3", "no such period"),
        ("ND09:1900", "year 1900 is outside 1950–2200"),
        ("LICH:9999M01", "year 9999 is outside 1950–2200"),
        ("LICH:9999-12-31", "year 9999 is outside 1950–2200"),
        ("NAMHOC:1900-1901", "year 1900 is outside 1950–2200"),
        ("NAMHOC:2024-2026", "a school year is two years in a row"),
        ("NAMHOC:2024", "no such period"),
        ("NAMHOC:2024M09", "no such period"),
        ("ND09:2024-2025", "no such period"),
        ("ND09:2025m06", "no such period"),
        ("ND09:2025M06 ", "no such period"),
        ("ND09:٢٠٢٥", "no such period"),
        ("LICH:2025-06-03P0D", "no such period"),
    ],
)
def test_what_is_no_period_is_refused_by_name(name: str, why: str) -> None:
    with pytest.raises(Rejected) as refused:
        period(name)

    assert refused.value.problem.code == "C-005"
    assert refused.value.problem.details["reason"] == f"“{name}”: {why}"


@pytest.mark.parametrize(
    ("name", "earlier"),
    [
        ("ND09:2025M01", "ND09:2024M12"),
        ("LICH:2025M06A", "LICH:2025M05B"),
        ("LICH:2025-03-01", "LICH:2025-02-28"),
        ("LICH:2025-9T", "LICH:2024-9T"),
        ("ND09:2025H1", "ND09:2024H2"),
        ("NAMHOC:2024-2025", "NAMHOC:2023-2024"),
    ],
)
def test_the_period_before_is_the_last_one_of_its_kind_that_is_over(name: str, earlier: str) -> None:
    assert before(period(name)) == period(earlier)


@pytest.mark.parametrize("name", ["LICH:1950", "LICH:1950M01", "LICH:1950-01-01", "LICH:2025-06-03P8D"])
def test_nothing_is_before_the_first_year_or_an_ad_hoc_span(name: str) -> None:
    assert before(period(name)) is None


@pytest.mark.parametrize("kind", TILING)
@given(year=years, regime=calendars)
def test_the_period_before_ends_on_the_day_before(kind: PeriodKind, year: int, regime: str) -> None:
    for one in list(periods_of(regime, kind, year))[1:]:
        earlier = before(one)
        assert earlier is not None
        assert (earlier.end + timedelta(days=1), earlier.kind) == (one.start, kind)


@pytest.mark.parametrize("kind", TILING)
@given(year=years, regime=calendars)
def test_periods_of_a_kind_tile_the_years_without_gap_or_overlap(kind: PeriodKind, year: int, regime: str) -> None:
    of_two_years = [p for y in (year, year + 1) for p in periods_of(regime, kind, y)]

    assert all(one.end + timedelta(days=1) == other.start for one, other in pairwise(of_two_years))
    assert all(p.start <= p.end for p in of_two_years)


@given(year=years, regime=calendars)
def test_nine_months_are_the_first_three_quarters(year: int, regime: str) -> None:
    [cumulative] = periods_of(regime, PeriodKind.NINE_MONTHS, year)
    quarters = list(periods_of(regime, PeriodKind.QUARTER, year))

    assert (cumulative.start, cumulative.end) == (quarters[0].start, quarters[2].end)


@given(year=years)
def test_between_two_school_years_lies_the_summer(year: int) -> None:
    [one], [other] = (periods_of("NAMHOC", PeriodKind.YEAR, y) for y in (year, year + 1))

    assert (one.end, other.start) == (date(year + 1, 6, 15), date(year + 1, 9, 1))
    assert not list(periods_of("NAMHOC", PeriodKind.MONTH, year))


@given(year=years, regime=calendars, kind=st.sampled_from([*TILING, PeriodKind.NINE_MONTHS]))
def test_every_period_is_found_again_by_its_name(year: int, regime: str, kind: PeriodKind) -> None:
    assert all(period(p.name) == p and p.kind is kind for p in periods_of(regime, kind, year))


def test_figures_are_closed_at_midnight_in_vietnam() -> None:
    assert period("ND09:2025M06").cut_off == datetime(2025, 6, 15, tzinfo=VIETNAM)


def test_codes_of_one_calendar_are_ordered_and_codes_of_two_never_compared() -> None:
    june, july, calendar_june = period("ND09:2025M06"), period("ND09:2025M07"), period("LICH:2025M06")

    assert sorted([july, june]) == [june, july]
    assert june != calendar_june
    with pytest.raises(ValueError, match="two calendars"):
        operator.lt(june, calendar_june)


def test_before_the_20th_and_at_the_latest_on_the_20th_are_a_day_apart() -> None:
    june = period("ND09:2025M06")

    before = deadline(june, DeadlineRule(day=20, inclusive=False))
    at_latest = deadline(june, DeadlineRule(day=20, inclusive=True))

    assert before == datetime(2025, 6, 19, 23, 59, 59, tzinfo=VIETNAM)
    assert at_latest - before == timedelta(days=1)


def test_a_time_of_day_and_a_following_month_are_kept() -> None:
    rule = DeadlineRule(day=31, months=1, before=time(16, 30))

    assert deadline(period("LICH:2025M01"), rule) == datetime(2025, 2, 28, 16, 30, tzinfo=VIETNAM)
