"""Chains of facts: how an exchange's grows, and the day's anchor over the heads of all of them.

A chain shows a change inside an exchange; the anchor shows an exchange taken away whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
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


def regrown(x: Exchange, told: Iterable[tuple[Fact, datetime, bytes]]) -> tuple[Exchange, list[Recorded]]:
    """As `grow`, of facts that stand written already: each with its bytes."""
    links: list[Recorded] = []
    for fact, at, written in told:
        links.append(link(x.id, x.seq + 1, at.astimezone(UTC), fact, x.head_digest, written=written))
        x = after(x, links[-1])
    return x, links


def bounds(day: date) -> tuple[datetime, datetime]:
    """The first instant of `day` in Vietnam, and of the next."""
    begins = datetime.combine(day, time(), VIETNAM)
    return begins, begins + timedelta(days=1)


def merkle_root(heads: Iterable[str]) -> str:
    """The root over `heads` (hex digests), whatever order they come in."""
    level = sorted(map(_leaf, heads))
    while len(level) > 1:
        level = _above(level)
    return level[0].hex() if level else sha256().hexdigest()


def merkle_path(heads: Iterable[str], head: str) -> tuple[str, ...]:
    """From `head` up to the root over `heads`: the digests beside the way, each after ``left:`` or ``right:``.

    Raises `ValueError` where `head` is none of them.
    """
    level, place = sorted(map(_leaf, heads)), _leaf(head)
    at = level.index(place)
    steps: list[str] = []
    while len(level) > 1:
        beside = at ^ 1
        if beside < len(level):  # else it is the odd one, which goes up as it is
            steps.append(f"{'left' if beside < at else 'right'}:{level[beside].hex()}")
        level, at = _above(level), at // 2
    return tuple(steps)


def merkle_reached(head: str, path: Iterable[str]) -> str:
    """The root that `path` leads to from `head`. Raises `ValueError` where it is no path."""
    reached = _leaf(head)
    for step in path:
        side, _, written = step.partition(":")
        beside = bytes.fromhex(written)
        if side not in ("left", "right") or len(beside) != len(reached):
            raise ValueError(f"no step of a path: {step[:80]}")
        reached = _node(beside, reached) if side == "left" else _node(reached, beside)
    return reached.hex()


@dataclass(frozen=True, slots=True)
class Anchored:
    """That an exchange's `head`, the one it had when `day` ended, is among the day's: `path` leads to the `root` over
    `exchanges` heads. `token`: an RFC 3161 time-stamp over `said`; None: the root is not time-stamped."""

    day: date
    root: str
    exchanges: int
    head: str
    path: tuple[str, ...]
    token: bytes | None = None

    @property
    def said(self) -> bytes:
        return anchor_line(self.day, self.root, self.exchanges)


def anchor_line(day: date, root: str, exchanges: int) -> bytes:
    """A closed day in one line: what is time-stamped, printed, sent away."""
    return f"{day.isoformat()} {root} {exchanges}\n".encode()


def _leaf(head: str) -> bytes:
    return sha256(_LEAF + bytes.fromhex(head)).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(_NODE + left + right).digest()


def _above(level: list[bytes]) -> list[bytes]:
    odd = level[-1:] if len(level) % 2 else []
    return [_node(left, right) for left, right in zip(level[::2], level[1::2], strict=False)] + odd
