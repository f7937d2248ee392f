"""Whether the journal is what was written: every chain, every folded state, every byte. One pass, in time
proportional to what is there, in memory that does not grow with it.

    chain   each fact names the one before it, and its digest is that of what stands there
    state   what is kept beside the facts is what they fold to; what is owed stands in `work`, what is settled not
    bytes   what facts name is there, and has the digest it is named by
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import Any
from uuid import uuid4

from psycopg import Connection, ServerCursor
from psycopg.sql import SQL

from gateway.adapters.sql.backup import Tell
from gateway.adapters.sql.packing import unpacked
from gateway.adapters.sql.state import revived
from gateway.domain.errors import Misconfigured, NotFound, problem
from gateway.domain.exchange import Exchange, Kind, Opening, fold
from gateway.domain.facts import GENESIS, Fact, Recorded, revive, seal
from gateway.domain.parcel import Blob

_AT_ONCE = 500

EXCHANGES = SQL("""
SELECT x.id, x.ordinal, x.kind, x.agreement, x.key, x.content, x.destination, x.parent, x.seq, x.head, x.stage,
       x.state::text,
       EXISTS (SELECT FROM work w WHERE w.exchange = x.id)
  FROM exchange x WHERE x.ordinal > %s ORDER BY x.ordinal LIMIT 500
""")
FACTS = SQL("""
SELECT exchange, seq, name, at, body::text, previous, digest FROM fact WHERE exchange = ANY(%s) ORDER BY exchange, seq
""")
_ORPHANS = SQL("SELECT DISTINCT exchange FROM fact f WHERE NOT EXISTS (SELECT FROM exchange x WHERE x.id = f.exchange)")
_BLOBS = SQL("SELECT digest, bytes FROM blob")
_ESTIMATE = SQL("SELECT (SELECT count(*) FROM exchange), (SELECT count(*) FROM blob)")
_MISSING = SQL("SELECT d FROM unnest(%s::text[]) AS d WHERE NOT EXISTS (SELECT FROM blob b WHERE b.digest = d)")


@dataclass(frozen=True, slots=True)
class Fault:
    """`where` is an exchange's id (with the place on its chain) or ``sha256:…``."""

    where: str
    what: str


@dataclass
class Checked:
    exchanges: int = 0
    facts: int = 0
    blobs: int = 0
    bytes: int = 0
    faults: list[Fault] = field(default_factory=list)

    def insist(self) -> Checked:
        """Raises `Misconfigured` (F-023) when something is wrong."""
        if self.faults:
            first = self.faults[0]
            raise Misconfigured(problem("F-023", count=len(self.faults), found=f"{first.where}: {first.what}"))
        return self


@dataclass(frozen=True)
class Line:
    """A fact as it stands in the table, its body as text; read once, however often it is asked for."""

    exchange: str
    seq: int
    name: str
    at: datetime
    body: str
    previous: str
    digest: str

    @cached_property
    def fact(self) -> Fact:
        """Raises `KeyError`, `TypeError` or `ValueError` where it is none."""
        return revive(self.name, json.loads(self.body))

    @cached_property
    def recorded(self) -> Recorded:
        return Recorded(self.exchange, self.seq, self.at, self.fact, self.previous, self.digest)


def check(connection: Connection, tell: Tell) -> Checked:
    """Look at everything, in one snapshot; `connection` is in autocommit and in UTC."""
    done = Checked()
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        counted = connection.execute(_ESTIMATE).fetchone()
        assert counted is not None
        for page in pages(connection):
            _check_page(connection, page, done)
            tell("exchanges", done.exchanges, counted[0])
        for (exchange,) in _rows(connection, _ORPHANS):
            done.faults.append(Fault(exchange, "has facts and no exchange"))
        for digest, kept in _rows(connection, _BLOBS):
            done.blobs += 1
            try:
                done.bytes += len(unpacked(digest, bytes(kept)))
            except NotFound:
                done.faults.append(Fault(f"sha256:{digest}", "is not the bytes of that name"))
            if done.blobs % _AT_ONCE == 0:
                tell("blobs", done.blobs, counted[1])
    tell("blobs", done.blobs, counted[1])
    return done


def broken(lines: Iterable[Line]) -> Iterator[Fault]:
    """Where the chain of one exchange is not the one that was written."""
    previous = GENESIS
    for number, line in enumerate(lines, start=1):
        where = f"{line.exchange}.{line.seq}"
        if line.seq != number:
            yield Fault(where, f"place {number} is missing")
            return
        if line.previous != previous:
            yield Fault(where, "does not follow the fact before it")
        try:
            sealed = seal(line.recorded, line.body.encode())
        except (KeyError, TypeError, ValueError):
            yield Fault(where, f"cannot be read as {line.name}")
            return
        if sealed != line.digest:
            yield Fault(where, "is not what was written")
        previous = line.digest


def blobs_of(value: Any) -> Iterator[Blob]:
    """The bytes a fact names, wherever in it they stand."""
    if isinstance(value, Blob):
        yield value
    elif is_dataclass(value):
        for part in fields(value):
            yield from blobs_of(getattr(value, part.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from blobs_of(item)


def folded(row: tuple[Any, ...], lines: Iterable[Line]) -> Exchange:
    """The exchange that the facts make of its opening."""
    identity, ordinal, kind, agreement, key, content, destination, parent = row[:8]
    opening = Opening(identity, Kind(kind), agreement, key, content, destination, parent)
    return fold(opening, [line.recorded for line in lines], ordinal)


Found = tuple[tuple[Any, ...], list[Line]]


def pages(connection: Connection) -> Iterator[list[Found]]:
    """Every exchange as its row, with its facts; some hundreds at a time, oldest first."""
    last = 0
    while rows := connection.execute(EXCHANGES, [last]).fetchall():
        last = rows[-1][1]
        lines = (Line(*row) for row in connection.execute(FACTS, [[row[0] for row in rows]]))
        histories = {name: list(found) for name, found in groupby(lines, key=lambda line: line.exchange)}
        yield [(row, histories.get(row[0], [])) for row in rows]


def _check_page(connection: Connection, page: list[Found], done: Checked) -> None:
    named: dict[str, str] = {}
    for row, lines in page:
        faults = list(broken(lines)) or list(_misfolded(row, lines))
        done.exchanges += 1
        done.facts += len(lines)
        done.faults += faults
        if not faults:
            for line in lines:
                named |= {blob.digest: line.exchange for blob in blobs_of(line.fact)}
    for (digest,) in connection.execute(_MISSING, [sorted(named)]):
        done.faults.append(Fault(f"sha256:{digest}", f"is named by {named[digest]} and not there"))


def _misfolded(row: tuple[Any, ...], lines: list[Line]) -> Iterator[Fault]:
    seq, head, stage, state, owed = row[8:]
    if not lines:
        yield Fault(row[0], "has no facts")
        return
    x = folded(row, lines)
    if (x.seq, x.head_digest) != (seq, head):
        yield Fault(f"{x.id}.{seq}", f"facts are missing or too many: {len(lines)} are there")
    elif stage != x.stage.value or _revived(row[1], state) != x:
        yield Fault(x.id, "what is kept beside its facts is not what they say: gateway journal rebuild")
    elif owed is x.settled:
        yield Fault(x.id, f"{'owed' if owed else 'not owed'} at {stage}: gateway journal rebuild")


def _revived(ordinal: int, state: str) -> Exchange | None:
    try:
        return revived(ordinal, state)
    except (KeyError, TypeError, ValueError):
        return None  # damaged


def _rows(connection: Connection, statement: SQL) -> Iterator[tuple[Any, ...]]:
    """All of them, some at a time: the server keeps the rest."""
    with ServerCursor(connection, f"check_{uuid4().hex}") as cursor:
        cursor.itersize = _AT_ONCE
        yield from cursor.execute(statement)
