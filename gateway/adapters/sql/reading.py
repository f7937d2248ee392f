"""The questions the journal asks of its tables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from psycopg.sql import SQL, Composed

from gateway.adapters.sql.raw import Raw
from gateway.adapters.sql.state import lane_key
from gateway.domain.exchange import Stage
from gateway.ports import InLane, Query

# As text, which is parsed once: by whoever reads it.
STATE = SQL("SELECT ordinal, state::text FROM exchange ")

HEAD_OF = SQL("SELECT id, head FROM exchange WHERE id = ANY(%s)")
OPENED_AS = STATE + SQL("JOIN unnest(%s::text[], %s::text[]) AS taken (agreement, key) USING (agreement, key)")

# Before these steps order counts: what is older in the lane goes first, and what has not been read
# yet may belong to the lane.
SENDING = [Stage.PACKAGED.value, Stage.IN_DOUBT.value]

_TURN = SQL("""NOT (w.lane IS NOT NULL AND w.stage = ANY(%(sending)s) AND (
    EXISTS (SELECT FROM work o WHERE o.lane = w.lane AND o.blocks AND o.ordinal < w.ordinal)
 OR EXISTS (SELECT FROM work u WHERE u.agreement = w.agreement AND u.stage = 'accepted' AND u.ordinal < w.ordinal)))
""")

# Claims for one destination come one after another, so that two of them never choose the same rows. To plan `CLAIM`
# costs four times what it does, so it is planned once; without reading all of `work`, however small that is by then.
GATE = SQL("""
SELECT pg_advisory_xact_lock(hashtextextended(%s, 0)), set_config('synchronous_commit', 'off', true),
       set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true)
""")

# Claims and releases do not wait for the disk: a lease lost in a crash is only claimed again, and
# whatever its old holder still writes is refused by fence and sequence.
#
# `pair` probes the index once for each (stage, agreement) that has something, however much it has. Shares are
# fair between agreements, but what is due within a day goes first, and replays last. While the line rests only
# what may be gone around is taken; when its rest is over, one message tries it and the others go on resting: one
# that waits for a document would try nothing.
CLAIM = Raw(
    SQL("""
WITH RECURSIVE state AS (
    SELECT failures, since, rest_until, %(wire)s AND rest_until > clock_timestamp() AS rests,
           %(wire)s AND rest_until <= clock_timestamp() AS tries
      FROM line WHERE destination = %(destination)s
), pair AS (
    (SELECT w.stage, w.agreement FROM work w WHERE w.destination = %(destination)s AND w.due = '-infinity'
      ORDER BY w.stage, w.agreement LIMIT 1)
    UNION ALL
    SELECT n.stage, n.agreement FROM pair, LATERAL (
        SELECT w.stage, w.agreement FROM work w
         WHERE w.destination = %(destination)s AND w.due = '-infinity'
           AND (w.stage, w.agreement) > (pair.stage, pair.agreement)
         ORDER BY w.stage, w.agreement LIMIT 1) n
), free AS (
    SELECT n.* FROM pair, LATERAL (
        SELECT w.exchange, w.stage, w.agreement, w.replayed, w.deadline, w.ordinal FROM work w
         WHERE w.destination = %(destination)s AND w.stage = pair.stage AND w.agreement = pair.agreement
           AND w.due = '-infinity' AND w.lease_until <= statement_timestamp() AND {turn}
         ORDER BY w.replayed, w.deadline, w.ordinal LIMIT %(limit)s) n
     WHERE pair.stage = ANY(%(stages)s) AND NOT coalesce((SELECT rests FROM state), false)
    UNION ALL
    (SELECT w.exchange, w.stage, w.agreement, w.replayed, w.deadline, w.ordinal FROM work w
      WHERE w.destination = %(destination)s AND w.due > '-infinity' AND w.due <= statement_timestamp()
        AND w.stage = ANY(%(stages)s) AND w.lease_until <= statement_timestamp() AND {turn}
        AND NOT coalesce((SELECT rests FROM state), false)
      ORDER BY w.due LIMIT %(limit)s)
    UNION ALL
    (SELECT w.exchange, w.stage, w.agreement, w.replayed, w.deadline, w.ordinal FROM work w
      WHERE w.destination = %(destination)s AND w.divert_from <= statement_timestamp() AND w.stage = 'packaged'
        AND w.due <= statement_timestamp() AND w.lease_until <= statement_timestamp() AND {turn}
        AND (SELECT rests FROM state)
      ORDER BY w.divert_from LIMIT %(limit)s)
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY agreement ORDER BY replayed, deadline, ordinal) AS nth FROM free
), chosen AS (
    SELECT exchange FROM ranked
     ORDER BY (SELECT tries FROM state) AND stage = 'diverted', replayed,
              coalesce(deadline, 'infinity') > statement_timestamp() + interval '1 day', nth, deadline, ordinal
     LIMIT CASE WHEN (SELECT tries FROM state) THEN 1 ELSE %(limit)s END
), trying AS (
    UPDATE line SET rest_until = clock_timestamp() + make_interval(secs => %(rest)s)
     WHERE destination = %(destination)s AND (SELECT tries FROM state) AND EXISTS (SELECT FROM chosen)
)
UPDATE work SET worker = %(worker)s, fence = nextval('fence'),
       lease_until = clock_timestamp() + make_interval(secs => %(seconds)s)
  FROM chosen
 WHERE work.exchange = chosen.exchange
   AND work.lease_until <= statement_timestamp() AND work.due <= statement_timestamp()
RETURNING work.exchange, work.fence, coalesce((SELECT failures FROM state), 0), (SELECT since FROM state),
          (SELECT CASE WHEN rests THEN rest_until END FROM state),
          NOT EXISTS (SELECT FROM exchange e WHERE e.lane = work.lane AND e.ordinal <> work.ordinal),
          clock_timestamp()
""").format(turn=_TURN)
)

# One by one, so that each is looked up by its key, however few there were when this was planned.
RELEASE = SQL("""
WITH eased AS (SELECT set_config('synchronous_commit', 'off', true)
), told AS (
    SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[]) AS t (exchange, worker, fence) ORDER BY exchange
), held AS (
    SELECT told.exchange
      FROM eased, told, LATERAL (SELECT worker, fence FROM work WHERE exchange = told.exchange FOR UPDATE) AS w
     WHERE w.worker = told.worker AND w.fence = told.fence
)
UPDATE work SET worker = NULL, lease_until = '-infinity' FROM held WHERE work.exchange = held.exchange
""")

# A few index probes per destination, however much work there is. Each half names the condition of its partial index
# (`work_ready`, `work_timed`): a question that names neither reads all of `work`.
DUE = SQL("""
WITH RECURSIVE ready AS (
    (SELECT destination FROM work WHERE due = '-infinity' ORDER BY destination LIMIT 1)
    UNION ALL
    SELECT (SELECT w.destination FROM work w WHERE w.due = '-infinity' AND w.destination > ready.destination
             ORDER BY w.destination LIMIT 1)
      FROM ready WHERE ready.destination IS NOT NULL
), timed AS (
    (SELECT destination FROM work WHERE due > '-infinity' ORDER BY destination LIMIT 1)
    UNION ALL
    SELECT (SELECT w.destination FROM work w WHERE w.due > '-infinity' AND w.destination > timed.destination
             ORDER BY w.destination LIMIT 1)
      FROM timed WHERE timed.destination IS NOT NULL
)
SELECT destination FROM ready
 WHERE EXISTS (SELECT FROM work w WHERE w.destination = ready.destination AND w.due = '-infinity'
                  AND w.lease_until <= statement_timestamp())
UNION
SELECT destination FROM timed
 WHERE EXISTS (SELECT FROM work w WHERE w.destination = timed.destination AND w.due > '-infinity'
                  AND w.due <= statement_timestamp() AND w.lease_until <= statement_timestamp())
""")

# As the index says it, so that a number is looked up and not searched for.
_NUMBERED = """id IN (SELECT exchange FROM fact
    WHERE name = 'Numbered' AND (body ->> 'number') || '/' || (body ->> 'notation') = %s)"""

HISTORY = SQL("SELECT exchange, seq, name, at, body::text, previous, digest FROM fact WHERE exchange = %s ORDER BY seq")
BYTES = SQL("SELECT bytes FROM blob WHERE digest = %s")
BYTES_OF_MANY = SQL("SELECT digest, bytes FROM blob WHERE digest = ANY(%s)")
# Each half is a range of the index `exchange_revision`; the second one finds what an older version wrote.
IN_LANES = SQL("""
SELECT q.n, x.ordinal, x.state::text
  FROM json_to_recordset(%s::json)
       AS q (n int, lane text, stages text[], before bigint, newer numeric, older numeric),
       LATERAL (SELECT e.ordinal, e.state FROM exchange e
                 WHERE e.lane = q.lane AND e.stage = ANY(q.stages)
                   AND e.ordinal < coalesce(q.before, 9223372036854775807)
                   AND e.revision > coalesce(q.newer, '-Infinity') AND e.revision < coalesce(q.older, 'Infinity')
                 UNION ALL
                SELECT e.ordinal, e.state FROM exchange e
                 WHERE e.lane = q.lane AND e.stage = ANY(q.stages)
                   AND e.ordinal < coalesce(q.before, 9223372036854775807)
                   AND e.revision IS NULL) x
 ORDER BY x.ordinal
""")
COUNT = SQL("SELECT stage, sum(n)::bigint FROM tally GROUP BY stage HAVING sum(n) <> 0")
LINE = SQL("SELECT failures, since, rest_until FROM line WHERE destination = %s")
HEADS = SQL("SELECT DISTINCT ON (exchange) digest FROM fact WHERE at >= %s AND at < %s ORDER BY exchange, seq DESC")


def lanes(asked: Sequence[InLane]) -> str:
    """What `IN_LANES` is told."""
    return json.dumps(
        [
            {
                "n": number,
                "lane": lane_key(one.lane),
                "stages": [stage.value for stage in one.stages],
                "before": one.before,
                "newer": one.newer,
                "older": one.older,
            }
            for number, one in enumerate(asked)
        ]
    )


def listing(query: Query) -> tuple[Composed, list[Any]]:
    """The statement, and its values, that lists what `query` names."""
    where, values = chosen(query)
    return STATE + where + SQL(" ORDER BY ordinal DESC LIMIT %s"), [*values, query.limit]


def chosen(query: Query) -> tuple[Composed, list[Any]]:
    """The condition, and its values, of what `query` names, however many they are."""
    named: list[tuple[str, Any]] = [
        ("stage = ANY(%s)", [stage.value for stage in query.stages]),
        ("kind = ANY(%s)", [kind.value for kind in query.kinds]),
        ("agreement = ANY(%s)", list(query.agreements)),
        ("destination = %s", query.destination),
        ("parent = %s", query.parent),
        ("key = %s", query.key),
        (_NUMBERED, query.code),
        ("opened_at >= %s", query.since),
        ("ordinal < %s", query.before),
    ]
    asked = [(SQL(condition), value) for condition, value in named if value not in ("", [], None)]
    where = SQL(" AND ").join([SQL("WHERE true"), *(condition for condition, _ in asked)])
    return where, [value for _, value in asked]
