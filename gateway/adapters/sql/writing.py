"""The statements that record: exchanges moved or begun, many at once, and everything that follows from it.

One statement is one round trip and, by itself, one transaction. `moved` is its hinge: an exchange that is not
in it, because it has moved on, its lease is gone or its key is taken, leaves nothing else behind either.

Locks are taken in one order everywhere (work rows, exchange rows, bytes, lines, tally; each by name), so that
two writers wait for each other at most in one direction.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from psycopg import Connection
from psycopg.sql import SQL

from gateway.adapters.sql.packing import packed
from gateway.adapters.sql.raw import Raw
from gateway.adapters.sql.state import kept, lane_key, lane_revision
from gateway.domain.exchange import Exchange, Stage
from gateway.domain.facts import NEWS, Acknowledged, Recorded
from gateway.domain.ids import digest_of
from gateway.domain.policy import LONGEST_REST, REST_AFTER, SHORTEST_REST
from gateway.ports import Entry, Lease


@dataclass(frozen=True, slots=True)
class Advance:
    """`links` lead from `old` to `new`; `entries` bring the bytes. `line`: what it tells of the destination's line."""

    old: Exchange
    new: Exchange
    links: Sequence[Recorded]
    entries: Sequence[Entry]
    lease: Lease | None = None
    line: bool | None = None


@dataclass(frozen=True, slots=True)
class Begin:
    """A new exchange with its first facts."""

    new: Exchange
    links: Sequence[Recorded]
    entries: Sequence[Entry]


# Told as JSON, which Python writes and PostgreSQL reads in C: as thirty arrays it took three times the CPU. What is
# JSON itself goes beside it as bytes, untouched, because digests are over that very text.
_ROWS = SQL("""
    ROWS FROM (
        json_to_recordset(%(rows)s::json) AS (
            id text, stage text, lane text, revision numeric, seq int, head text, opened_at timestamptz, settled bool,
            blocks bool, due timestamptz, replayed bool, deadline timestamptz, divert_from timestamptz, {more}),
        unnest(%(states)b::bytea[])
    ) AS t (id, stage, lane, revision, seq, head, opened_at, settled, blocks, due, replayed, deadline, divert_from,
            {names}, state)
""")

# What the rows that follow from it are made of.
_MOVED = SQL("""told.stage, told.lane, told.settled, told.blocks, told.due, told.replayed, told.deadline,
              told.divert_from""")

# ANY beside the join has the rows looked up by key, however few there were when this was planned. The count makes sure
# that every work row is locked before any exchange; with a lease it must be a held one.
_ADVANCE = SQL("""
WITH told AS (SELECT * FROM {rows}
), held AS (
    SELECT work.exchange FROM work JOIN told ON told.id = work.exchange
     WHERE work.exchange = ANY (ARRAY(SELECT id FROM told))
       AND (told.worker IS NULL
            OR (work.worker = told.worker AND work.fence = told.fence AND work.lease_until > clock_timestamp()))
     ORDER BY work.exchange FOR UPDATE OF work
), moved AS (
    UPDATE exchange x
       SET stage = told.stage, lane = told.lane, revision = told.revision, seq = told.seq, head = told.head,
           state = convert_from(told.state, 'UTF8')::json,
           opened_at = told.opened_at
      FROM told
     WHERE x.id = told.id AND x.id = ANY (ARRAY(SELECT id FROM told))
       AND x.seq = told.old_seq AND x.head = told.old_head AND (SELECT count(*) FROM held) >= 0
       AND (told.worker IS NULL OR EXISTS (SELECT FROM held WHERE held.exchange = told.id))
       AND (told.alone IS NOT TRUE
            OR NOT EXISTS (SELECT FROM exchange e WHERE e.lane = told.lane AND e.ordinal <> x.ordinal))
    RETURNING x.id, x.ordinal, x.agreement, x.destination, {moved}, told.was, told.line, told.line_at
), answered AS (
    -- Only where a success ends a failure: else every writer would queue for the row.
    UPDATE line SET failures = 0, since = NULL, rest_until = NULL
     WHERE failures > 0 AND destination IN (SELECT destination FROM moved WHERE line)
), failed AS (
    -- One answer outweighs the failures beside it.
    INSERT INTO line AS l (destination, failures, since, rest_until)
    SELECT destination, count(*), min(line_at), CASE WHEN count(*) >= %(rest_after)s
           THEN clock_timestamp() + make_interval(secs => %(shortest)s) END
      FROM moved WHERE line IS NOT NULL GROUP BY destination HAVING NOT bool_or(line) ORDER BY destination
    ON CONFLICT (destination) DO UPDATE
       SET failures = l.failures + excluded.failures, since = coalesce(l.since, excluded.since),
           rest_until = CASE WHEN l.failures + excluded.failures >= %(rest_after)s
               THEN clock_timestamp() + make_interval(secs => least(%(longest)s,
                    %(shortest)s * 2 ^ least(l.failures + excluded.failures - %(rest_after)s, 10)))
               ELSE l.rest_until END
)
""").format(
    rows=_ROWS.format(
        more=SQL("""
            was text, old_seq int, old_head text, worker text, fence bigint, alone bool, line bool, line_at timestamptz
            """),
        names=SQL("was, old_seq, old_head, worker, fence, alone, line, line_at"),
    ),
    moved=_MOVED,
)

_BEGIN = SQL("""
WITH told AS (SELECT * FROM {rows}
), begun AS (
    INSERT INTO exchange
        (id, kind, agreement, key, content, destination, parent, opened_at, stage, lane, revision, seq, head, state)
    SELECT id, kind, agreement, key, content, destination, parent, opened_at, stage, lane, revision, seq, head,
           convert_from(state, 'UTF8')::json
      FROM told
    ON CONFLICT (agreement, key) DO NOTHING
    RETURNING id, ordinal
), moved AS (
    SELECT id, begun.ordinal, told.agreement, told.destination, {moved}, NULL AS was FROM begun JOIN told USING (id)
)
""").format(
    rows=_ROWS.format(
        more=SQL("kind text, agreement text, key text, content text, destination text, parent text"),
        names=SQL("kind, agreement, key, content, destination, parent"),
    ),
    moved=_MOVED,
)

_TAIL = SQL("""
, links AS (
    SELECT l.*, moved.agreement FROM ROWS FROM (
        json_to_recordset(%(links)s::json)
            AS (id text, seq int, name text, at timestamptz, previous text, digest text, news bool),
        unnest(%(bodies)b::bytea[])
    ) AS l (id, seq, name, at, previous, digest, news, body) JOIN moved USING (id)
), facts AS (
    INSERT INTO fact (exchange, seq, name, at, body, previous, digest)
    SELECT id, seq, name, at, convert_from(body, 'UTF8')::json, previous, digest FROM links
), news AS (
    INSERT INTO notice (exchange, seq, agreement, fact, at)
    SELECT id, seq, agreement, name, at FROM links WHERE news
), blobs AS (
    INSERT INTO blob (digest, bytes)
    SELECT DISTINCT ON (b.digest) b.digest, b.bytes FROM ROWS FROM (
        json_to_recordset(%(blobs)s::json) AS (id text, digest text), unnest(%(contents)b::bytea[])
    ) AS b (id, digest, bytes) JOIN moved USING (id) ORDER BY b.digest
    ON CONFLICT DO NOTHING
), done AS (
    DELETE FROM work WHERE exchange = ANY (ARRAY(SELECT id FROM moved WHERE settled))
), owed AS (
    INSERT INTO work (exchange, ordinal, destination, agreement, stage, lane, blocks, due,
                      replayed, deadline, divert_from)
    SELECT id, ordinal, destination, agreement, stage, lane, blocks, due, replayed, deadline, divert_from
      FROM moved WHERE NOT settled
    ON CONFLICT (exchange) DO UPDATE
       SET stage = excluded.stage, lane = excluded.lane, blocks = excluded.blocks, due = excluded.due,
           replayed = excluded.replayed, deadline = excluded.deadline, divert_from = excluded.divert_from
), tallied AS (
    INSERT INTO tally (stage, slot, n)
    SELECT c.stage, pg_backend_pid() %% 64, sum(c.n)
      FROM moved, LATERAL (VALUES (moved.stage, 1), (moved.was, -1)) AS c (stage, n)
     WHERE c.stage IS NOT NULL AND moved.stage IS DISTINCT FROM moved.was GROUP BY c.stage ORDER BY c.stage
    ON CONFLICT (stage, slot) DO UPDATE SET n = tally.n + excluded.n
)
SELECT id, ordinal FROM moved
""")

_ADVANCED, _BEGUN = Raw(_ADVANCE + _TAIL), Raw(_BEGIN + _TAIL)


def advance(c: Connection, asked: Iterable[Advance]) -> set[str]:
    """Record them; the ids of those recorded. Not among them: stored otherwise than `old`, or not leased any more."""
    by_id = sorted(asked, key=lambda one: one.old.id)
    rows = [
        {
            **_row(one.new),
            "was": one.old.stage.value,
            "old_seq": one.old.seq,
            "old_head": one.old.head_digest,
            "worker": one.lease.worker if one.lease else None,
            "fence": one.lease.fence if one.lease else None,
            "alone": one.lease is not None and one.lease.alone and _goes_on_from_acknowledged(one),
            "line": one.line if one.entries else None,
            "line_at": _time(one.entries[0].at if one.entries else None),
        }
        for one in by_id
    ]
    return {name for name, _ in _ADVANCED.execute(c, _told(rows, by_id) | _REST)}


def begun(c: Connection, asked: Iterable[Begin]) -> dict[str, int]:
    """Record new exchanges; the ordinals of those recorded. Not among them: whose (agreement, key) is taken."""
    as_they_came = list(asked)  # and so they are numbered
    rows = [
        {
            **_row(one.new),
            "kind": one.new.kind.value,
            "agreement": one.new.agreement,
            "key": one.new.key,
            "content": one.new.content,
            "destination": one.new.destination,
            "parent": one.new.parent,
        }
        for one in as_they_came
    ]
    return dict(_BEGUN.execute(c, _told(rows, as_they_came)).fetchall())


def _goes_on_from_acknowledged(one: Advance) -> bool:
    return one.old.stage is Stage.ACKNOWLEDGED or any(isinstance(e.fact, Acknowledged) for e in one.entries[:-1])


_REST = {"rest_after": REST_AFTER, "shortest": SHORTEST_REST.total_seconds(), "longest": LONGEST_REST.total_seconds()}
_AT_ONCE = "-infinity"
_SLOWLY = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def _row(x: Exchange) -> dict[str, Any]:
    return {
        "id": x.id,
        "stage": x.stage.value,
        "lane": lane_key(x.lane),
        "revision": lane_revision(x),
        "seq": x.seq,
        "head": x.head_digest,
        "opened_at": _time(x.opened_at),
        "settled": x.settled,
        "blocks": x.blocks_lane,
        "due": None if x.waits_for_a_person else _time(x.due) or _AT_ONCE,
        "replayed": x.replayed,
        "deadline": _time(x.deadline),
        "divert_from": _time(x.divert_from),
    }


def _told(rows: Sequence[dict[str, Any]], grown: Sequence[Advance] | Sequence[Begin]) -> dict[str, Any]:
    links = [link for one in grown for link in one.links]
    contents = [(one.new.id, content) for one in grown for entry in one.entries for content in entry.bytes]
    return {
        "rows": _json(rows),
        "states": [kept(one.new) for one in grown],
        "links": _json([_link(link) for link in links]),
        "bodies": [link.body for link in links],
        "blobs": _json([{"id": name, "digest": digest_of(content)} for name, content in contents]),
        "contents": [packed(content) for _, content in contents],
    }


def _link(link: Recorded) -> dict[str, Any]:
    return {
        "id": link.exchange,
        "seq": link.seq,
        "name": link.name,
        "at": _time(link.at),
        "previous": link.previous,
        "digest": link.digest,
        "news": isinstance(link.fact, NEWS),
    }


def _json(rows: Sequence[dict[str, Any]]) -> str:
    try:
        return orjson.dumps(rows).decode()
    except TypeError:  # a revision of more than 64 bits; nobody has agreed on a most
        return _SLOWLY(rows)


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
