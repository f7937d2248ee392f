"""Which database this journal lives in, and what follows when it is another one than before.

A backup restored to a point in time, a standby promoted, a dump loaded elsewhere: the system identifier or
the time line is a new one, and reports may have gone out that this database knows nothing of. So every
unsettled exchange is put in doubt before anybody may work, and its receiver is asked first.

PostgreSQL itself makes both numbers, so nobody has to remember to say that there was a recovery. What it does
not change them for is a copy of the files, taken and put back by hand: for that there is `doubt`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from psycopg import Connection
from psycopg.sql import SQL

from gateway.adapters.sql import reading, writing
from gateway.adapters.sql.state import revived
from gateway.adapters.sql.writing import Advance
from gateway.domain.chain import grow
from gateway.domain.exchange import Exchange, Stage
from gateway.domain.facts import Recovered
from gateway.ports import Entry

_LOCK = 0x6F726967696E
_HERE = "SELECT (pg_control_system()).system_identifier || '-' || left(pg_walfile_name(pg_current_wal_lsn()), 8)"
_KNOWN = "SELECT EXISTS (SELECT FROM origin WHERE identity = %s), EXISTS (SELECT FROM origin)"
_SEEN = "INSERT INTO origin (identity, doubted) VALUES (%s, %s) ON CONFLICT (identity) DO NOTHING"
_OWED = SQL("SELECT ordinal, exchange FROM work WHERE ordinal > %s ORDER BY ordinal LIMIT 500")

# From these on it is known that the receiver, or the office, has it: nothing is sent any more.
_SURE = frozenset({Stage.DELIVERED, Stage.BACKFILLED, Stage.ACKNOWLEDGED, Stage.SENT, Stage.ARRIVED})


def identity(connection: Connection) -> str:
    """The database as PostgreSQL numbers it: ``system identifier-time line``."""
    row = connection.execute(_HERE).fetchone()
    assert row is not None
    return str(row[0])


def settle_in(connection: Connection) -> None:
    """Before this connection is used: where the journal finds itself in another database, doubt what is owed.

    Costs one short question on a connection that is new; `connection` is in autocommit and migrated.
    """
    here = identity(connection)
    if _is_known(connection, here):
        return
    connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
    try:
        if not _is_known(connection, here):
            doubt(connection, here)
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def doubt(connection: Connection, here: str) -> int:
    """Record `Recovered` on every exchange that may have been sent; how many. Repeatable after a crash.

    The very first database has nothing to doubt. The origin is noted last, when all is told.
    """
    known = connection.execute("SELECT EXISTS (SELECT FROM origin)").fetchone()
    doubted = sum(len(page) for page in _pages(connection, here)) if known == (True,) else 0
    connection.execute(_SEEN, [here, doubted])
    return doubted


def doubt_here(connection: Connection) -> int:
    """The same for a recovery that left no other number: a copy of the files, put back by hand."""
    return sum(len(page) for page in _pages(connection, identity(connection)))


def sign(connection: Connection, here: str, by: str, why: str) -> None:
    """Who brought the journal here, and why."""
    connection.execute("UPDATE origin SET by = %s, why = %s WHERE identity = %s", [by, why, here])


def _is_known(connection: Connection, here: str) -> bool:
    row = connection.execute(_KNOWN, [here]).fetchone()
    assert row is not None
    return bool(row[0])


def _pages(connection: Connection, here: str) -> Iterator[set[str]]:
    """Every unsettled exchange that may have been sent, oldest first, some at a time: told, and named."""
    last = 0
    while page := connection.execute(_OWED, [last]).fetchall():
        last = page[-1][0]
        left = {exchange for _, exchange in page}
        while left:  # whoever moved on in the meantime is told again
            read = connection.execute(reading.STATE + SQL("WHERE id = ANY(%s)"), [list(left)]).fetchall()
            unsure = [x for x in (revived(*row) for row in read) if not x.settled and x.stage not in _SURE]
            now = _now(connection)
            told = writing.advance(connection, [_advance(x, here, now) for x in unsure])
            left = {x.id for x in unsure} - told
            yield told


def _now(connection: Connection) -> datetime:
    """The server's clock: how long an attempt has had to settle is measured by it."""
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None
    moment: datetime = row[0]
    return moment


def _advance(x: Exchange, here: str, now: datetime) -> Advance:
    entry = Entry(Recovered(here), now)
    new, links = grow(x, [(entry.fact, entry.at)])
    return Advance(x, new, links, [entry])
