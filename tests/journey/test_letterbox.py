"""Each thing is looked for by its key, and a list is read once for everybody: counted, not timed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from gateway.domain.errors import Unavailable, problem
from gateway.domain.exchange import Exchange, Stage
from gateway.journey import operate
from gateway.journey.letterbox import Letterbox
from gateway.ports import DocumentStatus, Journal, Query
from tests.journey.scene import REGISTERED, WHO, House
from tests.journey.test_statuses import travelling
from tests.journey.wires import AXIS, NATIONAL, Axis


class Counted:
    """A journal that counts the exchanges it looked up for somebody."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.found = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def find(self, query: Query) -> list[Exchange]:
        found = self._journal.find(query)
        self.found += len(found)
        return found


class Listing(Axis):
    """An axis that counts how often its list is read, and waits a moment meanwhile."""

    lists = 0

    async def statuses(self) -> list[DocumentStatus]:
        self.lists += 1
        await asyncio.sleep(0)
        return await super().statuses()


@pytest.fixture
def house(build: Callable[[], House]) -> House:
    return build()


def on_the_way(house: House, reports: int) -> list[str]:
    """So many documents that an office was sent, each of a unit of its own, with a number of its own."""
    given = [house.hand_in(f"k{n}", reporter=f"H56.{n:02}") for n in range(reports)]
    while house.runner.prepare(NATIONAL):
        pass
    papers = [operate.divert(house.doors, x.id, WHO).paper or "" for x in given]
    for number, paper in enumerate(papers, start=1):
        numbered(house, paper, str(number))
    house.work()
    assert {house.read(paper).stage for paper in papers} == {Stage.SENT}
    return papers


def numbered(house: House, paper: str, number: str) -> None:
    prepared = house.read(paper).prepared
    assert prepared is not None
    files = [
        (a.name, a.description, a.content.media_type, house.ledger.bytes_of(a.content.digest)) for a in prepared.files
    ]
    operate.number(house.doors, paper, replace(REGISTERED, number=number), files, WHO)


def test_a_number_is_looked_up_however_many_were_given_before(house: House) -> None:
    counted = Counted(house.ledger)
    papers = on_the_way(house, 6)
    house.doors = replace(house.doors, journal=counted)
    x = house.hand_in("another", reporter="H56.99")
    house.runner.prepare(NATIONAL)
    paper = operate.divert(house.doors, x.id, WHO).paper or ""
    numbered(house, paper, "7")

    assert len(papers) == 6
    assert counted.found == 0


@pytest.mark.parametrize("documents", [2, 9])
def test_one_reading_of_the_list_serves_all_documents_of_a_pass(house: House, documents: int) -> None:
    axis = house.axis = house.peers.routes[AXIS] = Listing()  # type: ignore[index]
    papers = on_the_way(house, documents)
    axis.lists = 0
    for paper in papers:
        ready = house.read(paper).ready
        assert ready is not None
        axis.says("03", about=ready.document_id)
    house.clock.move(minutes=1)
    house.work()

    assert {house.read(paper).stage for paper in papers} == {Stage.DOCUMENT_ACCEPTED}
    assert axis.lists == 1
    assert len(axis.settled) == documents
    assert axis.waiting == []


def test_who_looks_in_a_second_time_is_shown_what_came_since() -> None:
    x, axis, box = travelling("G22"), Listing(), Letterbox()

    async def look() -> list[str]:
        return [status.code for status in await box.look(axis, x, 7.0)]

    async def twice() -> tuple[list[str], list[str]]:
        before = await look()
        axis.says("01", about="D")
        return before, await look()

    assert asyncio.run(twice()) == ([], ["01"])


def test_a_reading_is_nobodys_after_a_second() -> None:
    axis, box = Listing(), Letterbox()

    async def look(name: str, at: float) -> int:
        await box.look(axis, replace(travelling("G22"), id=name), at)
        return axis.lists

    async def three() -> list[int]:
        return [await look("vb-1", 7.0), await look("vb-2", 7.5), await look("vb-3", 8.0)]

    assert asyncio.run(three()) == [1, 1, 2]


def test_a_list_that_cannot_be_read_is_tried_once_for_all_who_wait_and_again_for_who_comes_later() -> None:
    class Broken(Listing):
        async def statuses(self) -> list[DocumentStatus]:
            await super().statuses()
            raise Unavailable(problem("A-001", destination=AXIS, reason="connection refused"))

    axis, box = Broken(), Letterbox()

    async def look(name: str) -> str:
        try:
            await box.look(axis, replace(travelling("G22"), id=name), 7.0)
        except Unavailable as error:
            return error.problem.code
        return ""

    async def five() -> list[str]:
        together = await asyncio.gather(*(look(f"vb-{n}") for n in range(4)))
        return [*together, await look("vb-9")]

    assert asyncio.run(five()) == ["A-001"] * 5
    assert axis.lists == 2


def test_what_was_settled_is_shown_to_nobody_again() -> None:
    axis, box = Listing(), Letterbox()
    status = axis.says("01", about="D")

    async def settled() -> list[DocumentStatus]:
        await box.look(axis, travelling("G22"), 7.0)
        await box.settle(axis, status)
        return await box.look(axis, replace(travelling("G22"), id="vb-2"), 7.0)

    assert asyncio.run(settled()) == []
    assert (axis.lists, axis.settled) == (1, [status.axis_id])
