"""A hundred at once ask the same: one exchange, one receipt; whoever says something else under that key learns of it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import httpx
import pytest

from tests.faults.checker import judged
from tests.faults.clients import Paper, Partner, paper
from tests.faults.pairs import Pair, pair
from tests.faults.stores import until

_MANY = 100


@pytest.fixture
def two(tmp_path: Path, database: str) -> Iterator[Pair]:
    with pair(tmp_path, database) as both:
        yield both


def at_once(partner: Partner, questions: list[Paper]) -> list[httpx.Response]:
    """All asked in the same moment, half at each door."""
    together = Barrier(len(questions))

    def asked(number: int) -> httpx.Response:
        together.wait(30)
        answer = partner.ask(questions[number], at=number, other=questions[number].values == 0)
        assert answer is not None
        return answer

    with ThreadPoolExecutor(len(questions)) as pool:
        return list(pool.map(asked, range(len(questions))))


def test_a_hundred_at_once_get_one_exchange_and_one_receipt(two: Pair) -> None:
    one = paper("H56")
    with two.open() as partner:
        answers = at_once(partner, [one] * _MANY)
        assert {answer.status_code for answer in answers} == {202}
        names = {answer.json()["id"] for answer in answers}
        until(lambda: None not in _led_to(two, names), "what was spooled is handed over")
        until(lambda: all(kept.settled for kept in two.run().kept), "settled")
        [name] = _led_to(two, names)
        told = [answer for answer in answers if answer.json()["id"] == name]
        # None: whoever opened it waited too long, and heard of another that was spooled meanwhile.
        assert [answer.headers["Idempotent-Replayed"] for answer in told].count("false") <= 1
        shown = [partner.receipt(one.key, name or "", at=at) for at in range(4)]
        again = partner.ask(one, at=1)
    assert all(receipt == shown[0] for receipt in shown)
    assert again is not None
    assert again.json()["receipt"] == shown[0]["receipt"]  # type: ignore[index]
    assert judged(two.run()) == []


def _led_to(two: Pair, names: set[str]) -> set[str | None]:
    """The exchanges that `names` stand for: a store too busy to answer within the second spools, under another name."""
    run = two.run()
    return {kept.id if (kept := run.found_by(name)) else None for name in names}


def test_of_two_contents_under_one_key_the_first_is_kept_and_the_other_told_of_both(two: Pair) -> None:
    one = paper("H56")
    other = replace(paper("H56", figure="13.16", key=one.key), values=0)  # 0: on purpose, for the history
    with two.open() as partner:
        assert partner.ask(one, at=0) is not None
        answers = at_once(partner, [one, other] * 20)
        until(lambda: all(kept.settled for kept in two.run().kept), "settled")
    same, different = answers[::2], answers[1::2]
    assert {answer.status_code for answer in same} == {202}
    assert {answer.status_code for answer in different} == {409}
    for answer in different:
        said = answer.json()["problems"][0]
        assert said["code"] == "C-008"
        assert said["details"]["before"] == one.digest
        assert said["details"]["now"] == other.digest
        assert said["details"]["at"]
    assert judged(two.run()) == []


def test_a_conflict_names_both_times(two: Pair) -> None:
    one = paper("H56")
    with two.open() as partner:
        assert partner.ask(one) is not None
        answer = partner.ask(paper("H56", figure="13.16", key=one.key), other=True)
    assert answer is not None
    said = answer.json()["problems"][0]["details"]
    assert {"at", "now_at"} <= said.keys()
