"""Who did what, and proof that it was not changed since: the acts of people, and the anchors of the days.

An act is a fact on its exchange's chain, a deed in the register, or a line about the journal itself (brought back
from a backup, let go after its term). A day is closed once, some time after its end: its anchor is the Merkle root
over the head that each exchange had when the day ended. Printed, signed or sent away, that one line proves every
fact of the day, and that none was taken away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from psycopg import Connection
from psycopg.sql import SQL

from gateway.adapters.sql.check import Fault
from gateway.domain.calendar import VIETNAM
from gateway.domain.chain import Anchored, anchor_line, bounds, merkle_path, merkle_reached, merkle_root

_SETTLES = timedelta(hours=2)  # after midnight: what began before it is on disk by then, whatever a clock says

# The names are those of the partial index `fact_of_people`: with another one among them, every fact would be read.
FACTS = SQL("""
SELECT at, exchange, seq, name, body, digest FROM fact
 WHERE name IN ('Released', 'Cancelled', 'Retained', 'Numbered', 'RecallAsked', 'Parked', 'Diverted')
   AND at >= %(since)s AND at < %(until)s
 UNION ALL
SELECT f.at, f.exchange, f.seq, f.name, f.body, f.digest
  FROM exchange x JOIN fact f ON f.exchange = x.id
 WHERE x.kind = 'document' AND f.name = 'Attributed' AND f.at >= %(since)s AND f.at < %(until)s
""")
_REPLAYS = SQL("""
SELECT f.at, f.exchange, f.seq, 'Replayed', f.body, f.digest
  FROM exchange x JOIN fact f ON f.exchange = x.id AND f.seq = 1
 WHERE x.parent IS NOT NULL AND x.key LIKE 'replay:%%' AND f.at >= %(since)s AND f.at < %(until)s
""")
_DEEDS = SQL("SELECT at, by, sheet || '.' || act, subject, because FROM deed WHERE at >= %(since)s AND at < %(until)s")
_PURGES = SQL("SELECT at, by, 'purged', exchange, why, head FROM purged WHERE at >= %(since)s AND at < %(until)s")
_ORIGINS = SQL("""
SELECT since, coalesce(by, 'gateway'), 'restored', identity, coalesce(why, '') FROM origin o
 WHERE since >= %(since)s AND since < %(until)s AND EXISTS (SELECT FROM origin e WHERE e.since < o.since)
""")
_CLOSED = SQL("SELECT day, root, exchanges FROM anchor ORDER BY day")
_LAST_CLOSED = SQL("SELECT max(day), clock_timestamp() FROM anchor")
_OPENED = SQL("SELECT opened_at FROM exchange ORDER BY ordinal LIMIT 1")
_BEFORE = SQL("SELECT min(at) FROM fact WHERE at < %s")
_CLOSE = SQL("INSERT INTO anchor (day, root, exchanges) VALUES (%s, %s, %s) ON CONFLICT (day) DO NOTHING")
# What each exchange came to at the end of each of its days, what was let go since included.
_HEADS = SQL("""
WITH told AS (
    SELECT DISTINCT ON ((at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, exchange)
           (at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day, digest
      FROM fact WHERE at >= %(since)s AND at < %(until)s
     ORDER BY (at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, exchange, seq DESC
), heads AS (
    SELECT day, digest FROM told
    UNION ALL
    SELECT h.day, h.head FROM purged p, unnest(p.days, p.heads) AS h (day, head)
     WHERE h.day >= %(first)s AND h.day <= %(last)s
)
SELECT day, array_agg(digest) FROM heads GROUP BY day
""")

_UNSTAMPED = SQL("SELECT day, root, exchanges FROM anchor WHERE token IS NULL AND exchanges > 0 ORDER BY day")
_STAMP = SQL("UPDATE anchor SET token = %s WHERE day = %s AND token IS NULL")
_DAYS_OF = SQL("""
SELECT DISTINCT ON (a.day) a.day, a.root, a.exchanges, f.digest, a.token
  FROM fact f JOIN anchor a ON a.day = (f.at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
 WHERE f.exchange = %s ORDER BY a.day, f.seq DESC
""")


@dataclass(frozen=True, slots=True)
class Act:
    """`digest`: of the fact on its chain, where the act is one."""

    at: datetime
    who: str
    act: str
    subject: str
    why: str
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    root: str
    exchanges: int


def acts(connection: Connection, since: datetime, until: datetime) -> list[Act]:
    """Everything people did from `since` on, before `until`; oldest first."""
    asked = {"since": since, "until": until}
    found = [
        act for statement in (FACTS, _REPLAYS) for row in connection.execute(statement, asked) for act in _act(row)
    ]
    for statement in (_DEEDS, _PURGES, _ORIGINS):
        found += [Act(*row) for row in connection.execute(statement, asked)]
    return sorted(found, key=lambda act: (act.at, act.subject))


def close_days(connection: Connection) -> list[Day]:
    """Anchor every day that has ended and is not closed yet; which they were."""
    row = connection.execute(_LAST_CLOSED).fetchone()
    assert row is not None
    closed, now = row
    first = closed + timedelta(days=1) if closed else _first_day(connection)
    last = (now.astimezone(VIETNAM) - _SETTLES).date() - timedelta(days=1)
    if first is None or first > last:
        return []
    closed = anchors(connection, first, last)
    with connection.cursor() as cursor:
        cursor.executemany(_CLOSE, [(one.day, one.root, one.exchanges) for one in closed])
    return closed


def _first_day(connection: Connection) -> date | None:
    """The day of the first fact: of the first exchange, or earlier where some came from elsewhere.

    Asked with the moment in hand, so that the planner sees how few are earlier, and reads those alone.
    """
    opened = connection.execute(_OPENED).fetchone()
    if opened is None or opened[0] is None:
        return None
    earlier = connection.execute(_BEFORE, [opened[0]]).fetchone()
    first: datetime = earlier[0] if earlier and earlier[0] else opened[0]
    return first.astimezone(VIETNAM).date()


def closed_days(connection: Connection) -> list[Day]:
    return [Day(*row) for row in connection.execute(_CLOSED)]


def owing_days(connection: Connection) -> list[Day]:
    """The closed days that no time-stamp is over."""
    return [Day(*row) for row in connection.execute(_UNSTAMPED)]


def stamp_days(connection: Connection, token_over: Callable[[bytes], bytes]) -> int:
    """Have every closed day that is not yet time-stamped so by `token_over`; how many. Each is kept at once."""
    days = owing_days(connection)
    for one in days:
        connection.execute(_STAMP, [token_over(anchor_line(one.day, one.root, one.exchanges)), one.day])
    return len(days)


def anchored(connection: Connection, exchange: str) -> list[Anchored]:
    """The closed days on which `exchange` has facts, and its way to each one's root; oldest first.

    A day that no longer comes to its root is left out: `changed_days` tells of it.
    """
    found: list[Anchored] = []
    for day, root, exchanges, head, token in connection.execute(_DAYS_OF, [exchange]).fetchall():
        heads = _heads(connection, day, day).get(day, [])
        path = merkle_path(heads, head)
        if merkle_reached(head, path) == root:
            found.append(Anchored(day, root, exchanges, head, path, bytes(token) if token is not None else None))
    return found


def anchors(connection: Connection, first: date, last: date) -> list[Day]:
    """The days from `first` to `last` as the journal makes them now; an empty day has an anchor, too."""
    heads = _heads(connection, first, last)
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [Day(day, merkle_root(heads.get(day, ())), len(heads.get(day, ()))) for day in days]


def _heads(connection: Connection, first: date, last: date) -> dict[date, list[str]]:
    asked = {"since": bounds(first)[0], "until": bounds(last)[1], "first": first, "last": last}
    return dict(connection.execute(_HEADS, asked).fetchall())


def changed_days(connection: Connection) -> Iterator[Fault]:
    """The closed days that do not come to what they came to when they were closed."""
    closed = closed_days(connection)
    if not closed:
        return
    now = {one.day: one for one in anchors(connection, closed[0].day, closed[-1].day)}
    for one in closed:
        if now[one.day] != one:
            came = now[one.day].exchanges
            yield Fault(one.day.isoformat(), f"had {one.exchanges} heads, root {one.root[:16]}…; now {came}")


def _act(row: tuple[Any, ...]) -> Iterator[Act]:
    at, exchange, seq, name, body, digest = row
    where = f"{exchange}.{seq}"
    match name:
        case "Replayed":
            submission = body["submission"]
            yield Act(at, submission["sender"], "replayed", where, submission["replay_of"] or "", digest)
        case "Parked" | "Diverted":  # by a person; by the policy they are no act
            if body["why"]["code"] == "F-009":
                details = body["why"]["details"]
                yield Act(at, details["by"], name.lower(), where, details["reason"], digest)
        case "Released":
            yield Act(at, body["by"], "resent" if body.get("resend") else "released", where, body["why"], digest)
        case "Retained":
            yield Act(at, body["by"], "held" if body.get("held", True) else "lifted", where, body["why"], digest)
        case "Numbered":
            yield Act(at, body["by"], "numbered", where, f"{body['number']}/{body['notation']}", digest)
        case _:
            yield Act(at, body["by"], name.lower(), where, body["why"], digest)
