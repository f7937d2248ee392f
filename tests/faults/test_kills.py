"""SIGKILL at every fact and around every wire: the report arrives once, or is known not to be known.

The receiver does not deduplicate and keeps everything it stored, so what it counts is what was sent.
"""

from __future__ import annotations

import signal

import pytest

from gateway.domain.exchange import Exchange, Kind, Stage
from gateway.domain.facts import facts_known, intact
from tests.faults.conftest import Bench
from tests.faults.scenarios import MADE_IN, SCENARIOS

_KILLED = -signal.SIGKILL
_NEVER = "never:"

# Right before a fact is mostly right after the one before it: those are killed in the long runs.
AT_FACTS = [
    pytest.param(f"{when}:{fact}", MADE_IN[fact], marks=marks, id=f"{when}:{fact}-{MADE_IN[fact]}")
    for fact in sorted(MADE_IN)
    for when, marks in (("before", pytest.mark.soak), ("after", ()))
]
ON_WIRES = [
    *((f"wire:{when}", scenario) for when in ("before", "during", "after") for scenario in ("plain", "unaskable")),
    *((f"axis:{when}", "outage") for when in ("before", "during", "after")),
]


def test_every_fact_has_its_kill_points() -> None:
    assert MADE_IN.keys() == facts_known().keys()
    assert set(MADE_IN.values()) <= SCENARIOS.keys()


@pytest.mark.parametrize("scenario", sorted(set(MADE_IN.values())))
def test_a_scenario_that_is_not_killed_makes_its_facts(bench: Bench, scenario: str) -> None:
    assert bench.run(scenario, _NEVER) == 0

    made = {entry.name for _, history in bench.histories() for entry in history}
    assert {fact for fact, where in MADE_IN.items() if where == scenario} <= made
    _everything_is_accounted_for(bench)


@pytest.mark.parametrize(("point", "scenario"), [*AT_FACTS, *ON_WIRES])
def test_killed_and_begun_again_nothing_is_lost_or_sent_twice(bench: Bench, point: str, scenario: str) -> None:
    assert bench.run(scenario, point) == _KILLED
    assert bench.run(scenario, _NEVER) == 0

    _everything_is_accounted_for(bench)


def test_killed_again_and_again_the_report_still_arrives_once(bench: Bench) -> None:
    points = [f"after:{fact}" for fact, scenario in MADE_IN.items() if scenario == "plain"]
    killed = [bench.run("plain", point) for point in points]
    assert killed == [_KILLED] * len(points)
    assert bench.run("plain", _NEVER) == 0

    _everything_is_accounted_for(bench)


def _everything_is_accounted_for(bench: Bench) -> None:
    """Chains whole; delivered means there once; not delivered means not there, or parked in doubt."""
    seen = bench.histories()
    assert seen
    for x, history in seen:
        assert intact(history), x.id
        assert x.settled or x.waits_for_a_person, (x.id, x.stage)
        _counted(bench, x)
    assert len(bench.other_side.arrivals()) == sum(bench.other_side.count(x.id) for x, _ in seen)


def _counted(bench: Bench, x: Exchange) -> None:
    sent = bench.other_side.count(x.ready.document_id if x.kind is Kind.DOCUMENT and x.ready else x.id)
    if {"Delivered", "Backfilled", "Sent"} & x.progress:
        assert sent == 1, (x.id, x.stage, sent)
    elif x.stage is Stage.PARKED and x.before is Stage.IN_DOUBT:
        assert sent <= 1, (x.id, sent)
    else:
        assert sent == 0, (x.id, x.stage, sent)
