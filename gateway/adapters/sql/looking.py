"""A database looked at without touching it: is it ours, is it up to date, does its clock agree."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

from gateway.adapters.sql.migrate import steps
from gateway.adapters.sql.wall import wall
from gateway.domain.ids import digest_of

_WHAT = """
SELECT current_setting('server_version_num')::int, current_setting('synchronous_commit'), current_setting('fsync'),
       to_regclass('migration') IS NOT NULL, to_regclass('catalogue') IS NOT NULL
"""
_CATALOGUES = """
SELECT c.name, max(x.opened_at)
  FROM catalogue c LEFT JOIN exchange x ON x.id = c.exchange GROUP BY c.name ORDER BY c.name
"""


@dataclass(frozen=True, slots=True)
class Looked:
    """`skew`: seconds this machine's clock is ahead of the server's. `catalogues`: when each came down last."""

    version: int
    skew: float
    lasting: bool  # a commit is on disk when it is told
    pending: tuple[str, ...]
    strange: tuple[str, ...]  # applied steps that this version does not know, or knows otherwise
    catalogues: dict[str, datetime | None]


def look(url: str) -> Looked:
    """Raises `Unavailable` (F-003) when it does not answer."""
    with wall(), psycopg.connect(url, autocommit=True, connect_timeout=5, options="-c timezone=UTC") as c:
        row = c.execute(_WHAT).fetchone()
        assert row is not None
        version, commits, fsync, ours, filled = row
        applied: dict[str, str] = dict(c.execute("SELECT name, sha256 FROM migration").fetchall()) if ours else {}
        catalogues: dict[str, datetime | None] = dict(c.execute(_CATALOGUES).fetchall()) if filled else {}
        skew = _skew(c)
    shipped = {name: digest_of(text) for name, text in steps().items()}
    return Looked(
        version,
        skew,
        commits != "off" and fsync == "on",
        tuple(name for name in shipped if name not in applied),
        tuple(name for name, digest in applied.items() if shipped.get(name) != digest),
        catalogues,
    )


def _skew(connection: psycopg.Connection) -> float:
    """Against the middle of the question's way, as NTP does."""
    began, before = time.monotonic(), datetime.now(UTC)
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None
    middle = (time.monotonic() - began) / 2
    there: datetime = row[0]
    return (before - there).total_seconds() + middle
