"""The inbox: notices are written by the journal with their facts, and settled here."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.adapters.sql.journal import SqlJournal
from gateway.adapters.sql.register import SqlRegister
from gateway.adapters.sql.telling import SqlTelling
from gateway.domain.errors import NotFound, problem
from gateway.ports import BULLETIN, Bulletin, Notice

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
    """`ports.Inbox`, in the journal's database; bulletins are the register's."""

    def __init__(self, journal: SqlJournal, register: SqlRegister) -> None:
        self._journal = journal
        self._register = register

    @property
    def telling(self) -> SqlTelling:
        return SqlTelling(self._journal, self._register)

    def waiting(self, agreements: Sequence[str], limit: int) -> list[Notice]:
        with self._journal.connection() as c:
            return [Notice(*row) for row in c.execute(_WAITING, [list(agreements), limit])]

    def bulletins(self, agreements: Sequence[str], limit: int) -> list[Bulletin]:
        return self._register.bulletins(agreements, limit)

    def settle(self, notice: str, agreements: Sequence[str], by: str) -> None:
        if notice.startswith(BULLETIN):
            self._settle_bulletin(notice, agreements, by)
            return
        exchange, _, seq = notice.rpartition(".")
        place = int(seq) if seq.isascii() and seq.isdigit() and len(seq) < 10 else 0
        with self._journal.connection() as c:
            if c.execute(_SETTLE, [by, exchange, place, list(agreements)]).rowcount == 0:
                raise NotFound(problem("F-006", name=notice))

    def _settle_bulletin(self, notice: str, agreements: Sequence[str], by: str) -> None:
        ordinal, _, agreement = notice.removeprefix(BULLETIN).partition(".")
        known = ordinal.isascii() and ordinal.isdigit() and len(ordinal) < 19 and agreement in agreements
        if not known or not self._register.settle(int(ordinal), agreement, by):
            raise NotFound(problem("F-006", name=notice))
