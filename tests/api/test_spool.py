"""The front door while its store is away: taken on disk within a second, handed over in order afterwards."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg

from tests.api.conftest import Opened
from tests.api.house import House, as_json, away, new_key, until


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


@contextmanager
def _hanging(house: House) -> Iterator[None]:
    """A store that answers nobody: its table is locked."""
    with psycopg.connect(house.database) as c:
        c.execute("LOCK TABLE exchange IN ACCESS EXCLUSIVE MODE")
        yield
