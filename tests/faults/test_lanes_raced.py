"""Two processes read the revisions of one report at the same time: order is that of handing in all the same."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from gateway.deploy import connect, create
from gateway.domain.exchange import Exchange
from gateway.journey.accept import Incoming
from gateway.ports import Journal
from gateway.sandbox import Sandbox
from gateway.wiring import Gateway, Seen, build
from gateway.working import synchronised
from tests.faults.clients import paper
from tests.faults.fleet import AGREEMENT, configure

_PATIENCE = 240.0


class SlowReader:
    """A journal whose claims are handed over late: the process was stopped right after it had claimed."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.claimed = threading.Event()
        self.may_go_on = threading.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def claim(self, *args: Any, **kwargs: Any) -> Any:
        leases = self._journal.claim(*args, **kwargs)
        if leases:
            self.claimed.set()
            assert self.may_go_on.wait(_PATIENCE)
        return leases


@dataclass
class Race:
    """One process that stands still once it has claimed, and a quick one."""

    slow: Gateway
    quick: Gateway
    other_side: Sandbox
    held: list[SlowReader] = field(default_factory=list)

    def handed_in(self, revision: int) -> Exchange:
        one = paper("H56", revision)
        return self.quick.accept(Incoming(AGREEMENT, one.key, "ht", "application/json", one.payload))[0]

    def while_the_slow_one_holds_it(self, then: Callable[[], None]) -> None:
        thread = threading.Thread(target=lambda: self.slow.runner.prepare("quoc-gia"))
        thread.start()
        assert self.held[0].claimed.wait(_PATIENCE)
        then()
        self.held[0].may_go_on.set()
        thread.join()

    def to_the_end(self, *names: str) -> list[Exchange]:
        asyncio.run(self._drained(names))
        return [self.quick.journal.read(name) for name in names]

    async def _drained(self, names: tuple[str, ...]) -> None:
        last = time.monotonic() + _PATIENCE
        while not all(self.quick.journal.read(name).settled for name in names):
            assert time.monotonic() < last, [self.quick.journal.read(name).stage for name in names]
            await self.quick.runner.drain("quoc-gia")
            await asyncio.sleep(0.02)
        await self.quick.hang_up()

    def arrived(self) -> list[int]:
        return [one["revision"] for one in self.other_side.arrivals()]


@pytest.fixture
def race(tmp_path: Path, database: str) -> Iterator[Race]:
    held: list[SlowReader] = []

    def slow(journal: Journal) -> Journal:
        held.append(SlowReader(journal))
        return held[-1]

    with ExitStack() as stack:
        other_side = stack.enter_context(Sandbox.thread(tmp_path / "other-side"))
        other_side.mode(judge_after=0.0)
        home = tmp_path / "deployment"
        create(home, "thanh-hoa")
        connect(home, other_side)
        configure(home, other_side.national_url)
        environment = {"GATEWAY_DATABASE_URL": database}
        quick = stack.enter_context(build(home, environment))
        synchronised(quick, AGREEMENT, "VPCP-CT")
        yield Race(stack.enter_context(build(home, environment, Seen(journal=slow))), quick, other_side, held)


def test_a_newer_revision_that_was_read_first_does_not_make_the_older_one_late(race: Race) -> None:
    older = race.handed_in(1)
    newer: list[Exchange] = []

    def handed_in_and_read() -> None:
        newer.append(race.handed_in(2))
        race.quick.runner.prepare("quoc-gia")

    race.while_the_slow_one_holds_it(handed_in_and_read)
    first, second = race.to_the_end(older.id, newer[0].id)
    assert "Refused" not in first.progress, first.trouble
    assert second.receipt is not None
    assert race.arrived() in ([1, 2], [2])


def test_an_older_revision_handed_in_late_never_arrives_after_the_newer_one(race: Race) -> None:
    newer = race.handed_in(2)
    older: list[Exchange] = []

    def handed_in_and_read() -> None:
        older.append(race.handed_in(1))
        race.quick.runner.prepare("quoc-gia")

    race.while_the_slow_one_holds_it(handed_in_and_read)
    race.to_the_end(newer.id, older[0].id)
    assert race.arrived() == [2]


def test_an_older_revision_read_in_the_same_batch_as_the_newer_one_never_arrives_after_it(race: Race) -> None:
    newer, older = race.handed_in(2), race.handed_in(1)

    race.to_the_end(newer.id, older.id)
    assert race.arrived() == [2]
