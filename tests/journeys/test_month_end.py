"""The last days of a month on a real PostgreSQL: the national system is away for six hours.

Half of the reports are due that day at 15:00 and 16:30, half on the 20th. Those inside the margin go as documents, the
nearest deadline first, the others wait; the axis tells every status twice and in the wrong order. Then the line is back,
everything is entered once, and the receiver holds every value that was handed in. Processes may die at any moment.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.deploy import connect, create
from gateway.domain.exchange import Exchange, Kind, Stage
from gateway.domain.facts import Reconciled, intact
from gateway.journey.accept import Incoming
from gateway.journey.operate import Person, Registration
from gateway.ports import Query
from gateway.sandbox import Sandbox
from gateway.wiring import Gateway, build
from gateway.working import synchronised
from tests.faults.scenarios import sample
from tests.journeys.warped import Warp, Worker

MORNING = datetime(2026, 11, 19, 3, 0, tzinfo=UTC)  # 10:00 in Thanh Hóa
STEP = timedelta(minutes=20)
_LOOKS = 40
_OFTEN = 0.05  # a kill, each time the worker is looked at while it works
TODAY, TOMORROW = "han-hom-nay", "ktxh-thang"
SOONER, LATER = "LICH:2026Q3", "LICH:2026M11"  # due at 15:00 and at 16:30
_WHO = Person("Trần Thị Mẫu", "sổ văn bản đi")
_DUE_TODAY = """
[agreement.deadlines.quy]
day = 19
months = 2
inclusive = true
before = 15:00:00
legal_basis = "Điều 7.4"

[agreement.deadlines.thang]
day = 19
inclusive = true
before = 16:30:00
legal_basis = "Điều 7.3"
"""


Begin = Callable[..., "MonthEnd"]


class MonthEnd:
    """A deployment, the other side, and a worker that can be killed; `draw` decides what chance decides."""

    def __init__(self, home: Path, database: str, other_side: Sandbox, seed: int, batch: int) -> None:
        create(home, "thanh-hoa")
        connect(home, other_side)
        _agree(home, batch)
        self.other_side, self.draw = other_side, random.Random(seed)
        self.warp = Warp(home, database)
        self.gateway: Gateway = build(home, {"GATEWAY_DATABASE_URL": database}, self.warp.seen)
        synchronised(self.gateway, TOMORROW, "VPCP-CT")
        self.worker = Worker(home, database)
        self._home = home
        self.kills = 0  # still to come

    def close(self) -> None:
        self.worker.kill()
        self.gateway.close()

    def handed_in(self, reports: int) -> None:
        """Just before the line goes, in no order."""
        self.warp.move(MORNING - datetime.now(UTC))
        self.other_side.fault("refuse")
        body = sample(self._home)
        numbers = list(range(reports))
        self.draw.shuffle(numbers)
        for number in numbers:
            agreement, period = (TOMORROW, LATER) if number % 2 else (TODAY, SOONER if number % 4 else LATER)
            told = {**body, "reporter": f"H56.{number:03}", "period": period, "revision": 1}
            payload = json.dumps(told, ensure_ascii=False).encode()
            self.gateway.accept(Incoming(agreement, f"bc-{number}", "ht", "application/json", payload))

    def passes(self, length: timedelta) -> None:
        """So much time; at every step all that is due is worked on."""
        last = self.warp.shift + length
        while self.warp.shift < last:
            self.jumps(min(STEP, last - self.warp.shift))

    def jumps(self, length: timedelta) -> None:
        """So much time at once, as for a worker that slept."""
        self.warp.move(length)
        self._rest()

    def until(self, reached: Callable[[], bool], patience: timedelta) -> None:
        last = self.warp.shift + patience
        while not reached():
            assert self.warp.shift < last, Counter((x.stage, x.trouble and x.trouble.code) for x in self.every())
            self.passes(STEP)

    def _done(self) -> None:
        """What was given just now is on no wire while hours go by: a round begun before may have missed it."""
        for _ in range(2):
            self.worker.forget()
            self._rest()

    def _rest(self) -> None:
        last, pause = time.monotonic() + 120, threading.Event()
        while not self.worker.idle(self.warp):
            assert time.monotonic() < last, "never at rest"
            if self.kills and self.draw.random() < _OFTEN:
                self.kills -= 1
                self.worker.kill()
                self._arrived()
                self.worker.begin()
            pause.wait(0.01)

    def _arrived(self) -> None:
        """What a dead process had sent is taken in before hours go by: nothing in hand as often as it takes to read it."""
        last, quiet = time.monotonic() + 120, 0
        while quiet < _LOOKS:
            assert time.monotonic() < last, "never at rest"
            quiet = 0 if self.other_side.answering() else quiet + 1

    def numbered(self) -> None:
        """The registry gives every document its number, in the order they were made."""
        for number, x in enumerate(self.every(Kind.DOCUMENT), start=1):
            if x.stage is Stage.PREPARED and x.prepared is not None:
                files = [
                    (a.name, a.description, a.content.media_type, self.gateway.journal.bytes_of(a.content.digest))
                    for a in x.prepared.files
                ]
                told = Registration(str(number), "BC-UBND", "2026-11-19", "Nguyễn Văn Giả Lập", "Chủ tịch")
                self.gateway.number(x.id, told, files, _WHO)
        self._done()

    def every(self, kind: Kind = Kind.OUTBOUND) -> list[Exchange]:
        """Oldest first."""
        return self.gateway.journal.find(Query(kinds=(kind,), limit=1000))[::-1]


def _agree(home: Path, batch: int) -> None:
    """A second agreement beside the shipped one, due that very day; the shipped one is due on the 20th itself."""
    path = home / "partners" / "quoc-gia.toml"
    text = path.read_text("utf-8")
    shipped = "[[agreement]]" + text.split("[[agreement]]")[1]
    before, rest = shipped.split("# Điều 7.3")[0], shipped.split("\n# Điều 10.3", 1)[1]
    ours = before.replace('id = "ktxh-thang"', f'id = "{TODAY}"') + _DUE_TODAY + "\n# Điều 10.3" + rest
    path.write_text(f"{text}\n{ours}", "utf-8")
    with (home / "local.toml").open("a", encoding="utf-8") as local:
        local.write(f"\n[agreements.{TOMORROW}.deadlines.thang]\ninclusive = true\n\n[work]\nbatch = {batch}\n")
        for agreement in (TODAY, TOMORROW):  # whose signatures they bear is no part of this story
            local.write(f'\n[agreements.{agreement}.fallback]\npolicy = ""\nannex_policy = ""\n')


@pytest.fixture
def month(tmp_path: Path, database: str) -> Iterator[Begin]:
    with ExitStack() as stack:

        def begun(seed: int, batch: int = 16) -> MonthEnd:
            other_side = stack.enter_context(Sandbox.thread(tmp_path / "other-side"))
            other_side.mode(judge_after=0.0, office_after=0.0)
            other_side.office("astray")  # 03, 01, 01, 03
            told = MonthEnd(tmp_path / "deployment", database, other_side, seed, batch)
            stack.callback(told.close)
            told.worker.begin()
            return told

        yield begun


def whole_story(month: MonthEnd, reports: int, kills: int = 0) -> list[Exchange]:
    """The reports that went as documents."""
    month.handed_in(reports)
    month.passes(timedelta(minutes=40))
    assert not any(x.paper for x in month.every())  # the line is out, and no deadline inside its margin
    month.kills = kills  # before, all of them would be in doubt, and nothing in doubt goes another way
    month.jumps(timedelta(hours=2))  # 12:40: both deadlines of today are inside
    month.passes(timedelta(hours=1))
    month.numbered()
    month.passes(timedelta(hours=2, minutes=20))  # 16:00, six hours later
    diverted = [x for x in month.every() if x.paper]
    month.other_side.clear()
    month.until(lambda: all(x.settled for x in month.every()), timedelta(hours=6))
    _every_value_once(month, reports)
    return diverted


def _every_value_once(month: MonthEnd, reports: int) -> None:
    """Every report is reconciled, and both receivers hold each of theirs once."""
    arrivals, journal = month.other_side.arrivals(), month.gateway.journal
    assert sorted(arrival["reporter"] for arrival in arrivals) == [f"H56.{number:03}" for number in range(reports)]
    handed_in = sample(month.gateway.settings.home)["values"]
    by_document = {arrival["messageId"] for arrival in arrivals if arrival["backfill"]}
    for x in month.every():
        history = journal.history(x.id)
        assert (x.stage, x.held) == (Stage.RECONCILED, 0), (x.key, x.stage, x.trouble)
        assert intact(history)
        assert (x.id in by_document) is (x.paper is not None)
        [kept] = [link.fact.statement for link in history if isinstance(link.fact, Reconciled)]
        values = json.loads(journal.bytes_of(kept.digest))["values"]
        assert len({(v["indicator"], v["organisation"], v["breakdown"]) for v in values}) == len(handed_in)
        assert x.backfill is None or x.backfill.sent_at < MORNING + timedelta(hours=5)  # before 15:00
    sent = [one["documentId"] for one in month.other_side.documents() if one["kind"] == "edoc"]
    assert len(sent) == len(set(sent)) == len(by_document)


def test_six_hours_at_the_end_of_a_month(month: Begin) -> None:
    told = month(1, batch=1)  # one after the other: who is made a document first can be seen
    diverted = whole_story(told, 12)

    assert Counter(x.agreement for x in diverted) == {TODAY: 6}
    assert Counter(x.agreement for x in told.every()) == {TODAY: 6, TOMORROW: 6}
    assert _diverted_for(told) == [SOONER] * 3 + [LATER] * 3


def test_processes_killed_at_any_moment_change_nothing(month: Begin) -> None:
    told = month(2)
    diverted = whole_story(told, 8, kills=5)

    assert told.worker.deaths > 0
    assert {x.agreement for x in diverted} == {TODAY}


@pytest.mark.soak
def test_three_hundred_reports_and_processes_that_die(month: Begin) -> None:
    told = month(3)
    diverted = whole_story(told, 300, kills=20)

    assert told.worker.deaths > 0
    assert {x.agreement for x in diverted} == {TODAY}
    assert len(diverted) > 50  # one that a kill left in doubt is asked after first, however late it gets


def _diverted_for(month: MonthEnd) -> list[str]:
    """The periods of the reports, in the order in which they were made documents."""
    reports = [month.gateway.journal.read(paper.parent or "") for paper in month.every(Kind.DOCUMENT)]
    return [report.head.period for report in reports if report.head]
