"""The one statement that records: an exchange moved or begun, and everything that follows from it.

One statement is one round trip and, by itself, one transaction (measured against the same writes as
a pipeline of statements: half the CPU). `moved` is its hinge: where it is empty, because the
exchange has moved on, the lease is gone or the key is taken, nothing else of it happens either.

Locks are taken in one order everywhere (work row, exchange row, bytes by digest, tally by stage), so
that two writers wait for each other at most in one direction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection

from gateway.adapters.sql.state import kept, lane_key
from gateway.domain.exchange import Exchange
from gateway.domain.facts import NEWS, Recorded
from gateway.domain.ids import digest_of
from gateway.ports import Entry, Lease

# The count forces the work row's lock before the exchange's; with a lease it must also be a held one.
_ADVANCE = """
WITH held AS (
    SELECT 1 FROM work
     WHERE exchange = %(id)s AND (%(worker)s::text IS NULL
        OR (worker = %(worker)s AND fence = %(fence)s AND lease_until > clock_timestamp()))
       FOR UPDATE
), moved AS (
    UPDATE exchange
       SET stage = %(stage)s, lane = %(lane)s, seq = %(seq)s, head = %(head)s, state = %(state)s::json,
           opened_at = %(opened_at)s
     WHERE id = %(id)s AND seq = %(old_seq)s AND head = %(old_head)s
       AND (SELECT count(*) FROM held) >= (%(worker)s::text IS NOT NULL)::int
    RETURNING ordinal
)
"""

_BEGIN = """
WITH moved AS (
    INSERT INTO exchange
        (id, kind, agreement, key, content, destination, parent, opened_at, stage, lane, seq, head, state)
    VALUES (%(id)s, %(kind)s, %(agreement)s, %(key)s, %(content)s, %(destination)s, %(parent)s, %(opened_at)s,
            %(stage)s, %(lane)s, %(seq)s, %(head)s, %(state)s::json)
    ON CONFLICT (agreement, key) DO NOTHING
    RETURNING ordinal
)
"""

_TAIL = """
, facts AS (
    INSERT INTO fact (exchange, seq, name, at, body, previous, digest)
    SELECT %(id)s, told.seq, told.name, told.at, told.body::json, told.previous, told.digest
      FROM moved, unnest(%(fact_seqs)s::int[], %(fact_names)s::text[], %(fact_ats)s::timestamptz[],
                         %(fact_bodies)s::text[], %(fact_previous)s::text[], %(fact_digests)s::text[])
                  AS told (seq, name, at, body, previous, digest)
), news AS (
    INSERT INTO notice (exchange, seq, agreement, fact, at)
    SELECT %(id)s, told.seq, %(agreement)s, told.fact, told.at
      FROM moved, unnest(%(news_seqs)s::int[], %(news_names)s::text[], %(news_ats)s::timestamptz[])
                  AS told (seq, fact, at)
), blobs AS (
    INSERT INTO blob (digest, bytes)
    SELECT told.digest, told.bytes
      FROM moved, unnest(%(digests)s::text[], %(contents)b::bytea[]) AS told (digest, bytes)
    ON CONFLICT DO NOTHING
), done AS (
    DELETE FROM work USING moved WHERE work.exchange = %(id)s AND %(settled)s
), owed AS (
    INSERT INTO work (exchange, ordinal, destination, agreement, stage, lane, blocks, due)
    SELECT %(id)s, ordinal, %(destination)s, %(agreement)s, %(stage)s, %(lane)s, %(blocks)s,
           CASE WHEN %(waits)s THEN NULL ELSE coalesce(%(due)s::timestamptz, '-infinity') END
      FROM moved WHERE NOT %(settled)s
    ON CONFLICT (exchange) DO UPDATE
       SET stage = excluded.stage, lane = excluded.lane, blocks = excluded.blocks, due = excluded.due
), answered AS (
    -- Only where a success ends a failure: else every writer would queue for the row.
    UPDATE line SET failures = 0, since = NULL
      FROM moved WHERE line.destination = %(destination)s AND line.failures > 0 AND %(line)s::boolean
), failed AS (
    INSERT INTO line (destination, failures, since)
    SELECT %(destination)s, 1, %(line_at)s FROM moved WHERE NOT %(line)s::boolean
    ON CONFLICT (destination) DO UPDATE
       SET failures = line.failures + 1, since = coalesce(line.since, excluded.since)
), tallied AS (
    INSERT INTO tally (stage, slot, n)
    SELECT told.stage, pg_backend_pid() %% 64, told.n
      FROM moved, unnest(%(stages)s::text[], %(changes)s::bigint[]) AS told (stage, n)
    ON CONFLICT (stage, slot) DO UPDATE SET n = tally.n + excluded.n
)
SELECT ordinal FROM moved
"""

_ADVANCED, _BEGUN = _ADVANCE + _TAIL, _BEGIN + _TAIL


def advance(
    c: Connection,
    old: Exchange,
    new: Exchange,
    links: Sequence[Recorded],
    entries: Sequence[Entry],
    *,
    lease: Lease | None,
    line: bool | None,
) -> bool:
    """Record `links`, which lead from `old` to `new`.

    False when the stored exchange is not `old` any more, or `lease` is not held any more.
    """
    told = _told(new, links, entries, _moves(old, new))
    told |= {"old_seq": old.seq, "old_head": old.head_digest, "line": line, "line_at": _when(entries)}
    told |= {"worker": lease.worker, "fence": lease.fence} if lease else {"worker": None, "fence": None}
    return c.execute(_ADVANCED, told).fetchone() is not None


def begun(c: Connection, x: Exchange, links: Sequence[Recorded], entries: Sequence[Entry]) -> int | None:
    """Record a new exchange; its ordinal, or None when its (agreement, key) is taken."""
    told = _told(x, links, entries, {x.stage.value: 1}) | {"line": None, "line_at": None}
    row = c.execute(_BEGUN, told).fetchone()
    return row[0] if row else None


def _told(x: Exchange, links: Sequence[Recorded], entries: Sequence[Entry], moves: Mapping[str, int]) -> dict[str, Any]:
    contents = {digest_of(content): content for entry in entries for content in entry.bytes}
    stages, digests = sorted(moves), sorted(contents)
    news = [link for link in links if isinstance(link.fact, NEWS)]
    return {
        "id": x.id,
        "kind": x.kind.value,
        "agreement": x.agreement,
        "key": x.key,
        "content": x.content,
        "destination": x.destination,
        "parent": x.parent,
        "opened_at": x.opened_at,
        "stage": x.stage.value,
        "lane": lane_key(x.lane),
        "seq": x.seq,
        "head": x.head_digest,
        "state": kept(x),
        "settled": x.settled,
        "waits": x.waits_for_a_person,
        "blocks": x.blocks_lane,
        "due": x.due,
        "fact_seqs": [link.seq for link in links],
        "fact_names": [link.name for link in links],
        "fact_ats": [link.at for link in links],
        "fact_bodies": [link.body.decode() for link in links],
        "fact_previous": [link.previous for link in links],
        "fact_digests": [link.digest for link in links],
        "news_seqs": [link.seq for link in news],
        "news_names": [link.name for link in news],
        "news_ats": [link.at for link in news],
        "digests": digests,
        "contents": [contents[digest] for digest in digests],
        "stages": stages,
        "changes": [moves[stage] for stage in stages],
    }


def _moves(old: Exchange, new: Exchange) -> dict[str, int]:
    """How the tally of stages changes."""
    return {} if old.stage is new.stage else {old.stage.value: -1, new.stage.value: 1}


def _when(entries: Sequence[Entry]) -> datetime | None:
    return entries[0].at if entries else None
