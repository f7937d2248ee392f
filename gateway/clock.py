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
_DRAWN_BITS = 80


class SystemClock:
    """The `Clock` of a running gateway."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def now(self) -> datetime:
        return datetime.now(UTC)

    def new_id(self, prefix: str) -> str:
        """`prefix`-ULID: 48 bits of milliseconds, 80 drawn. Never smaller than one given before here.

        Within a millisecond, or when the machine's clock was set back, the last one is counted up.
        """
        fresh = (time.time_ns() // 1_000_000) << _DRAWN_BITS | secrets.randbits(_DRAWN_BITS)
        with self._lock:
            self._last = fresh if fresh >> _DRAWN_BITS > self._last >> _DRAWN_BITS else self._last + 1
            return f"{prefix}-{_spelled(self._last)}"

    def ticks(self) -> float:
        return time.monotonic()

    def spread(self) -> float:
        return random.random()  # noqa: S311  jitter, not a secret


def _spelled(number: int) -> str:
    return "".join(_LETTERS[number >> shift & 31] for shift in range(125, -1, -5))


def worker_name() -> str:
    """What this process is called in leases: host, number and a word of its own."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
