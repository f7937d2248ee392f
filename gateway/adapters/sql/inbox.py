"""The inbox: notices are written by the journal with their facts, and settled here."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.adapters.sql.journal import SqlJournal
from gateway.domain.errors import NotFound, problem
from gateway.ports import Notice

# The oldest first, and always from the start: a reader that follows a cursor would miss what commits late.
_WAITING = """
SELECT exchange, seq, agreement, fact, at FROM notice
 WHERE agreement = ANY(%s) AND settled_at IS NULL ORDER BY at, exchange, seq LIMIT %s
"""
_SETTLE = """
UPDATE notice SET settled_at = coalesce(settled_at, clock_timestamp()), settled_by = coalesce(settled_by, %s)
 WHERE exchange = %s AND seq = %s AND agreement = ANY(%s)
"""


class SqlInbox:
    """`ports.Inbox`, in the journal's database."""

    def __init__(self, journal: SqlJournal) -> None:
        self._journal = journal

    def waiting(self, agreements: Sequence[str], limit: int) -> list[Notice]:
        with self._journal.connection() as c:
            return [Notice(*row) for row in c.execute(_WAITING, [list(agreements), limit])]

    def settle(self, notice: str, agreements: Sequence[str], by: str) -> None:
        exchange, _, seq = notice.rpartition(".")
        place = int(seq) if seq.isascii() and seq.isdigit() and len(seq) < 10 else 0
        with self._journal.connection() as c:
            if c.execute(_SETTLE, [by, exchange, place, list(agreements)]).rowcount == 0:
                raise NotFound(problem("F-006", name=notice))
