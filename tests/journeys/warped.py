"""Hours that pass at once on a real PostgreSQL: its clock, and every process's, is moved by what one table says.

The journal asks the database for the time without naming a schema, so functions of the same names are found before
the server's own. Nothing of the gateway knows of it.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier

from gateway.ports import Clock
from gateway.seen import Seen
from gateway.wiring import build

_SHIFT, _IDLE = "warp", "idle"
_FUNCTIONS = """
CREATE SCHEMA warp;
CREATE TABLE warp.moved (shift interval NOT NULL);
INSERT INTO warp.moved VALUES ('0');
CREATE FUNCTION warp.clock_timestamp() RETURNS timestamptz VOLATILE LANGUAGE sql
    AS 'SELECT pg_catalog.clock_timestamp() + shift FROM warp.moved';
CREATE FUNCTION warp.statement_timestamp() RETURNS timestamptz STABLE LANGUAGE sql
    AS 'SELECT pg_catalog.statement_timestamp() + shift FROM warp.moved';
"""


class Warp:
    """The one clock of a story: `database` and every process of the deployment in `home` go by it."""

    def __init__(self, home: Path, database: str) -> None:
        self._home = home
        self._database = database
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(_FUNCTIONS)
            name = connection.info.dbname
            connection.execute(
                SQL("ALTER DATABASE {} SET search_path = public, warp, pg_catalog").format(Identifier(name))
            )
        self.shift = timedelta()
        self.move(timedelta())

    def move(self, by: timedelta) -> None:
        self.shift += by
        with psycopg.connect(self._database, autocommit=True) as connection:
            connection.execute("UPDATE warp.moved SET shift = %s", [self.shift])
        _write(self._home / _SHIFT, self.shift.total_seconds())

    @property
    def seen(self) -> Seen:
        return Seen(clock=lambda clock: _Moved(clock, self._home / _SHIFT))


class _Moved:
    """A process's clock, as far ahead as the story is."""

    def __init__(self, clock: Clock, file: Path) -> None:
        self._clock = clock
        self._file = file

    def now(self) -> datetime:
        return self._clock.now() + timedelta(seconds=_read(self._file))

    def new_id(self, prefix: str) -> str:
        return self._clock.new_id(prefix)

    def spread(self) -> float:
        return self._clock.spread()

    def ticks(self) -> float:
        return self._clock.ticks()


class Worker:
    """A process that works on whatever is due until it is killed; `idle` says whether it found nothing more."""

    def __init__(self, home: Path, database: str) -> None:
        self._home = home
        self._environment = {"GATEWAY_DATABASE_URL": database}
        self._process: BaseProcess | None = None
        self.deaths = 0

    def begin(self) -> None:
        self.forget()
        self._process = _context().Process(target=_work, args=(self._home, self._environment), daemon=True)
        self._process.start()

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.join()
        self.deaths += 1

    def forget(self) -> None:
        """That it found nothing more: it has to look again."""
        (self._home / _IDLE).unlink(missing_ok=True)

    def idle(self, warp: Warp) -> bool:
        """Whether it has seen the time that it is now, and all that is due then."""
        assert self._process is not None
        if self._process.exitcode is not None:
            raise AssertionError(f"the worker ended by itself: {self._process.exitcode}")
        return (self._home / _IDLE).exists() and _read(self._home / _IDLE) == warp.shift.total_seconds()


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def _work(home: Path, environment: Mapping[str, str]) -> None:
    asyncio.run(_working(home, environment))


async def _working(home: Path, environment: Mapping[str, str]) -> None:
    gateway = build(home, environment, Seen(clock=lambda clock: _Moved(clock, home / _SHIFT)))
    while True:
        told = _read(home / _SHIFT)
        found = [await gateway.runner.drain(destination) for destination in gateway.declarations.partners]
        if not any(found):
            _write(home / _IDLE, told)
            await asyncio.sleep(0.03)


def _write(path: Path, seconds: float) -> None:
    part = path.with_suffix(".part")
    part.write_text(repr(seconds), "utf-8")
    os.replace(part, path)


def _read(path: Path) -> float:
    return float(path.read_text("utf-8"))
