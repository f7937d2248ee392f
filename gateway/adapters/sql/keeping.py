"""A connection for long looks at the whole journal, beside the pool of those who work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import Connection

from gateway.adapters.sql.migrate import migrate
from gateway.adapters.sql.origin import settle_in
from gateway.adapters.sql.wall import misconfigured, wall

_SESSION = "-c timezone=UTC -c synchronous_commit=on -c lock_timeout=20s"


@contextmanager
def keeper(url: str) -> Iterator[Connection]:
    """In autocommit and in UTC, its schema up to date. Raises `Unavailable` (F-003), `Misconfigured` (F-005)."""
    given: dict[str, Any] = {"autocommit": True, "options": _SESSION, "connect_timeout": 5}
    try:
        with wall(), psycopg.connect(url, application_name="report-gateway-keeper", **given) as connection:
            migrate(connection)
            settle_in(connection)
            yield connection
    except psycopg.ProgrammingError as error:
        raise misconfigured("url", str(error).strip()) from error
