"""What a child may use, and the exit codes by which it says what it met."""

from __future__ import annotations

import resource

UNREADABLE, LOCKED, TOO_LARGE = 3, 4, 5
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # how every XLS begins, and every XLSX under a password
NEVER_COMPUTED = "="  # stands for a formula whose value nobody stored


def limit(memory: int, seconds: int) -> None:
    """Bytes of address space and seconds of CPU, from now on; no core is dumped."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
