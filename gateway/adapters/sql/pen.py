"""A connection of its own for whoever writes all the time: no queue for it, and quick to say that the store is away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import psycopg
from psycopg import Connection, errors
from psycopg.types.array import ListBinaryDumper

from gateway.adapters.sql.origin import settle_in
from gateway.adapters.sql.wall import still_open, wall

T = TypeVar("T")

_PATIENCE = 1  # seconds for a connection: who hands in a report waits for it
# The statements are few and long; to plan them each time costs more than to run them. But a plan made while the tables
# were small would go on reading them whole: what is written is named by its key, and looked up by it.
_PLANNED_ONCE = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off"
_GAVE_WAY = (errors.DeadlockDetected, errors.SerializationFailure)


class Pen:
    """For one thread. What it does must say the same when done twice: after a lost connection nobody knows
    whether it was done, so it is done again on a new one."""

    def __init__(self, url: str, given: Mapping[str, Any], lost: Callable[[], None]) -> None:
        self._url = url
        self._lost = lost  # told when the server has dropped us: it has dropped others, too
        options = f"{given.get('options', '')} {_PLANNED_ONCE}"
        self._given = {**given, "connect_timeout": _PATIENCE, "prepare_threshold": 0, "options": options}
        self._connection: Connection | None = None

    def write(self, work: Callable[[Connection], T]) -> T:
        """Raises `Unavailable` (F-003): not done for certain, or, where the new connection is refused, unknown."""
        with wall():
            try:
                return work(self._ready())
            except _GAVE_WAY:
                return work(self._ready())
            except psycopg.OperationalError:
                if self._connection is not None and not self._connection.closed:
                    raise
                self._lost()
                return work(self._ready())

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ready(self) -> Connection:
        try:
            if self._connection is not None and not self._connection.closed:
                still_open(self._connection)
                return self._connection
        except psycopg.OperationalError:
            self._lost()
        self.close()
        connection = psycopg.connect(self._url, **self._given)
        settle_in(connection)
        # Lists hold the bytes of reports: as text, which psycopg prefers for lists, a megabyte takes 9 ms to escape.
        connection.adapters.register_dumper(list, ListBinaryDumper)
        self._connection = connection
        return connection
