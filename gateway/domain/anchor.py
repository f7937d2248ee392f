"""The day's anchor: one digest over the heads of all chains that grew on a day.

A chain shows a change inside an exchange; the anchor shows an exchange taken away whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from hashlib import sha256

from gateway.domain.calendar import VIETNAM

_LEAF, _NODE = b"\x00", b"\x01"  # kept apart as in RFC 6962, so that no node can be passed off as a leaf


def bounds(day: date) -> tuple[datetime, datetime]:
    """The first instant of `day` in Vietnam, and of the next."""
    begins = datetime.combine(day, time(), VIETNAM)
    return begins, begins + timedelta(days=1)


def merkle_root(heads: Iterable[str]) -> str:
    """The root over `heads` (hex digests), whatever order they come in."""
    level = sorted(sha256(_LEAF + bytes.fromhex(head)).digest() for head in heads)
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        pairs = zip(level[::2], level[1::2], strict=False)
        level = [sha256(_NODE + left + right).digest() for left, right in pairs] + odd
    return level[0].hex() if level else sha256().hexdigest()
