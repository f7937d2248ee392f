"""The journal without a database: one file, one process, everything else in memory.

The desk that stands when the gateway does not walks the same timetable on this. A record holds all
that one call wrote: facts, births and the bytes they name, so that it is there whole or not at all.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from fallback.frames import Frames
from fallback.remembered import AlteredError, Evidence, Growth, Memory, spell, understand
from gateway.clock import SystemClock
from gateway.domain.chain import grow, merkle_root
from gateway.domain.conflict import conflict
from gateway.domain.errors import Misconfigured, NotFound, Overtaken, problem
from gateway.domain.exchange import Exchange, Stage, begin
from gateway.domain.facts import Recorded
from gateway.domain.ids import digest_of
from gateway.domain.policy import LONGEST_REST, Line, in_turn
from gateway.ports import Birth, Clock, Entry, InLane, Lease, Query

T = TypeVar("T")

# Before these steps order counts (as in the journal on PostgreSQL; one suite tests both).
_SENDING = frozenset({Stage.PACKAGED, Stage.IN_DOUBT})


@dataclass(frozen=True, slots=True)
class _Hold:
    worker: str
    fence: int
    until: float  # monotonic


class Ledger:
    """`ports.Journal` on the file at `path`; safe for threads, closed to a second process.

    `clock` tells what is due; leases run on the monotonic clock and end with the process.
    Raises `Misconfigured` (F-005) when the file is open elsewhere, damaged or altered.
    """

    def __init__(self, path: Path, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._lock = threading.RLock()
        self._holds: dict[str, _Hold] = {}
        self._fence = 0
        self._memory = Memory()
        self._bytes: dict[str, tuple[int, int]] = {}  # digest → offset in the file, size
        self._frames = Frames(path)
        try:
            self._rebuild()
        except (AlteredError, AttributeError, LookupError, TypeError, ValueError) as error:
            self._frames.close()
            altered = problem("F-005", file=path, key=str(error), reason="a record was altered")
            raise Misconfigured(altered) from error

    def close(self) -> None:
        self._frames.close()

    def clear(self) -> None:
        """Nothing is in it any more, as in a new one. Raises `Unavailable` (F-003) where it is on disk still."""
        with self._lock:
            self._holds, self._memory, self._bytes = {}, Memory(), {}
            self._frames.clear()

    def mend(self) -> None:
        """It takes records again after a write that failed, where nobody follows it. Raises `Unavailable` (F-003)."""
        with self._lock:
            self._frames.mend()

    # ── writing ──────────────────────────────────────────────────────────────────────────────────
    def open(self, birth: Birth) -> tuple[Exchange, bool]:
        with self._lock:
            before = self._memory.opened_as(birth.opening)
            if before is None:
                [growth] = self._born([birth])
                self._record([growth], birth.entries)
                return growth.exchange, True
        if before.content != birth.opening.content:
            raise conflict(before, _grown(birth)[0])
        return before, False

    def opening(self, birth: Birth) -> Future[tuple[Exchange, bool]]:
        return _done(lambda: self.open(birth))

    def appending(
        self,
        exchange: Exchange,
        entries: Sequence[Entry],
        *,
        lease: Lease | None = None,
        births: Sequence[Birth] = (),
        line: bool | None = None,
    ) -> Future[Exchange]:
        return _done(lambda: self.append(exchange, entries, lease=lease, births=births, line=line))

    def append(
        self,
        exchange: Exchange,
        entries: Sequence[Entry],
        *,
        lease: Lease | None = None,
        births: Sequence[Birth] = (),
        line: bool | None = None,
    ) -> Exchange:
        new, links = grow(exchange, ((entry.fact, entry.at) for entry in entries))
        evidence = None if line is None or not entries else Evidence(exchange.destination, line, entries[0].at)
        with self._lock:
            self._still(exchange, lease)
            self._memory.must_be_free(links)
            grown = [Growth(new, links), *self._born(births)]
            self._record(grown, [*entries, *(entry for birth in births for entry in birth.entries)], evidence)
        return new

    def _born(self, births: Sequence[Birth]) -> list[Growth]:
        born: list[Growth] = []
        for ordinal, birth in enumerate(births, start=len(self._memory.exchanges) + 1):
            before = self._memory.opened_as(birth.opening)
            x, links = _grown(birth, ordinal)
            if before is not None:
                raise conflict(before, x)
            born.append(Growth(x, links, birth.opening))
        return born

    def _still(self, x: Exchange, lease: Lease | None) -> None:
        now = self._memory.exchanges.get(x.id)
        if now is None or (now.seq, now.head_digest) != (x.seq, x.head_digest):
            raise Overtaken(x.id)
        if lease is not None and not self._holds_still(lease):
            raise Overtaken(x.id)

    def _record(self, grown: Sequence[Growth], entries: Sequence[Entry], evidence: Evidence | None = None) -> None:
        contents = {digest_of(content): content for entry in entries for content in entry.bytes}
        fresh = {digest: content for digest, content in contents.items() if digest not in self._bytes}
        payload = spell(grown, evidence, fresh)
        at = self._frames.add(payload) + len(payload) - sum(len(content) for content in fresh.values())
        for digest, content in fresh.items():
            self._bytes[digest] = (at, len(content))
            at += len(content)
        self._memory.apply(grown, evidence)

    def _rebuild(self) -> None:
        for offset, payload in self._frames:
            grown, evidence, blobs = understand(self._memory, payload)
            self._memory.apply(grown, evidence)
            self._bytes.update({digest: (offset + at, size) for digest, at, size in blobs})

    # ── working ──────────────────────────────────────────────────────────────────────────────────
    def claim(
        self, destination: str, worker: str, stages: Sequence[Stage], limit: int, seconds: float, *, wire: bool = False
    ) -> list[Lease]:
        with self._lock:
            owed, now = self._memory.owed(), self._clock.now()
            line = self._memory.lines.get(destination, Line())
            resting = line if wire and line.rest_until and line.rest_until > now else None
            ready = (x for x in self._ready(owed) if x.destination == destination and x.stage in stages)
            free = (x for x in ready if _has_its_turn(x, owed) and (not resting or _may_go_around(x, now)))
            tries = wire and line.rest_until is not None and not resting
            chosen = in_turn(free, now)[: None if tries else limit]
            if tries and chosen:  # one, and not one that only waits for its document
                chosen = sorted(chosen, key=lambda x: x.stage is Stage.DIVERTED)[:1]
                self._memory.lines[destination] = replace(line, rest_until=now + LONGEST_REST)
            return [self._hold(x, worker, seconds, resting) for x in chosen]

    def release(self, *leases: Lease) -> None:
        with self._lock:
            for lease in leases:
                if self._holds_still(lease):
                    del self._holds[lease.exchange.id]

    def due(self) -> list[str]:
        with self._lock:
            return sorted({x.destination for x in self._ready(self._memory.owed())})

    def _ready(self, owed: Sequence[Exchange]) -> list[Exchange]:
        """What is due and held by nobody, oldest first."""
        now, then = self._clock.now(), time.monotonic()
        held = {name for name, hold in self._holds.items() if hold.until > then}
        due = (x for x in owed if not x.waits_for_a_person and (x.due is None or x.due <= now))
        return [x for x in due if x.id not in held]

    def _hold(self, x: Exchange, worker: str, seconds: float, resting: Line | None) -> Lease:
        self._fence += 1
        self._holds[x.id] = _Hold(worker, self._fence, time.monotonic() + seconds)
        return Lease(x, worker, self._fence, resting)

    def _holds_still(self, lease: Lease) -> bool:
        hold = self._holds.get(lease.exchange.id)
        if hold is None or (hold.worker, hold.fence) != (lease.worker, lease.fence):
            return False
        return hold.until > time.monotonic()

    # ── reading ──────────────────────────────────────────────────────────────────────────────────
    def read(self, exchange: str) -> Exchange:
        with self._lock:
            found = self._memory.exchanges.get(exchange)
        if found is None:
            raise NotFound(problem("F-006", name=exchange))
        return found

    def history(self, exchange: str) -> list[Recorded]:
        with self._lock:
            return list(self._memory.chains.get(exchange, ()))

    def bytes_of(self, digest: str) -> bytes:
        with self._lock:
            if digest not in self._bytes:
                raise NotFound(problem("F-006", name=digest))
            return self._frames.read(*self._bytes[digest])

    def bytes_of_many(self, digests: Sequence[str]) -> dict[str, bytes]:
        with self._lock:
            return {digest: self._frames.read(*self._bytes[digest]) for digest in digests if digest in self._bytes}

    def in_lane(self, lane: str) -> list[Exchange]:
        with self._lock:
            return self._memory.in_lane(lane)

    def in_lanes(self, asked: Sequence[InLane]) -> list[list[Exchange]]:
        with self._lock:
            return [[x for x in self._memory.in_lane(one.lane) if one.names(x)] for one in asked]

    def find(self, query: Query) -> list[Exchange]:
        with self._lock:
            return self._memory.find(query)

    def count(self) -> dict[str, int]:
        with self._lock:
            return self._memory.count()

    def line(self, destination: str) -> Line:
        with self._lock:
            return self._memory.lines.get(destination, Line())

    def anchor(self, day: date) -> tuple[str, int]:
        with self._lock:
            heads = list(self._memory.heads(day))
        return merkle_root(heads), len(heads)


def _grown(birth: Birth, ordinal: int = 0) -> tuple[Exchange, list[Recorded]]:
    return grow(begin(birth.opening, ordinal), ((entry.fact, entry.at) for entry in birth.entries))


def _done(write: Callable[[], T]) -> Future[T]:
    """What `write` did, here and now: the desk has nobody to share a flush with."""
    answer: Future[T] = Future()
    try:
        answer.set_result(write())
    except Exception as error:
        answer.set_exception(error)
    return answer


def _has_its_turn(x: Exchange, owed: Sequence[Exchange]) -> bool:
    """Whether nothing older must go before `x`: of its lane, or unread and perhaps of its lane."""
    if x.lane is None or x.stage not in _SENDING:
        return True
    older = [o for o in owed if o.ordinal < x.ordinal]
    behind = any(o.blocks_lane and o.lane == x.lane for o in older)
    unread = any(o.stage is Stage.ACCEPTED and o.agreement == x.agreement for o in older)
    return not (behind or unread)


def _may_go_around(x: Exchange, now: datetime) -> bool:
    return x.stage is Stage.PACKAGED and x.divert_from is not None and x.divert_from <= now
