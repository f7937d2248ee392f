"""Chains of facts: how an exchange's grows, and the day's anchor over the heads of all of them.

A chain shows a change inside an exchange; the anchor shows an exchange taken away whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256

from gateway.domain.calendar import VIETNAM
from gateway.domain.exchange import Exchange, after
from gateway.domain.facts import Fact, Recorded, link

_LEAF, _NODE = b"\x00", b"\x01"  # kept apart as in RFC 6962, so that no node can be passed off as a leaf


def grow(x: Exchange, told: Iterable[tuple[Fact, datetime]]) -> tuple[Exchange, list[Recorded]]:
    """`x` after the facts `told` with their times, and the links that make it so.

    Times are kept in UTC, so that a digest does not depend on how a store hands them back.
    """
    links: list[Recorded] = []
    for fact, at in told:
        links.append(link(x.id, x.seq + 1, at.astimezone(UTC), fact, x.head_digest))
        x = after(x, links[-1])
    return x, links


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
