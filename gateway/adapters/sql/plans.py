"""Plans of replays: chosen in one statement, so that a plan is the journal at one moment."""

from __future__ import annotations

import json

from psycopg.sql import SQL

from gateway.adapters.sql.journal import SqlJournal
from gateway.adapters.sql.reading import chosen
from gateway.domain.errors import NotFound, problem
from gateway.domain.exchange import Stage
from gateway.domain.plan import Plan, Progress
from gateway.ports import Query

# What is on its way is not opened again, and what gave way to another revision would only be refused.
_REPLAYABLE = [stage.value for stage in (Stage.RECONCILED, Stage.PARTLY_ACCEPTED, Stage.RETURNED, Stage.REFUSED)]
_MOST_UNREAD = 1000

_PLAN = SQL("INSERT INTO plan (id, by, because, at, pack, asked) VALUES (%s, %s, %s, %s, %s, %s)")
_ITEMS = SQL("""
INSERT INTO plan_item (plan, ordinal, exchange, agreement, key)
SELECT %s, ordinal, id, agreement, %s || id FROM exchange {where}
   AND kind = 'outbound' AND stage = ANY(%s) ORDER BY ordinal LIMIT %s
""")
_LEFT_OUT = SQL("SELECT count(*) FROM exchange {where} AND kind = 'outbound' AND stage <> ALL(%s)")
_GROUPS = SQL("""
SELECT i.agreement, x.stage, count(*) FROM plan_item i JOIN exchange x ON x.id = i.exchange
 WHERE i.plan = %s GROUP BY 1, 2 ORDER BY 1, 2
""")
_READ = SQL("SELECT id, by, because, at, pack, asked FROM plan WHERE id = %s")
_LEFT = SQL("""
SELECT i.ordinal, i.exchange FROM plan_item i LEFT JOIN exchange x ON x.agreement = i.agreement AND x.key = i.key
 WHERE i.plan = %s AND i.ordinal > %s AND x.id IS NULL ORDER BY i.ordinal LIMIT %s
""")
_PROGRESS = SQL("""
SELECT x.stage, count(*) FROM plan_item i LEFT JOIN exchange x ON x.agreement = i.agreement AND x.key = i.key
 WHERE i.plan = %s GROUP BY x.stage
""")
_UNREAD = SQL("""
SELECT count(*) FROM (
    SELECT FROM (SELECT DISTINCT agreement FROM plan_item WHERE plan = %s) a
      JOIN work w ON w.agreement = a.agreement AND w.stage = 'accepted' AND w.due IS NOT NULL LIMIT %s) waiting
""")


class SqlPlans:
    """`ports.Plans`, in the journal's database."""

    def __init__(self, journal: SqlJournal) -> None:
        self._journal = journal

    def freeze(self, plan: Plan, query: Query) -> tuple[int, int]:
        where, values = chosen(query)
        row = [plan.id, plan.by, plan.because, plan.at, plan.pack, json.dumps(dict(plan.asked), ensure_ascii=False)]
        with self._journal.connection() as c, c.transaction():
            c.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            c.execute(_PLAN, row)
            prefix = [plan.id, plan.key("")]
            frozen = c.execute(_ITEMS.format(where=where), [*prefix, *values, _REPLAYABLE, query.limit]).rowcount
            left_out = c.execute(_LEFT_OUT.format(where=where), [*values, _REPLAYABLE]).fetchone()
        assert left_out is not None
        return frozen, left_out[0]

    def read(self, plan: str) -> Plan:
        with self._journal.connection() as c:
            row = c.execute(_READ, [plan]).fetchone()
        if row is None:
            raise NotFound(problem("F-006", name=plan))
        return Plan(*row)

    def groups(self, plan: str) -> list[tuple[str, str, int]]:
        with self._journal.connection() as c:
            return c.execute(_GROUPS, [plan]).fetchall()

    def left(self, plan: str, after: int, limit: int) -> list[tuple[int, str]]:
        with self._journal.connection() as c:
            return c.execute(_LEFT, [plan, after, limit]).fetchall()

    def progress(self, plan: str) -> Progress:
        with self._journal.connection() as c:
            found = dict(c.execute(_PROGRESS, [plan]).fetchall())
        planned = sum(found.values())
        return Progress(planned, {stage: number for stage, number in sorted(found.items(), key=str) if stage})

    def unread(self, plan: str) -> int:
        with self._journal.connection() as c:
            row = c.execute(_UNREAD, [plan, _MOST_UNREAD]).fetchone()
        assert row is not None
        return int(row[0])
