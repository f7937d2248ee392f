"""Writers that share one queue: each batch in one of them, and all of it written before they are let go."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from gateway.adapters.sql.together import Together


def _gone() -> Exception:
    return RuntimeError("gone")


def test_two_writers_write_at_the_same_time() -> None:
    both = threading.Barrier(2)

    def written(batch: Sequence[int]) -> list[int]:
        both.wait(60)  # one alone would wait here for ever
        return [number * 2 for number in batch]

    together: Together[int, int] = Together("pair", [written, written], lambda _: None, _gone)
    answers = [together.ask(number) for number in (1, 2)]

    assert [answer.result(60) for answer in answers] == [2, 4]
    together.close()


def test_who_waits_no_longer_takes_nothing_back_and_holds_up_nobody() -> None:
    going, done = threading.Event(), []

    def written(batch: Sequence[int]) -> list[int]:
        going.wait(60)
        done.extend(batch)
        return list(batch)

    together: Together[int, int] = Together("alone", [written], lambda number: number, _gone)
    one, two = together.ask(1), together.ask(2)
    assert not two.cancel()
    going.set()

    assert [one.result(60), two.result(60), together.ask(3).result(60)] == [1, 2, 3]
    together.close()
    assert done == [1, 2, 3]


def test_what_is_asked_of_one_name_is_written_in_turn_and_the_rest_together() -> None:
    begun, going, batches = threading.Event(), threading.Event(), []

    def written(batch: Sequence[str]) -> list[str]:
        begun.set()
        going.wait(60)
        batches.append(list(batch))
        return list(batch)

    together: Together[str, str] = Together("turns", [written], lambda word: word[0], _gone, most=3)
    together.ask("a1")
    begun.wait(60)
    answers = [together.ask(word) for word in ("b1", "c1", "b2", "b3", "d1", "e1", "f1")]
    going.set()

    assert [answer.result(60) for answer in answers] == ["b1", "c1", "b2", "b3", "d1", "e1", "f1"]
    together.close()
    assert batches == [["a1"], ["b1", "c1"], ["b2"], ["b3", "d1", "e1"], ["f1"]]


def test_who_closes_waits_for_every_writer() -> None:
    going, done = threading.Event(), []

    def written(batch: Sequence[int]) -> list[int]:
        going.wait(60)
        done.extend(batch)
        return list(batch)

    together: Together[int, int] = Together("pair", [written, written], lambda _: None, _gone)
    for number in range(5):
        together.ask(number)
    going.set()
    together.close()

    assert sorted(done) == list(range(5))
    assert isinstance(together.ask(9).exception(), RuntimeError)


@pytest.mark.parametrize("nameless", [7, [[]]], ids=["no name", "a name that nothing is kept under"])
def test_what_has_no_name_fails_where_it_is_asked_and_not_in_the_writer(nameless: object) -> None:
    together: Together[object, object] = Together("named", [list], lambda word: word[0], _gone)  # type: ignore[index]

    with pytest.raises(TypeError):
        together.ask(nameless)

    assert together.ask("a1").result(60) == "a1"
    together.close()


def test_no_failure_ends_a_writer_or_leaves_anybody_waiting() -> None:
    def written(batch: Sequence[str]) -> list[str]:
        if "end" in batch:
            raise SystemExit
        return list(batch)

    together: Together[str, str] = Together("lasting", [written], lambda word: word, _gone)

    with pytest.raises(RuntimeError, match="SystemExit"):
        together.ask("end").result(60)
    assert together.ask("next").result(60) == "next"
    together.close()


def test_a_writer_that_could_not_begin_begins_with_the_next_request() -> None:
    together: Together[int, int] = Together("late", [list], lambda number: number, _gone)
    usual = threading.stack_size(1 << 60)  # bytes: more than any machine can name
    try:
        with pytest.raises(RuntimeError):
            together.ask(1)
    finally:
        threading.stack_size(usual)

    assert together.ask(2).result(60) == 2
    together.close()
