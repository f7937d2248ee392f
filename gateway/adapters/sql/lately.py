"""Bytes that were written or read lately, by digest: what they are called is what they are, so they never go stale."""

from __future__ import annotations

import threading
from collections import OrderedDict

_LARGEST_PART = 8  # one content takes an eighth of the room at most


class Lately:
    """Keeps `room` bytes, the least lately used go first; safe for threads."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, digest: str) -> bytes | None:
        with self._lock:
            content = self._kept.get(digest)
            if content is not None:
                self._kept.move_to_end(digest)
            return content

    def put(self, digest: str, content: bytes) -> None:
        if len(content) > self._room // _LARGEST_PART:
            return
        with self._lock:
            if digest in self._kept:
                return
            self._kept[digest] = content
            self._size += len(content)
            while self._size > self._room:
                self._size -= len(self._kept.popitem(last=False)[1])
