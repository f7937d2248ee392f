"""How long before its deadline a report must start as a document."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.route import FEWEST, margin

HOUR = timedelta(hours=1)
TIMES = st.lists(st.timedeltas(timedelta(), timedelta(days=3)), max_size=40)


def test_without_enough_documents_what_was_agreed_counts() -> None:
    assert margin(4 * HOUR, [9 * HOUR] * (FEWEST - 1)) == 4 * HOUR


def test_a_route_that_was_slower_than_agreed_is_started_earlier() -> None:
    assert margin(4 * HOUR, [HOUR] * 5 + [8 * HOUR] * 5) == 10 * HOUR


def test_one_slow_document_of_many_says_nothing() -> None:
    assert margin(4 * HOUR, [HOUR] * 19 + [48 * HOUR]) == 4 * HOUR


@given(TIMES)
def test_it_is_never_shorter_than_agreed_nor_longer_than_the_slowest_with_its_spare(times: list[timedelta]) -> None:
    found = margin(HOUR, times)
    assert HOUR <= found <= max([HOUR, *(time * 1.25 for time in times)])
