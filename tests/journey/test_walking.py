"""On the wire: what a report alone in its lane is spared, and that nothing of the order is lost by it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

from gateway.domain.errors import Overtaken, Unavailable, problem
from gateway.domain.exchange import Exchange, Stage
from gateway.domain.facts import Acknowledged, Corrected
from gateway.domain.parcel import Acknowledgement, Parcel, Receipt
from gateway.journey import operate
from gateway.ports import Channel, Entry, InLane, Journal, Lease
from tests.journey.scene import WHO, House
from tests.journey.wires import NATIONAL


class Watchful:
    """A journal that says of a lease whether its lane has others, and holds to it, as the store does."""

    def __init__(self) -> None:
        self.questions = 0

    def over(self, journal: Journal) -> Journal:
        self._journal = journal
        return cast(Journal, self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def claim(self, *asked: Any, **told: Any) -> list[Lease]:
        leases = self._journal.claim(*asked, **told)
        return [replace(lease, alone=self._alone(lease.exchange)) for lease in leases]

    def appending(
        self, exchange: Exchange, entries: Sequence[Entry], *, lease: Lease | None = None, **told: Any
    ) -> Future[Exchange]:
        acknowledged = exchange.stage is Stage.ACKNOWLEDGED or any(
            isinstance(entry.fact, Acknowledged) for entry in entries[:-1]
        )
        if lease and lease.alone and acknowledged and not self._alone(exchange):
            overtaken: Future[Exchange] = Future()
            overtaken.set_exception(Overtaken(exchange.id))
            return overtaken
        return self._journal.appending(exchange, entries, lease=lease, **told)

    def in_lanes(self, asked: Sequence[InLane]) -> list[list[Exchange]]:
        self.questions += 1
        return self._journal.in_lanes(asked)

    def _alone(self, x: Exchange) -> bool:
        return x.lane is None or len(self._journal.in_lane(x.lane)) == 1


class BeforeTheJudgement:
    """A line on which something happens, once, while the receiver judges."""

    def __init__(self, channel: Channel, story: Callable[[], Awaitable[object]]) -> None:
        self._channel = channel
        self._story: Callable[[], Awaitable[object]] | None = story

    def __getattr__(self, name: str) -> Any:
        return getattr(self._channel, name)

    async def confirm(self, parcel: Parcel, receipt: Receipt) -> Acknowledgement | None:
        story, self._story = self._story, None
        if story is not None:
            await story()
        return await self._channel.confirm(parcel, receipt)


def test_a_newer_revision_that_was_judged_first_corrects_a_report_that_was_alone_when_it_set_out(house: House) -> None:
    house.reopen(Watchful().over)
    first, second = house.hand_in("k1", revision=1), []
    house.runner.prepare(NATIONAL)
    [lease] = house.doors.journal.claim(NATIONAL, "w1", [Stage.PACKAGED], 1, 60)  # and what comes later is another's

    async def overtaken() -> None:
        second.append(house.hand_in("k2", revision=2))
        while await house.worker("w2").drain(NATIONAL):
            continue
        assert house.read(second[0]).stage is Stage.RECONCILED
        assert house.read(first).stage is Stage.DELIVERED

    house.channels[NATIONAL] = cast(Channel, BeforeTheJudgement(house.receiver, overtaken))
    asyncio.run(house.runner.walk(lease))

    assert house.read(first).stage is Stage.CORRECTED
    assert house.last(first, Corrected) == Corrected(second[0].id)
    assert "Reconciled" not in house.facts(first)
    assert house.receiver.revisions() == [1, 2]


def asked_in_vain(house: House, story: Callable[[str], object]) -> Exchange:
    """A delivered report whose receiver, asked for its judgement, wants ten minutes; `story` happens meanwhile."""
    x = house.hand_in()
    house.runner.prepare(NATIONAL)
    [lease] = house.doors.journal.claim(NATIONAL, "w1", [Stage.PACKAGED], 1, 60)

    async def busy() -> None:
        story(x.id)
        raise Unavailable(problem("A-001", destination=NATIONAL, reason="429"), retry_after=600)

    house.channels[NATIONAL] = cast(Channel, BeforeTheJudgement(house.receiver, busy))
    asyncio.run(house.runner.walk(lease))
    return house.read(x)


def test_a_pause_they_asked_for_is_kept_though_a_hold_was_laid_on_it_meanwhile(house: House) -> None:
    now = asked_in_vain(house, lambda name: operate.retain(house.doors, name, WHO))

    assert now.retained
    assert now.due is not None
    assert now.due >= house.clock.now() + timedelta(seconds=600)
    assert house.facts(now)[-3:] == ["Delivered", "Retained", "Postponed"]


def test_whoever_parks_a_report_meanwhile_is_not_told_to_wait(house: House) -> None:
    def held_and_parked(name: str) -> None:
        operate.retain(house.doors, name, WHO)
        operate.park(house.doors, name, WHO)

    assert house.facts(asked_in_vain(house, held_and_parked))[-3:] == ["Delivered", "Retained", "Parked"]


def test_a_report_alone_in_its_lane_does_not_ask_for_others_on_the_wire(house: House) -> None:
    watchful = Watchful()
    house.reopen(watchful.over)
    x = house.hand_in()
    house.runner.prepare(NATIONAL)
    asked_before = watchful.questions
    house.work()

    assert house.read(x).stage is Stage.RECONCILED
    assert watchful.questions == asked_before
