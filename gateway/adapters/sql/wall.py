"""Where PostgreSQL's errors become ours."""

from __future__ import annotations

import select
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import Connection, errors
from psycopg_pool import PoolClosed, PoolTimeout

from gateway.domain.errors import Misconfigured, Unavailable, problem

_AGAIN_AFTER = 5.0

# The store is away, full, read-only, or gave way to another transaction: nothing of ours is in it
# for certain, and the same question may be asked again. Everything else is a fault of ours and stays loud.
_AWAY = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    PoolTimeout,
    PoolClosed,
    errors.ReadOnlySqlTransaction,
    errors.IdleInTransactionSessionTimeout,
)


def away(error: Exception | None = None) -> Unavailable:
    """What to raise when the store does not answer."""
    reason = type(error).__name__ if error else ""
    return Unavailable(problem("F-003", seconds=_AGAIN_AFTER, reason=reason), retry_after=_AGAIN_AFTER)


def misconfigured(key: str, reason: str) -> Misconfigured:
    return Misconfigured(problem("F-005", file="PostgreSQL", key=key, reason=reason))


def still_open(connection: Connection) -> None:
    """Raises `OperationalError` for a connection that the server has closed meanwhile; costs no round trip.

    A server that was restarted leaves them behind, and only their next use would tell. On an idle connection
    nothing can be read but its end, or a word before it.
    """
    if select.select([connection.fileno()], [], [], 0)[0]:
        raise psycopg.OperationalError("the server closed the connection")


@contextmanager
def wall() -> Iterator[None]:
    """Turns what psycopg raises inside into `Unavailable` (F-003) or `Misconfigured` (F-005)."""
    try:
        yield
    except errors.InsufficientPrivilege as error:
        raise misconfigured("role", str(error).splitlines()[0]) from error
    except _AWAY as error:
        raise away(error) from error
    except errors.InternalError_ as error:
        # Beyond a quota or a limit of file size the server has no code of its own: “could not extend file …”.
        if "could not" not in str(error):
            raise
        raise away(error) from error
