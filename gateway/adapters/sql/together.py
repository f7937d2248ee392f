"""Natural group commit: whatever was asked for while one batch was being written is the next batch.

No timer: alone, a call waits for nobody; among sixty-four it shares one transaction and one flush with the
others, at a seventh of the CPU. Refused: a transaction each, and a wait of some milliseconds for company.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")


def failed(error: Exception) -> Future[Any]:
    """The answer of what could not even be asked for."""
    answer: Future[Any] = Future()
    answer.set_exception(error)
    return answer


class Together(Generic[Q, A]):
    """A writer for any number of callers; several, where what is asked for does not depend on its order.

    writes    each does a batch, in a thread of its own; answers one by one, an exception in place of an answer where
              one failed alone
    same      two requests of one name never share a batch: the later one is judged after the earlier one
    closed    what to answer when the writer has gone
    """

    def __init__(
        self,
        name: str,
        writes: Sequence[Callable[[Sequence[Q]], Sequence[A | Exception]]],
        same: Callable[[Q], Hashable],
        closed: Callable[[], Exception],
        *,
        most: int = 128,
    ) -> None:
        self._name = name
        self._writes = writes
        self._same = same
        self._closed = closed
        self._most = most
        self._waiting: deque[tuple[Q, Future[A]]] = deque()
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._open = True

    def ask(self, request: Q) -> Future[A]:
        """The answer to `request`, once it is written; the exception that it failed with."""
        answer: Future[A] = Future()
        answer.set_running_or_notify_cancel()  # what was asked for is not taken back, whoever still waits for it
        with self._changed:
            if not self._open:
                return failed(self._closed())
            if not self._threads:
                self._begin()
            self._waiting.append((request, answer))
            self._changed.notify()
        return answer

    def close(self) -> None:
        """Write what was asked for, then end."""
        with self._changed:
            self._open = False
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _begin(self) -> None:
        for write in self._writes:
            thread = threading.Thread(target=self._live, args=(write,), name=self._name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def _live(self, write: Callable[[Sequence[Q]], Sequence[A | Exception]]) -> None:
        while batch := self._batch():
            try:
                answers = write([request for request, _ in batch])
            except Exception as error:  # told to everyone who waits for it
                answers = [error] * len(batch)
            for (_, waiting), answer in zip(batch, answers, strict=True):
                if isinstance(answer, Exception):
                    waiting.set_exception(answer)
                else:
                    waiting.set_result(answer)

    def _batch(self) -> list[tuple[Q, Future[A]]]:
        """The next requests, oldest first, no two of one name; empty when the writer is to end."""
        with self._changed:
            while self._open and not self._waiting:
                self._changed.wait()
            names: set[Hashable] = set()
            batch: list[tuple[Q, Future[A]]] = []
            while self._waiting and len(batch) < self._most and self._same(self._waiting[0][0]) not in names:
                request, answer = self._waiting.popleft()
                names.add(self._same(request))
                batch.append((request, answer))
            return batch
