"""Natural group commit: whatever was asked for while one batch was being written is the next batch.

No timer: alone, a call waits for nobody; among sixty-four it shares one transaction and one flush with the
others, at a seventh of the CPU. Refused: a transaction each, and a wait of some milliseconds for company.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Generic, NamedTuple, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")


class _Asked(NamedTuple, Generic[Q, A]):
    name: Hashable
    request: Q
    answer: Future[A]


class Together(Generic[Q, A]):
    """A writer for any number of callers; several, where each request goes alone and in any order.

    writes    each does a batch, in a thread of its own; answers one by one, an exception in place of an answer where
              one failed alone
    same      two requests of one name never share a batch: the later one is judged after the earlier one
    closed    what to answer when the writer has gone
    most      requests in a batch; of several writers each takes one
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
        self._most = most if len(writes) == 1 else 1  # nobody else may take what one writer has seen waiting
        self._asked: SimpleQueue[_Asked[Q, A] | None] = SimpleQueue()  # None: nobody asks any more
        self._asking = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._open = True

    def ask(self, request: Q) -> Future[A]:
        """The answer to `request`, once it is written; the exception that it failed with.

        Raises what `same` raises: in a writer it would be the end of all who wait.
        """
        name = self._same(request)
        hash(name)
        answer: Future[A] = Future()
        answer.set_running_or_notify_cancel()  # what was asked for is not taken back, whoever still waits for it
        with self._asking:
            if not self._open:
                answer.set_exception(self._closed())
                return answer
            if not self._threads:
                self._begin()
            self._asked.put(_Asked(name, request, answer))
        return answer

    def close(self) -> None:
        """Write what was asked for, then end."""
        with self._asking:
            self._open = False
        for _ in self._threads:
            self._asked.put(None)
        for thread in self._threads:
            thread.join()

    def _begin(self) -> None:
        for write in self._writes:
            thread = threading.Thread(target=self._live, args=(write,), name=self._name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def _live(self, write: Callable[[Sequence[Q]], Sequence[A | Exception]]) -> None:
        for batch in self._batches():
            try:
                answers = write([each.request for each in batch])
            except Exception as error:  # told to everyone who waits for it
                answers = [error] * len(batch)
            except BaseException as error:  # no end of the writer, nor of those who are told
                answers = [RuntimeError(repr(error))] * len(batch)
            for each, answer in zip(batch, answers, strict=True):
                if isinstance(answer, Exception):
                    each.answer.set_exception(answer)
                else:
                    each.answer.set_result(answer)

    def _batches(self) -> Iterator[list[_Asked[Q, A]]]:
        """Of what is asked for, oldest first, no two of one name. What does not go in is held for the next."""
        asked = self._asked.get()
        while asked is not None:
            batch, held = {asked.name: asked}, False
            while not held and len(batch) < self._most and not self._asked.empty():
                asked = self._asked.get()
                held = asked is None or asked.name in batch
                if asked is not None and not held:
                    batch[asked.name] = asked
            yield list(batch.values())
            if not held:
                asked = self._asked.get()
