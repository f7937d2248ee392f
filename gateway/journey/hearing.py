"""What a thread answers, heard on a loop."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


def hearing(asked: Future[T]) -> asyncio.Future[T]:
    """The answer to `asked` on the running loop. Who waits no longer takes nothing back.

    By hand what `asyncio.wrap_future` does, at a third of what it costs each report.
    """
    loop = asyncio.get_running_loop()
    heard: asyncio.Future[T] = loop.create_future()
    if asked.done():
        _settle(heard, asked)
        return heard

    def told(done: Future[T]) -> None:
        with suppress(RuntimeError):  # the loop has ended meanwhile, and who waited with it
            loop.call_soon_threadsafe(_settle, heard, done)

    asked.add_done_callback(told)
    return heard


def _settle(heard: asyncio.Future[T], done: Future[T]) -> None:
    """Nobody may be waiting for it any more; a failure is no news then."""
    if heard.done():
        return
    if done.cancelled():
        heard.cancel()
        return
    error = done.exception()
    if error is None:
        heard.set_result(done.result())
    else:
        heard.set_exception(error)
