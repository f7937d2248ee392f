"""Every change of the journal's server, streamed into the store as it is written.

`pg_receivewal` on a replication slot: the server keeps what was not streamed yet, so a break loses nothing.
Synchronous, a commit waits until the stream has it on its own disk: then no accepted report can be lost with the
server's (RPO 0), and no report is accepted while nobody streams. That is a choice to be made, so it is a setting.
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Literal

from gateway.adapters.sql.backup import Base, bases, prune, segments, take
from gateway.adapters.sql.origin import identity
from gateway.adapters.sql.tools import APPLICATION, Tools, refused
from gateway.adapters.sql.wall import wall
from gateway.domain.errors import GatewayError, Misconfigured, problem
from gateway.domain.ids import digest_of

_GLANCE = 0.5
_AGAIN = 2.0
_MOST_KEPT = "8GB"  # for a stream that went away; more, and the server's own disk would be in danger
_SEGMENT = 16 << 20
_STREAMING = "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE application_name = %s AND state = 'streaming')"


@dataclass(frozen=True, slots=True)
class Plan:
    """How often a fresh base copy, how many of them are kept, and whether commits wait for the stream."""

    every: timedelta = timedelta(days=1)
    keep: int = 7
    synchronous: bool = False


class Stream:
    """The stream of the server at `url` into `store`; `heard` is told what a person at the terminal reads."""

    def __init__(self, url: str, store: Path, plan: Plan, heard: Callable[[str], None]) -> None:
        self._url = url
        self._store = store
        self._plan = plan
        self._heard = heard
        self._tools = Tools(url)
        self._slot = f"gateway_{digest_of(str(store.absolute()).encode())[:16]}"

    def run(self, stop: threading.Event) -> None:
        """Stream until `stop`, with a fresh base copy every so often; a server that goes away is waited for.

        Raises `Misconfigured` (F-020) where the server does not allow it from the beginning.
        """
        begun = False
        while not stop.is_set():
            try:
                here = self._prepared()
                with self._streaming(here) as process:
                    begun = True
                    self._kept_fresh(process, here, stop)
            except (GatewayError, psycopg.Error) as error:
                if not begun and isinstance(error, Misconfigured):
                    raise
                self._heard(str(error))
                stop.wait(_AGAIN)

    def _prepared(self) -> str:
        """The slot is there; the identity of the database that is streamed."""
        with wall(), psycopg.connect(self._url, autocommit=True) as connection:
            here = identity(connection)
            if self._may_alter(connection):
                self._alter(connection, "max_slot_wal_keep_size", _MOST_KEPT)
        (self._store / here / "wal").mkdir(mode=0o700, parents=True, exist_ok=True)
        self._tools.run("pg_receivewal", "--slot", self._slot, "--create-slot", "--if-not-exists")
        return here

    def _streaming(self, here: str) -> _Process:
        flush = ("--synchronous",) if self._plan.synchronous else ()
        words = ("-D", self._store / here / "wal", "--slot", self._slot, "--no-loop", "--status-interval=1", *flush)
        return _Process(self._tools.start("pg_receivewal", *words))

    def _kept_fresh(self, process: _Process, here: str, stop: threading.Event) -> None:
        self._wait_for_it(process, stop)
        if self._plan.synchronous:
            self._require(APPLICATION)
        try:
            wanted_from = time.monotonic() + self._left(here)
            while not stop.wait(_GLANCE):
                if (said := process.ended()) is not None:
                    raise refused(said)
                if time.monotonic() >= wanted_from:
                    self._heard(take(self._url, self._store, _silent).name)
                    prune(self._store, self._plan.keep)
                    wanted_from = time.monotonic() + self._plan.every.total_seconds()
        finally:
            if self._plan.synchronous and stop.is_set():
                self._require("")  # asked to go: nobody is kept waiting for us

    def _wait_for_it(self, process: _Process, stop: threading.Event) -> None:
        with wall(), psycopg.connect(self._url, autocommit=True) as connection:
            while connection.execute(_STREAMING, [APPLICATION]).fetchone() != (True,):
                if (said := process.ended()) is not None:
                    raise refused(said)
                if stop.wait(0.05):
                    return

    def _require(self, name: str) -> None:
        with wall(), psycopg.connect(self._url, autocommit=True) as connection:
            if not self._may_alter(connection):
                raise Misconfigured(problem("F-020", reason=f"synchronous_standby_names = '{name}' needs a superuser"))
            self._alter(connection, "synchronous_standby_names", name)

    def _may_alter(self, connection: psycopg.Connection) -> bool:
        return connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (True,)

    def _alter(self, connection: psycopg.Connection, name: str, value: str) -> None:
        connection.execute(SQL("ALTER SYSTEM SET {} = {}").format(SQL(name), Literal(value)))
        connection.execute("SELECT pg_reload_conf()")

    def _left(self, here: str) -> float:
        """Seconds until the next base copy is wanted; none when there is none to go on from."""
        if not any(segments(self._store / here / "wal")):
            return 0  # nothing is streamed yet: whatever is copied from now on, the stream goes on from
        ours = (base for base in bases(self._store) if base.identity == here)
        newest = next((base for base in ours if gap(base, self._store) is None), None)  # the stream goes on from it
        return (newest.began + self._plan.every - self._moment()).total_seconds() if newest else 0

    def _moment(self) -> datetime:
        with wall(), psycopg.connect(self._url, autocommit=True) as connection:
            row = connection.execute("SELECT clock_timestamp()").fetchone()
        assert row is not None
        moment: datetime = row[0]
        return moment


def _silent(what: str, done: int, total: int) -> None:
    """Nobody watches a service's bar."""


class _Process:
    """A stream that runs; ended at the end, all it had written."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def __enter__(self) -> _Process:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()
        self._process.stderr.close()  # type: ignore[union-attr]  # a pipe, as it was started

    def ended(self) -> str | None:
        """What it said when it ended; None while it runs."""
        if self._process.poll() is None:
            return None
        return self._process.stderr.read()  # type: ignore[union-attr]


def gap(base: Base, store: Path) -> str | None:
    """The first segment that is missing between the copy and the end of the stream; None when they follow each other.

    The copy brings along those written while it was made.
    """
    present = {*segments(base.folder(store) / "pg_wal"), *segments(base.wal(store))}
    expected = base.first_wal
    for name in sorted(name for name in present if name >= base.first_wal):
        if name != expected:
            return expected
        expected = _following(name)
    return None


def _following(name: str) -> str:
    """The segment after, of 16 MB each (256 to a number of the log)."""
    place = int(name[8:16], 16) * (2**32 // _SEGMENT) + int(name[16:], 16) + 1
    log, segment = divmod(place, 2**32 // _SEGMENT)
    return f"{name[:8]}{log:08X}{segment:08X}"
