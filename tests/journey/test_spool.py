"""What was spooled while the journal was away, and a kill at every line of its way home."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fallback.spool import LedgerSpool
from gateway.domain.errors import Conflict, Unavailable, problem
from gateway.domain.exchange import Exchange, Stage
from gateway.journey.spool import Intake
from gateway.ports import Birth, Journal, Query
from tests.journey.scene import House, incoming
from tests.journey.wires import Killed

_ROOM = 1 << 20


class Away:
    """A journal that is away until it is back."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.back = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def opening(self, birth: Birth) -> Future[tuple[Exchange, bool]]:
        if self.back:
            return self._journal.opening(birth)
        gone: Future[tuple[Exchange, bool]] = Future()
        gone.set_exception(Unavailable(problem("F-003", seconds=1, reason="-")))
        return gone


class KilledBeforeForgetting(LedgerSpool):
    """Everything stands in the journal, and the file is still there."""

    def forget(self, handed_over: int) -> None:
        raise Killed


@pytest.fixture
def spools(house: House, tmp_path: Path) -> Iterator[list[LedgerSpool]]:
    opened: list[LedgerSpool] = []
    yield opened
    for spool in opened:
        spool.close()


def opened(house: House, spools: list[LedgerSpool], folder: Path, kind: type[LedgerSpool] = LedgerSpool) -> LedgerSpool:
    """The spool as the next process finds it."""
    while spools:
        spools.pop().close()
    spools.append(kind(folder / "spool" / "intake.ledger", house.clock, most=_ROOM))
    return spools[0]


def spooled(house: House, spool: LedgerSpool, *keys: str, **changes: Any) -> list[Exchange]:
    intake = Intake(replace(house.doors, journal=Away(house.ledger)), spool)  # type: ignore[arg-type]  # it passes the rest through
    taken = [asyncio.run(intake.take(incoming(key, **changes))) for key in keys]
    assert all(one.spooled for one in taken)
    return [one.exchange for one in taken]


def test_killed_after_the_promise_the_next_process_hands_it_over(
    house: House, spools: list[LedgerSpool], tmp_path: Path
) -> None:
    [x] = spooled(house, opened(house, spools, tmp_path), "k1")
    spool = opened(house, spools, tmp_path)

    assert Intake(house.doors, spool).hand_over() == 1
    assert spool.waiting == 0
    house.until(x, Stage.RECONCILED)
    assert [kept.message_id for kept in house.receiver.held] == [x.id]


def test_killed_between_the_journal_and_forgetting_it_is_handed_over_again_and_is_there_once(
    house: House, spools: list[LedgerSpool], tmp_path: Path
) -> None:
    spool = opened(house, spools, tmp_path, KilledBeforeForgetting)
    promised = spooled(house, spool, "k1", "k2", "k3")
    with pytest.raises(Killed):
        Intake(house.doors, spool).hand_over()
    assert Intake(house.doors, opened(house, spools, tmp_path)).hand_over() == 3

    assert {x.id for x in house.ledger.find(Query())} == {x.id for x in promised}
    house.until(promised[-1], Stage.RECONCILED)
    assert len({kept.message_id for kept in house.receiver.held}) == len(house.receiver.held)


def test_a_conflict_handed_over_twice_is_refused_once(house: House, spools: list[LedgerSpool], tmp_path: Path) -> None:
    before = house.hand_in("k1")
    spool = opened(house, spools, tmp_path, KilledBeforeForgetting)
    [other] = spooled(house, spool, "k1", revision=2)
    with pytest.raises(Killed):
        Intake(house.doors, spool).hand_over()
    Intake(house.doors, opened(house, spools, tmp_path)).hand_over()

    refused = house.read(other)
    assert (refused.stage, refused.reasons[0].code) == (Stage.REFUSED, "C-008")
    assert house.facts(other).count("Refused") == 1
    assert house.read(before).content != refused.content


def test_while_other_content_is_spooled_its_key_is_contested_and_the_first_promise_stands(
    house: House, spools: list[LedgerSpool], tmp_path: Path
) -> None:
    before = house.hand_in("k1")
    spool = opened(house, spools, tmp_path)
    spooled(house, spool, "k1", revision=2)
    intake = Intake(house.doors, spool)

    with pytest.raises(Conflict, match="C-008"):  # the spool knows one of the two contents, and not which came first
        asyncio.run(intake.take(incoming("k1")))
    intake.hand_over()
    again = asyncio.run(intake.take(incoming("k1")))
    assert (again.exchange.id, again.is_new, again.spooled) == (before.id, False, False)


def test_while_something_waits_what_comes_in_waits_behind_it(
    house: House, spools: list[LedgerSpool], tmp_path: Path
) -> None:
    spool = opened(house, spools, tmp_path)
    [first] = spooled(house, spool, "k1", revision=1)
    second = asyncio.run(Intake(house.doors, spool).take(incoming("k2", revision=2)))
    assert second.spooled
    Intake(house.doors, spool).hand_over()

    assert house.read(first).ordinal < house.read(second.exchange).ordinal
