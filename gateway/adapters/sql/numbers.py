"""Numbers given to documents: each once in a year and agency, by the table's own key.

Taken in the transaction that records the fact, so that of two clerks at the same moment one waits for the other and
then hears who has it. Refused: a unique index over the facts, which what came home from two houses could not pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from psycopg import Connection
from psycopg.sql import SQL

from gateway.adapters.sql import reading
from gateway.adapters.sql.state import revived
from gateway.domain.conflict import taken
from gateway.domain.facts import Numbered, Recorded, revive
from gateway.domain.numbering import name_of

_TAKE = SQL("INSERT INTO number_given (name, document) VALUES (%s, %s) ON CONFLICT (name) DO NOTHING")
_HOLDER = reading.STATE + SQL("WHERE id = (SELECT document FROM number_given WHERE name = %s AND document <> %s)")
_ALL = SQL("SELECT exchange, body FROM fact WHERE name = 'Numbered' ORDER BY at, exchange")


def given_in(links: Iterable[Recorded]) -> Iterator[tuple[str, Numbered]]:
    """Documents and the numbers that `links` give them."""
    return ((link.exchange, link.fact) for link in links if isinstance(link.fact, Numbered))


def take(c: Connection, links: Iterable[Recorded]) -> None:
    """For whoever gives a number now. Raises `Conflict` (F-105) where another document has it; twice is once."""
    for document, told in given_in(links):
        name = name_of(told)
        if name is None or c.execute(_TAKE, [name, document]).rowcount:
            continue
        row = c.execute(_HOLDER, [name, document]).fetchone()  # waited for until it was certain
        if row is not None:
            raise taken(revived(*row), told)


def note(c: Connection, links: Iterable[Recorded]) -> None:
    """For what happened in another house: recorded as it was, and the number is taken where it was free."""
    rows = [(name, document) for document, told in given_in(links) if (name := name_of(told)) is not None]
    with c.cursor() as cursor:
        cursor.executemany(_TAKE, rows)


def noted_again(c: Connection) -> None:
    """The table made from the facts; whoever was given a number first keeps it."""
    c.execute("DELETE FROM number_given")
    told = ((document, revive("Numbered", body)) for document, body in c.execute(_ALL).fetchall())
    rows = [
        (name, document)
        for document, fact in told
        if isinstance(fact, Numbered) and (name := name_of(fact)) is not None
    ]
    with c.cursor() as cursor:
        cursor.executemany(_TAKE, rows)
