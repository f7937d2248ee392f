"""The register of operations, in the journal's database: an append-only table of deeds."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from psycopg import errors
from psycopg.sql import SQL

from gateway.adapters.sql.journal import SqlJournal
from gateway.domain.errors import Conflict, Unavailable, problem
from gateway.domain.record import plain
from gateway.domain.register import Deed, Sheet
from gateway.ports import Bulletin

_FRESH = 1.0  # seconds; deadlines are asked for row by row, and the register changes a few times a month

_NOTHING: Mapping[str, Deed] = {}  # always the same one: callers ask by identity whether anything changed

_DEED = SQL("d.sheet, d.subject, d.act, d.by, d.because, d.document, d.at, d.before, d.after, d.follows, d.ordinal ")
_WRITE = """
WITH written AS (
    INSERT INTO deed (sheet, subject, act, by, because, document, at, before, after, follows)
    VALUES (%(sheet)s, %(subject)s, %(act)s, %(by)s, %(because)s, %(document)s, %(at)s,
            %(before)s::json, %(after)s::json, %(follows)s)
    RETURNING ordinal
), told AS (
    INSERT INTO bulletin (deed, agreement) SELECT ordinal, unnest(%(tell)s::text[]) FROM written
)
SELECT ordinal FROM written
"""
_NEWEST = "SELECT coalesce(max(ordinal), 0) FROM deed"
_STANDING = (
    SQL("SELECT ")
    + _DEED
    + SQL("""
  FROM deed d
 WHERE d.after IS NOT NULL
   AND NOT EXISTS (SELECT FROM deed n WHERE n.sheet = d.sheet AND n.subject = d.subject AND n.follows = d.ordinal)
 ORDER BY d.ordinal
""")
)
_LAST = SQL("SELECT ") + _DEED + SQL("FROM deed d WHERE sheet = %s AND subject = %s ORDER BY ordinal DESC LIMIT 1")
_TOLD = (
    SQL("SELECT ")
    + _DEED
    + SQL("""
  FROM deed d
 WHERE (%(sheet)s = '' OR d.sheet = %(sheet)s) AND (%(subject)s = '' OR d.subject = %(subject)s)
 ORDER BY d.ordinal DESC LIMIT %(limit)s
""")
)
_BULLETINS = (
    SQL("SELECT b.agreement, ")
    + _DEED
    + SQL("""
  FROM bulletin b JOIN deed d ON d.ordinal = b.deed
 WHERE b.agreement = ANY(%s) AND b.settled_at IS NULL ORDER BY d.ordinal, b.agreement LIMIT %s
""")
)
_NAMED = (
    SQL("SELECT b.agreement, ")
    + _DEED
    + SQL("""
  FROM unnest(%s::bigint[], %s::text[]) AS a (deed, agreement)
  JOIN bulletin b ON (b.deed, b.agreement) = (a.deed, a.agreement) JOIN deed d ON d.ordinal = b.deed
""")
)
_ACKNOWLEDGED = """
SELECT b.deed, b.agreement, b.settled_at, b.settled_by
  FROM bulletin b JOIN deed d ON d.ordinal = b.deed WHERE d.sheet = %s ORDER BY b.deed, b.agreement
"""
_SETTLE = """
UPDATE bulletin SET settled_at = coalesce(settled_at, clock_timestamp()), settled_by = coalesce(settled_by, %s)
 WHERE deed = %s AND agreement = %s
"""


class SqlRegister:
    """`ports.Register`. What stands is kept in memory and looked at again after a second, or a deed of one's own.

    What was seen once stays known while the store is away: the calendar must not fail a step that writes nothing yet.
    """

    def __init__(self, journal: SqlJournal, fresh: float = _FRESH) -> None:
        self._journal = journal
        self._fresh = fresh
        self._lock = threading.Lock()
        self._looked = float("-inf")
        self._newest = -1
        self._standing: dict[Sheet, dict[str, Deed]] = {}

    def write(self, deed: Deed, tell: Sequence[str] = ()) -> Deed:
        told = {name: getattr(deed, name) for name in Deed.__slots__} | {
            "sheet": deed.sheet.value,
            "before": _json(deed.before),
            "after": _json(deed.after),
            "tell": sorted(set(tell)),
        }
        try:
            with self._journal.connection() as c:
                row = c.execute(_WRITE, told).fetchone()
        except errors.UniqueViolation:
            raise self._taken(deed) from None
        assert row is not None
        with self._lock:
            self._looked = float("-inf")
        return replace(deed, ordinal=row[0])

    def standing(self, sheet: Sheet) -> Mapping[str, Deed]:
        with self._lock:
            if time.monotonic() - self._looked > self._fresh:
                self._look_if_possible()
            return self._standing.get(sheet, _NOTHING)

    def last(self, sheet: Sheet, subject: str) -> Deed | None:
        with self._journal.connection() as c:
            row = c.execute(_LAST, [sheet.value, subject]).fetchone()
        return _deed(row) if row else None

    def told(self, sheet: Sheet | None = None, subject: str = "", limit: int = 100) -> list[Deed]:
        asked = {"sheet": sheet.value if sheet else "", "subject": subject, "limit": limit}
        with self._journal.connection() as c:
            return [_deed(row) for row in c.execute(_TOLD, asked)]

    def bulletins(self, agreements: Sequence[str], limit: int) -> list[Bulletin]:
        """What the systems behind `agreements` have not taken note of yet, oldest first."""
        with self._journal.connection() as c:
            return [Bulletin(_deed(row[1:]), row[0]) for row in c.execute(_BULLETINS, [list(agreements), limit])]

    def named(self, places: Sequence[tuple[int, str]]) -> list[Bulletin]:
        """Bulletins by (deed, agreement), taken note of or not."""
        asked = [[deed for deed, _ in places], [agreement for _, agreement in places]]
        with self._journal.connection() as c:
            return [Bulletin(_deed(row[1:]), row[0]) for row in c.execute(_NAMED, asked)]

    def acknowledged(self, sheet: Sheet) -> dict[int, dict[str, tuple[datetime, str] | None]]:
        """By deed and agreement: when the system behind it took note, and which client that was."""
        found: dict[int, dict[str, tuple[datetime, str] | None]] = {}
        with self._journal.connection() as c:
            for ordinal, agreement, at, by in c.execute(_ACKNOWLEDGED, [sheet.value]):
                found.setdefault(ordinal, {})[agreement] = (at, by) if at else None
        return found

    def settle(self, ordinal: int, agreement: str, by: str) -> bool:
        """Whether there is such a bulletin; taken note of from now on."""
        with self._journal.connection() as c:
            return c.execute(_SETTLE, [by, ordinal, agreement]).rowcount > 0

    def _look_if_possible(self) -> None:
        """Raises `Unavailable` (F-003) only where nothing was ever seen."""
        try:
            self._look()
        except Unavailable:
            if self._newest < 0:
                raise

    def _look(self) -> None:
        with self._journal.connection() as c:
            row = c.execute(_NEWEST).fetchone()
            assert row is not None
            if row[0] != self._newest:
                found: dict[Sheet, dict[str, Deed]] = {}
                for deed in map(_deed, c.execute(_STANDING)):
                    found.setdefault(deed.sheet, {})[deed.subject] = deed
                self._standing, self._newest = found, row[0]
        self._looked = time.monotonic()

    def _taken(self, deed: Deed) -> Conflict:
        stands = self.last(deed.sheet, deed.subject)
        said = f"{stands.act}, {stands.by}, {stands.document or '–'}" if stands else "–"
        return Conflict(problem("C-018", subject=deed.subject, stands=said))


def _deed(row: Sequence[Any]) -> Deed:
    return Deed(Sheet(row[0]), *row[1:])


def _json(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else json.dumps(plain(value), ensure_ascii=False)
