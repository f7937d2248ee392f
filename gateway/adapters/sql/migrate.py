"""The schema, step by step and forward only. A step that was applied is never edited."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources import files

from psycopg import Connection

from gateway.adapters.sql.wall import misconfigured
from gateway.domain.ids import digest_of

_LOCK = 0x67617465776179  # one migration at a time per database, whoever starts first

_KEPT = """
CREATE TABLE IF NOT EXISTS migration (
    name       text PRIMARY KEY,
    sha256     text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
)
"""


def steps() -> dict[str, bytes]:
    """The steps shipped with this version, in order."""
    folder = files("gateway.adapters.sql") / "migrations"
    found = {entry.name: entry.read_bytes() for entry in folder.iterdir() if entry.name.endswith(".sql")}
    return dict(sorted(found.items()))


def migrate(connection: Connection, shipped: Mapping[str, bytes] | None = None) -> list[str]:
    """Apply what is not applied yet, all or nothing; the names of the steps applied now.

    Raises `Misconfigured` (F-005) when an applied step was edited, or is unknown to this version.
    """
    shipped = steps() if shipped is None else shipped
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        applied = _applied(connection)
        pending = list(_pending(shipped, applied))
        for name in pending:
            connection.execute(shipped[name])
            connection.execute("INSERT INTO migration (name, sha256) VALUES (%s, %s)", [name, digest_of(shipped[name])])
    return pending


def _applied(connection: Connection) -> dict[str, str]:
    # Asked first: CREATE IF NOT EXISTS would need the right to create at every start.
    known = connection.execute("SELECT to_regclass('migration') IS NOT NULL").fetchone()
    if known != (True,):
        connection.execute(_KEPT)
    return dict(connection.execute("SELECT name, sha256 FROM migration").fetchall())


def _pending(shipped: Mapping[str, bytes], applied: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(shipped.keys() | applied.keys()):
        if name not in shipped:
            raise misconfigured(name, "applied by a newer version of the gateway")
        if name not in applied:
            yield name
        elif applied[name] != digest_of(shipped[name]):
            raise misconfigured(name, "edited after it was applied")
