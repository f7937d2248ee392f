"""The last days of a month, told: the national system is away for six hours.

What is due that afternoon at 16:30 goes as documents, nearest deadline first; what is due on the 20th waits. The
offices' statuses come doubled and in any order. Then the line is back, everything is entered once, and what the
receiver holds is, value by value, what was handed in. The process may die at any record: nothing changes.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.agreement import Agreement
from gateway.domain.calendar import DeadlineRule
from gateway.domain.errors import Conflict
from gateway.domain.exchange import Exchange, Kind, Stage
from gateway.domain.facts import Backfilled, Diverted, intact
from gateway.journey import operate
from gateway.journey.operate import Registration
from gateway.ports import Entry, Journal, Query
from gateway.schemas.packets import PacketReader
from tests.journey.interrupted import done
from tests.journey.scene import AGREED, WHO, House
from tests.journey.wires import AXIS, NATIONAL, Ending, Killed

MORNING = datetime(2026, 11, 19, 3, 45, tzinfo=UTC)  # 10:45 in Thanh Hóa
OUT = timedelta(hours=6)
_ENDED = (Stage.RECONCILED, Stage.DOCUMENT_ACCEPTED)


def due(name: str, rule: DeadlineRule) -> Agreement:
    return replace(AGREED, id=name, schedule=None, deadlines=dict.fromkeys(AGREED.deadlines, rule))


TODAY = due("han-16h30", DeadlineRule(19, 0, True, time(16, 30), "Điều 7.1"))
TOMORROW = due("han-ngay-20", DeadlineRule(20, 0, True, None, "Điều 7.3"))


class Mortal:
    """A journal around which the process dies before or after every so-many-th record."""

    def __init__(self, journal: Journal, draw: random.Random, often: float) -> None:
        self._journal = journal
        self._draw = draw
        self._often = often

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def append(self, exchange: Exchange, entries: Sequence[Entry], **told: Any) -> Exchange:
        fate = self._draw.random()
        if fate < self._often / 2:
            raise Killed
        recorded = self._journal.append(exchange, entries, **told)
        if fate < self._often:
            raise Killed
        return recorded

    def appending(self, exchange: Exchange, entries: Sequence[Entry], **told: Any) -> Future[Exchange]:
        return done(lambda: self.append(exchange, entries, **told))


class MonthEnd:
    """A house with `reports` handed in just before the line goes; every act may be cut off and is done again."""

    def __init__(self, folder: Path, reports: int, seed: int, often: float = 0.0) -> None:
        self.draw = random.Random(seed)
        self.often = often
        self.house = House(folder / "ledger", TODAY, TOMORROW, at=MORNING)
        self.deaths = 0
        self.reports = reports
        self._begin()

    def _begin(self) -> None:
        self.house.receiver.otherwise = Ending.UNREACHABLE
        numbers = list(range(self.reports))
        self.draw.shuffle(numbers)
        for number in numbers:
            agreement = TODAY if number % 2 else TOMORROW
            self.house.hand_in(f"bc-{number}", agreement.id, reporter=f"H56.{number:03}")

    def alive(self) -> None:
        """Work on whatever is due; a process that dies is followed by the next."""
        for _ in range(4000):
            try:
                self.house.work()
                return
            except Killed:
                self.deaths += 1
                self.house.reopen(lambda journal: Mortal(journal, self.draw, self.often))  # type: ignore[arg-type, return-value]
        raise AssertionError("it never came to rest")

    def pass_time(self, length: timedelta, step: timedelta = timedelta(minutes=10)) -> None:
        last = self.house.clock.now() + length
        while self.house.clock.now() < last:
            self.alive()
            self.house.clock.at += step
        self.alive()

    def every(self, kind: Kind) -> list[Exchange]:
        return self.house.ledger.find(Query(kinds=(kind,), limit=10_000))[::-1]

    def numbered(self) -> None:
        """The registry office gives every document its number, in the order they were made."""
        for number, x in enumerate(self.every(Kind.DOCUMENT), start=1):
            if x.stage is Stage.PREPARED:
                self._number(x, number)
        self.alive()

    def _number(self, x: Exchange, number: int) -> None:
        assert x.prepared is not None
        files = [
            (a.name, a.description, a.content.media_type, self.house.ledger.bytes_of(a.content.digest))
            for a in x.prepared.files
        ]
        told = Registration(str(number), "BC-UBND", "2026-11-19", "Nguyễn Văn Giả Lập", "Chủ tịch")
        while self.house.read(x).stage is Stage.PREPARED:
            try:
                operate.number(self.house.doors, x.id, told, files, WHO)
            except (Killed, Conflict):
                self.house.reopen(lambda journal: Mortal(journal, self.draw, self.often))  # type: ignore[arg-type, return-value]

    def offices_answer(self) -> None:
        """Every status twice, in an order nobody wished for."""
        said = [(name, code) for _, name, _ in self.house.axis.documents for code in ("01", "03", "05", "03", "01")]
        self.draw.shuffle(said)
        for name, code in said:
            self.house.axis.says(code, about=name)
        self.pass_time(timedelta(minutes=30))


def whole_story(month: MonthEnd) -> None:
    house = month.house
    month.pass_time(OUT - timedelta(minutes=30))
    diverted = [x for x in month.every(Kind.OUTBOUND) if x.paper]
    month.numbered()
    month.offices_answer()
    house.receiver.otherwise = Ending.TAKEN
    month.pass_time(timedelta(hours=2))

    assert {x.agreement for x in diverted} == {TODAY.id}
    assert len(diverted) == month.reports // 2
    _nothing_twice(month)
    _nothing_lost(month)


def _nothing_twice(month: MonthEnd) -> None:
    """The receiver holds every report once, and the axis every document once."""
    heads = [PacketReader().read(kept.body, "application/xml")[1].head for kept in month.house.receiver.held]
    assert Counter(head.reporter for head in heads) == dict.fromkeys(
        (f"H56.{number:03}" for number in range(month.reports)), 1
    )
    assert max(Counter(name for _, name, _ in month.house.axis.documents).values()) == 1


def _nothing_lost(month: MonthEnd) -> None:
    """Every report is reconciled; what went as a document is marked, and counts from when the document left."""
    house = month.house
    for x in (*month.every(Kind.OUTBOUND), *month.every(Kind.DOCUMENT)):
        assert x.stage in _ENDED, (x.key, x.stage, x.trouble)
        assert intact(house.ledger.history(x.id))
    for x in month.every(Kind.OUTBOUND):
        marked = "Backfilled" in x.progress
        assert marked == (x.agreement == TODAY.id)
        if marked:
            assert house.last(x, Backfilled).backfill.sent_at <= MORNING + OUT


def _diverted_at(month: MonthEnd) -> list[tuple[datetime, str]]:
    found = []
    for x in month.every(Kind.OUTBOUND):
        found += [(r.at, x.agreement) for r in month.house.ledger.history(x.id) if isinstance(r.fact, Diverted)]
    return sorted(found)


# ── the story ────────────────────────────────────────────────────────────────────────────────────
def test_a_month_end_outage_of_six_hours(tmp_path: Path) -> None:
    month = MonthEnd(tmp_path, reports=12, seed=1)
    whole_story(month)
    at = _diverted_at(month)

    assert all(moment >= MORNING + timedelta(hours=1, minutes=40) for moment, _ in at)  # not before the margin
    month.house.close()


@pytest.mark.parametrize("seed", [2, 3])
def test_a_process_that_dies_at_any_record_changes_nothing(tmp_path: Path, seed: int) -> None:
    month = MonthEnd(tmp_path, reports=6, seed=seed, often=0.06)
    month.house.reopen(lambda journal: Mortal(journal, month.draw, month.often))  # type: ignore[arg-type, return-value]
    whole_story(month)

    assert month.deaths > 3
    month.house.close()


@pytest.mark.soak
def test_three_hundred_reports_at_a_month_end(tmp_path: Path) -> None:
    month = MonthEnd(tmp_path, reports=300, seed=4)
    whole_story(month)
    month.house.close()


def test_the_nearest_deadline_goes_first(tmp_path: Path) -> None:
    """Two deadlines inside the margin at once: the earlier one is made a document first."""
    sooner = due("han-15h", DeadlineRule(19, 0, True, time(15, 0), "Điều 7.1"))
    house = House(tmp_path / "ledger", TODAY, sooner, at=MORNING)
    house.receiver.otherwise = Ending.UNREACHABLE
    for number in range(6):
        house.hand_in(f"bc-{number}", (TODAY if number < 3 else sooner).id, reporter=f"H56.{number}")
    while any(not x.paper for x in house.ledger.find(Query(kinds=(Kind.OUTBOUND,), limit=20))):
        house.later(minutes=5)
    made = house.ledger.find(Query(kinds=(Kind.DOCUMENT,), limit=20))[::-1]

    assert [x.agreement for x in made] == [sooner.id] * 3 + [TODAY.id] * 3
    assert {x.destination for x in made} == {AXIS}
    assert house.ledger.line(NATIONAL).failures >= 3
    house.close()
