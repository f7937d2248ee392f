"""The journal on PostgreSQL: what is written at the same time is written together."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar

import psycopg
from psycopg import Connection
from psycopg.sql import SQL, Composed
from psycopg_pool import ConnectionPool

from gateway.adapters.sql import batches, reading
from gateway.adapters.sql.lately import Lately
from gateway.adapters.sql.migrate import migrate
from gateway.adapters.sql.origin import settle_in
from gateway.adapters.sql.packing import unpacked
from gateway.adapters.sql.pen import Pen
from gateway.adapters.sql.state import lane_key, revived
from gateway.adapters.sql.together import Together
from gateway.adapters.sql.wall import away, misconfigured, still_open, wall
from gateway.domain.chain import bounds, merkle_root
from gateway.domain.errors import NotFound, Unavailable, problem
from gateway.domain.exchange import Exchange, Stage
from gateway.domain.facts import Recorded, revive
from gateway.domain.ids import digest_of
from gateway.domain.policy import LONGEST_REST, Line
from gateway.ports import Birth, Entry, InLane, Lease, Query

A = TypeVar("A")
Q = TypeVar("Q")

_CONNECTIONS = 12
_PATIENCE = 5.0  # seconds for a connection; then the store counts as away
_TRYING = 2.0  # seconds: then whoever asks next tries anew. Left to itself the pool waits twice as long each time, and
# stays away for as long again as the store was
_LARGE_AT_ONCE = 3  # digest, compression and wire of one beside the flush of another
_LATELY = 32 * 1024 * 1024  # bytes: what was prepared here is mostly sent from here

# A worker stopped in the middle of a transaction must not hold its rows for ever.
_SESSION = "-c timezone=UTC -c synchronous_commit=on -c lock_timeout=20s -c idle_in_transaction_session_timeout=30s"
_WIRE = {"connect_timeout": 5, "tcp_user_timeout": 10_000, "keepalives_idle": 30, "application_name": "report-gateway"}


class _Claimed(NamedTuple):
    """What a claim says of one exchange besides itself."""

    fence: int
    line: Line
    alone: bool
    at: datetime


class SqlJournal:
    """`ports.Journal`; safe for any number of threads and processes."""

    def __init__(self, pool: ConnectionPool, pen: Callable[[Callable[[], None]], Pen]) -> None:
        self._pool = pool
        self._lately = Lately(_LATELY)
        self._pens = [pen(self._shed) for _ in range(3 + _LARGE_AT_ONCE)]
        moving, opening, apart, *large = self._pens
        self._moving = Together("journal-moves", [batches.through(moving, batches.moved)], lambda a: a.old.id, away)
        self._opening = Together(
            "journal-opens",
            [batches.through(opening, batches.opened)],
            lambda b: (b.opening.agreement, b.opening.key),
            away,
        )
        self._apart = Together(
            "journal-apart", [batches.through(apart, batches.moved_with_births)], lambda _: None, away
        )
        # Which of two under one key is the first, the index decides.
        self._large = Together(
            "journal-large", [batches.through(p, batches.opened) for p in large], lambda _: None, away
        )

    @classmethod
    def connect(cls, url: str) -> SqlJournal:
        """The journal in the database at `url`, its schema brought up to date.

        Raises `Unavailable` (F-003) when the server is away, `Misconfigured` (F-005).
        """
        given: dict[str, Any] = {"autocommit": True, "options": _SESSION, **_WIRE}
        try:
            with wall(), psycopg.connect(url, **given) as connection:
                migrate(connection)
                settle_in(connection)
        except psycopg.ProgrammingError as error:
            raise misconfigured("url", str(error).strip()) from error
        pool = ConnectionPool(
            url, kwargs=given, min_size=1, max_size=_CONNECTIONS, timeout=_PATIENCE, open=True, name="journal",
            configure=settle_in, check=still_open, reconnect_timeout=_TRYING,
        )  # fmt: skip
        return cls(pool, lambda lost: Pen(url, given, lost))

    def close(self) -> None:
        for writer in (self._opening, self._large, self._moving, self._apart):
            writer.close()
        for pen in self._pens:
            pen.close()
        self._pool.close()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection in autocommit, for the rooms beside this one."""
        try:
            with wall(), self._pool.connection() as connection:
                yield connection
        except Unavailable:
            self._shed()
            raise

    # ── writing ──────────────────────────────────────────────────────────────────────────────────
    def open(self, birth: Birth) -> tuple[Exchange, bool]:
        return self.opening(birth).result()

    def opening(self, birth: Birth) -> Future[tuple[Exchange, bool]]:
        return (self._large if batches.is_large(birth.entries) else self._opening).ask(birth)

    def append(
        self,
        exchange: Exchange,
        entries: Sequence[Entry],
        *,
        lease: Lease | None = None,
        births: Sequence[Birth] = (),
        line: bool | None = None,
    ) -> Exchange:
        return self.appending(exchange, entries, lease=lease, births=births, line=line).result()

    def appending(
        self,
        exchange: Exchange,
        entries: Sequence[Entry],
        *,
        lease: Lease | None = None,
        births: Sequence[Birth] = (),
        line: bool | None = None,
    ) -> Future[Exchange]:
        move = batches.Move(exchange, entries, lease, line, births)
        answer = (self._apart if move.goes_apart else self._moving).ask(move)
        if any(entry.bytes for entry in entries):
            answer.add_done_callback(lambda done: self._remember(entries, done))
        return answer

    def _remember(self, entries: Sequence[Entry], done: Future[Exchange]) -> None:
        if done.exception() is None:
            for content in (content for entry in entries for content in entry.bytes):
                self._lately.put(digest_of(content), content)

    # ── working ──────────────────────────────────────────────────────────────────────────────────
    def claim(
        self, destination: str, worker: str, stages: Sequence[Stage], limit: int, seconds: float, *, wire: bool = False
    ) -> list[Lease]:
        asked = {
            "destination": destination,
            "worker": worker,
            "stages": [stage.value for stage in stages],
            "sending": reading.SENDING,
            "limit": limit,
            "seconds": seconds,
            "wire": wire,
            "rest": LONGEST_REST.total_seconds(),
        }
        with self.connection() as c, c.transaction():
            c.execute(reading.GATE, [destination])
            rows = reading.CLAIM.execute(c, asked).fetchall()
            if not rows:
                return []
            # A statement of its own: it must see what was written while the first one chose.
            found = c.execute(reading.STATE + SQL("WHERE id = ANY(%s)"), [[name for name, *_ in rows]]).fetchall()
        held = {name: _Claimed(fence, Line(*line), alone, at) for name, fence, *line, alone, at in rows}
        exchanges = sorted((revived(*row) for row in found), key=lambda x: x.ordinal)
        return [_lease(x, worker, held[x.id]) for x in exchanges]

    def release(self, *leases: Lease) -> None:
        held = [[one.exchange.id for one in leases], [one.worker for one in leases], [one.fence for one in leases]]
        with self.connection() as c:
            c.execute(reading.RELEASE, held)

    def due(self) -> list[str]:
        with self.connection() as c:
            return [destination for (destination,) in c.execute(reading.DUE)]

    # ── reading ──────────────────────────────────────────────────────────────────────────────────
    def read(self, exchange: str) -> Exchange:
        return self._one(SQL("WHERE id = %s"), [exchange], exchange)

    def history(self, exchange: str) -> list[Recorded]:
        with self.connection() as c:
            rows = c.execute(reading.HISTORY, [exchange]).fetchall()
        return [
            Recorded(x, seq, at, revive(name, json.loads(body)), old, new, body.encode())
            for x, seq, name, at, body, old, new in rows
        ]

    def bytes_of(self, digest: str) -> bytes:
        if (known := self._lately.get(digest)) is not None:
            return known
        with self.connection() as c:
            row = c.execute(reading.BYTES, [digest], binary=True).fetchone()
        if row is None:
            raise NotFound(problem("F-006", name=digest))
        found = unpacked(digest, bytes(row[0]))
        self._lately.put(digest, found)
        return found

    def bytes_of_many(self, digests: Sequence[str]) -> dict[str, bytes]:
        found = {digest: known for digest in digests if (known := self._lately.get(digest)) is not None}
        wanted = [digest for digest in digests if digest not in found]
        if wanted:
            with self.connection() as c:
                rows = c.execute(reading.BYTES_OF_MANY, [wanted], binary=True).fetchall()
            for digest, kept in rows:
                with suppress(NotFound):  # not what it is called: no other one is kept from its reader by it
                    found[digest] = unpacked(digest, bytes(kept))
                    self._lately.put(digest, found[digest])
        return found

    def in_lane(self, lane: str) -> list[Exchange]:
        return self._many(reading.STATE + SQL("WHERE lane = %s ORDER BY ordinal"), [lane_key(lane)])

    def in_lanes(self, asked: Sequence[InLane]) -> list[list[Exchange]]:
        found: list[list[Exchange]] = [[] for _ in asked]
        if asked:
            with self.connection() as c:
                for number, *row in c.execute(reading.IN_LANES, [reading.lanes(asked)]):
                    x = revived(*row)
                    found[number] += [x] if asked[number].names(x) else []
        return found

    def find(self, query: Query) -> list[Exchange]:
        return self._many(*reading.listing(query))

    def count(self) -> dict[str, int]:
        with self.connection() as c:
            return dict(c.execute(reading.COUNT).fetchall())

    def line(self, destination: str) -> Line:
        with self.connection() as c:
            row = c.execute(reading.LINE, [destination]).fetchone()
        return Line(*row) if row else Line()

    def anchor(self, day: date) -> tuple[str, int]:
        with self.connection() as c:
            heads = [digest for (digest,) in c.execute(reading.HEADS, bounds(day))]
        return merkle_root(heads), len(heads)

    def _one(self, where: SQL, values: list[Any], name: str) -> Exchange:
        found = self._many(reading.STATE + where, values)
        if not found:
            raise NotFound(problem("F-006", name=name))
        return found[0]

    def _many(self, statement: Composed, values: list[Any]) -> list[Exchange]:
        with self.connection() as c:
            return [revived(*row) for row in c.execute(statement, values)]

    def _shed(self) -> None:
        """After a fault, drop the connections a restarted server has forgotten; the next call gets a live one."""
        if not self._pool.closed:
            self._pool.check()


def _lease(x: Exchange, worker: str, claimed: _Claimed) -> Lease:
    resting = claimed.line if claimed.line.rest_until else None
    return Lease(x, worker, claimed.fence, resting, claimed.alone, claimed.at)
