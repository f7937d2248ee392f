"""Values kept by key, bounded; safe between threads."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """At `most` entries everything is dropped, which costs one round of judging again."""

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._kept: dict[Hashable, T] = {}
        self._lock = threading.Lock()

    def peek(self, key: Hashable) -> T | None:
        with self._lock:
            return self._kept.get(key)

    def keep(self, key: Hashable, value: T) -> None:
        with self._lock:
            if len(self._kept) >= self._most:
                self._kept.clear()
            self._kept[key] = value
