"""What was agreed about pace is kept by all workers together, and shared fairly."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.rate import Rate, Slice, share

LOOKS = st.lists(st.tuples(st.integers(0, 3), st.floats(0, 0.6)), min_size=1, max_size=60)


@given(st.integers(1, 50), st.sampled_from([1.0, 10.0, 60.0]), LOOKS)
def test_whoever_comes_when_the_agreed_rate_is_kept_by_all_together(
    requests: int, seconds: float, looks: list[tuple[int, float]]
) -> None:
    """Four workers take slices off one row, as the store hands them out, and come whenever they like."""
    rate = Rate(requests, seconds)
    next_at = now = 0.0
    slices: dict[int, Slice] = {}
    sent: list[float] = []
    for worker, pause in looks:
        now += pause
        held = slices.get(worker)
        found = held.next(now) if held else None
        if found is None:
            first = max(next_at, now)
            next_at = first + rate.interval * rate.at_once
            found = Slice(first, rate.interval, rate.at_once)
        sent.append(max(now, found.at))
        slices[worker] = found.used()
    sent.sort()
    # Half a step late counts as in time: of `requests` + 1 following each other the last is outside `seconds`, nearly.
    for first, last in zip(sent, sent[requests:], strict=False):
        assert last - first >= seconds - rate.interval / 2 - 1e-6


def test_moments_that_have_passed_are_nobodys() -> None:
    held = Slice(10.0, 1.0, 3)
    assert held.next(9.0) == held
    assert held.next(10.4) == held
    assert held.next(11.2) == Slice(11.0, 1.0, 2)
    assert held.next(99.0) is None
    assert held.used().used().used().next(0.0) is None


def test_a_slice_is_a_quarter_second_and_one_at_least() -> None:
    assert [Rate(n, s).at_once for n, s in ((1000, 1), (8, 1), (1, 1), (30, 60))] == [250, 2, 1, 1]
    assert (Rate().interval, Rate(60, 60).interval) == (0.0, 1.0)


SEATS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 6)), min_size=1, max_size=40)


@given(st.integers(1, 8), SEATS)
def test_no_more_seats_are_given_than_there_are(most: int, asked: list[tuple[int, int]]) -> None:
    held: dict[int, int] = {}
    for worker, wanted in asked:
        sitting = min(held.get(worker, 0), wanted)
        others = [seats for name, seats in held.items() if name != worker]
        held[worker] = share(wanted, most, sitting, others)
        assert held[worker] >= sitting
        assert sum(held.values()) <= most


def test_one_alone_has_them_all_and_gives_way_to_another_as_its_calls_end() -> None:
    assert share(9, 4, 0, []) == 4
    assert share(3, 4, 0, [4]) == 0  # it waits, and stands in the list
    assert share(9, 4, 4, [0]) == 4  # nobody is thrown off a seat
    assert share(9, 4, 1, [0]) == 2  # a fair share once calls have ended
    assert share(3, 4, 0, [2]) == 2
