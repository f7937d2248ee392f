"""What the other side has taken and said, in one SQLite file: a restart finds it again.

Not synchronised to disk on every row: a sandbox outlives its own death, not the machine's.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.sandbox.composite import Enclosure

_SCHEMA = """
CREATE TABLE IF NOT EXISTS arrivals (
  number INTEGER PRIMARY KEY AUTOINCREMENT, message_id TEXT NOT NULL, digest TEXT NOT NULL, received_at REAL NOT NULL,
  kind TEXT NOT NULL, form TEXT NOT NULL, period TEXT NOT NULL, reporter TEXT NOT NULL, revision INTEGER NOT NULL,
  backfill TEXT NOT NULL, ruling TEXT NOT NULL, start TEXT NOT NULL, "end" TEXT NOT NULL, sender TEXT NOT NULL,
  old_code TEXT NOT NULL, body BLOB NOT NULL, status BLOB);
CREATE INDEX IF NOT EXISTS arrivals_by_message ON arrivals (message_id);
CREATE INDEX IF NOT EXISTS arrivals_by_lane ON arrivals (form, period, reporter, revision);
CREATE TABLE IF NOT EXISTS parcels (
  number INTEGER PRIMARY KEY AUTOINCREMENT, direction TEXT NOT NULL, kind TEXT NOT NULL, sender TEXT NOT NULL,
  recipient TEXT NOT NULL, document_id TEXT NOT NULL, notation TEXT NOT NULL, title TEXT NOT NULL, digest TEXT NOT NULL,
  at REAL NOT NULL, state TEXT NOT NULL, axis_id TEXT NOT NULL, body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS parcels_by_axis_id ON parcels (axis_id);
CREATE INDEX IF NOT EXISTS parcels_by_document ON parcels (document_id);
CREATE INDEX IF NOT EXISTS parcels_waiting ON parcels (direction, kind, at) WHERE state != 'done';
CREATE TABLE IF NOT EXISTS enclosed (
  arrival INTEGER NOT NULL, place INTEGER NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL, media_type TEXT NOT NULL,
  content BLOB NOT NULL, PRIMARY KEY (arrival, place));
CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS revoked (serial TEXT PRIMARY KEY, at REAL NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One packet taken. `period` is ``ND09:2025M06``; `backfill` the document's id or ""; `ruling` how it is judged."""

    number: int
    message_id: str
    digest: str
    received_at: float
    kind: str
    form: str
    period: str
    reporter: str
    revision: int
    backfill: str
    ruling: str
    start: str
    end: str
    sender: str
    old_code: str

    @property
    def reference(self) -> str:
        return f"VPCP-{self.number:08}"


@dataclass(frozen=True, slots=True)
class Parcel:
    """One package on the axis. `direction` out: from our partner; in: waiting for it from the moment `at`."""

    number: int
    direction: str
    kind: str
    sender: str
    recipient: str
    document_id: str
    notation: str
    title: str
    digest: str
    at: float
    state: str
    axis_id: str


_ARRIVAL = ", ".join(f'"{name}"' for name in Arrival.__annotations__)
_PARCEL = ", ".join(Parcel.__annotations__)


class Store:
    """One connection, one lock: workers and the event loop share it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._sql = sqlite3.connect(folder / "other-side.sqlite", check_same_thread=False, isolation_level=None)
        self._sql.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; {_SCHEMA}")

    def close(self) -> None:
        self._sql.close()

    def take(self, arrival: Arrival, body: bytes, parts: Sequence[Enclosure] = ()) -> Arrival:
        """Store one arrival with all that lies beside it, or nothing; it comes back with its number."""
        values = [getattr(arrival, name) for name in Arrival.__annotations__][1:]
        marks = ", ".join("?" * (len(values) + 1))
        with self._locked() as sql:
            columns = _ARRIVAL.partition(", ")[2]
            sql.execute("BEGIN")
            row = sql.execute(f"INSERT INTO arrivals ({columns}, body) VALUES ({marks})", [*values, body])  # noqa: S608
            for place, one in enumerate(parts):
                beside = row.lastrowid, place, one.name, one.role, one.media_type, one.content
                sql.execute("INSERT INTO enclosed VALUES (?, ?, ?, ?, ?, ?)", beside)
            sql.execute("COMMIT")
            return Arrival(row.lastrowid or 0, *values)

    def enclosed(self, number: int) -> list[Enclosure]:
        """What lay beside the figures of an arrival, in order; nothing where they came alone."""
        statement = "SELECT name, role, media_type, content FROM enclosed WHERE arrival = ? ORDER BY place"
        return [Enclosure(*row) for row in self.rows(statement, number)]

    def arrivals(self, where: str = "1", *values: object) -> list[Arrival]:
        """In the order of arrival."""
        statement = f"SELECT {_ARRIVAL} FROM arrivals WHERE {where} ORDER BY number"  # noqa: S608  # our own words
        return [Arrival(*row) for row in self.rows(statement, *values)]

    def body(self, table: str, number: int) -> bytes:
        statement = f"SELECT body FROM {table} WHERE number = ?"  # noqa: S608  # our own words
        body: bytes = self.rows(statement, number)[0][0]
        return body

    def status(self, number: int) -> bytes | None:
        status: bytes | None = self.rows("SELECT status FROM arrivals WHERE number = ?", number)[0][0]
        return status

    def judge(self, number: int, status: bytes) -> None:
        self.rows("UPDATE arrivals SET status = ? WHERE number = ?", status, number)

    def post(self, parcel: Parcel, body: bytes) -> int:
        values = [getattr(parcel, name) for name in Parcel.__annotations__][1:]
        marks = ", ".join("?" * (len(values) + 1))
        columns = _PARCEL.partition(", ")[2]
        with self._locked() as sql:
            row = sql.execute(f"INSERT INTO parcels ({columns}, body) VALUES ({marks})", [*values, body])  # noqa: S608
            return row.lastrowid or 0

    def parcels(self, where: str, *values: object) -> list[Parcel]:
        statement = f"SELECT {_PARCEL} FROM parcels WHERE {where} ORDER BY number"  # noqa: S608  # our own words
        return [Parcel(*row) for row in self.rows(statement, *values)]

    def settle(self, axis_id: str, state: str) -> bool:
        with self._locked() as sql:
            return sql.execute("UPDATE parcels SET state = ? WHERE axis_id = ?", (state, axis_id)).rowcount > 0

    def kept(self, name: str, default: str = "") -> str:
        found = self.rows("SELECT value FROM kept WHERE name = ?", name)
        return str(found[0][0]) if found else default

    def keep(self, name: str, value: str) -> None:
        self.rows("INSERT OR REPLACE INTO kept VALUES (?, ?)", name, value)

    def rows(self, statement: str, *values: object) -> Sequence[Any]:
        with self._locked() as sql:
            return sql.execute(statement, values).fetchall()

    @contextmanager
    def _locked(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            yield self._sql
