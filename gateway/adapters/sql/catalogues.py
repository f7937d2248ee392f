"""The catalogues in force, in the journal's database."""

from __future__ import annotations

from gateway.adapters.sql.journal import SqlJournal
from gateway.domain.catalogue import Catalogue
from gateway.domain.record import canonical, restore

# By exchange, so that a publication cut off before its fact was recorded is simply made again.
_PUBLISH = """
INSERT INTO catalogue (name, version, valid_from, exchange, content) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (exchange) DO NOTHING
"""
_NEWEST = "SELECT max(ordinal) FROM catalogue WHERE name = %s"
_CONTENT = "SELECT content FROM catalogue WHERE ordinal = %s"


class SqlCatalogues:
    """`ports.Catalogues`. What was read once is kept in memory until something newer is published."""

    def __init__(self, journal: SqlJournal) -> None:
        self._journal = journal
        self._read: dict[str, tuple[int, Catalogue]] = {}

    def current(self, name: str) -> Catalogue | None:
        """The catalogue published last under `name`, by any process; None when none ever was."""
        with self._journal.connection() as c:
            newest = c.execute(_NEWEST, [name]).fetchone()
            if newest is None or newest[0] is None:
                return None
            ordinal, kept = newest[0], self._read.get(name)
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
