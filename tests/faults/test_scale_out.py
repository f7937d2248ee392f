"""The scale-out deployment, one trouble at a time: two that serve and two that work, each with a folder of its own.

The fleet stands for all tests of this file; each leaves it healed, and after each the whole history is judged.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

import httpx
import pytest

from tests.faults.checker import Run, judged
from tests.faults.clients import Crowd, Partner, paper
from tests.faults.fleet import Fleet, Member, fleet
from tests.faults.history import History, Journalled
from tests.faults.proxy import Manner
from tests.faults.stores import until

pytestmark = pytest.mark.soak

_LANES = count(1)
_REST = 600.0


@dataclass
class Scene:
    fleet: Fleet
    history: History
    partner: Partner

    def handed_in(self) -> str:
        """One report of a lane of its own, promised; its id."""
        answer = self.asked()
        assert answer is not None
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def asked(self, at: int = 0) -> httpx.Response | None:
        return self.partner.ask(paper(f"H56.9{next(_LANES):03}"), at=at)

    @contextmanager
    def crowd(self, rate: float = 40) -> Iterator[Crowd]:
        """Partners hand in all the while."""
        lanes = next(_LANES)
        one = Crowd(self.fleet, self.history, lanes, rate=rate, prefix=f"H56.{lanes}")
        one.start()
        try:
            yield one
        finally:
            self.fleet.heal()
            one.stop()

    def is_sound(self) -> Run:
        """Everything comes to rest, and nothing is wrong with it."""
        until(self.fleet.at_rest, "everything settled or with a person", _REST, every=0.2)
        run = self.fleet.run(self.history)
        assert judged(run) == [], self.fleet.last_words()
        return run

    def kept(self, name: str) -> Journalled:
        return self.fleet.run(self.history).by_id[name]

    def unfinished(self) -> list[str]:
        """Begun to be sent, and how it ended was never written down; an answer that came too late is no such thing."""
        return [one.id for one in self.fleet.run(self.history).kept if one.facts[-1] == "Attempted"]


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("scale-out")
    with fleet(folder) as ours, History(folder / "history") as history:
        partner = Partner([one.url for one in ours.serving], ours.key, history)
        yield Scene(ours, history, partner)
        partner.close()


@pytest.fixture
def scene(standing: Scene) -> Iterator[Scene]:
    yield standing
    standing.fleet.heal()


@pytest.mark.parametrize("who", ["serve-0", "serve-1", "work-0", "work-1"])
def test_any_process_is_killed_while_reports_come_in(scene: Scene, who: str) -> None:
    with scene.crowd():
        _for(1.0)
        next(one for one in scene.fleet.members if one.name == who).kill()
        _for(2.0)
    assert scene.is_sound().counts()["promised"] > 0


def test_the_report_of_a_killed_worker_goes_on_when_its_lease_is_over(scene: Scene) -> None:
    name, holder, others = _unanswered(scene)
    holder.kill()
    scene.fleet.to_other_side.clear()
    for one in others:
        one.send(signal.SIGCONT)

    until(lambda: "Delivered" in scene.kept(name).facts, "asked after by another", _REST)
    assert scene.is_sound().arrived[name] == 1


def test_a_worker_that_stood_still_past_its_lease_changes_nothing_when_it_goes_on(scene: Scene) -> None:
    name, holder, others = _unanswered(scene)
    holder.send(signal.SIGSTOP)
    scene.fleet.to_other_side.clear()  # the answer waits in the stopped process's own socket
    for one in others:
        one.send(signal.SIGCONT)
    until(lambda: scene.kept(name).settled, "another asked, and settled it", _REST)
    before = scene.kept(name).facts

    holder.send(signal.SIGCONT)
    scene.fleet.start()
    until(lambda: scene.partner.look(name) is not None, "the late one answers again")
    assert scene.is_sound().by_id[name].facts == before
    assert before.count("Delivered") == 1


def test_asked_to_go_at_the_peak_every_process_finishes_what_is_in_its_hands(scene: Scene) -> None:
    with scene.crowd(rate=80):
        _for(2.0)
        for one in scene.fleet.members:
            one.send(signal.SIGTERM)
        assert [one.ended() for one in scene.fleet.members] == [0] * len(scene.fleet.members)
        assert scene.unfinished() == []
    assert scene.is_sound().counts()["promised"] > 0


@pytest.mark.parametrize("trouble", ["killed", "full", "flushed", "hangs"])
def test_without_its_doorbell_everything_still_goes_out(scene: Scene, trouble: str) -> None:
    bell = scene.fleet.bell
    act: dict[str, Callable[[], None]] = {
        "killed": bell.kill,
        "full": bell.fill,
        "flushed": bell.flush,
        "hangs": lambda: scene.fleet.to_bell.begin(Manner("hang")),
    }
    act[trouble]()
    names = [scene.handed_in() for _ in range(5)]
    until(lambda: all(scene.kept(name).settled for name in names), "delivered without it", _REST)
    if trouble == "killed":
        bell.start()
    scene.fleet.heal()
    scene.is_sound()


def test_postgres_crashes_and_comes_back_while_reports_come_in(scene: Scene) -> None:
    with scene.crowd():
        for _ in range(3):
            _for(1.0)
            scene.fleet.store.stop("immediate")
            _for(0.5)
            scene.fleet.store.start()
    scene.is_sound()


def test_while_postgres_is_away_nothing_is_promised_that_is_not_on_a_disk(scene: Scene) -> None:
    scene.fleet.store.stop("immediate")
    one = paper("H56.store-away")
    answer = scene.partner.ask(one)
    assert answer is not None, "no answer at all"
    promised = answer.status_code == 202
    assert promised or (answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0)
    assert not promised or answer.json()["spooled"] is True

    scene.fleet.store.start()
    found: list[httpx.Response] = []

    def taken() -> bool:
        again = scene.partner.ask(one)
        if again is not None and again.status_code == 202 and not again.json()["spooled"]:
            found.append(again)
        return bool(found)

    until(taken, "in the store once it is back", _REST, every=0.5)
    assert not promised or found[0].json()["id"] == answer.json()["id"]
    scene.is_sound()


def test_a_storm_of_connections_costs_waiting_and_nothing_else(scene: Scene) -> None:
    with scene.crowd():
        _for(0.5)
        with scene.fleet.store.crowded():
            _for(2.0)
    scene.is_sound()


def test_transactions_that_give_way_to_others_are_asked_for_again(scene: Scene) -> None:
    """Under SERIALIZABLE the server refuses what READ COMMITTED lets pass (SQLSTATE 40001)."""
    store = scene.fleet.store
    with store.connected() as c:
        c.execute("ALTER DATABASE postgres SET default_transaction_isolation = 'serializable'")
    try:
        store.cut_off()
        with scene.crowd():
            _for(4.0)
    finally:
        with store.connected() as c:
            c.execute("ALTER DATABASE postgres RESET default_transaction_isolation")
        store.cut_off()
    scene.is_sound()


def test_locked_tables_hold_everything_up_and_break_nothing(scene: Scene) -> None:
    with scene.crowd():
        for table in ("work", "exchange", "fact"):
            _for(0.5)
            with scene.fleet.store.connected() as c, c.transaction():
                c.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
                _for(1.0)
    scene.is_sound()


@pytest.mark.parametrize("manner", [Manner("cut_reply"), Manner("hang", way="down"), Manner("cut", size=600, way="up")])
def test_the_line_to_the_store_breaks_at_any_place(scene: Scene, manner: Manner) -> None:
    with scene.crowd():
        for _ in range(3):
            _for(0.5)
            with scene.fleet.to_store.doing(manner, times=5):
                _for(1.0)
    scene.is_sound()


def _unanswered(scene: Scene) -> tuple[str, Member, list[Member]]:
    """A report that has just arrived and whose sender, the only process that moves, has no answer yet."""
    holder, others = scene.fleet.members[0], scene.fleet.members[1:]
    for one in others:
        one.send(signal.SIGSTOP)
    first = scene.handed_in()  # whoever just began has to log in
    until(lambda: scene.kept(first).settled, "one works alone", _REST)
    scene.fleet.to_other_side.begin(Manner("hang", way="down"))
    name = scene.handed_in()
    until(lambda: scene.fleet.other_side.count(name) == 1, "it arrived, unanswered")
    return name, holder, others


def _for(seconds: float) -> None:
    threading.Event().wait(seconds)
