"""Deadlines: one rule, one period, one instant; and what may move it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.domain.calendar import VIETNAM, PeriodKind, period, periods_of
from gateway.domain.deadlines import DayOfMonth, DaysAfter, Due, HardDate, Nature, Regime, Rule, Window, due, dues
from gateway.domain.workdays import WorkingDays

PLAIN = WorkingDays()
BEFORE_20 = Rule("gui", PeriodKind.MONTH, DayOfMonth(20), inclusive=False, words="trước ngày 20")
ON_18 = Rule("don-vi", PeriodKind.MONTH, DayOfMonth(18), inclusive=True, words="chậm nhất ngày 18", rolls=True)
ON_20 = replace(ON_18, stage="tong-hop", when=DayOfMonth(20), words="chậm nhất ngày 20")
TWO_STAGES = Regime("KTXH", "", "ND09", Nature.PERIODIC, (ON_18, ON_20))
dated = st.builds(
    Rule,
    st.just("gui"),
    st.sampled_from([PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.HALF, PeriodKind.NINE_MONTHS, PeriodKind.YEAR]),
    st.builds(DayOfMonth, st.integers(16, 31), st.integers(0, 12)),
    st.booleans(),
    st.just(""),
    at=st.none() | st.just(time(16, 30)),
    rolls=st.booleans(),
)


def instant(year: int, month: int, day: int, *clock: int) -> datetime:
    return datetime(year, month, day, *(clock or (23, 59, 59)), tzinfo=VIETNAM)


def last(name: str, rule: Rule, days: WorkingDays = PLAIN) -> datetime:
    return due(period(name), rule, days).deadline


def test_before_the_20th_ends_with_the_19th_and_at_the_latest_on_the_20th_with_the_20th() -> None:
    assert last("ND09:2025M06", BEFORE_20) == instant(2025, 6, 19)
    assert last("ND09:2025M06", replace(BEFORE_20, inclusive=True)) == instant(2025, 6, 20)


def test_before_half_past_four_of_the_next_day_ends_a_second_before() -> None:
    daily = Rule("gui", PeriodKind.DAY, DaysAfter(1), inclusive=False, words="", at=time(16, 30))

    assert last("ND09:2025-06-30", daily) == instant(2025, 7, 1, 16, 29, 59)


def test_at_the_latest_at_half_past_four_still_has_that_second() -> None:
    daily = Rule("gui", PeriodKind.DAY, DaysAfter(1), inclusive=True, words="", at=time(16, 30))

    assert last("ND09:2025-06-30", daily) == instant(2025, 7, 1, 16, 30)


def test_each_half_month_has_its_own_rule() -> None:
    first = Rule("gui", PeriodKind.HALF_MONTH, DayOfMonth(20), inclusive=False, words="", only=("A",))
    second = replace(first, when=DayOfMonth(5, 1), only=("B",))
    regime = Regime("15N", "", "ND09", Nature.PERIODIC, (first, second))

    found = dues(regime, date(2025, 12, 1), date(2026, 1, 31), PLAIN)

    assert [(x.period.code, x.deadline) for x in found] == [
        ("2025M11B", instant(2025, 12, 4)),
        ("2025M12A", instant(2025, 12, 19)),
        ("2025M12B", instant(2026, 1, 4)),
        ("2026M01A", instant(2026, 1, 19)),
    ]


def test_a_school_year_is_one_period_and_two_submissions() -> None:
    end = Rule("cuoi", PeriodKind.YEAR, DayOfMonth(20), inclusive=False, words="")
    start = Rule(
        "dau", PeriodKind.YEAR, DayOfMonth(20, from_start=True), inclusive=False, words="", figures_of_start=True
    )
    regime = Regime("NH", "", "NAMHOC", Nature.PERIODIC, (start, end))

    found = dues(regime, date(2024, 7, 1), date(2025, 7, 1), PLAIN)

    assert [(x.period.code, x.stage, x.cut_off, x.deadline) for x in found] == [
        ("2024-2025", "dau", instant(2024, 9, 2, 0, 0, 0), instant(2024, 9, 19)),
        ("2024-2025", "cuoi", instant(2025, 6, 16, 0, 0, 0), instant(2025, 6, 19)),
    ]


def test_two_stages_may_fall_on_one_day_and_keep_their_order() -> None:
    found = dues(TWO_STAGES, date(2024, 5, 1), date(2024, 5, 31), PLAIN)

    assert [(x.stage, x.deadline, x.rolled_from) for x in found] == [
        ("don-vi", instant(2024, 5, 20), instant(2024, 5, 18)),
        ("tong-hop", instant(2024, 5, 20), None),
    ]


def test_without_the_provinces_word_nothing_rolls() -> None:
    rule = replace(ON_18, rolls=False)

    assert due(period("ND09:2024M05"), rule, PLAIN).deadline == instant(2024, 5, 18)


def test_a_hard_date_never_moves() -> None:
    yearbook = Rule("nien-giam", PeriodKind.YEAR, HardDate(12, 7, 1), inclusive=True, words="", rolls=True)
    found = due(period("LICH:2024"), yearbook, PLAIN)

    assert found.deadline == instant(2025, 7, 12)  # a Saturday
    assert found.rolled_from is None


def test_the_cut_off_never_rolls() -> None:
    found = due(period("ND09:2024M09"), ON_18, PLAIN)  # the 14th was a Saturday

    assert found.cut_off == instant(2024, 9, 15, 0, 0, 0)


def test_a_rule_that_ends_before_the_figures_are_closed_is_refused() -> None:
    with pytest.raises(ValueError, match="before the cut-off"):
        due(period("LICH:2025M06"), BEFORE_20, PLAIN)


def test_a_recorded_notice_moves_the_deadline_and_says_so() -> None:
    notice = Window("KTXH", "ND09:2024M05", "don-vi", instant(2024, 5, 16), instant(2024, 5, 27, 17, 0), "12/TB-SKHĐT")

    found = dues(TWO_STAGES, date(2024, 5, 1), date(2024, 5, 31), PLAIN, [notice])

    assert [(x.stage, x.deadline, x.rule) for x in found] == [
        ("tong-hop", instant(2024, 5, 20), ON_20.words),
        ("don-vi", instant(2024, 5, 27, 17, 0), "12/TB-SKHĐT"),
    ]


def test_a_notice_for_another_regime_moves_nothing() -> None:
    notice = Window("KHAC", "ND09:2024M05", "don-vi", instant(2024, 5, 16), instant(2024, 5, 27), "12/TB")

    assert dues(TWO_STAGES, date(2024, 5, 27), date(2024, 5, 27), PLAIN, [notice]) == []


def test_the_last_second_is_in_time_and_the_next_is_late() -> None:
    found = due(period("ND09:2025M06"), BEFORE_20, PLAIN)

    assert not found.is_late(instant(2025, 6, 19) + timedelta(milliseconds=999))
    assert found.is_late(instant(2025, 6, 20, 0, 0, 0))
    assert found.left(instant(2025, 6, 19, 22, 59, 59)) == timedelta(hours=1)


far = st.one_of(
    st.builds(DayOfMonth, st.integers(16, 31), st.integers(0, 24), st.booleans()),
    st.builds(DaysAfter, st.integers(1, 366)),
    st.builds(HardDate, st.integers(1, 28), st.integers(1, 12), st.integers(1, 2)),
)


@example(DayOfMonth(16, 0, True), date(2000, 12, 1), 17, "ND09")  # the year of the report has only just begun
@given(far, st.dates(date(2000, 1, 1), date(2050, 1, 1)), st.integers(0, 400), st.sampled_from(["ND09", "NAMHOC"]))
def test_no_deadline_is_missed_however_far_it_lies_from_its_period(
    when: DayOfMonth | DaysAfter | HardDate, first: date, length: int, calendar: str
) -> None:
    from_start = isinstance(when, DayOfMonth) and when.from_start
    rule = Rule("gui", PeriodKind.YEAR, when, True, "", rolls=True, figures_of_start=from_start)
    last_day = first + timedelta(days=length)
    every = [
        due(p, rule, PLAIN)
        for year in range(first.year - 6, last_day.year + 6)
        for p in periods_of(calendar, PeriodKind.YEAR, year)
    ]

    found = dues(Regime("R", "", calendar, Nature.PERIODIC, (rule,)), first, last_day, PLAIN)

    assert found == [each for each in every if first <= each.deadline.date() <= last_day]


@given(dated, st.integers(1960, 2100), st.sampled_from(["ND09", "LICH"]))
def test_no_deadline_precedes_its_cut_off_and_only_a_rest_day_moves_one(rule: Rule, year: int, regime: str) -> None:
    for p in periods_of(regime, rule.kind, year):
        try:
            found = due(p, rule, PLAIN)
        except ValueError:
            continue  # refused: that is the other way to keep the promise
        assert found.deadline >= found.cut_off
        assert PLAIN.is_working(found.deadline.date()) or not rule.rolls
        assert_announced(found)


def assert_announced(found: Due) -> None:
    """What moved says from where, and passed no working day."""
    named = found.rolled_from or found.deadline
    passed = range(named.date().toordinal(), found.deadline.date().toordinal())
    assert not any(PLAIN.is_working(date.fromordinal(day)) for day in passed)
    assert named.timetz() == found.deadline.timetz()
