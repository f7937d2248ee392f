"""W3C Trace Context: the caller's `traceparent` is taken, kept with the report and sent on to the partner."""

from __future__ import annotations

import re
from hashlib import sha256

_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-((?!0{32})[0-9a-f]{32})-((?!0{16})[0-9a-f]{16})-([0-9a-f]{2})(-.*)?")


def traceparent(said: str) -> str:
    """`said` as version 00 has it; empty for anything else, which is no reason to refuse a report."""
    found = _TRACEPARENT.fullmatch(said.strip())
    if found is None or (said.strip().startswith("00") and found[4]):
        return ""
    return f"00-{found[1]}-{found[2]}-{found[3]}"


def trace_id(parent: str) -> str:
    """The trace that a kept `traceparent` belongs to; empty where there is none."""
    return parent[3:35]


def onward(parent: str, message: str) -> str:
    """The `traceparent` for the partner: the same trace, and a parent of our own, the same at every attempt."""
    return f"{parent[:36]}{sha256(message.encode()).hexdigest()[:16]}{parent[52:]}" if parent else ""
