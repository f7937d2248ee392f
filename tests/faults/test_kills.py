"""SIGKILL at every fact and around every wire: the report arrives once, or is known not to be known.

The receiver does not deduplicate and keeps everything it stored, so what it counts is what was sent.
"""

from __future__ import annotations

import signal
from collections.abc import Iterable
from typing import Any

import pytest

from gateway.domain.exchange import Exchange, Kind, Stage
from gateway.domain.facts import facts_known, intact
from gateway.schemas.national import packet
from tests.faults.conftest import Bench
from tests.faults.scenarios import ANNOUNCED, FILES, MADE_IN, SCENARIOS

_KILLED = -signal.SIGKILL
_NEVER = "never:"

# The kills that part bytes from facts, or the promise from the wire, are tried each time; the others in the long runs.
_EACH_TIME = {
    *(f"after:{fact}" for fact in ("Accepted", "Packaged", "Attempted", "Delivered", "Acknowledged", "Postponed")),
    *(f"after:{fact}" for fact in ("Parked", "Superseded", "Recovered", "Stumbled", "Fetched", "Absorbed")),
    *(f"after:{fact}" for fact in ("Diverted", "Numbered", "Sent", "Backfilled", "RecallAsked", "Attributed")),
    "before:Published",
    "wire:during",
    "axis:during",
}


def _at(point: str, scenario: str) -> Any:
    marks = () if point in _EACH_TIME else pytest.mark.soak
    return pytest.param(point, scenario, marks=marks, id=f"{point}-{scenario}")


def _each(facts: Iterable[str], scenario: str) -> list[Any]:
    return [_at(f"{when}:{fact}", scenario) for fact in facts for when in ("before", "after")]


AT_FACTS = [_at(f"{when}:{fact}", MADE_IN[fact]) for fact in sorted(MADE_IN) for when in ("before", "after")]
ON_WIRES = [
    *(_at(f"wire:{when}", scenario) for when in ("before", "during", "after") for scenario in ("plain", "unaskable")),
    *(_at(f"axis:{when}", "outage") for when in ("before", "during", "after")),
]
# What comes by the same facts as others and carries more: every part of it, or what is announced beside the lists.
COMPOSITES = [
    *_each((fact for fact, scenario in MADE_IN.items() if scenario == "plain"), "composite"),
    *(_at(f"wire:{when}", "composite") for when in ("before", "during", "after")),
    *(_at(f"wire:{when}", "composite_unaskable") for when in ("during", "after")),
]
COMING_DOWN = _each(("Fetched", "Validated", "Verified", "Compared", "Published", "Unchanged"), "announced")
# Of two documents the second one, which replaces the first: as what it makes it is no other fact, yet another story.
# Not around an attempt: the first ones are the report's own, and a report in doubt never goes as a document.
_REPLACING = ("Diverted", "Numbered", "Ready", "Sent", "Arrived", "DocumentAccepted")
_AT_ONCE = {"after:Sent:2"}
ON_REPLACEMENTS = [
    pytest.param(point, "document_replaced", marks=() if point in _AT_ONCE else pytest.mark.soak)
    for point in (
        *(f"{when}:{fact}:2" for fact in _REPLACING for when in ("before", "after")),
        *(f"axis:{when}:2" for when in ("before", "during", "after")),
    )
]
# Whatever else is told of a document that is asked back, before it and after it.
ON_RECALLS = [
    pytest.param(f"{when}:{fact}", scenario, marks=pytest.mark.soak)
    for scenario, facts in {
        "document_given_back": ("Numbered", "Ready", "Sent", "Arrived", "Recalled", "Parked"),
        "document_kept": ("RecallAsked", "RecallTold", "DocumentAccepted", "Backfilled", "Reconciled"),
    }.items()
    for fact in facts
    for when in ("before", "after")
]


def test_every_fact_has_its_kill_points() -> None:
    assert MADE_IN.keys() == facts_known().keys()
    assert set(MADE_IN.values()) <= SCENARIOS.keys()


@pytest.mark.parametrize(
    "scenario",
    [
        pytest.param(scenario, marks=pytest.mark.soak if scenario.startswith("document_") else ())
        for scenario in sorted({*MADE_IN.values(), "document_replaced"})
    ],
)
def test_a_scenario_that_is_not_killed_makes_its_facts(bench: Bench, scenario: str) -> None:
    assert bench.run(scenario, _NEVER) == 0

    made = {entry.name for _, history in bench.histories() for entry in history}
    assert {fact for fact, where in MADE_IN.items() if where == scenario} <= made
    _everything_is_accounted_for(bench)


@pytest.mark.parametrize(("point", "scenario"), [*AT_FACTS, *ON_WIRES, *ON_REPLACEMENTS, *ON_RECALLS])
def test_killed_and_begun_again_nothing_is_lost_or_sent_twice(bench: Bench, point: str, scenario: str) -> None:
    assert bench.run(scenario, point) == _KILLED
    assert bench.run(scenario, _NEVER) == 0

    _everything_is_accounted_for(bench)


@pytest.mark.parametrize(("point", "scenario"), COMPOSITES)
def test_a_composite_that_is_killed_arrives_whole_or_not_at_all(bench: Bench, point: str, scenario: str) -> None:
    assert bench.run(scenario, point) == _KILLED
    assert bench.run(scenario, _NEVER) == 0

    _everything_is_accounted_for(bench)
    [(x, _)] = bench.histories()
    if {"Delivered"} & x.progress:
        assert bench.beside()
    for words, *files in bench.beside():
        assert packet.read(words).header.packet == "narrative"
        assert files == [file.content for file in FILES]


@pytest.mark.parametrize(("point", "scenario"), COMING_DOWN)
def test_what_is_announced_is_in_force_once_however_its_coming_down_was_killed(
    bench: Bench, point: str, scenario: str
) -> None:
    assert bench.run(scenario, point) == _KILLED
    assert bench.run(scenario, _NEVER) == 0

    _everything_is_accounted_for(bench)
    with bench.opened() as gateway:
        in_force = [gateway.doors.catalogues.current(name) for name in ANNOUNCED]
    assert [(one.name, one.version) for one in in_force if one] == [(name, "2026.1") for name in ANNOUNCED]


@pytest.mark.soak
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
