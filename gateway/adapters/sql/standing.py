"""What stands in the journal, for whoever watches it: read from the narrow tables, never from the facts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from gateway.adapters.sql.journal import SqlJournal
from gateway.adapters.sql.pace import rates
from gateway.domain.forecast import Waiting
from gateway.domain.policy import Line
from gateway.domain.standing import Backlog, Standing

# All that is told of the queue in one pass over it: as many rows as there are groups, a few hundred of a million.
_OWED = """
SELECT destination, agreement, replayed, deadline, due IS NULL AS parked,
       stage IN ('accepted', 'validated', 'verified', 'translated', 'packaged', 'in_doubt') AS undelivered,
       count(*), min(ordinal), clock_timestamp()
  FROM work GROUP BY destination, agreement, replayed, deadline, parked, undelivered
"""
# The oldest of each destination by its ordinal: one probe of the index each.
_AGES = "SELECT ordinal, extract(epoch FROM clock_timestamp() - opened_at) FROM exchange WHERE ordinal = ANY(%s)"
_LINES = "SELECT destination, failures, since, rest_until FROM line"
_SIZE = "SELECT pg_database_size(current_database())"
_BEHIND = """
SELECT bool_or(active), max(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn))::bigint
  FROM pg_replication_slots WHERE slot_name LIKE 'gateway\\_%'
"""


class _Owed(NamedTuple):
    """So many alike: of one agreement for one destination, due at the same instant."""

    destination: str
    agreement: str
    replayed: bool
    deadline: datetime | None
    parked: bool
    undelivered: bool
    many: int
    oldest: int
    now: datetime


class SqlOutlook:
    """`ports.Outlook`, in the journal's database."""

    def __init__(self, journal: SqlJournal) -> None:
        self._journal = journal

    def look(self) -> Standing:
        with self._journal.connection() as c:
            owed = [_Owed(*row) for row in c.execute(_OWED)]
            oldest = _first(owed)
            ages = {ordinal: float(age or 0) for ordinal, age in c.execute(_AGES, [list(oldest.values())])}
            lines = {name: Line(*rest) for name, *rest in c.execute(_LINES)}
            fast = rates(c)
            size = c.execute(_SIZE).fetchone()
            stream = c.execute(_BEHIND).fetchone()
        assert size is not None
        assert stream is not None
        backlogs = {
            name: Backlog(*_counted(one for one in owed if one.destination == name), ages.get(first, 0.0))
            for name, first in oldest.items()
        }
        queue = [
            Waiting(one.destination, one.agreement, one.many, one.deadline, one.replayed)
            for one in owed
            if one.undelivered and not one.parked
        ]
        behind = stream[1] if stream[0] else None
        return Standing(backlogs, lines, _nearest(owed), size[0], behind, queue, fast)


def _first(owed: Iterable[_Owed]) -> dict[str, int]:
    """The ordinal of the oldest for each destination."""
    found: dict[str, int] = {}
    for one in owed:
        found[one.destination] = min(one.oldest, found.get(one.destination, one.oldest))
    return found


def _counted(owed: Iterable[_Owed]) -> tuple[int, int]:
    """How many there are, and how many of them a person has."""
    counts = [(one.many, one.many if one.parked else 0) for one in owed]
    return sum(all_ for all_, _ in counts), sum(parked for _, parked in counts)


def _nearest(owed: Iterable[_Owed]) -> dict[str, float]:
    found: dict[str, float] = {}
    for one in owed:
        if one.deadline is not None:
            left = (one.deadline - one.now).total_seconds()
            found[one.agreement] = min(left, found.get(one.agreement, left))
    return found
