"""The intake's spool: what was handed in while the store was away, on this host's own fsynced ledger.

One process of a host has it open. Once everything in it stands in the journal the file is taken away.
"""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from pathlib import Path

from fallback.ledger import Ledger
from gateway.domain.errors import Unavailable, problem
from gateway.domain.exchange import Exchange
from gateway.ports import Birth, Clock, Journal, Query

_AGAIN_AFTER = 30.0


class LedgerSpool:
    """`ports.Spool` on the file at `path`; safe for threads. `most`: bytes kept at most.

    Raises `Misconfigured` (F-005) when the file is open elsewhere, damaged or altered.
    """

    def __init__(self, path: Path, clock: Clock, *, most: int) -> None:
        self._path = path
        self._clock = clock
        self._most = most
        self._lock = threading.RLock()
        self._ledger = Ledger(path, clock)
        self._waiting = sum(self._ledger.count().values())

    def close(self) -> None:
        self._ledger.close()

    def keep_behind(self, birth: Birth) -> tuple[Exchange, bool] | None:
        with self._lock:
            return self.keep(birth) if self._waiting else None

    def keep(self, birth: Birth) -> tuple[Exchange, bool]:
        size = sum(len(content) for entry in birth.entries for content in entry.bytes)
        with self._lock:
            if self._path.stat().st_size + size > self._most:
                raise Unavailable(problem("F-030", limit=self._most, seconds=_AGAIN_AFTER), retry_after=_AGAIN_AFTER)
            x, is_new = self._ledger.open(birth)
            self._waiting += is_new
            return x, is_new

    @property
    def waiting(self) -> int:
        return self._waiting

    @property
    def kept(self) -> Journal:
        return self._ledger

    def after(self, number: int) -> list[Exchange]:
        with self._lock:
            return self._ledger.find(Query(limit=self._waiting - number))[::-1] if self._waiting > number else []

    def shut(self) -> AbstractContextManager[object]:
        return self._lock

    def forget(self) -> None:
        with self._lock:
            self._ledger.close()
            self._path.unlink()  # a crash before this only hands the same over again
            self._ledger = Ledger(self._path, self._clock)
            self._waiting = 0
