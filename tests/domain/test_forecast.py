"""Will it be in time: counted in groups, it says what sending them one by one would show."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.exchange import Exchange, Kind
from gateway.domain.forecast import Foreseen, Waiting, forecast, outlooks
from gateway.domain.policy import in_turn

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
HOURS = [timedelta(hours=h) for h in (-1, 1, 3, 8, 23, 25, 48)]

GROUPS = st.lists(
    st.builds(
        Waiting,
        st.just("quoc-gia"),
        st.sampled_from(["a", "b", "c"]),
        st.integers(1, 6),
        st.none() | st.sampled_from([NOW + at for at in HOURS]),
        st.booleans(),
    ),
    max_size=8,
    unique_by=lambda w: (w.agreement, w.deadline, w.replayed),
)
RATES = st.sampled_from([0.001, 0.0005, 1.0, 10.0])


def one_by_one(queue: list[Waiting], rate: float) -> dict[Waiting, list[datetime]]:
    """When each report of each group has gone, by the order in which they are claimed."""
    blank = Exchange("", Kind.OUTBOUND, "", "", "", "quoc-gia", None)
    of: dict[str, Waiting] = {}
    waiting = []
    for group in queue:
        for _ in range(group.count):
            name = str(len(waiting))
            of[name] = group
            parent = "gd" if group.replayed else None
            x = replace(
                blank, id=name, agreement=group.agreement, deadline=group.deadline, parent=parent, ordinal=len(waiting)
            )
            waiting.append(x)
    gone: dict[Waiting, list[datetime]] = {group: [] for group in queue}
    for number, x in enumerate(in_turn(waiting, NOW), start=1):
        gone[of[x.id]].append(NOW + timedelta(seconds=number / rate))
    return gone


@given(GROUPS, RATES)
def test_the_forecast_is_what_sending_one_by_one_would_show(queue: list[Waiting], rate: float) -> None:
    gone = one_by_one(queue, rate)
    level = timedelta(seconds=(len({group.agreement for group in queue}) - 1) / rate) if queue else timedelta()
    told = forecast(queue, rate, NOW)
    assert Counter(one.waiting for one in told) == Counter(queue)
    for one in told:
        assert one.done is not None
        really = max(gone[one.waiting])
        assert really <= one.done <= really + level, "never too early, too late by those that stand level"
        if one.waiting.deadline is not None:
            late = sum(at > one.waiting.deadline for at in gone[one.waiting])
            surely = sum(at + level > one.waiting.deadline for at in gone[one.waiting])
            assert late <= one.late <= surely
        else:
            assert one.late == 0


@given(GROUPS, RATES)
def test_of_one_agreement_alone_it_is_exact(queue: list[Waiting], rate: float) -> None:
    queue = [one for one in queue if one.agreement == "a"]
    gone = one_by_one(queue, rate)
    for one in forecast(queue, rate, NOW):
        assert one.done == max(gone[one.waiting])
        deadline = one.waiting.deadline
        assert one.late == (sum(at > deadline for at in gone[one.waiting]) if deadline else 0)


@given(GROUPS, RATES)
def test_a_faster_line_is_never_later_and_the_last_of_all_goes_when_the_queue_is_empty(
    queue: list[Waiting], rate: float
) -> None:
    slow, fast = forecast(queue, rate, NOW), forecast(queue, rate * 2, NOW)
    for one, other in zip(slow, fast, strict=True):
        assert one.done is not None
        assert other.done is not None
        assert (other.done <= one.done, other.late <= one.late) == (True, True)
    if queue:
        total = sum(group.count for group in queue)
        assert max(one.done for one in slow if one.done) == NOW + timedelta(seconds=total / rate)


def test_without_a_rate_nothing_is_promised_and_only_what_has_passed_is_late() -> None:
    queue = [Waiting("n", "a", 3, NOW - timedelta(hours=1)), Waiting("n", "b", 2, NOW + timedelta(hours=1))]
    for rate in (None, 0.0):
        assert forecast(queue, rate, NOW) == [Foreseen(queue[0], None, 3), Foreseen(queue[1], None, 0)]


def test_a_regime_is_told_by_the_first_deadline_it_will_miss() -> None:
    first, second = NOW + timedelta(hours=8), NOW + timedelta(hours=9)
    queue = [Waiting("n", "a", 60, first), Waiting("n", "a", 600, second), Waiting("n", "b", 5)]
    told = outlooks(queue, {"n": 0.02}, {"a": "KTXH", "b": "NS"}, NOW)
    assert [(one.regime, one.waiting, one.misses) for one in told] == [("KTXH", 660, second), ("NS", 5, None)]
    assert told[0].late > 0
    assert told[0].slack is not None
    assert told[0].slack < 0
    in_time = outlooks(queue, {"n": 20.0}, {"a": "KTXH", "b": "NS"}, NOW)
    assert [(one.late, one.deadline) for one in in_time if one.regime == "KTXH"] == [(0, first)]


def test_a_million_reports_are_foreseen_by_their_groups() -> None:
    queue = [Waiting("n", f"a{i}", 10_000, NOW + timedelta(minutes=i)) for i in range(100)]
    assert sum(one.late for one in forecast(queue, 1000.0, NOW)) > 0
