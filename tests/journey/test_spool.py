"""What was spooled while the journal was away, and a kill at every line of its way home."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from fallback.spool import LedgerSpool
from gateway.domain.errors import Conflict, Unavailable, problem
from gateway.domain.exchange import Exchange, Stage
from gateway.domain.policy import Line
from gateway.journey.spool import Intake, Taken
from gateway.ports import Birth, Journal, Query
from tests.journey.scene import QUIET, House, incoming
from tests.journey.wires import Killed, SetClock

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
        gone.set_exception(_gone())
        return gone

    def line(self, destination: str) -> Line:
        if self.back:
            return self._journal.line(destination)
        raise _gone()


def _gone() -> Unavailable:
    return Unavailable(problem("F-003", seconds=1, reason="-"))


class KilledBeforeForgetting(LedgerSpool):
    """Everything stands in the journal, and the file is still there."""

    def forget(self) -> None:
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


class Stumbling(LedgerSpool):
    """Cannot be read any more."""

    def after(self, number: int) -> list[Exchange]:
        raise OSError("the disk gave up")


def test_a_spool_that_cannot_be_read_holds_up_no_other_one(
    house: House, spools: list[LedgerSpool], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(LedgerSpool(tmp_path / "other" / "intake.ledger", house.clock, most=_ROOM)) as other:
        [x] = spooled(house, other, "k1")
        bad = opened(house, spools, tmp_path, Stumbling)
        spooled(house, bad, "k2")
        left: list[LedgerSpool] = [bad, other]

        intake = Intake(house.doors, bad, lambda _: (spool for spool in left))
        assert intake.hand_over() == 1
    assert house.read(x).stage is Stage.ACCEPTED
    assert bad.waiting == 1
    assert {record.getMessage() for record in caplog.records if record.exc_info} == {"spool stumbled"}


def test_what_was_left_behind_is_looked_at_only_while_the_journal_answers(house: House) -> None:
    def left_behind(ask: Callable[[], object]) -> Generator[LedgerSpool, None, None]:
        ask()
        raise AssertionError
        yield

    with pytest.raises(Unavailable, match="F-003"):
        Intake(replace(house.doors, journal=Away(house.ledger)), None, left_behind).hand_over()  # type: ignore[arg-type]  # as above


class Noted(LedgerSpool):
    """Says when its door is shut."""

    is_shut = False

    @contextmanager
    def shut(self) -> Iterator[None]:
        with super().shut():
            self.is_shut = True
            try:
                yield
            finally:
                self.is_shut = False


class Busy(Away):
    """While reports are handed over, others come to the door: half as many, and one more once it is shut."""

    def __init__(self, journal: Journal, spool: Noted) -> None:
        super().__init__(journal)
        self.back = True
        self.intake: Intake | None = None
        self.taken: list[Taken] = []
        self.late: threading.Thread | None = None
        self._spool = spool
        self._hands_over = threading.get_ident()
        self._passed = count()

    def opening(self, birth: Birth) -> Future[tuple[Exchange, bool]]:
        if threading.get_ident() == self._hands_over:
            number = next(self._passed)
            if self._spool.is_shut and self.late is None:
                self.late = self._comes("late")
            elif not self._spool.is_shut and number % 2:
                self._comes(f"meanwhile-{number}").join()
        return super().opening(birth)

    def _comes(self, key: str) -> threading.Thread:
        assert self.intake is not None
        intake = self.intake
        one = threading.Thread(target=lambda: self.taken.append(asyncio.run(intake.take(incoming(key)))))
        one.start()
        return one


def test_at_a_busy_door_the_spool_is_empty_after_all_and_who_came_while_it_was_shut_is_in_the_journal(
    house: House, spools: list[LedgerSpool], tmp_path: Path
) -> None:
    spool = opened(house, spools, tmp_path, Noted)
    assert isinstance(spool, Noted)
    spooled(house, spool, *(f"k{number}" for number in range(100)))
    busy = Busy(house.ledger, spool)
    busy.intake = Intake(replace(house.doors, journal=busy), spool)  # type: ignore[arg-type]  # as above

    assert busy.intake.hand_over() == 100 + 50 + 25
    assert spool.waiting == 0
    assert busy.late is not None
    busy.late.join()
    assert [one.spooled for one in busy.taken] == [True] * 75 + [False]
    assert max(house.ledger.find(Query(limit=200)), key=lambda x: x.ordinal).key == "late"


class Slow(Away):
    """Answers only once the door is open."""

    def __init__(self, journal: Journal, spool: LedgerSpool) -> None:
        super().__init__(journal)
        self._spool = spool

    def opening(self, birth: Birth) -> Future[tuple[Exchange, bool]]:
        answer: Future[tuple[Exchange, bool]] = Future()
        threading.Thread(target=self._open, args=(birth, answer)).start()
        return answer

    def _open(self, birth: Birth, answer: Future[tuple[Exchange, bool]]) -> None:
        with self._spool.shut():
            answer.set_result(self._journal.open(birth))


def test_the_door_is_not_shut_for_what_takes_the_journal_longer(
    house: House, spools: list[LedgerSpool], tmp_path: Path
) -> None:
    spool = opened(house, spools, tmp_path)
    [x] = spooled(house, spool, "k1")
    slow = replace(house.doors, journal=Slow(house.ledger, spool))  # type: ignore[arg-type]  # as above
    assert Intake(slow, spool).hand_over() == 1
    assert (spool.waiting, house.read(x).stage) == (0, Stage.ACCEPTED)


class Unhurried(Away):
    """Takes its time for each answer, and meanwhile another report comes to the door, unless that is shut."""

    def __init__(self, journal: Journal, spool: Noted) -> None:
        super().__init__(journal)
        self.intake: Intake | None = None
        self._spool = spool
        self._numbers = count()

    def opening(self, birth: Birth) -> Future[tuple[Exchange, bool]]:
        assert self.intake is not None
        if not self._spool.is_shut:
            taken = asyncio.run(self.intake.take(incoming(f"meanwhile-{next(self._numbers)}")))
            assert taken.spooled
        answer: Future[tuple[Exchange, bool]] = Future()
        threading.Timer(0.2, lambda: answer.set_result(self._journal.open(birth))).start()
        return answer


def test_where_the_journal_takes_its_time_and_reports_keep_coming_the_spool_is_empty_after_all(
    house: House, spools: list[LedgerSpool], tmp_path: Path
) -> None:
    spool = opened(house, spools, tmp_path, Noted)
    assert isinstance(spool, Noted)
    spooled(house, spool, "k1")
    journal = Unhurried(house.ledger, spool)
    journal.intake = Intake(replace(house.doors, journal=journal), spool)  # type: ignore[arg-type]  # as above

    handed = sum(journal.intake.hand_over() for _ in range(20) if spool.waiting)
    assert (spool.waiting, handed) == (0, len(house.ledger.find(Query(limit=200))))


class Watched(SetClock):
    """Notes where an exchange gets its name: there its bytes were weighed."""

    def __init__(self) -> None:
        super().__init__(QUIET)
        self.threads: list[int] = []

    def new_id(self, prefix: str) -> str:
        self.threads.append(threading.get_ident())
        return super().new_id(prefix)


@pytest.mark.parametrize(("size", "beside"), [(2_000, False), (1_000_000, True)], ids=["small", "large"])
def test_a_large_report_is_weighed_beside_the_loop_that_serves_everybody(house: House, size: int, beside: bool) -> None:
    clock = Watched()
    intake = Intake(replace(house.doors, clock=clock))
    taken = asyncio.run(intake.take(replace(incoming("k1"), payload=b"x" * size)))
    assert taken.is_new
    assert [thread != threading.get_ident() for thread in clock.threads] == [beside]
