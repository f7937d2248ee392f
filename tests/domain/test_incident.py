"""Incidents and their clocks: two working hours to answer, four hours to recover."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.calendar import VIETNAM
from gateway.domain.incident import Incident, timer
from gateway.domain.obligations import Cause
from gateway.domain.record import plain, restore
from gateway.domain.workdays import Level
from gateway.schemas.workdays import working_days

SUPPORT, RECOVERY = Level(2, "working_hours", "20.1"), Level(4, "hours", "20.2")
DAYS = working_days(range(2025, 2029))


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+07:00")


def incident(opened: str) -> Incident:
    return Incident("sc-1", "quoc-gia", Cause.LINK, "mất đường truyền", at(opened), at(opened), "Lê Thị Mẫu")


@pytest.mark.parametrize(
    ("opened", "support", "recovery"),
    [
        ("2026-11-09T08:00", "2026-11-09T10:00", "2026-11-09T12:00"),
        ("2026-11-09T11:00", "2026-11-09T15:00", "2026-11-09T15:00"),  # the lunch hour does not count as office time
        ("2026-11-06T16:30", "2026-11-09T09:00", "2026-11-06T20:30"),  # Friday evening
        ("2026-11-07T03:00", "2026-11-09T09:30", "2026-11-07T07:00"),  # a Saturday night
    ],
)
def test_support_counts_office_hours_and_recovery_every_hour(opened: str, support: str, recovery: str) -> None:
    one = incident(opened)

    assert timer(one, SUPPORT, DAYS, one.opened).until == at(support)
    assert timer(one, RECOVERY, DAYS, one.opened).until == at(recovery)


def test_the_clock_shows_what_is_left_and_then_that_it_ran_out() -> None:
    one = incident("2026-11-06T16:30")

    assert timer(one, SUPPORT, DAYS, at("2026-11-08T12:00")).left == timedelta(hours=1, minutes=30)
    assert not timer(one, SUPPORT, DAYS, at("2026-11-09T09:00")).overdue
    assert timer(one, SUPPORT, DAYS, at("2026-11-09T09:01")).overdue


def test_a_time_of_completion_told_in_time_takes_the_clocks_place() -> None:
    told = incident("2026-11-09T08:00").told_until(at("2026-11-10T17:00"), at("2026-11-09T09:30"))
    too_late = incident("2026-11-09T08:00").told_until(at("2026-11-10T17:00"), at("2026-11-09T10:30"))

    assert timer(told, SUPPORT, DAYS, at("2026-11-10T16:00")).until == at("2026-11-10T17:00")
    assert not timer(told, SUPPORT, DAYS, at("2026-11-10T16:00")).overdue
    assert timer(too_late, SUPPORT, DAYS, at("2026-11-10T16:00")).overdue


def test_a_closed_incident_keeps_whether_it_was_in_time() -> None:
    one = incident("2026-11-09T08:00")
    mended = one.closed_with("đã hàn cáp", "Lê Thị Mẫu", at("2026-11-09T09:00"), at("2026-11-09T08:50"))

    assert not mended.is_open
    assert not timer(mended, SUPPORT, DAYS, at("2027-01-01T00:00")).overdue
    assert (mended.stop.start, mended.stop.end) == (at("2026-11-09T08:00"), at("2026-11-09T08:50"))


def test_an_incident_survives_the_register_as_it_was() -> None:
    one = incident("2026-11-09T08:00").told_until(at("2026-11-10T17:00"), at("2026-11-09T09:30"))

    assert restore(Incident, plain(one)) == one


@given(
    st.datetimes(at("2026-01-01T00:00").replace(tzinfo=None), at("2027-12-01T00:00").replace(tzinfo=None)),
    st.integers(1, 40),
)
def test_a_working_day_is_never_promised_on_a_day_of_rest(opened: datetime, amount: int) -> None:
    until = Level(amount, "working_days", "9.2").end(opened.replace(tzinfo=VIETNAM), DAYS)

    assert DAYS.is_working(until.date())
    assert until.date() > opened.date()
