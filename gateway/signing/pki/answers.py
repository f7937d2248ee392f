"""Lists and OCSP answers kept while they are good: in memory and in a folder, fetched by one for all that wait.

Past half of its life an answer is fetched anew in the background, so that nobody waits and an outage of hours
goes unnoticed. What lies in the folder is proven again when it is read: it may be shared, and nobody need guard it.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from gateway.signing.pki.crl_index import Unusable

_MOST = 10_000


class Dated(Protocol):
    @property
    def this_update(self) -> datetime: ...
    @property
    def next_update(self) -> datetime: ...


T = TypeVar("T", bound=Dated)


@dataclass(frozen=True, slots=True)
class Wanted(Generic[T]):
    """One answer: `key` names it, `fetch` gets its bytes (raises `Unusable`), `read` proves them (likewise)."""

    key: tuple[str, ...]
    fetch: Callable[[], bytes]
    read: Callable[[bytes], T]
    max_age: timedelta

    def ends(self, answer: T) -> datetime:
        return min(answer.next_update, answer.this_update + self.max_age)

    def half_life(self, answer: T) -> datetime:
        """A little later for some than for others, so that not all are fetched at the same moment."""
        spread = hashlib.sha256("\0".join(self.key).encode()).digest()[0] / 2560
        return answer.this_update + (self.ends(answer) - answer.this_update) * (0.5 + spread)


class Answers(Generic[T]):
    """Safe between threads. `news` is called with each answer that was fetched; `spawn` runs work beside us."""

    def __init__(
        self, folder: Path | None, latest: Callable[[], datetime], news: Callable[[], None],
        spawn: Callable[[Callable[[], None]], None],
    ) -> None:  # fmt: skip
        self._folder, self._latest, self._news, self._spawn = folder, latest, news, spawn
        self._kept: dict[tuple[str, ...], T] = {}
        self._flights: dict[tuple[str, ...], threading.Lock] = {}
        self._lock = threading.Lock()

    def peek(self, key: tuple[str, ...]) -> T | None:
        """What is at hand in memory, however old."""
        with self._lock:
            return self._kept.get(key)

    def get(self, wanted: Wanted[T]) -> T:
        """An answer that has not ended by the latest moment known. Raises `Unusable`."""
        found = self.peek(wanted.key)
        if found is None or not self._lasts(wanted, found):
            return self._got(wanted)
        if self._latest() > wanted.half_life(found):
            flight = self._flight(wanted.key)
            if flight.acquire(blocking=False):
                self._spawn(lambda: self._renew(wanted, flight))
        return found

    def all(self) -> list[tuple[tuple[str, ...], T]]:
        with self._lock:
            return list(self._kept.items())

    def _got(self, wanted: Wanted[T]) -> T:
        with self._flight(wanted.key):
            for look in (self.peek, lambda _: self._stored(wanted)):
                found = look(wanted.key)
                if found is not None:
                    self._keep(wanted.key, found)
                    if self._lasts(wanted, found):
                        return found
            return self._fetched(wanted)

    def _renew(self, wanted: Wanted[T], flight: threading.Lock) -> None:
        try:
            self._fetched(wanted)
        except Unusable:
            return  # what is kept is still good; the wire rests the host
        finally:
            flight.release()

    def _fetched(self, wanted: Wanted[T]) -> T:
        data = wanted.fetch()
        fresh = wanted.read(data)
        known = self.peek(wanted.key)
        if known is not None and known.this_update > fresh.this_update:
            raise Unusable("an older answer than the one already known")  # replayed, or a responder behind
        self._store(wanted.key, data)
        self._keep(wanted.key, fresh)
        self._news()
        return fresh

    def _lasts(self, wanted: Wanted[T], found: T) -> bool:
        return wanted.ends(found) > self._latest()

    def _keep(self, key: tuple[str, ...], value: T) -> None:
        with self._lock:
            if len(self._kept) >= _MOST and key not in self._kept:
                self._kept.clear()  # costs one round of asking again, and never grows without end
                self._flights.clear()
            self._kept[key] = value

    def _flight(self, key: tuple[str, ...]) -> threading.Lock:
        with self._lock:
            return self._flights.setdefault(key, threading.Lock())

    def _file(self, key: tuple[str, ...]) -> Path | None:
        if self._folder is None:
            return None
        return self._folder / f"{hashlib.sha256(chr(0).join(key).encode()).hexdigest()}.der"

    def _stored(self, wanted: Wanted[T]) -> T | None:
        file = self._file(wanted.key)
        try:
            return wanted.read(file.read_bytes()) if file is not None else None
        except (OSError, Unusable):
            return None

    def _store(self, key: tuple[str, ...], data: bytes) -> None:
        file = self._file(key)
        if file is None:
            return
        fresh = file.with_suffix(f".{os.getpid()}.{threading.get_ident()}")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_bytes(data)
            fresh.replace(file)
        except OSError:
            fresh.unlink(missing_ok=True)  # a full disk must not cost a verdict: the answer is in memory
