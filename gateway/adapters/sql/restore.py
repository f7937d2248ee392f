"""Bringing a base copy back to life, and forward to a moment.

The copy is brought up beside the running data, looked at there, and only then takes its place: whatever goes
wrong on the way, what was there before still is.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg

from gateway.adapters.sql.account import Account, account
from gateway.adapters.sql.backup import Base, Tell, bases, damage
from gateway.adapters.sql.embedded import RESTORED
from gateway.adapters.sql.migrate import migrate
from gateway.adapters.sql.origin import identity, settle_in
from gateway.adapters.sql.server import Server
from gateway.adapters.sql.tools import server_programs
from gateway.adapters.sql.wal import gap
from gateway.domain.errors import Misconfigured, problem

_PATIENCE = 4 * 3600.0  # seconds for the replay of the log: what the law allows in all
_SHORT = "recovery ended before configured recovery target was reached"
_REACHED = "SELECT pg_last_xact_replay_timestamp()"
_DOUBTED = "SELECT doubted FROM origin WHERE identity = %s"


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back. `reached`: the last commit replayed; None when the copy alone said it all.

    `short`: the log ends before the moment asked for, so there is all there was.
    """

    base: str
    identity: str
    reached: datetime | None
    short: bool
    doubted: int
    bytes: int


def choose(store: Path, until: datetime | None, name: str = "") -> Base:
    """The newest copy finished before `until`, or the one of that name. Raises `Misconfigured` (F-021)."""
    fitting = [
        base for base in bases(store) if name in ("", base.name) and (until is None or base.ended <= until)
    ]  # fmt: skip
    if not fitting:
        wanted = name or (f"before {until.isoformat()}" if until else "at all")
        raise Misconfigured(problem("F-021", reason=f"no base copy {wanted} in {store}"))
    return fitting[0]


def checked(base: Base, store: Path, tell: Tell) -> None:
    """Raises `Misconfigured` (F-022) when a file of the copy, or a piece of the log after it, is damaged or missing."""
    damaged = damage(base, store, tell)
    if damaged:
        raise Misconfigured(problem("F-022", base=base.name, found=", ".join(damaged[:5]), count=len(damaged)))
    missing = gap(base, store)
    if missing is not None:
        raise Misconfigured(problem("F-022", base=base.name, found=f"wal/{missing}", count=1))


@contextmanager
def revived(base: Base, store: Path, place: Path, until: datetime | None, tell: Tell) -> Iterator[tuple[str, Restored]]:
    """The copy as a running server under `place`, at `until` or at the end of its log: its URL, and what came back.

    It is stopped afterwards; its data then lies in ``place/data``.
    """
    runs_as = account()
    programs = server_programs(base.major)
    shutil.rmtree(place, ignore_errors=True)
    runs_as.own(place)
    laid_out(base, store, place, until, tell)
    _handed_over(place, runs_as)
    server = Server(place, place, runs_as, programs)
    try:
        url, short = _brought_up(server, place, tell)
        with psycopg.connect(url, autocommit=True) as connection:
            row = connection.execute(_REACHED).fetchone()
            migrate(connection)
            settle_in(connection)
            here = identity(connection)
            doubted = connection.execute(_DOUBTED, [here]).fetchone()
        assert row is not None
        assert doubted is not None
        yield url, Restored(base.name, here, row[0], short, doubted[0], base.bytes)
    finally:
        server.stop()
    shutil.rmtree(place / "wal", ignore_errors=True)


def laid_out(base: Base, store: Path, place: Path, until: datetime | None, tell: Tell) -> None:
    """``place/data`` and ``place/wal``, ready to be started by its owner: it then recovers by itself."""
    data, wal = place / "data", place / "wal"
    _copied(base.folder(store), data, base.bytes, tell)
    wal.mkdir(mode=0o700)
    for segment in sorted(base.wal(store).glob("0*")):
        if segment.name[:24] >= base.first_wal:
            shutil.copyfile(segment, wal / segment.name.removesuffix(".partial"))
    for era in store.glob(f"{base.identity.partition('-')[0]}-*"):
        # Taken: what goes on from here gets a time line of its own, also when the same copy comes back twice.
        (wal / f"{era.name.partition('-')[2]}.history").touch()
    target = f"recovery_target_time = '{until.isoformat()}'\n" if until else ""
    with (data / "postgresql.auto.conf").open("a", encoding="utf-8") as settings:
        settings.write(
            f"restore_command = 'cp \"{wal}/%f\" \"%p\"'\n{target}recovery_target_action = 'promote'\n"
            "recovery_target_timeline = 'current'\nsynchronous_standby_names = ''\n"
        )
    (data / "recovery.signal").touch()
    data.chmod(0o700)


def forget_recovery(data: Path) -> None:
    """Take out of the settings what belonged to the recovery; the next one has its own."""
    settings = data / "postgresql.auto.conf"
    lines = settings.read_text("utf-8").splitlines(keepends=True)
    settings.write_text("".join(line for line in lines if not line.startswith(("restore_", "recovery_"))), "utf-8")


def put_in_place(place: Path, fresh: Path, at: datetime) -> Path:
    """`fresh` becomes ``place/data``; where the data went that was there. Cut off, the next start ends it."""
    waiting, data, before = place / RESTORED, place / "data", place / f"data.before-{at:%Y%m%dT%H%M%SZ}"
    shutil.rmtree(waiting, ignore_errors=True)
    fresh.rename(waiting)
    if data.exists():
        data.rename(before)
    waiting.rename(data)
    return before


def _handed_over(place: Path, runs_as: Account) -> None:
    if runs_as.name is None:
        return
    for folder, _, names in os.walk(place):
        for path in (Path(folder), *(Path(folder) / name for name in names)):
            os.chown(path, runs_as.uid, runs_as.gid, follow_symlinks=False)


def _brought_up(server: Server, place: Path, tell: Tell) -> tuple[str, bool]:
    """The URL once it takes writes, and whether the log ended too soon."""
    try:
        return _writable(server, place, tell), False
    except _TooShortError:
        settings = place / "data" / "postgresql.auto.conf"
        lines = settings.read_text("utf-8").splitlines(keepends=True)
        settings.write_text("".join(line for line in lines if not line.startswith("recovery_target_time ")), "utf-8")
        return _writable(server, place, tell), True


class _TooShortError(Exception):
    """The log ends before the moment asked for."""


def _writable(server: Server, place: Path, tell: Tell) -> str:
    log = place / "log"
    last = time.monotonic() + _PATIENCE
    seen = log.stat().st_size if log.is_file() else 0
    try:
        url = server.start()
        while (behind := _replaying(url)) is not None:
            tell("log", behind, 0)
            if time.monotonic() > last or server.running() is None:
                raise Misconfigured(problem("F-021", reason=_end_of(log, seen)))
            threading.Event().wait(0.1)
    except (Misconfigured, psycopg.OperationalError):
        said = _end_of(log, seen)
        if _SHORT in said:
            raise _TooShortError from None
        raise Misconfigured(problem("F-021", reason=said)) from None
    return url


def _replaying(url: str) -> int | None:
    """How many bytes of the log are replayed so far; None once it takes writes."""
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(
            "SELECT pg_is_in_recovery(), CASE WHEN pg_is_in_recovery()"
            " THEN pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint ELSE 0 END"
        ).fetchone()
    assert row is not None
    return row[1] if row[0] else None


def _end_of(log: Path, seen: int) -> str:
    """What the server wrote since `seen`, in a few lines."""
    if not log.is_file():
        return "?"
    with log.open("rb") as file:
        file.seek(seen)
        lines = file.read().decode("utf-8", "replace").strip().splitlines()
    return " / ".join(lines[-6:])


def _copied(source: Path, target: Path, total: int, tell: Tell) -> None:
    done = 0

    def one(origin: str, copy: str) -> str:
        nonlocal done
        shutil.copyfile(origin, copy)
        shutil.copymode(origin, copy)
        done += os.stat(copy).st_size
        tell("copy", done, total)
        return copy

    shutil.copytree(source, target, copy_function=one)
