"""Who was told what waits in the inbox, by webhook: claimed by one process at a time, by the database's clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from psycopg.sql import SQL

from gateway.adapters.sql.journal import SqlJournal
from gateway.adapters.sql.register import SqlRegister
from gateway.ports import BULLETIN, Bulletin, Notice, Untold

# What waits for the client, by the id it is told under.
_WAITING = SQL("""
SELECT n.exchange || '.' || n.seq AS event FROM notice n
 WHERE n.agreement = ANY(%(agreements)s) AND n.settled_at IS NULL
UNION ALL
SELECT %(bulletin)s || b.deed || '.' || b.agreement FROM bulletin b
 WHERE b.agreement = ANY(%(agreements)s) AND b.settled_at IS NULL
""")
_FORGET = SQL(
    "DELETE FROM telling t WHERE t.client = %(client)s AND NOT EXISTS (SELECT FROM ({}) w WHERE w.event = t.event)"
).format(_WAITING)
_FOUND = SQL(
    "INSERT INTO telling (client, event) SELECT %(client)s, w.event FROM ({}) w ON CONFLICT DO NOTHING"
).format(_WAITING)
_CLAIM = """
UPDATE telling t SET attempts = t.attempts + 1, due = clock_timestamp() + make_interval(secs => %(seconds)s)
  FROM (SELECT event FROM telling
         WHERE client = %(client)s AND told_at IS NULL AND due <= clock_timestamp()
         ORDER BY due, event LIMIT %(limit)s FOR UPDATE SKIP LOCKED) d
 WHERE t.client = %(client)s AND t.event = d.event
RETURNING t.event, t.attempts
"""
_TOLD = "UPDATE telling SET told_at = coalesce(told_at, clock_timestamp()) WHERE client = %s AND event = %s"
_LATER = """
UPDATE telling SET due = clock_timestamp() + make_interval(secs => %(seconds)s), attempts = attempts - %(untried)s
 WHERE client = %(client)s AND event = %(event)s AND told_at IS NULL
"""
_NOTICES = """
SELECT n.exchange, n.seq, n.agreement, n.fact, n.at FROM notice n
  JOIN unnest(%s::text[], %s::integer[]) AS a (exchange, seq) ON (n.exchange, n.seq) = (a.exchange, a.seq)
"""


class SqlTelling:
    """`ports.Telling`, in the journal's database."""

    def __init__(self, journal: SqlJournal, register: SqlRegister) -> None:
        self._journal = journal
        self._register = register

    def untold(self, client: str, agreements: Sequence[str], limit: int, seconds: float) -> list[Untold]:
        asked = {
            "client": client,
            "agreements": list(agreements),
            "bulletin": BULLETIN,
            "limit": limit,
            "seconds": seconds,
        }
        with self._journal.connection() as c, c.transaction():
            c.execute(_FORGET, asked)
            c.execute(_FOUND, asked)
            claimed: dict[str, int] = dict(c.execute(_CLAIM, asked).fetchall())
        news = self._news(claimed)
        return [Untold(one, claimed[one.id]) for one in sorted(news, key=_order)]

    def told(self, client: str, event: str) -> None:
        with self._journal.connection() as c:
            c.execute(_TOLD, [client, event])

    def postpone(self, client: str, event: str, seconds: float, *, tried: bool = True) -> None:
        asked = {"client": client, "event": event, "seconds": seconds, "untried": 0 if tried else 1}
        with self._journal.connection() as c:
            c.execute(_LATER, asked)

    def _news(self, events: Iterable[str]) -> list[Notice | Bulletin]:
        common = {event for event in events if event.startswith(BULLETIN)}
        places = [event.rpartition(".") for event in events if event not in common]
        told = [event.removeprefix(BULLETIN).partition(".") for event in common]
        asked = [[exchange for exchange, _, _ in places], [int(seq) for _, _, seq in places]]
        with self._journal.connection() as c:
            notices = [Notice(*row) for row in c.execute(_NOTICES, asked)]
        return [*notices, *self._register.named([(int(deed), agreement) for deed, _, agreement in told])]


def _order(news: Notice | Bulletin) -> tuple[str, str]:
    """As they happened."""
    at = news.at if isinstance(news, Notice) else news.deed.at
    return at.isoformat(), news.id
