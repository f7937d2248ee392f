"""The front door while its store is away: taken on disk within a second, handed over in order afterwards."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import httpx
import psycopg
import pytest

from fallback.spool import Spools
from gateway.clock import SystemClock
from gateway.domain.errors import NotFound
from gateway.domain.exchange import Exchange
from gateway.journey.accept import Incoming, admitted
from gateway.journey.spool import Intake
from gateway.ports import Birth, Journal
from gateway.sandbox import Sandbox
from gateway.seen import Seen
from gateway.serving import served
from gateway.wiring import Gateway, build
from tests.api.conftest import Opened
from tests.api.house import THANG, House, as_json, away, client, deployed, new_key, until


def test_what_is_handed_in_while_the_store_is_away_is_taken_and_arrives_once(another: Opened, postgres: str) -> None:
    house = another()
    key, payload = new_key(), as_json()
    with away(postgres, house.database):
        with ThreadPoolExecutor(100) as crowd:
            answers = list(crowd.map(lambda _: house.hand_in(payload, key=key), range(100)))
        assert {(answer.status_code, answer.json()["spooled"]) for answer in answers} == {(202, True)}
        (location,) = {answer.headers["Location"] for answer in answers}
        assert [answer.headers["Idempotent-Replayed"] for answer in answers].count("false") == 1
        assert house.read(location)["spooled"] is True
    assert house.at_rest(location)["stage"] == "reconciled"
    assert house.read(location)["spooled"] is False
    assert house.arrived(location) == 1
    again = house.hand_in(payload, key=key)
    assert (again.headers["Location"], again.json()["spooled"]) == (location, False)


def test_nobody_waits_longer_than_a_second_for_a_store_that_hangs(another: Opened) -> None:
    house = another()
    with _hanging(house):
        began = time.monotonic()
        with ThreadPoolExecutor(8) as crowd:
            answers = list(crowd.map(lambda _: house.hand_in(as_json()), range(8)))
        assert time.monotonic() - began < 60  # it hangs for good
    assert {answer.json()["spooled"] for answer in answers} == {True}
    for answer in answers:
        assert house.at_rest(answer.headers["Location"])["stage"] in ("reconciled", "superseded")
        assert house.stored("SELECT count(*) FROM exchange WHERE id = %s", answer.json()["id"]) == [(1,)]


def test_other_content_under_a_key_of_before_becomes_a_refused_exchange_with_a_notice(
    another: Opened, postgres: str
) -> None:
    house = another()
    key, payload = new_key(), as_json()
    before = house.taken(payload, key=key)
    house.at_rest(before)
    with away(postgres, house.database):
        other = house.hand_in(as_json(), key=key)
        assert (other.status_code, other.json()["spooled"]) == (202, True)
        at_once = house.hand_in(as_json(), key=key)
        assert (at_once.status_code, at_once.json()["code"]) == (409, "C-008")
    x = house.at_rest(other.headers["Location"])
    assert (x["stage"], x["reasons"][0]["code"]) == ("refused", "C-008")
    notices = house.desk.get("/v1/inbox").json()
    assert any(notice["subject"] == x["id"] or x["id"] in str(notice) for notice in notices)
    assert house.read(before)["stage"] == "reconciled"


def test_the_same_submission_of_before_leads_to_the_first_exchange(another: Opened, postgres: str) -> None:
    house = another()
    key, payload = new_key(), as_json()
    before = house.taken(payload, key=key)
    house.at_rest(before)
    with away(postgres, house.database):
        again = house.hand_in(payload, key=key)
        assert again.json()["spooled"] is True
    assert house.at_rest(again.headers["Location"])["stage"] == "superseded"
    assert house.arrived(before) == 1
    assert house.arrived(again.headers["Location"]) == 0


def test_a_full_spool_says_so_and_when_to_come_again(another: Opened, postgres: str) -> None:
    house = another("\n[server]\nspool_bytes = 3000\n")
    with away(postgres, house.database):
        answers = [house.hand_in(as_json()) for _ in range(8)]
        refused = [answer for answer in answers if answer.status_code != 202]
        assert {(answer.status_code, answer.json()["code"]) for answer in refused} == {(503, "F-030")}
        assert all(int(answer.headers["Retry-After"]) > 0 for answer in refused)
    until(lambda: house.desk.get("/readyz").status_code == 200, "the store is back")
    for answer in answers:
        if answer not in refused:
            assert house.at_rest(answer.headers["Location"])["stage"] in ("reconciled", "superseded")


def test_a_front_door_alone_hands_over_what_it_spooled(another: Opened, postgres: str) -> None:
    house = another(drains=False)
    with away(postgres, house.database):
        answer = house.hand_in(as_json())
        assert answer.json()["spooled"] is True
    location = answer.headers["Location"]
    until(lambda: house.read(location)["spooled"] is False, "it stands in the journal")
    assert house.read(location)["stage"] == "accepted"  # whoever drains has it now
    assert house.hand_in(as_json()).json()["spooled"] is False


def test_what_a_door_left_in_its_spool_is_handed_over_by_the_next_one_of_its_host(
    another: Opened, postgres: str, database: str
) -> None:
    house = another()
    with _beside(house) as url, client(url, house.key) as desk:
        with away(postgres, database):
            answer = _handed_in(desk)
            assert answer.json()["spooled"] is True
            assert house.hand_in(as_json()).json()["spooled"] is True
        location = answer.headers["Location"]
        assert desk.get(location).json()["spooled"] in (True, False)
        with away(postgres, database):
            last = _handed_in(desk).headers["Location"]
    for one in (location, last):
        until(lambda: house.desk.get(one).status_code == 200, "the other door's report stands in the journal")  # noqa: B023  # asked at once
        assert house.at_rest(one)["stage"] in ("reconciled", "superseded")


def test_what_waits_in_a_spool_is_not_said_to_be_unknown(another: Opened, postgres: str, database: str) -> None:
    house = another()
    with _beside(house) as url, client(url, house.key) as desk:
        with _waiting_in(house, postgres, database) as location:
            until(lambda: desk.get("/readyz").status_code == 200, "the store is back")
            own = [house.desk.get(location + part) for part in ("/facts", "/evidence")]  # the chain is the journal's
            page = house.desk.get(location.removeprefix("/v1"))
            told = [desk.get(location), *own]
            assert [(one.status_code, one.json()["code"]) for one in told] == [(503, "F-031")] * 3
            assert all(int(one.headers["Retry-After"]) >= 1 for one in (*told, page))
            assert (page.status_code, "F-031" in page.text) == (503, True)
        until(lambda: desk.get(location).status_code == 200, "it was handed over")
        assert desk.get("/v1/exchanges/gd-0").status_code == 404


@contextmanager
def _waiting_in(house: House, postgres: str, database: str) -> Iterator[str]:
    """A report that was handed in while the store was away, and is not handed over until the block ends."""
    spool = house.gateway.intake.spool
    assert spool is not None
    with ExitStack() as stack:
        with away(postgres, database):
            location = house.taken(as_json())
            stack.enter_context(spool.shut())
        yield location


def test_a_large_report_is_handed_over_before_the_small_ones_that_came_after_it(another: Opened, postgres: str) -> None:
    house = another()
    spool = house.gateway.intake.spool
    assert spool is not None
    with away(postgres, house.database):
        promised = [house.taken(_long(size)).rpartition("/")[2] for size in (600_000, 2_000, 500_000, 2_000, 2_000)]
        assert spool.waiting == len(promised)
    until(lambda: not spool.waiting, "it was handed over")
    in_order = house.stored("SELECT id FROM exchange WHERE id = ANY(%s) ORDER BY ordinal", promised)
    assert [name for (name,) in in_order] == promised


def test_a_process_that_ends_hands_over_what_it_has_in_hand_and_the_next_one_the_rest(
    home: Path, database: str, hand: psycopg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    begun, goes_on = threading.Event(), threading.Event()
    through = Seen(journal=lambda journal: cast(Journal, _Waiting(journal, begun, goes_on)))
    with build(home, {"GATEWAY_DATABASE_URL": database}, through) as gateway:
        gateway.open_door()
        spool = gateway.intake.spool
        assert spool is not None
        for number in range(600):
            spool.keep(_birth(gateway, f"k{number}"))
        gateway.closing.callback(goes_on.set)  # goes on once the process ends
        gateway.closing.callback(gateway.intake.leave)
        gateway.start()
        assert begun.wait(240)
    assert [record for record in caplog.records if record.exc_info] == []
    assert hand.execute("SELECT count(*) FROM exchange").fetchall() == [(256,)]

    with build(home, {"GATEWAY_DATABASE_URL": database}) as gateway:
        gateway.open_door()
        gateway.hand_over()
    assert hand.execute("SELECT array_agg(key ORDER BY ordinal) FROM exchange").fetchone() == (
        [f"k{number}" for number in range(600)],
    )


def test_what_is_handed_over_while_it_is_asked_for_is_not_said_to_be_unknown(home: Path, database: str) -> None:
    seen: list[_Overtaken] = []

    def through(journal: Journal) -> Journal:
        seen.append(_Overtaken(journal))
        return cast(Journal, seen[0])

    with build(home, {"GATEWAY_DATABASE_URL": database}, Seen(journal=through)) as gateway:
        spool = Spools(home / "var" / "spool", SystemClock(), most=1 << 20).take()  # another door's
        assert spool is not None
        with closing(spool):
            spool.keep(_birth(gateway, "k1"))
            seen[0].hand_over = Intake(gateway.doors, spool).hand_over
            assert gateway.read("gd-k1")[0].key == "k1"
        with pytest.raises(NotFound, match="F-006"):
            gateway.read("gd-0")


@pytest.fixture
def home(tmp_path: Path, other_side: Sandbox) -> Path:
    deployed(tmp_path / "home", other_side)
    return tmp_path / "home"


class _Waiting:
    """A journal that is asked to open something, and goes on when it may."""

    def __init__(self, journal: Journal, begun: threading.Event, goes_on: threading.Event) -> None:
        self._journal = journal
        self._begun = begun
        self._goes_on = goes_on

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def opening(self, birth: Birth) -> Future[tuple[Exchange, bool]]:
        self._begun.set()
        assert self._goes_on.wait(240)
        return self._journal.opening(birth)


class _Overtaken:
    """A journal that another door hands its spool over to, just behind the first question."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.hand_over: Callable[[], int] = int

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def read(self, exchange: str) -> Exchange:
        try:
            return self._journal.read(exchange)
        finally:
            self.hand_over()


def _birth(gateway: Gateway, key: str) -> Birth:
    birth = admitted(gateway.doors, Incoming(THANG, key, "desk", "application/json", as_json()))
    return replace(birth, opening=replace(birth.opening, id=f"gd-{key}"))


def _long(size: int) -> bytes:
    """A report of about `size` bytes, none of which can be saved."""
    return as_json(note=os.urandom(size // 2).hex())


@contextmanager
def _beside(house: House) -> Iterator[str]:
    """A second door of the same host, which drains nothing: its address."""
    with build(house.home, {"GATEWAY_DATABASE_URL": house.database}) as gateway, served(gateway, drains=False) as url:
        yield url


def _handed_in(desk: httpx.Client) -> httpx.Response:
    headers = {"Idempotency-Key": new_key(), "Agreement": THANG, "Content-Type": "application/json"}
    return desk.post("/v1/reports", content=as_json(), headers=headers)


@contextmanager
def _hanging(house: House) -> Iterator[None]:
    """A store that answers nobody: its table is locked."""
    with psycopg.connect(house.database) as c:
        c.execute("LOCK TABLE exchange IN ACCESS EXCLUSIVE MODE")
        yield
