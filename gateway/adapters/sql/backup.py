"""Backups of the journal's server: base copies with their checksums, and what is kept of them.

    store/<identity>/base-<time>/           a data folder as pg_basebackup made it, able to stand by itself
    store/<identity>/base-<time>.json       written last: without it a copy is a broken off one
    store/<identity>/wal/                   every change since, as pg_receivewal streams it (`wal`)

`identity` is the database's (`origin`): after a recovery another one begins, and the old one stays as it was.
Refused: dumps, which know one moment only and take hours to load; an archive command, which is a shell script
run by the server once in 16 MB, where the stream is a fraction of a second behind.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import file_digest, sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection

from gateway.adapters.sql.origin import identity
from gateway.adapters.sql.tools import Tools, refused
from gateway.adapters.sql.wall import wall
from gateway.domain.errors import Misconfigured, problem
from gateway.domain.record import canonical, plain, restore

Tell = Callable[[str, int, int], None]  # what is being done, how much of it is done, of how much

_RIGHTS = """
SELECT current_user, rolsuper OR rolreplication, current_setting('wal_level') <> 'minimal',
       current_setting('max_wal_senders')::int > 0 FROM pg_roles WHERE rolname = current_user
"""
_HOW_FAR = "SELECT backup_streamed, coalesce(backup_total, 0) FROM pg_stat_progress_basebackup"
_MOMENT = "SELECT clock_timestamp()"
_STEPS = "SELECT name FROM migration ORDER BY name"
_GLANCE = 0.2  # seconds between two looks at how far it is


@dataclass(frozen=True, slots=True)
class Base:
    """One finished base copy. `ended`: the earliest moment it can be brought back to, on the server's clock."""

    name: str
    identity: str
    major: int
    began: datetime
    ended: datetime
    first_wal: str
    bytes: int
    files: int
    manifest: str  # SHA-256 of its backup_manifest
    gateway: str
    steps: tuple[str, ...]

    def folder(self, store: Path) -> Path:
        return store / self.identity / self.name

    def wal(self, store: Path) -> Path:
        return store / self.identity / "wal"


def take(url: str, store: Path, tell: Tell) -> Base:
    """Copy the running server into `store`. Raises `Misconfigured` (F-020): what its owner must allow."""
    with wall(), psycopg.connect(url, autocommit=True) as connection:
        _allowed(connection)
        here, began = identity(connection), _now(connection)
        steps = tuple(name for (name,) in connection.execute(_STEPS))
        base = Base(
            name=f"base-{began:%Y%m%dT%H%M%S%fZ}", identity=here, major=connection.info.server_version // 10000,
            began=began, ended=began, first_wal="", bytes=0, files=0, manifest="",
            gateway=version("report-gateway"), steps=steps,
        )  # fmt: skip
        folder = _private(base.folder(store))
        _copied(Tools(url), connection, folder, tell)
        ended = _now(connection)
    base = _measured(replace(base, ended=ended), folder)
    written(folder.with_suffix(".json"), canonical(base) + b"\n")
    return base


def bases(store: Path) -> list[Base]:
    """The finished copies in `store`, newest first."""
    found = (json.loads(path.read_bytes()) for path in store.glob("*/base-*.json"))
    return sorted((restore(Base, said) for said in found), key=lambda base: base.began, reverse=True)


def damage(base: Base, store: Path, tell: Tell) -> list[str]:
    """Every file of the copy that is not what it was, against the checksums PostgreSQL made while copying."""
    folder = base.folder(store)
    manifest = folder / "backup_manifest"
    if not manifest.is_file() or sha256(manifest.read_bytes()).hexdigest() != base.manifest:
        return ["backup_manifest"]
    found: list[str] = []
    listed = json.loads(manifest.read_bytes())["Files"]
    for number, entry in enumerate(listed, start=1):
        if not _whole(folder / _path(entry), entry):
            found.append(_path(entry))
        tell("checksums", number, len(listed))
    return found


def prune(store: Path, keep: int) -> list[str]:
    """Let go of all but the newest `keep` copies, of broken off ones, and of changes nobody can start from any more."""
    finished = bases(store)
    gone = [base.folder(store) for base in finished[keep:]]
    standing = {base.folder(store) for base in finished}
    gone += [folder for folder in store.glob("*/base-*") if folder.is_dir() and folder not in standing]
    for folder in gone:
        folder.with_suffix(".json").unlink(missing_ok=True)
        shutil.rmtree(folder)
    for era in store.glob("*-*"):
        first = min((base.first_wal for base in finished[:keep] if base.identity == era.name), default=None)
        if first is None:
            continue  # nothing stands on it; a stream that has just begun may, soon
        for segment in (era / "wal").glob("0*"):
            if segment.name[:24] < first:
                segment.unlink()
    return [folder.name for folder in gone]


def written(path: Path, content: bytes) -> None:
    """`content` in `path`, on the disk when this returns, whole or not at all."""
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def shown(base: Base) -> dict[str, Any]:
    """As JSON shows it."""
    said: dict[str, Any] = plain(base)
    return said


def _allowed(connection: Connection) -> None:
    row = connection.execute(_RIGHTS).fetchone()
    assert row is not None
    role, may, logs, sends = row
    if not may:
        raise Misconfigured(problem("F-020", reason=f"role {role} lacks REPLICATION"))
    if not logs or not sends:
        raise Misconfigured(problem("F-020", reason="wal_level is minimal, or max_wal_senders is 0"))


def _copied(tools: Tools, connection: Connection, folder: Path, tell: Tell) -> None:
    words = ("-D", folder, "--checkpoint=fast", "--wal-method=stream", "--manifest-checksums=SHA256")
    process = tools.start("pg_basebackup", *words, f"--label={folder.name}")
    try:
        while True:
            try:
                _, said = process.communicate(timeout=_GLANCE)
                break
            except subprocess.TimeoutExpired:
                for done, total in connection.execute(_HOW_FAR):
                    tell("base", done, total)
    except BaseException:  # passed on; Ctrl-C too must not leave the tool running
        process.kill()
        process.communicate()
        raise
    if process.returncode != 0:
        raise refused(said)


def _measured(base: Base, folder: Path) -> Base:
    manifest = (folder / "backup_manifest").read_bytes()
    files = json.loads(manifest)["Files"]
    return replace(
        base,
        first_wal=_first_wal((folder / "backup_label").read_text("utf-8")),
        bytes=sum(entry["Size"] for entry in files),
        files=len(files),
        manifest=sha256(manifest).hexdigest(),
    )


def _first_wal(label: str) -> str:
    """``START WAL LOCATION: 0/2000028 (file 000000010000000000000002)``."""
    line = next(line for line in label.splitlines() if line.startswith("START WAL LOCATION"))
    return line.rpartition("(file ")[2].rstrip(")")


def _whole(path: Path, entry: dict[str, Any]) -> bool:
    if not path.is_file() or path.stat().st_size != entry["Size"]:
        return False
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest() == str(entry["Checksum"])


def _path(entry: dict[str, Any]) -> str:
    return str(entry["Path"]) if "Path" in entry else os.fsdecode(bytes.fromhex(entry["Encoded-Path"]))


def _private(folder: Path) -> Path:
    for level in (folder.parent.parent, folder.parent):
        level.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _now(connection: Connection) -> datetime:
    row = connection.execute(_MOMENT).fetchone()
    assert row is not None
    moment: datetime = row[0]
    return moment.astimezone(UTC)


def segments(folder: Path) -> Iterator[str]:
    """Names of the streamed segments, the unfinished last one included, in order."""
    names = {path.name[:24] for path in folder.glob("0*") if len(path.name.partition(".")[0]) == 24}
    yield from sorted(names)
