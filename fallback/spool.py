"""The intake's spool: what was handed in while the store was away, on this host's own fsynced ledger.

One process has it open. Once everything in it stands in the journal it is emptied.
"""

from __future__ import annotations

import fcntl
import logging
import threading
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path

from fallback.frames import OpenElsewhere
from fallback.ledger import Ledger
from gateway.domain.errors import Misconfigured, Unavailable, problem
from gateway.domain.exchange import Exchange
from gateway.ports import Birth, Clock, Journal, Query

log = logging.getLogger("gateway.spool")

_AGAIN_AFTER = 30.0
_NAMES = ("intake.ledger", *(f"intake-{number}.ledger" for number in range(2, 65)))


class Spools:
    """The ledgers in `folder`: every process of this host that takes reports in has one of its own.

    `most`: bytes kept at most, in each. What a process left in its own when it went is found by the next that hands
    over, whoever that is.
    """

    def __init__(self, folder: Path, clock: Clock, *, most: int) -> None:
        self._folder = folder
        self._clock = clock
        self._most = most
        self._ours: Path | None = None
        self._damaged: set[Path] = set()  # told of once, and not read again and again

    def take(self) -> LedgerSpool | None:
        """The first that is free, which is the one that this process had before; None where no file can be had."""
        for name in _NAMES:
            path = self._folder / name
            before = path.exists()
            try:
                spool = LedgerSpool(path, self._clock, most=self._most)
            except OpenElsewhere:
                continue
            except Misconfigured as error:
                if not before:
                    log.warning("no spool", extra={"why": error.problem.title.en})
                    return None
                self._note_damage(path, error)
                continue
            self._ours = path
            return spool
        return None

    def left_behind(self) -> Generator[LedgerSpool, None, None]:
        """Those with something in them that nobody has open; each is closed again behind its use."""
        for path in self._filled():
            try:
                spool = LedgerSpool(path, self._clock, most=self._most)
            except OpenElsewhere:
                continue
            except Misconfigured as error:
                self._note_damage(path, error)
                continue
            try:
                yield spool
            finally:
                spool.close()

    def wait_elsewhere(self) -> bool:
        """Whether another process of this host has reports in its own."""
        return any(_is_locked(path) for path in self._filled())

    def _filled(self) -> Iterator[Path]:
        for path in map(self._folder.joinpath, _NAMES):
            with suppress(FileNotFoundError):
                if path != self._ours and path not in self._damaged and path.stat().st_size:
                    yield path

    def _note_damage(self, path: Path, error: Misconfigured) -> None:
        self._damaged.add(path)
        log.warning("spool damaged", extra={"why": error.problem.title.en})


def _is_locked(path: Path) -> bool:
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


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
            self._ledger.clear()  # a crash before this only hands the same over again
            self._waiting = 0
