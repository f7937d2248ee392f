"""What a thread answers is heard on the loop that waits for it, and by nobody where nobody waits any more."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future

import pytest

from gateway.journey.hearing import hearing


def answered(asked: Future[int], answer: int | Exception) -> threading.Thread:
    """By another thread."""
    tell = asked.set_exception if isinstance(answer, Exception) else asked.set_result
    thread = threading.Thread(target=tell, args=(answer,))
    thread.start()
    return thread


@pytest.mark.parametrize("before", [True, False], ids=["answered before", "answered while it waits"])
@pytest.mark.parametrize("answer", [7, ValueError("no")], ids=["an answer", "a failure"])
def test_what_is_answered_is_heard(before: bool, answer: int | Exception) -> None:
    async def told() -> int:
        asked: Future[int] = Future()
        if before:
            answered(asked, answer).join()
            return await hearing(asked)
        heard = hearing(asked)
        answered(asked, answer)
        return await heard

    if isinstance(answer, Exception):
        with pytest.raises(ValueError, match="no"):
            asyncio.run(told())
    else:
        assert asyncio.run(told()) == answer


@pytest.mark.parametrize("answer", [7, ValueError("no")], ids=["an answer", "a failure"])
def test_who_is_cut_off_takes_nothing_back_and_is_told_nothing_later(answer: int | Exception) -> None:
    asked: Future[int] = Future()
    asked.set_running_or_notify_cancel()

    async def cut_off() -> None:
        waiting = asyncio.ensure_future(hearing(asked))
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        answered(asked, answer).join()
        await asyncio.sleep(0)  # what was told by the thread has its turn
        assert waiting.cancelled()

    asyncio.run(cut_off())
    assert asked.done()
    assert not asked.cancelled()


@pytest.mark.parametrize("before", [True, False], ids=["taken back before", "taken back while it waits"])
def test_what_is_taken_back_on_the_other_side_is_waited_for_by_nobody(before: bool) -> None:
    async def told() -> None:
        asked: Future[int] = Future()
        if before:
            asked.cancel()
        heard = hearing(asked)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(heard, 60)

    asyncio.run(told())


def test_an_answer_after_the_loop_has_ended_troubles_nobody(caplog: pytest.LogCaptureFixture) -> None:
    asked: Future[int] = Future()

    async def begun() -> None:
        hearing(asked)

    asyncio.run(begun())
    answered(asked, 7).join()
    assert asked.result() == 7
    assert not caplog.records
