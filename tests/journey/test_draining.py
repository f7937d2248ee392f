"""A drain keeps its places filled, and holds no lease longer than it may."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from gateway.domain.errors import Unavailable, problem
from gateway.domain.exchange import Exchange, Kind, Opening, begin
from gateway.journey.draining import Drain, Hands
from gateway.journey.places import Place
from gateway.ports import Lease
from tests.journey.scene import QUIET

PLACES, SPARE = 4, 6.0
AWAY = problem("F-003", seconds=1, reason="–")


@dataclass
class Street:
    """A queue of leases, and a wire on which every walk lasts until the test ends it."""

    queue: list[str]
    failures: int = 0
    clock: float = 100.0
    failed: bool = False
    asked: list[int] = field(default_factory=list)
    walking: dict[str, asyncio.Event] = field(default_factory=dict)
    begun: list[Lease] = field(default_factory=list)
    given_back: list[str] = field(default_factory=list)
    away: bool = False
    drain: Drain = field(init=False)
    held: list[int] = field(default_factory=list)  # by the drain, as each walk began
    writes: bool = False  # who walks leaves his place at once
    places: dict[str, Place] = field(default_factory=dict)
    most: int = 0

    def __post_init__(self) -> None:
        hands = Hands(
            prepare=lambda: 0,
            claim=self.claim,
            walk=self.walk,
            give_back=self.give_back,
            sound=lambda: self.failures == 0,
            failed=self.has_failed,
            ticks=lambda: self.clock,
        )
        self.drain = Drain(hands, places=PLACES, spare=SPARE)

    def claim(self, most: int) -> Sequence[Lease]:
        if self.away:
            raise Unavailable(AWAY)
        self.asked.append(most)
        taken, self.queue = self.queue[:most], self.queue[most:]
        return [Lease(exchange(name), "w1", 1, at=QUIET) for name in taken]

    def give_back(self, leases: Sequence[Lease]) -> None:
        self.given_back += [lease.exchange.id for lease in leases]

    async def walk(self, lease: Lease, place: Place) -> None:
        self.begun.append(lease)
        self.held.append(self.drain.held)
        self.places[lease.exchange.id] = place
        ended = self.walking[lease.exchange.id] = asyncio.Event()
        self.most = max(self.most, len(self.walking))
        if self.writes:
            place.leave()
        await ended.wait()
        del self.walking[lease.exchange.id]
        place.leave()

    def has_failed(self) -> bool:
        failed, self.failed = self.failed, False
        return failed

    @property
    def names(self) -> list[str]:
        return [lease.exchange.id for lease in self.begun]


def exchange(name: str) -> Exchange:
    return begin(Opening(name, Kind.OUTBOUND, "ktxh", name, "c" * 64, "quoc-gia"))


Story = Callable[[Street, Drain], Awaitable[None]]


async def until(true: Callable[[], bool]) -> None:
    """Until the condition holds; the drain's own threads need their time."""
    async with asyncio.timeout(120):
        while not true():
            await asyncio.sleep(0.001)


async def nothing(_: Street, __: Drain) -> None:
    return


def run(street: Street, story: Story = nothing) -> bool:
    """The drain of `street` while `story` is told; then every walk comes to its end."""

    async def both() -> bool:
        running = asyncio.create_task(street.drain.run())

        def ended() -> bool:
            for walk in list(street.walking.values()):
                walk.set()
            return running.done()

        await story(street, street.drain)
        await until(ended)
        return running.result()

    return asyncio.run(both())


def test_everything_due_walks_once_and_nothing_is_left_held() -> None:
    names = [f"x{n}" for n in range(11)]
    street = Street(list(names))

    assert run(street)
    assert street.names == names
    assert street.given_back == []


def test_an_empty_queue_is_said_to_be_one() -> None:
    assert not run(Street([]))


def test_no_more_walk_at_once_than_there_are_places_and_the_next_are_claimed_meanwhile() -> None:
    street = Street([f"x{n}" for n in range(12)])

    async def story(street: Street, drain: Drain) -> None:
        await until(lambda: drain.held == 2 and len(street.walking) == PLACES)
        assert set(street.walking) == {"x0", "x1", "x2", "x3"}

    run(street, story)
    assert max(street.asked) <= PLACES


def test_one_place_that_gets_free_is_filled_without_waiting_for_others() -> None:
    street = Street([f"x{n}" for n in range(6)])

    async def story(street: Street, drain: Drain) -> None:
        await until(lambda: drain.held == 2 and len(street.walking) == PLACES)
        street.walking["x0"].set()
        await until(lambda: "x4" in street.walking)
        assert {"x1", "x2", "x3"} < set(street.walking)

    run(street, story)


def test_who_leaves_his_place_to_write_lets_the_next_one_begin() -> None:
    street = Street([f"x{n}" for n in range(6)])

    async def story(street: Street, drain: Drain) -> None:
        await until(lambda: drain.held == 2 and len(street.walking) == PLACES)
        street.places["x0"].leave()
        await until(lambda: "x4" in street.walking)
        assert "x0" in street.walking

    run(street, story)


def test_no_more_than_twice_as_many_are_under_way_as_there_are_places() -> None:
    names = [f"x{n}" for n in range(30)]
    street = Street(list(names), writes=True)

    async def story(street: Street, _: Drain) -> None:
        await until(lambda: len(street.walking) == 2 * PLACES)

    assert run(street, story)
    assert street.most == 2 * PLACES
    assert street.names == names


def test_a_lease_that_waited_too_long_is_given_back_and_not_begun() -> None:
    street = Street([f"x{n}" for n in range(6)])

    async def story(street: Street, drain: Drain) -> None:
        await until(lambda: drain.held == 2 and len(street.walking) == PLACES)
        street.clock += SPARE + 1
        street.walking["x0"].set()
        await until(lambda: len(street.given_back) == 2)

    run(street, story)
    assert street.given_back == ["x4", "x5"]
    assert street.names == ["x0", "x1", "x2", "x3"]


def test_the_time_a_lease_tells_is_carried_on_while_it_waits() -> None:
    street = Street([f"x{n}" for n in range(6)])

    async def story(street: Street, drain: Drain) -> None:
        await until(lambda: drain.held == 2 and len(street.walking) == PLACES)
        street.clock += 2
        street.walking["x0"].set()
        await until(lambda: "x4" in street.walking)

    run(street, story)
    assert [lease.at for lease in street.begun] == [*[QUIET] * PLACES, *[QUIET + timedelta(seconds=2)] * 2]


def test_what_is_held_is_given_back_once_the_line_has_failed() -> None:
    street = Street([f"x{n}" for n in range(6)])

    async def story(street: Street, drain: Drain) -> None:
        await until(lambda: drain.held == 2 and len(street.walking) == PLACES)
        street.failures, street.failed = 1, True
        street.walking["x0"].set()
        await until(lambda: bool(street.given_back))

    run(street, story)
    # Whether the oldest has the place that got free, or is given back too, is a matter of who comes first.
    assert street.given_back in (["x5"], ["x4", "x5"])
    assert sorted([*street.names, *street.given_back]) == [f"x{n}" for n in range(6)]


def test_nothing_is_held_of_a_line_that_does_not_answer_and_all_of_it_walks_still() -> None:
    names = [f"x{n}" for n in range(12)]
    street = Street(list(names), failures=1)

    assert run(street)
    assert street.names == names
    assert set(street.held) == {0}
    assert street.given_back == []


def test_a_store_that_goes_away_is_told_and_what_is_held_given_back() -> None:
    street = Street([f"x{n}" for n in range(6)])

    async def story(street: Street, drain: Drain) -> None:
        await until(lambda: drain.held == 2 and len(street.walking) == PLACES)
        street.away = True
        street.walking["x0"].set()
        await until(lambda: bool(street.given_back))

    with pytest.raises(Unavailable):
        run(street, story)
    assert street.given_back == ["x5"]
