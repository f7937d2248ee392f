"""The intake's spool: what was handed in while the store was away, on this host's own fsynced ledger.

One process has it open. Once everything in it stands in the journal it is emptied.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, closing, suppress
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
        self._ours: LedgerSpool | None = None
        self._told: set[Path] = set()
        self._damaged: set[Path] = set()  # not read again and again

    def take(self) -> LedgerSpool | None:
        """The first that is free, which is the one that this process had before; None where no file can be had."""
        for path in map(self._folder.joinpath, _NAMES):
            try:
                self._ours = LedgerSpool(path, self._clock, most=self._most)
            except OpenElsewhere:
                continue
            except Misconfigured as error:
                if not os.path.exists(path):  # nor for us: `Path.exists` raises then
                    log.warning("no spool", extra={"why": error.problem.title.en})
                    return None
                self._note(path, error)
                continue
            return self._ours
        log.warning("no spool", extra={"why": f"{self._folder}: {len(_NAMES)} ledgers, none free"})
        return None

    def left_behind(self, ask: Callable[[], object] = bool) -> Generator[LedgerSpool, None, None]:
        """Those with something in them that nobody has open; each is closed again behind its use.

        `ask` the store first: a ledger is read whole, for nothing where that raises.
        """
        for path in self._filled():
            ask()
            try:
                spool = LedgerSpool(path, self._clock, most=self._most)
            except OpenElsewhere:
                continue
            except Misconfigured as error:
                self._note(path, error)
                continue
            with closing(spool):
                yield spool

    def wait_elsewhere(self) -> bool:
        """Whether reports are in another ledger of this host, of a process that lives or of one that went."""
        return any(True for _ in self._filled())

    def standing(self) -> Iterator[tuple[Path, int | Misconfigured]]:
        """Of each that nobody has open and that holds something: how many wait, or what is wrong with it."""
        for path in self._filled():
            try:
                with closing(LedgerSpool(path, self._clock, most=self._most)) as spool:
                    yield path, spool.waiting
            except OpenElsewhere:
                continue
            except Misconfigured as error:
                yield path, error

    def close(self) -> None:
        """The one that was taken."""
        if self._ours is not None:
            self._ours.close()

    def _filled(self) -> Iterator[Path]:
        ours = self._ours.path if self._ours else None
        for path in map(self._folder.joinpath, _NAMES):
            with suppress(OSError):  # it is not there, or not for us
                if path != ours and path not in self._damaged and path.stat().st_size:
                    yield path

    def _note(self, path: Path, error: Misconfigured) -> None:
        """Told of once. What could not be opened perhaps can be later."""
        damaged = not isinstance(error.__cause__, OSError)
        if damaged:
            self._damaged.add(path)
        if path not in self._told:
            self._told.add(path)
            log.warning("spool damaged" if damaged else "spool not opened", extra={"why": error.problem.title.en})


class LedgerSpool:
    """`ports.Spool` on the file at `path`; safe for threads. `most`: bytes kept at most.

    Raises `Misconfigured` (F-005) when the file is open elsewhere, damaged or altered.
    """

    def __init__(self, path: Path, clock: Clock, *, most: int) -> None:
        self.path = path
        self._most = most
        self._lock = threading.RLock()
        self._ledger = Ledger(path, clock)
        kept = sum(self._ledger.count().values())
        self._waits = self._ledger.find(Query(limit=kept))[::-1]  # oldest first; to look for it again takes a second

    def close(self) -> None:
        with self._lock:  # whoever is writing still writes to this file, and not to the next one of its number
            self._ledger.close()

    def keep_behind(self, birth: Birth) -> tuple[Exchange, bool] | None:
        with self._lock:
            return self.keep(birth) if self._waits else None

    def keep(self, birth: Birth) -> tuple[Exchange, bool]:
        size = sum(len(content) for entry in birth.entries for content in entry.bytes)
        with self._lock:
            with suppress(Unavailable):  # what is in it already is said again all the same
                self._ledger.mend()
            if self.path.stat().st_size + size > self._most:
                raise Unavailable(problem("F-030", limit=self._most, seconds=_AGAIN_AFTER), retry_after=_AGAIN_AFTER)
            x, is_new = self._ledger.open(birth)
            if is_new:
                self._waits.append(x)
            return x, is_new

    @property
    def waiting(self) -> int:
        return len(self._waits)

    @property
    def kept(self) -> Journal:
        return self._ledger

    def after(self, number: int) -> list[Exchange]:
        with self._lock:
            return self._waits[number:]

    def shut(self) -> AbstractContextManager[object]:
        return self._lock

    def forget(self) -> None:
        with self._lock:
            self._waits = []
            try:
                self._ledger.clear()  # a crash before this only hands the same over again
            except Unavailable as error:  # so does a disk that gave up; it is emptied before anything new is in it
                log.warning("spool not emptied", extra={"why": error.problem.title.en})
