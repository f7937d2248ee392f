"""What stands in the journal, for whoever watches it: read from the narrow tables, never from the facts."""

from __future__ import annotations

from gateway.adapters.sql.journal import SqlJournal
from gateway.adapters.sql.pace import rates
from gateway.domain.forecast import Waiting
from gateway.domain.policy import Line
from gateway.domain.standing import Backlog, Standing

# The oldest of each destination by its ordinal: one probe of the index each.
_BACKLOGS = """
SELECT w.destination, count(*), count(*) FILTER (WHERE w.due IS NULL),
       extract(epoch FROM clock_timestamp() - (SELECT x.opened_at FROM exchange x WHERE x.ordinal = min(w.ordinal)))
  FROM work w GROUP BY w.destination
"""
_LINES = "SELECT destination, failures, since, rest_until FROM line"
_DEADLINES = """
SELECT agreement, extract(epoch FROM min(deadline) - clock_timestamp())
  FROM work WHERE deadline IS NOT NULL GROUP BY agreement
"""
_QUEUE = """
SELECT destination, agreement, count(*), deadline, replayed FROM work
 WHERE due IS NOT NULL AND stage IN ('accepted', 'validated', 'verified', 'translated', 'packaged', 'in_doubt')
 GROUP BY destination, agreement, deadline, replayed
"""
_SIZE = "SELECT pg_database_size(current_database())"
_BEHIND = """
SELECT bool_or(active), max(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn))::bigint
  FROM pg_replication_slots WHERE slot_name LIKE 'gateway\\_%'
"""


class SqlOutlook:
    """`ports.Outlook`, in the journal's database."""

    def __init__(self, journal: SqlJournal) -> None:
        self._journal = journal

    def look(self) -> Standing:
        with self._journal.connection() as c:
            backlogs = {
                name: Backlog(owed, parked, float(oldest or 0)) for name, owed, parked, oldest in c.execute(_BACKLOGS)
            }
            lines = {name: Line(*rest) for name, *rest in c.execute(_LINES)}
            deadlines = {name: float(left) for name, left in c.execute(_DEADLINES)}
            queue = [Waiting(*row) for row in c.execute(_QUEUE)]
            fast = rates(c)
            size = c.execute(_SIZE).fetchone()
            stream = c.execute(_BEHIND).fetchone()
        assert size is not None
        assert stream is not None
        return Standing(backlogs, lines, deadlines, size[0], stream[1] if stream[0] else None, queue, fast)
