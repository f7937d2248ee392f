"""A PostgreSQL and a Redis of one's own, over TCP, that are stopped, killed, filled and started again.

PostgreSQL is the distribution's (15) where it is installed and we may run it as its own account, else the one
that comes with the package. Where it lies is no secret and holds nothing: loopback only, gone afterwards.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import redis

from gateway.adapters.sql.account import account, binaries
from tests.servers import redis_program

_PATIENCE = 240.0
_ADDRESSES = range(18_000, 32_000)
_DISTRIBUTION = Path("/usr/lib/postgresql/15/bin")
_CUT_OFF = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'report-gateway'"
_SETTINGS = {
    "max_connections": "80",
    "shared_buffers": "64MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "min_wal_size": "32MB",
    "max_wal_size": "128MB",
    "jit": "off",
    "timezone": "UTC",
}
STREAMED = {"wal_level": "replica", "max_wal_senders": "4", "hot_standby": "on"}


class PostgresServer:
    """One cluster in a folder of its own. `database` is where the gateways' URL leads."""

    def __init__(self, data: Path | None = None, tools: Path | None = None) -> None:
        self._runs_as = account()
        self.tools = tools or _tools()
        self._folder = self._runs_as.own(Path(tempfile.mkdtemp(prefix="rg-store-", dir="/tmp")))
        self.data = data or self._folder / "data"
        self.port = free_port()

    @property
    def version(self) -> str:
        return self._ran("postgres", "--version").split()[2]

    def url(self, port: int | None = None, database: str = "postgres") -> str:
        return f"postgresql://gateway@127.0.0.1:{port or self.port}/{database}?sslmode=disable"

    @contextmanager
    def standing(self, **settings: str) -> Iterator[PostgresServer]:
        try:
            self._ran("initdb", "-D", self.data, "-U", "gateway", "-A", "trust", "-E", "UTF8", "--locale=C")
            self.start(**settings)
            yield self
        finally:
            self.remove()

    def start(self, **settings: str) -> None:
        """Up and answering, crash recovery included."""
        told = {**_SETTINGS, "listen_addresses": "127.0.0.1", "port": str(self.port), **settings}
        options = " ".join(f"-c {name}={value}" for name, value in told.items())
        log = self._folder / "log"
        self._ran(
            "pg_ctl", "-D", self.data, "-w", "-t", "240", "-l", log, "-o", f"-k {self._folder} {options}", "start"
        )
        until(self.answers, "postgres answers")

    @contextmanager
    def followed(self) -> Iterator[PostgresServer]:
        """A synchronous standby of this server, on a disk of its own. Begun with `STREAMED`."""
        other = PostgresServer(tools=self.tools)
        try:
            way = ("-h", "127.0.0.1", "-p", str(self.port), "-U", "gateway", "-X", "stream", "-c", "fast", "-R")
            self._ran("pg_basebackup", "-D", other.data, *way)
            other.start(**STREAMED)
            with self.connected() as connection:
                connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
                connection.execute("SELECT pg_reload_conf()")
            until(self._is_followed, "the standby has everything before it counts")
            yield other
        finally:
            other.remove()

    def promote(self) -> None:
        """From a standby to the server that is written to."""
        self._ran("pg_ctl", "-D", self.data, "-w", "-t", "240", "promote")

    def remove(self) -> None:
        """It crashes, and its disk is gone. May be done before its time is over."""
        with contextlib.suppress(RuntimeError, FileNotFoundError):
            self.stop("immediate")
        shutil.rmtree(self._folder, ignore_errors=True)

    def _is_followed(self) -> bool:
        with self.connected() as connection:
            return connection.execute("SELECT sync_state FROM pg_stat_replication").fetchall() == [("sync",)]

    def stop(self, mode: str) -> None:
        """`immediate` is a crash: no checkpoint, every connection gone."""
        self._ran("pg_ctl", "-D", self.data, "-w", "-t", "240", "-m", mode, "stop")

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    @contextmanager
    def connected(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            yield connection

    def now(self) -> float:
        with self.connected() as connection:
            row = connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone()
        assert row is not None
        return float(row[0])

    def cut_off(self) -> int:
        """End every session of the gateways; how many there were."""
        with self.connected() as connection:
            return connection.execute(_CUT_OFF).rowcount

    @contextmanager
    def crowded(self) -> Iterator[None]:
        """A storm: every connection the server has is taken by others, those of the gateways too."""
        with contextlib.ExitStack() as stack, self.connected() as connection:
            self._take_all(stack)
            connection.execute(_CUT_OFF)
            self._take_all(stack)
            yield

    def _take_all(self, stack: contextlib.ExitStack) -> None:
        while True:
            try:
                stack.enter_context(contextlib.closing(psycopg.connect(self.url(), connect_timeout=5)))
            except psycopg.OperationalError:
                return

    def limit_files(self, size: int | None) -> None:
        """No process of the server writes past `size` bytes of any file from now on; None ends it."""
        told = "unlimited" if size is None else str(size)
        for pid in self._processes():  # as its own account: another's limits are not even root's to set everywhere
            self._runs_as.run(["prlimit", "--pid", str(pid), f"--fsize={told}:"])

    def _processes(self) -> list[int]:
        try:
            first = int((self.data / "postmaster.pid").read_text("utf-8").split("\n", 1)[0])
            children = Path(f"/proc/{first}/task/{first}/children").read_text("utf-8").split()
        except FileNotFoundError:  # it has stopped itself
            return []
        return [first, *map(int, children)]

    def _ran(self, tool: str, *words: str | Path) -> str:
        done = self._runs_as.run([self.tools / tool, *words], self._folder)
        if done.returncode != 0:
            raise RuntimeError(f"{tool}: {done.stdout.strip()}")
        return done.stdout


def _tools() -> Path:
    runs_as = account()
    return _DISTRIBUTION if (_DISTRIBUTION / "postgres").is_file() else binaries(runs_as)


class RedisServer:
    """One Redis on a fixed port. Keeps nothing over a restart, as the doorbell must bear."""

    def __init__(self, folder: Path) -> None:
        program = redis_program()
        if program is None:
            pytest.skip("redis-server is not installed")
        self._program = program
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    def url(self, port: int | None = None) -> str:
        return f"redis://127.0.0.1:{port or self.port}/0"

    @contextmanager
    def standing(self) -> Iterator[RedisServer]:
        self.start()
        try:
            yield self
        finally:
            self.kill()

    def start(self) -> None:
        command = [self._program, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder)]
        self._process = subprocess.Popen([*command, "--save", ""], stdout=subprocess.DEVNULL)
        until(self._answers, "redis answers")

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(_PATIENCE)
            self._process = None

    def flush(self) -> None:
        with redis.Redis.from_url(self.url()) as client:
            client.flushall()

    def fill(self) -> None:
        """Full, and told to throw nothing away: every write is refused."""
        with redis.Redis.from_url(self.url()) as client:
            client.config_set("maxmemory-policy", "noeviction")
            client.config_set("maxmemory", "1")

    def empty(self) -> None:
        with redis.Redis.from_url(self.url()) as client:
            client.config_set("maxmemory", "0")

    def _answers(self) -> bool:
        with redis.Redis.from_url(self.url()) as client:
            try:
                return bool(client.ping())
            except redis.ConnectionError:
                return False


def until(true: Callable[[], bool], what: str, patience: float = _PATIENCE, every: float = 0.05) -> None:
    """Wait for something to become true. Raises TimeoutError naming it."""
    last = time.monotonic() + patience
    waiting = threading.Event()
    while not true():
        if time.monotonic() > last:
            raise TimeoutError(what)
        waiting.wait(every)


def free_port() -> int:
    """A port nobody listens on now; servers that keep their address over a restart need one of their own.

    Below the range outgoing connections are given theirs from: none of them takes it while the server is down, and
    none that is tried meanwhile is joined to itself.
    """
    for number in random.SystemRandom().sample(_ADDRESSES, len(_ADDRESSES)):  # hypothesis seeds the common one
        with socket.socket() as held, contextlib.suppress(OSError):
            held.bind(("127.0.0.1", number))
            return number
    raise OSError("no port is free")


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path | None]:
    """A file system of that size for the server's account; None where we may not mount one."""
    runs_as = account()
    place = Path(tempfile.mkdtemp(prefix="rg-disk-", dir="/tmp"))
    mounted = os.geteuid() == 0 and not _tried(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700,uid={runs_as.uid},gid={runs_as.gid}", "tmpfs"],
        place,
    )
    try:
        yield place if mounted else None
    finally:
        if mounted:
            _tried(["umount", "-l"], place)
        place.rmdir()


def _tried(command: list[str], place: Path) -> int:
    return subprocess.run([*command, str(place)], check=False, stderr=subprocess.DEVNULL).returncode
