"""Written down while the next question is asked already: what may be, what may not, and what is left when it fails."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from typing import Any, cast

from gateway.domain.errors import Unavailable
from gateway.domain.exchange import Exchange, Stage
from gateway.domain.facts import Delivered, Fact, Reconciled
from gateway.domain.parcel import Acknowledgement, Parcel, Receipt
from gateway.journey import operate
from gateway.ports import Channel, Entry, Journal, Lease
from tests.journey.interrupted import done
from tests.journey.scene import WHO, House
from tests.journey.wires import NATIONAL, UNREACHABLE, Receiver

_PATIENCE = 60.0


class SlowDisk:
    """A journal on which the first `fact` is written only when it is told to go on. `written`: what each write held."""

    def __init__(self, fact: type[Fact] | None = None) -> None:
        self._fact = fact
        self._held: Callable[[], None] | None = None
        self.written: list[list[str]] = []

    def over(self, journal: Journal) -> Journal:
        self._journal = journal
        return cast(Journal, self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def claim(self, *asked: Any, **told: Any) -> list[Lease]:
        return [replace(lease, alone=True) for lease in self._journal.claim(*asked, **told)]

    def appending(self, exchange: Exchange, entries: Sequence[Entry], **told: Any) -> Future[Exchange]:
        self.written.append([type(entry.fact).__name__ for entry in entries])
        if self._fact is None or not isinstance(entries[0].fact, self._fact):
            return self._journal.appending(exchange, entries, **told)
        answer: Future[Exchange] = Future()
        answer.set_running_or_notify_cancel()

        def write() -> None:
            written = done(lambda: self._journal.append(exchange, entries, **told))
            error = written.exception()
            if error is None:
                answer.set_result(written.result())
            else:
                answer.set_exception(error)

        self._fact, self._held = None, write
        return answer

    def go_on(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            held()


class Asked:
    """A line on which something happens when the judgement, or the statement, is asked for."""

    def __init__(self, receiver: Receiver, **on: Callable[[], object]) -> None:
        self._receiver = receiver
        self._on = on

    def __getattr__(self, name: str) -> Any:
        return getattr(self._receiver, name)

    async def confirm(self, parcel: Parcel, receipt: Receipt) -> Acknowledgement | None:
        self._on.get("confirm", lambda: None)()
        return await self._receiver.confirm(parcel, receipt)

    async def statement(self, parcel: Parcel, receipt: Receipt) -> bytes:
        self._on.get("statement", lambda: None)()
        return await self._receiver.statement(parcel, receipt)


def _work(house: House, **on: Callable[[], object]) -> None:
    house.channels[NATIONAL] = cast(Channel, Asked(house.receiver, **on))
    asyncio.run(asyncio.wait_for(_drained(house), _PATIENCE))


def _leased(house: House) -> Lease:
    """The one report that waits, ready for the wire."""
    house.runner.prepare(NATIONAL)
    [lease] = house.doors.journal.claim(NATIONAL, "w1", [Stage.PACKAGED], 1, 60)
    return lease


async def _drained(house: House) -> None:
    while await house.runner.drain(NATIONAL):
        continue


def test_what_the_receiver_makes_of_it_is_asked_while_its_receipt_is_written(house: House) -> None:
    disk = SlowDisk(Delivered)
    house.reopen(disk.over)
    x = house.hand_in()

    _work(house, confirm=disk.go_on)  # where it waited for the disk first, it would wait for ever

    assert house.read(x).stage is Stage.RECONCILED


def test_judgement_and_statement_are_written_together(house: House) -> None:
    disk = SlowDisk()
    house.reopen(disk.over)
    x = house.hand_in()

    _work(house)

    assert disk.written[-3:] == [["Attempted"], ["Delivered"], ["Acknowledged", "Reconciled"]]
    assert house.read(x).stage is Stage.RECONCILED


def test_a_judgement_does_not_wait_for_a_statement_that_takes_its_time(house: House) -> None:
    house.reopen(SlowDisk().over)
    x = house.hand_in()
    seen: list[Stage] = []

    class Slow(Asked):
        async def statement(self, parcel: Parcel, receipt: Receipt) -> bytes:
            while house.read(x).stage is not Stage.ACKNOWLEDGED:
                await asyncio.sleep(0.01)
            seen.append(house.read(x).stage)
            return await house.receiver.statement(parcel, receipt)

    house.channels[NATIONAL] = cast(Channel, Slow(house.receiver))
    asyncio.run(asyncio.wait_for(_drained(house), _PATIENCE))

    assert seen == [Stage.ACKNOWLEDGED]
    assert house.read(x).stage is Stage.RECONCILED


def test_a_judgement_stands_though_no_statement_comes(house: House) -> None:
    house.reopen(SlowDisk().over)
    x = house.hand_in()

    def deaf() -> None:
        house.receiver.deaf = Unavailable(UNREACHABLE)

    _work(house, statement=deaf)

    assert house.read(x).stage is Stage.ACKNOWLEDGED
    assert house.facts(x)[-2:] == ["Acknowledged", "Postponed"]


class Unwritable(SlowDisk):
    """A journal that cannot write `fact` down at all."""

    def __init__(self, fact: type[Fact]) -> None:
        super().__init__()
        self._never = fact

    def appending(self, exchange: Exchange, entries: Sequence[Entry], **told: Any) -> Future[Exchange]:
        if not any(isinstance(entry.fact, self._never) for entry in entries):
            return super().appending(exchange, entries, **told)
        refused: Future[Exchange] = Future()
        refused.set_exception(ValueError("no such text"))
        return refused


def test_a_judgement_stands_though_the_statement_cannot_be_written_down(house: House) -> None:
    house.reopen(Unwritable(Reconciled).over)
    x = house.until(house.hand_in(), Stage.PARKED)

    assert x.before is Stage.ACKNOWLEDGED
    assert house.facts(x).count("Acknowledged") == 1
    assert house.facts(x).count("Stumbled") == 3


def test_a_receipt_that_cannot_be_written_down_is_kept_for_a_person_in_the_end(house: House) -> None:
    house.reopen(Unwritable(Delivered).over)
    x = house.until(house.hand_in(), Stage.PARKED)

    assert x.before is Stage.IN_DOUBT
    assert house.facts(x).count("Stumbled") == 3
    assert len(house.receiver.sends) == 1


def test_a_receipt_that_cannot_be_written_down_is_a_stumble_though_the_line_fails_behind_it(house: House) -> None:
    house.reopen(Unwritable(Delivered).over)
    x = house.hand_in()

    def deaf() -> None:
        house.receiver.deaf = Unavailable(UNREACHABLE)

    _work(house, confirm=deaf)

    assert house.facts(x)[-3:] == ["Attempted", "Stumbled", "Postponed"]


def test_what_was_asked_ahead_is_asked_again_where_a_person_came_between(house: House) -> None:
    disk = SlowDisk(Delivered)
    house.reopen(disk.over)
    x = house.hand_in()
    asked: list[Stage] = []

    def parked() -> None:
        if not asked:
            operate.park(house.doors, x.id, WHO)
            disk.go_on()
        asked.append(house.read(x).stage)

    _work(house, confirm=parked)

    assert asked == [Stage.PARKED, Stage.DELIVERED]
    assert house.facts(x)[-5:] == ["Attempted", "Parked", "Delivered", "Acknowledged", "Reconciled"]
    assert len(house.receiver.sends) == 1


def test_the_receipt_stands_and_nothing_else_where_the_lease_was_lost_behind_it(house: House) -> None:
    disk = SlowDisk(Delivered)
    house.reopen(disk.over)
    x = house.hand_in()
    lease = _leased(house)

    def lost() -> None:
        house.ledger.release(lease)
        disk.go_on()

    house.channels[NATIONAL] = cast(Channel, Asked(house.receiver, confirm=lost))
    asyncio.run(house.runner.walk(lease))

    assert house.facts(x)[-2:] == ["Attempted", "Delivered"]


def test_a_walk_that_is_cut_off_while_it_waits_for_the_disk_keeps_its_lease_until_it_is_done(house: House) -> None:
    disk = SlowDisk(Delivered)
    house.reopen(disk.over)
    x = house.hand_in()
    lease = _leased(house)

    async def cut_off() -> None:
        asked = asyncio.Event()
        house.channels[NATIONAL] = cast(Channel, Asked(house.receiver, confirm=asked.set))
        walking = asyncio.create_task(house.runner.walk(lease))
        await asked.wait()
        for _ in range(3):  # the judgement has come, and waits for the receipt to be on disk
            await asyncio.sleep(0)
        walking.cancel()
        await asyncio.sleep(0)
        disk.go_on()
        with suppress(asyncio.CancelledError):
            await walking

    asyncio.run(asyncio.wait_for(cut_off(), _PATIENCE))

    assert house.facts(x)[-2:] == ["Attempted", "Delivered"]


def test_a_walk_that_is_cut_off_leaves_what_it_was_told_on_disk(house: House) -> None:
    house.reopen(SlowDisk().over)
    x = house.hand_in()

    class CutOff(Asked):
        async def statement(self, parcel: Parcel, receipt: Receipt) -> bytes:
            raise asyncio.CancelledError

    house.channels[NATIONAL] = cast(Channel, CutOff(house.receiver))
    lease = _leased(house)
    with suppress(asyncio.CancelledError):
        asyncio.run(house.runner.walk(lease))

    assert house.facts(x)[-1] == "Acknowledged"
