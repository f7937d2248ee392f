"""Answers kept by key while they are good, made anew by one thread for all that wait (single flight)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """Bounded: at `most` entries everything is dropped, which costs one round of asking again."""

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._kept: dict[Hashable, T] = {}
        self._flights: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def peek(self, key: Hashable) -> T | None:
        with self._lock:
            return self._kept.get(key)

    def keep(self, key: Hashable, value: T) -> None:
        with self._lock:
            if len(self._kept) >= self._most:
                self._kept.clear()
                self._flights.clear()
            self._kept[key] = value

    def get(self, key: Hashable, good: Callable[[T], bool], make: Callable[[], T]) -> T:
        """What is kept and `good`, else what `make` gives; its errors pass through and nothing is kept."""
        found = self.peek(key)
        if found is not None and good(found):
            return found
        with self._lock:
            flight = self._flights.setdefault(key, threading.Lock())
        with flight:
            found = self.peek(key)
            if found is not None and good(found):
                return found
            fresh = make()
            self.keep(key, fresh)
            return fresh
