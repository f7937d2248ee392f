"""Maintenance: told far enough ahead, one destination at a time."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.calendar import VIETNAM
from gateway.domain.maintenance import EVERYWHERE, Maintenance, earliest_start, impossible, under_way
from gateway.domain.obligations import Cause
from gateway.domain.workdays import Level
from gateway.schemas.workdays import working_days

TEN = Level(10, "working_hours", "20.3")
DAYS = working_days(range(2025, 2029))


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+07:00")


def planned(starts: str, ends: str, destination: str = "quoc-gia") -> Maintenance:
    return Maintenance("bt-1", destination, at(starts), at(ends), "nâng cấp")


@pytest.mark.parametrize(
    ("told", "earliest"),
    [
        ("2026-11-09T07:30", "2026-11-10T10:00"),  # 7.5 h on Monday, 2.5 h on Tuesday
        ("2026-11-06T16:00", "2026-11-10T09:00"),  # Friday afternoon: 1 h, Monday 7.5 h, Tuesday 1.5 h
        ("2026-11-07T12:00", "2026-11-10T10:00"),  # told on a Saturday it counts from Monday morning
        ("2026-02-13T16:00", "2026-02-24T09:00"),  # Tết lies between
    ],
)
def test_ten_working_hours_are_counted_in_office_hours_only(told: str, earliest: str) -> None:
    assert earliest_start(at(told), TEN, DAYS) == at(earliest)


def test_where_no_regulation_names_a_notice_it_may_begin_at_once() -> None:
    assert earliest_start(at("2026-11-07T12:00"), None, DAYS) == at("2026-11-07T12:00")


@given(
    st.datetimes(at("2026-01-01T00:00").replace(tzinfo=None), at("2027-12-01T00:00").replace(tzinfo=None)),
    st.integers(0, 20000),
)
def test_who_tells_later_may_not_begin_sooner(told: datetime, minutes: int) -> None:
    one = told.replace(tzinfo=VIETNAM)
    assert earliest_start(one, TEN, DAYS) <= earliest_start(one + timedelta(minutes=minutes), TEN, DAYS)


@pytest.mark.parametrize(
    ("starts", "ends", "why"),
    [
        ("2026-11-10T10:00", "2026-11-10T10:00", "ends before"),
        ("2026-11-10T10:00", "2026-11-10T09:00", "ends before"),
        ("2026-11-10T10:00", "2026-12-31T10:00", "longer"),
        ("1900-11-10T10:00", "1900-11-10T11:00", "1950"),
        ("9998-11-10T10:00", "9998-11-10T11:00", "1950"),
    ],
)
def test_a_span_that_cannot_be_says_why(starts: str, ends: str, why: str) -> None:
    assert why in impossible(at(starts), at(ends))


def test_a_time_without_offset_is_no_time_to_maintain_at() -> None:
    assert "offset" in impossible(at("2026-11-10T10:00").replace(tzinfo=None), at("2026-11-10T12:00"))


def test_it_stops_its_own_destination_until_its_last_instant_and_no_other() -> None:
    one = planned("2026-11-10T22:00", "2026-11-11T02:00")

    assert under_way([one], "quoc-gia", at("2026-11-10T22:00")) is one
    assert under_way([one], "quoc-gia", at("2026-11-11T02:00")) is None
    assert under_way([one], "truc-van-ban", at("2026-11-10T23:00")) is None


def test_of_two_at_a_time_the_one_that_ends_last_counts() -> None:
    all_of_it = planned("2026-11-10T20:00", "2026-11-11T06:00", EVERYWHERE)
    one = planned("2026-11-10T22:00", "2026-11-11T02:00")

    assert all_of_it.meets(one)
    assert under_way([one, all_of_it], "quoc-gia", at("2026-11-10T23:00")) is all_of_it


def test_what_was_due_meanwhile_is_nobody_elses_fault() -> None:
    assert planned("2026-11-10T22:00", "2026-11-11T02:00").stop.cause is Cause.AUTHORITY
    assert planned("2026-11-10T22:00", "2026-11-11T02:00", EVERYWHERE).stop.cause is Cause.LINK
