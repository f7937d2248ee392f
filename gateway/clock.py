"""The machine's own clock, draws and identities: the one place that asks for them.

Anybody may come in, for `SystemClock`; tests and the sandbox hand in their own.
"""

from __future__ import annotations

import os
import random
import secrets
import socket
import threading
import time
from datetime import UTC, datetime

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32
_PAIRS = tuple(first + second for first in _LETTERS for second in _LETTERS)  # ten bits each
_DRAWN_BYTES = 10
_DRAWN_BITS = _DRAWN_BYTES * 8
_DRAWN_AT_ONCE = 256


class SystemClock:
    """The `Clock` of a running gateway."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0
        self._drawn: list[int] = []
        self._drawn_by = 0

    def now(self) -> datetime:
        return datetime.now(UTC)

    def new_id(self, prefix: str) -> str:
        """`prefix`-ULID: 48 bits of milliseconds, 80 drawn. Never smaller than one given before here.

        Within a millisecond, or when the machine's clock was set back, the last one is counted up.
        """
        with self._lock:
            fresh = (time.time_ns() // 1_000_000) << _DRAWN_BITS | self._draw()
            self._last = fresh if fresh >> _DRAWN_BITS > self._last >> _DRAWN_BITS else self._last + 1
            return f"{prefix}-{_spelled(self._last)}"

    def _draw(self) -> int:
        """Many are asked for at once: to ask the system for each costs more than the rest of an identity.

        A process that was forked draws and counts for itself, else it would give what the other one gives.
        """
        if self._drawn_by != os.getpid():
            self._drawn, self._last = [], 0
        if not self._drawn:
            drawn = secrets.token_bytes(_DRAWN_AT_ONCE * _DRAWN_BYTES)
            self._drawn = [int.from_bytes(drawn[at : at + _DRAWN_BYTES]) for at in range(0, len(drawn), _DRAWN_BYTES)]
            self._drawn_by = os.getpid()
        return self._drawn.pop()

    def ticks(self) -> float:
        return time.monotonic()

    def spread(self) -> float:
        return random.random()  # noqa: S311  jitter, not a secret


def _spelled(number: int) -> str:
    return "".join([_PAIRS[number >> shift & 1023] for shift in range(120, -1, -10)])


def worker_name() -> str:
    """What this process is called in leases: host, number and a word of its own."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
