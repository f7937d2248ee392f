"""The journal on PostgreSQL: one transaction and one round trip per write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import date
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.sql import SQL, Composed
from psycopg_pool import ConnectionPool

from gateway.adapters.sql import reading, writing
from gateway.adapters.sql.migrate import migrate
from gateway.adapters.sql.state import lane_key, revived
from gateway.adapters.sql.wall import misconfigured, wall
from gateway.domain.calendar import clock_face
from gateway.domain.chain import bounds, grow, merkle_root
from gateway.domain.errors import Conflict, NotFound, Overtaken, Unavailable, problem
from gateway.domain.exchange import Exchange, Stage, begin
from gateway.domain.facts import Recorded, revive
from gateway.domain.policy import Line
from gateway.ports import Birth, Entry, Lease, Query

_CONNECTIONS = 12
_PATIENCE = 5.0  # seconds for a connection; then the store counts as away

# A worker stopped in the middle of a transaction must not hold its rows for ever.
_SESSION = "-c timezone=UTC -c synchronous_commit=on -c lock_timeout=20s -c idle_in_transaction_session_timeout=30s"
_WIRE = {"connect_timeout": 5, "tcp_user_timeout": 10_000, "keepalives_idle": 30, "application_name": "report-gateway"}


class SqlJournal:
    """`ports.Journal`; safe for any number of threads and processes."""

    def __init__(self, pool: ConnectionPool) -> None:
        self._pool = pool

    @classmethod
    def connect(cls, url: str) -> SqlJournal:
        """The journal in the database at `url`, its schema brought up to date.

        Raises `Unavailable` (F-003) when the server is away, `Misconfigured` (F-005).
        """
        given: dict[str, Any] = {"autocommit": True, "options": _SESSION, **_WIRE}
        try:
            with wall(), psycopg.connect(url, **given) as connection:
                migrate(connection)
        except psycopg.ProgrammingError as error:
            raise misconfigured("url", str(error).strip()) from error
        pool = ConnectionPool(
            url, kwargs=given, min_size=1, max_size=_CONNECTIONS, timeout=_PATIENCE, open=True, name="journal"
        )
        return cls(pool)

    def close(self) -> None:
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
        with self.connection() as c:
            opened = _give_birth(c, birth)
        if opened is not None:
            return opened, True
        before = self._opened_before(birth)
        if before.content != birth.opening.content:
            raise _conflict(before, birth)
        return before, False

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
        with self.connection() as c, c.transaction() if births else nullcontext():
            if not writing.advance(c, exchange, new, links, entries, lease=lease, line=line):
                raise Overtaken(exchange.id)
            for birth in births:
                if _give_birth(c, birth) is None:
                    raise _conflict(self._opened_before(birth), birth)
        return new

    # ── working ──────────────────────────────────────────────────────────────────────────────────
    def claim(self, destination: str, worker: str, stages: Sequence[Stage], limit: int, seconds: float) -> list[Lease]:
        asked = {
            "destination": destination,
            "worker": worker,
            "stages": [stage.value for stage in stages],
            "sending": reading.SENDING,
            "limit": limit,
            "seconds": seconds,
        }
        with self.connection() as c:
            fences = dict(c.execute(reading.CLAIM, asked).fetchall())
            if not fences:
                return []
            # A second statement: it must see what was written while the first one chose.
            rows = c.execute(reading.STATE + SQL("WHERE id = ANY(%s) ORDER BY ordinal"), [list(fences)]).fetchall()
        return [Lease(x, worker, fences[x.id]) for x in (revived(*row) for row in rows)]

    def release(self, lease: Lease) -> None:
        with self.connection() as c:
            c.execute(reading.RELEASE, [lease.exchange.id, lease.worker, lease.fence])

    def due(self) -> list[str]:
        with self.connection() as c:
            return [destination for (destination,) in c.execute(reading.DUE)]

    # ── reading ──────────────────────────────────────────────────────────────────────────────────
    def read(self, exchange: str) -> Exchange:
        return self._one(SQL("WHERE id = %s"), [exchange], exchange)

    def history(self, exchange: str) -> list[Recorded]:
        with self.connection() as c:
            rows = c.execute(reading.HISTORY, [exchange]).fetchall()
        return [Recorded(x, seq, at, revive(name, body), old, new) for x, seq, name, at, body, old, new in rows]

    def bytes_of(self, digest: str) -> bytes:
        with self.connection() as c:
            row = c.execute(reading.BYTES, [digest], binary=True).fetchone()
        if row is None:
            raise NotFound(problem("F-006", name=digest))
        return bytes(row[0])

    def in_lane(self, lane: str) -> list[Exchange]:
        return self._many(reading.STATE + SQL("WHERE lane = %s ORDER BY ordinal"), [lane_key(lane)])

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

    def _opened_before(self, birth: Birth) -> Exchange:
        named = [birth.opening.agreement, birth.opening.key]
        return self._one(SQL("WHERE agreement = %s AND key = %s"), named, birth.opening.key)

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


def _give_birth(c: Connection, birth: Birth) -> Exchange | None:
    """A new exchange with its first facts and its work; None when (agreement, key) is taken."""
    x, links = grow(begin(birth.opening), ((entry.fact, entry.at) for entry in birth.entries))
    ordinal = writing.begun(c, x, links, birth.entries)
    return None if ordinal is None else replace(x, ordinal=ordinal)


def _conflict(before: Exchange, birth: Birth) -> Conflict:
    opening = birth.opening
    at = clock_face(before.opened_at) if before.opened_at else "–"
    return Conflict(problem("C-008", key=opening.key, before=before.content, at=at, now=opening.content))
