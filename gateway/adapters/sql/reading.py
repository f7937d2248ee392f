"""The questions the journal asks of its tables."""

from __future__ import annotations

from typing import Any

from psycopg.sql import SQL, Composed

from gateway.domain.exchange import Stage
from gateway.ports import Query

STATE = SQL("SELECT ordinal, state FROM exchange ")

# Before these steps order counts: what is older in the lane goes first, and what has not been read
# yet may belong to the lane.
SENDING = [Stage.PACKAGED.value, Stage.IN_DOUBT.value]

# Claims and releases do not wait for the disk: a lease lost in a crash is only claimed again, and
# whatever its old holder still writes is refused by fence and sequence.
CLAIM = SQL("""
WITH eased AS (SELECT set_config('synchronous_commit', 'off', true)),
chosen AS (
    SELECT w.exchange FROM work w
     WHERE w.destination = %(destination)s AND w.stage = ANY(%(stages)s)
       AND w.due <= statement_timestamp() AND w.lease_until <= statement_timestamp()
       AND NOT (w.lane IS NOT NULL AND w.stage = ANY(%(sending)s) AND (
           EXISTS (SELECT FROM work o WHERE o.lane = w.lane AND o.blocks AND o.ordinal < w.ordinal)
        OR EXISTS (SELECT FROM work u WHERE u.agreement = w.agreement AND u.stage = 'accepted'
                      AND u.ordinal < w.ordinal)
       ))
     ORDER BY w.ordinal LIMIT %(limit)s FOR UPDATE OF w SKIP LOCKED
)
UPDATE work SET worker = %(worker)s, fence = nextval('fence'),
       lease_until = clock_timestamp() + make_interval(secs => %(seconds)s)
  FROM chosen, eased WHERE work.exchange = chosen.exchange
RETURNING work.exchange, work.fence
""")

RELEASE = SQL("""
WITH eased AS (SELECT set_config('synchronous_commit', 'off', true))
UPDATE work SET worker = NULL, lease_until = '-infinity'
  FROM eased WHERE exchange = %s AND worker = %s AND fence = %s
""")

# One index probe per destination, however much work there is.
DUE = SQL("""
WITH RECURSIVE known AS (
    (SELECT destination FROM work ORDER BY destination LIMIT 1)
    UNION ALL
    SELECT (SELECT w.destination FROM work w WHERE w.destination > known.destination ORDER BY w.destination LIMIT 1)
      FROM known WHERE known.destination IS NOT NULL
)
SELECT destination FROM known
 WHERE EXISTS (SELECT FROM work w WHERE w.destination = known.destination
                  AND w.due <= statement_timestamp() AND w.lease_until <= statement_timestamp())
""")

HISTORY = SQL("SELECT exchange, seq, name, at, body, previous, digest FROM fact WHERE exchange = %s ORDER BY seq")
BYTES = SQL("SELECT bytes FROM blob WHERE digest = %s")
COUNT = SQL("SELECT stage, sum(n)::bigint FROM tally GROUP BY stage HAVING sum(n) <> 0")
LINE = SQL("SELECT failures, since FROM line WHERE destination = %s")
HEADS = SQL("SELECT DISTINCT ON (exchange) digest FROM fact WHERE at >= %s AND at < %s ORDER BY exchange, seq DESC")


def listing(query: Query) -> tuple[Composed, list[Any]]:
    """The statement, and its values, that lists what `query` names."""
    named: list[tuple[str, Any]] = [
        ("stage = ANY(%s)", [stage.value for stage in query.stages]),
        ("kind = ANY(%s)", [kind.value for kind in query.kinds]),
        ("agreement = ANY(%s)", list(query.agreements)),
        ("destination = %s", query.destination),
        ("parent = %s", query.parent),
        ("opened_at >= %s", query.since),
        ("ordinal < %s", query.before),
    ]
    asked = [(SQL(condition), value) for condition, value in named if value not in ("", [], None)]
    where = SQL(" AND ").join([SQL("WHERE true"), *(condition for condition, _ in asked)])
    return STATE + where + SQL(" ORDER BY ordinal DESC LIMIT %s"), [*(value for _, value in asked), query.limit]
