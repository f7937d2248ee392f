"""The catalogues in force, in the journal's database."""

from __future__ import annotations

from datetime import date

from gateway.adapters.sql.journal import SqlJournal
from gateway.domain.catalogue import Catalogue
from gateway.domain.record import canonical, restore

# By exchange, so that a publication cut off before its fact was recorded is simply made again.
_PUBLISH = """
INSERT INTO catalogue (name, version, valid_from, exchange, content) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (exchange) DO NOTHING
"""
# Of the latest day, then the one published last: a correction of what was in force pushes out nothing of a later day.
_IN_FORCE = """
SELECT ordinal FROM catalogue
 WHERE name = %s AND valid_from <= coalesce(%s, (clock_timestamp() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date)
 ORDER BY valid_from DESC, ordinal DESC LIMIT 1
"""
_VERSION = "SELECT max(ordinal) FROM catalogue WHERE name = %s AND version = %s"
_CONTENT = "SELECT content FROM catalogue WHERE ordinal = %s"


class SqlCatalogues:
    """`ports.Catalogues`. What was read last of a name is kept in memory."""

    def __init__(self, journal: SqlJournal) -> None:
        self._journal = journal
        self._read: dict[str, tuple[int, Catalogue]] = {}

    def current(self, name: str) -> Catalogue | None:
        """In force today by the database's clock, published by any process; None when none is."""
        return self._found(_IN_FORCE, [name, None])

    def on(self, name: str, day: date) -> Catalogue | None:
        """In force on `day`; None before the first."""
        return self._found(_IN_FORCE, [name, day])

    def version(self, name: str, version: str) -> Catalogue | None:
        """Of that version, whether it is in force or not; the one published last, should there be two."""
        return self._found(_VERSION, [name, version])

    def _found(self, query: str, asked: list[str | date | None]) -> Catalogue | None:
        name = str(asked[0])
        with self._journal.connection() as c:
            found = c.execute(query, asked).fetchone()
            if found is None or found[0] is None:
                return None
            ordinal, kept = found[0], self._read.get(name)
            if kept is not None and kept[0] == ordinal:
                return kept[1]
            row = c.execute(_CONTENT, [ordinal]).fetchone()
        assert row is not None
        self._read[name] = (ordinal, restore(Catalogue, row[0]))
        return self._read[name][1]

    def publish(self, catalogue: Catalogue, exchange: str) -> None:
        """Put `catalogue` in force, as `exchange` brought it. Repeating it changes nothing."""
        content = canonical(catalogue).decode()
        with self._journal.connection() as c:
            c.execute(_PUBLISH, [catalogue.name, catalogue.version, catalogue.valid_from, exchange, content])
