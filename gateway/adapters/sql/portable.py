"""The journal as lines of text, and back: for an examiner, another installation, or the next decade.

One JSON object a line; a name ending in ``.zst`` is compressed. In this order:

    {"journal": 1, "identity": …, "at": …}                                        what it is
    {"blob": digest, "size": n, "bytes": base64}                                   every kept byte string
    {"exchange": id, "ordinal": …, "kind": …, …, "facts": [{"seq": …, "body": …}]} a whole chain each
    {"row": table, …}                                                              what is neither: catalogues, …
    {"end": {"exchanges": …, "facts": …, "blobs": …}, "sha256": …}                 over every line before it

A fact's body stands as the text that its digest is over. Whoever reads it needs SHA-256 and nothing of ours.
"""

from __future__ import annotations

import base64
import io
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

import zstandard
from psycopg import Connection, ServerCursor
from psycopg.sql import SQL, Identifier, Literal

from gateway.adapters.sql.backup import Tell
from gateway.adapters.sql.check import Checked, Fault, Line, blobs_of, broken, folded, pages
from gateway.adapters.sql.origin import doubt, identity
from gateway.adapters.sql.packing import packed, unpacked
from gateway.adapters.sql.rebuild import rebuild
from gateway.adapters.sql.state import kept, lane_key, lane_revision
from gateway.domain.errors import Misconfigured, problem
from gateway.domain.ids import digest_of
from gateway.domain.record import plain

FORMAT = 1
_LONGEST = 400 * 1024 * 1024  # bytes of a line: the largest submission, in base64
# What refers comes after.
_TABLES = ("catalogue", "notice", "deed", "bulletin", "anchor", "purged", "plan", "plan_item")
_COUNTED = ("exchange", "catalogue", "deed")  # by an ordinal the database gives
_OPENING = ("exchange", "ordinal", "kind", "agreement", "key", "content", "destination", "parent")
_BLOBS = SQL("SELECT digest, bytes FROM blob ORDER BY digest")
_INTO = SQL("""
INSERT INTO exchange
    (id, ordinal, kind, agreement, key, content, destination, parent, opened_at, stage, lane, revision, seq, head,
     state)
OVERRIDING SYSTEM VALUE VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::json)
""")
_FACT = """
INSERT INTO fact (exchange, seq, name, at, body, previous, digest) VALUES (%s, %s, %s, %s, %s::json, %s, %s)
"""
_NEXT = "SELECT setval(pg_get_serial_sequence({}, 'ordinal'), greatest(max(ordinal), 1)) FROM {}"


def export(connection: Connection, file: Path, tell: Tell) -> Checked:
    """Write everything to `file`, in one snapshot; how much it was. What is broken is written as it is."""
    done = Checked()
    with connection.transaction(), _written(file) as put:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = connection.execute("SELECT clock_timestamp(), count(*) FROM exchange").fetchone()
        assert row is not None
        put({"journal": FORMAT, "identity": identity(connection), "at": row[0].isoformat()})
        for digest, stored in _rows(connection, _BLOBS):
            content = unpacked(digest, bytes(stored))
            put({"blob": digest, "size": len(content), "bytes": base64.b64encode(content).decode()})
            done.blobs += 1
            done.bytes += len(content)
        for page in pages(connection):
            for stored, lines in page:
                put({**dict(zip(_OPENING, stored, strict=False)), "facts": [_told(line) for line in lines]})
                done.facts += len(lines)
            done.exchanges += len(page)
            tell("exchanges", done.exchanges, row[1])
        for table in _TABLES:
            for (said,) in _rows(connection, SQL("SELECT to_jsonb(t) FROM {} t").format(Identifier(table))):
                put({"row": table, **said})
    return done


def examine(file: Path, tell: Tell) -> Checked:
    """Check an exported journal by itself: every chain, every byte, and that nothing of it is missing."""
    done, present = Checked(), set[bytes]()
    for number, said in enumerate(_read(file), start=1):
        if "blob" in said:
            content = base64.b64decode(said["bytes"])
            present.add(bytes.fromhex(said["blob"]))
            done.blobs += 1
            done.bytes += len(content)
            if digest_of(content) != said["blob"]:
                done.faults.append(Fault(f"sha256:{said['blob']}", "is not the bytes of that name"))
        elif "facts" in said:
            lines = _lines(said)
            done.exchanges += 1
            done.facts += len(lines)
            faults = list(broken(lines))
            missing = [] if faults else _missing(lines, present)
            done.faults += [*faults, *(Fault(f"sha256:{digest}", "is not there") for digest in missing)]
        if number % 500 == 0:
            tell("lines", number, 0)
    return done


def bring_in(connection: Connection, file: Path, tell: Tell) -> Checked:
    """Fill an empty journal from `file`; what is owed in it is asked after before it is sent.

    Raises `Misconfigured`: F-021 when something is there already, F-023 when the file is not whole.
    """
    done = examine(file, tell).insist()
    with connection.transaction():
        if connection.execute("SELECT EXISTS (SELECT FROM exchange)").fetchone() != (False,):
            raise Misconfigured(problem("F-021", reason="the journal is not empty"))
        for said in _read(file):
            if "blob" in said:
                content = packed(base64.b64decode(said["bytes"]))
                connection.execute("INSERT INTO blob (digest, bytes) VALUES (%s, %s)", [said["blob"], content])
            elif "facts" in said:
                _insert(connection, said)
            elif "row" in said:
                _insert_row(connection, said)
        for table in _COUNTED:
            connection.execute(SQL(_NEXT).format(Literal(table), Identifier(table)))
    rebuild(connection, tell)
    doubt(connection, identity(connection))
    return done


@contextmanager
def _written(file: Path) -> Iterator[Callable[[dict[str, Any]], None]]:
    """`put` writes a line; the last one, with counts and digest, comes by itself. Whole or not at all."""
    fresh = file.with_name(f".{file.name}.new")
    tally: dict[str, int] = {"exchanges": 0, "facts": 0, "blobs": 0}
    running = sha256()
    opened = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)  # reports are nobody else's to read
    with os.fdopen(opened, "wb") as raw, _compressed(raw, file) as out:

        def put(said: dict[str, Any]) -> None:
            tally["blobs"] += "blob" in said
            tally["exchanges"] += "facts" in said
            tally["facts"] += len(said.get("facts", ()))
            line = _line(said)
            running.update(line)
            out.write(line)

        yield put
        out.write(_line({"end": tally, "sha256": running.hexdigest()}))
    fresh.rename(file)


def _read(file: Path) -> Iterator[dict[str, Any]]:
    """Every object but the last, which has to say the same of them as they are. Raises `Misconfigured` (F-023)."""
    running, tally, last = sha256(), {"exchanges": 0, "facts": 0, "blobs": 0}, None
    with file.open("rb") as raw:
        for number, line in enumerate(_plain(raw, file), start=1):
            try:
                said = json.loads(line)
            except ValueError:
                raise _cut(file, f"line {number} is not JSON") from None
            if number == 1 and said.get("journal") != FORMAT:
                raise _cut(file, f"line 1 is no journal of format {FORMAT}")
            if "end" in said:
                last = said
                continue
            if last is not None:
                raise _cut(file, f"line {number} stands after the end")
            running.update(line)
            tally["blobs"] += "blob" in said
            tally["exchanges"] += "facts" in said
            tally["facts"] += len(said.get("facts", ()))
            yield said
    if last is None or last.get("sha256") != running.hexdigest() or last.get("end") != tally:
        raise _cut(file, "the end is missing, or says otherwise")


def _plain(raw: BinaryIO, file: Path) -> Iterator[bytes]:
    source: Any = zstandard.ZstdDecompressor().stream_reader(raw) if file.suffix == ".zst" else raw
    reader = io.BufferedReader(source) if file.suffix == ".zst" else source
    while line := reader.readline(_LONGEST):
        yield line


@contextmanager
def _compressed(raw: BinaryIO, file: Path) -> Iterator[Any]:
    if file.suffix != ".zst":
        yield raw
        return
    with zstandard.ZstdCompressor(level=3).stream_writer(raw, closefd=False) as out:
        yield out


def _cut(file: Path, reason: str) -> Misconfigured:
    return Misconfigured(problem("F-023", count=1, found=f"{file.name}: {reason}"))


def _line(said: dict[str, Any]) -> bytes:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _told(line: Line) -> dict[str, Any]:
    return {
        "seq": line.seq, "name": line.name, "at": plain(line.at), "body": line.body,
        "previous": line.previous, "digest": line.digest,
    }  # fmt: skip


def _lines(said: dict[str, Any]) -> list[Line]:
    return [
        Line(
            said["exchange"], one["seq"], one["name"], datetime.fromisoformat(one["at"]), one["body"],
            one["previous"], one["digest"],
        )
        for one in said["facts"]
    ]  # fmt: skip


def _missing(lines: list[Line], present: set[bytes]) -> list[str]:
    named = (blob.digest for line in lines for blob in blobs_of(line.fact))
    return [digest for digest in named if bytes.fromhex(digest) not in present]


def _insert(connection: Connection, said: dict[str, Any]) -> None:
    lines, opening = _lines(said), tuple(said[name] for name in _OPENING)
    x = folded(opening, lines)
    ordered = [lane_key(x.lane), lane_revision(x)]
    connection.execute(_INTO, [*opening, x.opened_at, x.stage.value, *ordered, x.seq, x.head_digest, kept(x).decode()])
    with connection.cursor() as cursor:
        cursor.executemany(
            _FACT, [(one.exchange, one.seq, one.name, one.at, one.body, one.previous, one.digest) for one in lines]
        )


def _insert_row(connection: Connection, said: dict[str, Any]) -> None:
    """A row of a table that is no fact; columns that this version does not know are its default's."""
    table = said.pop("row")
    if table not in _TABLES:
        raise Misconfigured(problem("F-023", count=1, found=f"row of {table}"))
    statement = SQL("INSERT INTO {0} OVERRIDING SYSTEM VALUE SELECT * FROM jsonb_populate_record(NULL::{0}, %s::jsonb)")
    connection.execute(statement.format(Identifier(table)), [json.dumps(said)])


def _rows(connection: Connection, statement: Any) -> Iterator[tuple[Any, ...]]:
    with ServerCursor(connection, "export") as cursor:
        cursor.itersize = 200
        yield from cursor.execute(statement)
