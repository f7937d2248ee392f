"""The gate before a line: the agreed pace is kept by all workers together, and their 429 closes it for all."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest

from gateway.adapters.gate import Gate
from gateway.adapters.http import HttpLine, Request
from gateway.adapters.sql import SqlJournal
from gateway.adapters.sql.allowance import SqlAllowance
from gateway.clock import SystemClock
from gateway.domain.errors import Unavailable
from gateway.domain.rate import Rate
from tests.adapters.peer import Peer, run, says
from tests.contracts.telling import CLOCK
from tests.contracts.test_order import ready, taken

POST = Request("POST", "/x", content=b"figures")
SOON, LATER = 0.3, 15.0


@pytest.fixture
def journal(database: str) -> Iterator[SqlJournal]:
    opened = SqlJournal.connect(database)
    yield opened
    opened.close()


def gates(journal: SqlJournal, rate: Rate, number: int, destination: str = "quoc-gia") -> list[Gate]:
    """The gates of so many workers."""
    return [Gate(destination, rate, SqlAllowance(journal, f"w{i}"), SystemClock(), 5) for i in range(number)]


async def calls(gate: Gate, number: int, sent: list[float], lasting: float = 0.0) -> None:
    loop = asyncio.get_running_loop()

    async def one() -> None:
        async with gate.passed(loop.time() + LATER):
            sent.append(loop.time())
            await asyncio.sleep(lasting)

    await asyncio.gather(*(one() for _ in range(number)))


def test_two_workers_together_are_no_faster_than_was_agreed(journal: SqlJournal) -> None:
    rate, sent = Rate(25, 1.0), list[float]()

    async def both() -> None:
        await asyncio.gather(*(calls(gate, 10, sent) for gate in gates(journal, rate, 2)))

    run(both())
    assert len(sent) == 20
    assert max(sent) - min(sent) >= 19 * rate.interval - 2 * rate.interval


def test_the_store_is_asked_for_slices_not_for_messages(journal: SqlJournal) -> None:
    counted = 0

    class Counted(SqlAllowance):
        def moments(self, destination: str, interval: float, count: int) -> float:
            nonlocal counted
            counted += 1
            return super().moments(destination, interval, count)

    gate = Gate("quoc-gia", Rate(400), Counted(journal, "w1"), SystemClock(), 5)
    sent: list[float] = []
    run(calls(gate, 100, sent))
    assert len(sent) == 100
    assert counted <= 10


def test_one_partners_pace_holds_up_no_other(journal: SqlJournal) -> None:
    [slow] = gates(journal, Rate(1, 60.0), 1)
    [other] = gates(journal, Rate(100), 1, "truc-van-ban")
    sent: list[float] = []

    async def both() -> None:
        await calls(slow, 1, sent)
        with pytest.raises(Unavailable):
            async with slow.passed(asyncio.get_running_loop().time() + SOON):
                raise AssertionError("too soon")
        await calls(other, 10, sent)

    run(both())
    assert len(sent) == 11


def test_what_would_come_too_late_did_not_go_out_and_knows_when_to_come_again(journal: SqlJournal) -> None:
    [gate] = gates(journal, Rate(1, 60.0), 1)

    async def twice() -> Unavailable:
        await calls(gate, 1, [])
        with pytest.raises(Unavailable) as caught:
            async with gate.passed(asyncio.get_running_loop().time() + SOON):
                raise AssertionError("too soon")
        return caught.value

    told = run(twice())
    assert told.problem.code == "F-013"
    assert told.until is not None
    assert timedelta(seconds=30) < told.until - CLOCK.now() <= timedelta(seconds=61)


def test_three_workers_have_no_more_calls_at_once_than_was_agreed(journal: SqlJournal) -> None:
    under_way = most = done = 0

    async def one(gate: Gate) -> None:
        nonlocal under_way, most, done
        async with gate.passed(asyncio.get_running_loop().time() + LATER):
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0.02)
            under_way, done = under_way - 1, done + 1

    async def all_of_them() -> None:
        await asyncio.gather(*(one(gate) for gate in gates(journal, Rate(concurrent=2), 3) for _ in range(5)))

    run(all_of_them())
    assert (most, done) == (2, 15)
    with journal.connection() as c:
        assert c.execute("SELECT count(*) FROM seat").fetchone() == (0,)


def test_the_seats_of_a_killed_worker_come_back(journal: SqlJournal) -> None:
    dead, alive = SqlAllowance(journal, "dead"), SqlAllowance(journal, "alive")
    assert dead.seats("quoc-gia", 3, 3, 0, 60) == 3
    assert alive.seats("quoc-gia", 2, 3, 0, 60) == 0
    with journal.connection() as c:
        c.execute("UPDATE seat SET until = clock_timestamp() WHERE worker = 'dead'")
    assert alive.seats("quoc-gia", 2, 3, 0, 60) == 2


def test_their_429_is_kept_by_every_worker(journal: SqlJournal) -> None:
    ready(journal, "waits")
    mine, theirs = gates(journal, Rate(100), 2)

    async def told_to_wait() -> None:
        async with Peer({"POST /x": [says(429, "", Retry_After="60")]}) as peer:
            line = HttpLine("quoc-gia", peer.url, deadline=5, gate=mine)
            assert (await line.tell(POST)).status == 429
            await line.close()
        with pytest.raises(Unavailable) as caught:
            async with theirs.passed(asyncio.get_running_loop().time() + SOON):
                raise AssertionError("they asked for a rest")
        assert caught.value.problem.code == "F-013"

    run(told_to_wait())
    line = journal.line("quoc-gia")
    assert line.rest_until is not None
    assert line.rest_until - CLOCK.now() > timedelta(seconds=30)
    assert taken(journal) == []


def test_whoever_tries_the_line_and_is_asked_to_wait_again_holds_up_nobody_for_longer(journal: SqlJournal) -> None:
    for key in ("a", "b"):
        ready(journal, key)
    allowance = SqlAllowance(journal, "w1")
    allowance.rest("quoc-gia", 0.0)
    assert len(taken(journal)) == 1
    assert left(journal) > 5  # meanwhile the others are kept off

    allowance.rest("quoc-gia", 1.0)  # they answer: not yet
    assert left(journal) <= 1.0


def left(journal: SqlJournal) -> float:
    """Seconds for which the line rests."""
    rest_until = journal.line("quoc-gia").rest_until
    assert rest_until is not None
    return (rest_until - CLOCK.now()).total_seconds()


def test_where_nothing_was_agreed_the_store_is_not_asked(journal: SqlJournal) -> None:
    [gate] = gates(journal, Rate(), 1)
    journal.close()
    sent: list[float] = []
    run(calls(gate, 5, sent))
    assert len(sent) == 5


def test_a_store_that_goes_away_during_a_call_costs_no_answer(journal: SqlJournal) -> None:
    [gate] = gates(journal, Rate(concurrent=2), 1)

    async def told() -> int:
        async with gate.passed(asyncio.get_running_loop().time() + LATER):
            journal.close()
        return 200

    assert run(told()) == 200
