"""What has been kept long enough is let go, whole and never early, and leaves behind proof that it was there.

By the exchange, not by the month: an exchange has facts in several months, its papers and replays refer to it, and
its bytes may be another's as well. The database itself refuses what is too early or under a legal hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from psycopg import Connection
from psycopg.sql import SQL

from gateway.adapters.sql.backup import Tell
from gateway.adapters.sql.check import FACTS, Line, blobs_of
from gateway.domain.calendar import VIETNAM
from gateway.domain.exchange import SETTLED

# What ended that early was opened no later: so the states of the many that stay need not be read.
_DUE = SQL("""
SELECT id, agreement, parent, (changed AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
  FROM (SELECT x.id, x.agreement, x.parent, x.state, (x.state ->> 'changed_at')::timestamptz AS changed
          FROM exchange x WHERE (x.opened_at < %(before)s OR x.opened_at IS NULL)
           AND x.stage = ANY(%(settled)s) AND x.agreement = ANY(%(agreements)s)) AS ended
 WHERE coalesce((state ->> 'retained')::boolean, false) IS FALSE AND changed < %(before)s
""")
_KIN = SQL("SELECT id, parent FROM exchange WHERE parent = ANY(%(ids)s) OR id = ANY(%(ids)s)")
_LET_GO = SQL("""
INSERT INTO purged (exchange, agreement, head, days, heads, kept_until, by, why)
VALUES (%(exchange)s, %(agreement)s, %(head)s, %(days)s, %(heads)s, %(kept_until)s, %(by)s, %(why)s)
""")
_GO = (
    SQL(
        "INSERT INTO tally (stage, slot, n) SELECT stage, 0, -count(*) FROM exchange WHERE id = ANY(%s) GROUP BY stage"
        " ON CONFLICT (stage, slot) DO UPDATE SET n = tally.n + excluded.n"
    ),
    SQL("DELETE FROM notice WHERE exchange = ANY(%s)"),
    SQL("DELETE FROM number_given WHERE document = ANY(%s)"),
    SQL("DELETE FROM fact WHERE exchange = ANY(%s)"),
    SQL("DELETE FROM exchange WHERE id = ANY(%s)"),
)
# What is left names its bytes by 64 hexadecimal digits in the text of its facts.
_STILL_NAMED = SQL("""
SELECT DISTINCT m[1] FROM fact, regexp_matches(body::text, '"digest":"([0-9a-f]{64})"', 'g') AS m
 WHERE at >= %s AND m[1] = ANY(%s)
""")
_AT_ONCE = 500
_LONG_AGO = datetime(1970, 1, 1, tzinfo=VIETNAM)


@dataclass(frozen=True, slots=True)
class Due:
    """An exchange whose term has passed: kept until the end of that day."""

    exchange: str
    agreement: str
    kept_until: date


@dataclass(frozen=True, slots=True)
class Purged:
    exchanges: int
    blobs: int


def due(connection: Connection, years: Mapping[str, int], today: date) -> list[Due]:
    """What may go: settled, its term over, no hold, and all its kin (papers, replays, what it replays) likewise.

    A term ends with the year: what ended in 2026 and is kept ten years may go from 1 January 2037.
    """
    if not years:
        return []
    asked = {
        "settled": [s.value for s in SETTLED],
        "agreements": list(years),
        "before": datetime(max(1, today.year - min(years.values())), 1, 1, tzinfo=VIETNAM),
    }
    found = {
        name: Due(name, agreement, date(ended.year + years[agreement], 12, 31))
        for name, agreement, _, ended in connection.execute(_DUE, asked)
    }
    over = {name: one for name, one in found.items() if one.kept_until < today}
    while True:
        kept = _with_kept_kin(connection, over)
        if not kept:
            return sorted(over.values(), key=lambda one: one.exchange)
        over = {name: one for name, one in over.items() if name not in kept}


def purge(connection: Connection, going: Iterable[Due], who: tuple[str, str], tell: Tell) -> Purged:
    """Let them go, some at a time; then the bytes that nobody names any more."""
    todo = list(going)
    named: set[str] = set()
    for start in range(0, len(todo), _AT_ONCE):
        page = todo[start : start + _AT_ONCE]
        ids = [one.exchange for one in page]
        with connection.transaction():
            histories = _histories(connection, ids)
            for one in page:
                named |= {blob.digest for line in histories[one.exchange] for blob in blobs_of(line.fact)}
                connection.execute(_LET_GO, _record(one, histories[one.exchange], who))
            for statement in _GO:
                connection.execute(statement, [ids])
        tell("exchanges", start + len(page), len(todo))
    return Purged(len(todo), _forget_bytes(connection, named))


def _with_kept_kin(connection: Connection, over: Mapping[str, Due]) -> set[str]:
    """Those of `over` that refer to, or are referred to by, what is not over."""
    kept: set[str] = set()
    for name, parent in connection.execute(_KIN, {"ids": list(over)}):
        if parent is not None and (name in over) != (parent in over):
            kept |= {name, parent} & over.keys()
    return kept


def _record(one: Due, lines: list[Line], who: tuple[str, str]) -> dict[str, Any]:
    days = {line.at.astimezone(VIETNAM).date(): line.digest for line in lines}  # the last one of a day stays
    return {
        "exchange": one.exchange, "agreement": one.agreement, "head": lines[-1].digest, "days": list(days),
        "heads": list(days.values()), "kept_until": one.kept_until, "by": who[0], "why": who[1],
    }  # fmt: skip


def _histories(connection: Connection, ids: list[str]) -> dict[str, list[Line]]:
    lines = (Line(*row) for row in connection.execute(FACTS, [ids]))
    return {name: list(found) for name, found in groupby(lines, key=lambda line: line.exchange)}


def _forget_bytes(connection: Connection, named: set[str]) -> int:
    """Delete what no fact names any more. Looked for at leisure first; then again, with writers waiting, among the
    facts of the last day: one may have come that names the same bytes."""
    row = connection.execute("SELECT clock_timestamp() - interval '1 day'").fetchone()
    assert row is not None
    left = named - {digest for (digest,) in connection.execute(_STILL_NAMED, [_LONG_AGO, list(named)])}
    with connection.transaction():
        connection.execute("LOCK TABLE blob IN SHARE ROW EXCLUSIVE MODE")
        left -= {digest for (digest,) in connection.execute(_STILL_NAMED, [row[0], list(left)])}
        gone = sorted(left)
        connection.execute("INSERT INTO unnamed (digest) SELECT unnest(%s::text[])", [gone])
        deleted = connection.execute("DELETE FROM blob WHERE digest = ANY(%s)", [gone]).rowcount
        connection.execute("DELETE FROM unnamed WHERE digest = ANY(%s)", [gone])
    return deleted
