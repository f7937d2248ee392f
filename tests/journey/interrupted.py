"""A journal with an accident in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from gateway.domain.exchange import Exchange
from gateway.domain.facts import Fact
from gateway.ports import Birth, Entry, Journal, Lease


class Interrupted:
    """A journal around which the process is killed, or the store goes away, at one kind of fact."""

    def __init__(self, journal: Journal, at: type[Fact], *, before: BaseException | None, after: BaseException | None):
        self._journal = journal
        self._at = at
        self._before = before
        self._after = after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def append(
        self,
        exchange: Exchange,
        entries: Sequence[Entry],
        *,
        lease: Lease | None = None,
        births: Sequence[Birth] = (),
        line: bool | None = None,
    ) -> Exchange:
        hit = any(isinstance(entry.fact, self._at) for entry in entries)
        if hit and self._before:
            before, self._before = self._before, None
            raise before
        recorded = self._journal.append(exchange, entries, lease=lease, births=births, line=line)
        if hit and self._after:
            after, self._after = self._after, None
            raise after
        return recorded

    def appending(self, exchange: Exchange, entries: Sequence[Entry], **told: Any) -> Future[Exchange]:
        return done(lambda: self.append(exchange, entries, **told))


def done(write: Callable[[], Exchange]) -> Future[Exchange]:
    """What `write` did, here and now."""
    answer: Future[Exchange] = Future()
    try:
        answer.set_result(write())
    except BaseException as error:
        answer.set_exception(error)
    return answer
