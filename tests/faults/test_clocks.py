"""Clocks of hosts are wrong by an hour, and jump: leases, order and pauses follow the database's, none of theirs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.domain.exchange import Stage
from gateway.journey.accept import Incoming
from tests.faults.checker import judged
from tests.faults.clients import paper
from tests.faults.fleet import AGREEMENT
from tests.faults.pairs import Host, Pair, pair
from tests.faults.proxy import Manner
from tests.faults.stores import until

_HOUR = timedelta(hours=1)


@pytest.fixture
def two(tmp_path: Path, database: str) -> Iterator[Pair]:
    with pair(tmp_path, database) as both:
        yield both


@pytest.mark.parametrize("by", [pytest.param(_HOUR, id="forward"), pytest.param(-_HOUR, id="back")])
def test_a_clock_jumps_and_jumps_back_and_nothing_waits_an_hour(two: Pair, by: timedelta) -> None:
    host = two.hosts[0]
    with two.open(host) as partner:
        for number, jump in enumerate((timedelta(), by, timedelta())):
            host.clock.by = jump
            two.other_side.fault("too_many", times=1, seconds=1)  # so that it is put off
            assert partner.ask(paper(f"H56.{number}")) is not None
            until(lambda number=number: "Postponed" in _facts(two, f"H56.{number}/1"), "put off", 20)  # type: ignore[misc]
            until(lambda: all(one.settled for one in two.run().kept), "all settled", 20, every=0.25)
    assert judged(two.run()) == []


@pytest.mark.parametrize("by", [pytest.param(_HOUR, id="ahead"), pytest.param(-_HOUR, id="behind")])
def test_an_attempt_of_a_host_whose_clock_is_wrong_has_its_time_to_settle(two: Pair, by: timedelta) -> None:
    """Its bytes are still on their way: to ask after them too early and to believe the answer is to send twice."""
    late, punctual = two.hosts
    late.clock.by = by
    late.line.begin(Manner("hang", way="up"))
    asyncio.run(_login_first(late))
    one = paper("H56")
    x, _ = late.gateway.accept(Incoming(AGREEMENT, one.key, "ht", "application/json", one.payload))
    asyncio.run(_drained_once(late))
    assert late.gateway.journal.read(x.id).stage is Stage.IN_DOUBT

    asyncio.run(_drained_for(punctual, 1.0))
    late.line.clear()
    until(lambda: two.other_side.count(x.id) > 0, "what was on its way arrives", 10)
    asyncio.run(_drained_for(punctual, 2.5))
    assert two.other_side.count(x.id) == 1


def _facts(two: Pair, key: str) -> tuple[str, ...]:
    return next(one.facts for one in two.run().kept if one.key == key)


async def _login_first(host: Host) -> None:
    """What is held back afterwards is the report, not the login."""
    host.line.clear()
    await host.gateway.doors.peers.sources["quoc-gia"].fetch("VPCP-CT")
    await host.gateway.hang_up()
    host.line.begin(Manner("hang", way="up"))


async def _drained_once(host: Host) -> None:
    await host.gateway.runner.drain("quoc-gia")
    await host.gateway.hang_up()


async def _drained_for(host: Host, seconds: float) -> None:
    last = time.monotonic() + seconds
    while time.monotonic() < last:
        await host.gateway.runner.drain("quoc-gia")
        await asyncio.sleep(0.05)
    await host.gateway.hang_up()
