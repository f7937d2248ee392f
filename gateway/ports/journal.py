"""The door to the truth: what is recorded, claimed and read back."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from gateway.domain.exchange import Exchange, Kind, Opening, Stage
from gateway.domain.facts import Fact, Recorded
from gateway.domain.policy import Line


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact about to be recorded, with the bytes its blobs name (only those not kept yet)."""

    fact: Fact
    at: datetime
    bytes: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Birth:
    """An exchange to be opened together with its first facts."""

    opening: Opening
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on one exchange. `fence` grows with every claim; the store's clock decides when it ends.

    resting  the line rests: the exchange may go around it, not try it
    alone    its lane has no other exchange; what goes on from acknowledged is recorded only while that is still so
    at       the time by the clock that decides, where that is not this host's
    """

    exchange: Exchange
    worker: str
    fence: int
    resting: Line | None = None
    alone: bool = False
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """Which exchanges to list, newest first. Empty fields do not restrict."""

    stages: tuple[Stage, ...] = ()
    kinds: tuple[Kind, ...] = ()
    agreements: tuple[str, ...] = ()
    destination: str = ""
    parent: str = ""
    key: str = ""
    code: str = ""  # of a document: number and symbol, 128/BC-UBND
    since: datetime | None = None
    before: int | None = None  # ordinal: keyset cursor
    limit: int = 50


@dataclass(frozen=True, slots=True)
class InLane:
    """Which exchanges of a lane are asked for: those at one of `stages`. Empty fields do not restrict.

    before        handed in before the exchange of this ordinal
    newer, older  of a revision above, or below, this one
    """

    lane: str
    stages: frozenset[Stage]
    before: int | None = None
    newer: int | None = None
    older: int | None = None

    def names(self, x: Exchange) -> bool:
        revision = x.head.revision if x.head else 0
        return (
            (x.lane, x.stage in self.stages) == (self.lane, True)
            and (self.before is None or x.ordinal < self.before)
            and (self.newer is None or revision > self.newer)
            and (self.older is None or revision < self.older)
        )


class Journal(Protocol):
    """The truth. Whatever a method returned from is on disk."""

    def open(self, birth: Birth) -> tuple[Exchange, bool]:
        """Open an exchange, or find the one opened before under the same (agreement, key).

        Returns it and whether it is new. Raises `Conflict` (C-008) when the content differs.
        """

    def opening(self, birth: Birth) -> Future[tuple[Exchange, bool]]:
        """`open`, for who must not wait in a thread: what is asked for meanwhile is written together."""

    def append(
        self,
        exchange: Exchange,
        entries: Sequence[Entry],
        *,
        lease: Lease | None = None,
        births: Sequence[Birth] = (),
        line: bool | None = None,
    ) -> Exchange:
        """Record `entries` after `exchange.seq`, with what they open, in one transaction.

        Raises `Overtaken` when the exchange has moved on, or `lease` is no longer held or alone, `Conflict` (F-105)
        when a number is given that the agency gave to another document this year. `line` tells of its destination:
        True it answered, False it failed. Work rows follow the folded exchange:
        gone when settled, due at `exchange.due`, never while it waits for a person.
        """

    def appending(
        self,
        exchange: Exchange,
        entries: Sequence[Entry],
        *,
        lease: Lease | None = None,
        births: Sequence[Birth] = (),
        line: bool | None = None,
    ) -> Future[Exchange]:
        """`append`, for who must not wait in a thread."""

    def read(self, exchange: str) -> Exchange: ...  # NotFound
    def history(self, exchange: str) -> list[Recorded]: ...
    def bytes_of(self, digest: str) -> bytes: ...  # NotFound
    def bytes_of_many(self, digests: Sequence[str]) -> dict[str, bytes]: ...  # by digest, those that are kept
    def claim(
        self, destination: str, worker: str, stages: Sequence[Stage], limit: int, seconds: float, *, wire: bool = False
    ) -> list[Lease]:
        """Lease due exchanges at `stages` for `destination`: the live before the replayed, what is due within a
        day first, fair between agreements, then by deadline and age.

        Within a lane only the oldest that still blocks it; and, before a wire, nothing younger than
        an unread exchange of the same agreement. With `wire` a line that rests gives nothing but what
        may go around it (from `Exchange.divert_from` on); after its rest one exchange tries it.
        """

    def release(self, *leases: Lease) -> None: ...  # what is not held any more is passed over
    def due(self) -> list[str]: ...  # destinations with work due now
    def in_lane(self, lane: str) -> list[Exchange]: ...  # settled ones too, oldest first
    def in_lanes(self, asked: Sequence[InLane]) -> list[list[Exchange]]:
        """The answer to each, oldest first; nothing else of the lanes is read."""

    def find(self, query: Query) -> list[Exchange]: ...
    def count(self) -> dict[str, int]: ...  # exchanges by stage, from a roll-up
    def line(self, destination: str) -> Line: ...
    def anchor(self, day: date) -> tuple[str, int]: ...  # Merkle root over the day's heads, and their count
    def close(self) -> None: ...
