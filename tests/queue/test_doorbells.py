"""Both doorbells keep the same promises: a ring leads to a drain, and a lost ring costs only a sweep."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from gateway.domain.errors import Unavailable, problem
from gateway.ports import Doorbell
from gateway.queue import LocalDoorbell
from gateway.queue.redis import RedisDoorbell
from tests.servers import redis_server

_PATIENCE = 120.0


class House:
    """Counts what was drained, and answers as told."""

    def __init__(self) -> None:
        self.drained: list[str] = []
        self.left = 0
        self.more = 0
        self.fail: list[Exception] = []
        self.fail_to_look: list[Exception] = []
        self.waiting: list[str] = []
        self.at_work = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()

    async def drain(self, destination: str) -> bool:
        self.drained.append(destination)
        self.at_work.set()
        while not self.go_on.is_set():
            await _breath()
        if self.fail:
            raise self.fail.pop()
        self.more -= 1
        return self.more >= 0

    def due(self) -> list[str]:
        if self.fail_to_look:
            raise self.fail_to_look.pop()
        found, self.waiting = self.waiting, []
        return found

    async def leave(self) -> None:
        self.left += 1


async def _breath() -> None:
    import asyncio

    await asyncio.sleep(0.005)


def until(true: Callable[[], bool]) -> None:
    last = time.monotonic() + _PATIENCE
    tick = threading.Event()
    while not true():
        assert time.monotonic() < last, "not reached"
        tick.wait(0.01)


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture(params=["local", "redis"])
def bell(request: pytest.FixtureRequest, house: House) -> Iterator[Doorbell]:
    local = LocalDoorbell(house.drain, house.due, house.leave, sweep_seconds=0.1)
    chosen: Doorbell = local
    if request.param == "redis":
        url = request.getfixturevalue("redis_url")
        chosen = RedisDoorbell(url, local, namespace=f"test-{time.monotonic_ns()}")
    chosen.start()
    yield chosen
    chosen.stop()


def test_a_ring_leads_to_a_drain(bell: Doorbell, house: House) -> None:
    bell.ring("quoc-gia")
    until(lambda: house.drained == ["quoc-gia"])


def test_a_destination_with_more_work_is_drained_until_it_has_none(bell: Doorbell, house: House) -> None:
    house.more = 4
    bell.ring("quoc-gia")
    until(lambda: len(house.drained) == 5)


def test_many_rings_while_one_drains_are_one(bell: Doorbell, house: House) -> None:
    house.go_on.clear()
    bell.ring("a")
    until(house.at_work.is_set)
    for _ in range(100):
        bell.ring("a")
    house.go_on.set()
    until(lambda: len(house.drained) >= 1)
    bell.ring("end")
    until(lambda: "end" in house.drained)
    assert house.drained.count("a") <= 3


def test_a_lost_ring_is_healed_by_the_sweep(bell: Doorbell, house: House) -> None:
    house.waiting = ["forgotten"]
    until(lambda: house.drained == ["forgotten"])


def test_a_slow_destination_does_not_keep_another_waiting(bell: Doorbell, house: House) -> None:
    house.go_on.clear()
    bell.ring("slow")
    until(lambda: "slow" in house.drained)
    bell.ring("other")
    until(lambda: "other" in house.drained)
    house.go_on.set()


@pytest.mark.parametrize("fault", [Unavailable(problem("F-003", seconds=1)), RuntimeError("a bug")])
def test_a_sweep_that_fails_does_not_silence_the_bell(bell: Doorbell, house: House, fault: Exception) -> None:
    house.fail_to_look = [fault]
    until(lambda: not house.fail_to_look)
    house.waiting = ["a"]
    until(lambda: "a" in house.drained)


@pytest.mark.parametrize("fault", [Unavailable(problem("F-003", seconds=1)), RuntimeError("a bug")])
def test_a_drain_that_fails_does_not_silence_the_bell(bell: Doorbell, house: House, fault: Exception) -> None:
    house.fail = [fault]
    bell.ring("a")
    until(lambda: not house.fail)
    house.waiting = ["b"]
    until(lambda: "b" in house.drained)


def test_stopping_waits_for_the_work_in_hand_and_closes_up_once(house: House) -> None:
    bell = LocalDoorbell(house.drain, house.due, house.leave, sweep_seconds=0.1)
    bell.start()
    house.go_on.clear()
    bell.ring("a")
    until(house.at_work.is_set)
    stopping = threading.Thread(target=bell.stop)
    stopping.start()
    house.go_on.set()
    stopping.join(_PATIENCE)
    assert not stopping.is_alive()
    assert house.left == 1
    bell.ring("a")
    bell.stop()


def test_redis_flushed_or_gone_costs_no_work(house: House, tmp_path: Path) -> None:
    with redis_server(tmp_path) as (url, server):
        bell = RedisDoorbell(url, LocalDoorbell(house.drain, house.due, house.leave, sweep_seconds=0.1))
        bell.start()
        redis.Redis.from_url(url).flushall()
        house.waiting = ["after the flush"]
        until(lambda: "after the flush" in house.drained)
        server.kill()
        server.wait()
        bell.ring("after the end")
        until(lambda: "after the end" in house.drained)
        bell.stop()
