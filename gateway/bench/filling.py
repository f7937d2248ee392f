"""A journal that has been at work for a year, in minutes: one real exchange told again under other names, by COPY.

Every row is the database's own, column for column, with another name, ordinal, time and lane, so that no shape is
repeated here. The digests are drawn and not made (`gateway journal check` would name every exchange), and beside each
stands one kept byte string of 300 bytes: the figures of real payloads are those of the disk.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any

from gateway.domain.exchange import Exchange
from gateway.domain.facts import GENESIS

Tell = Callable[[str, int, int], None]

_AT_ONCE = 2000
_YEAR = timedelta(days=365)
_BODY = 300
_TABLES = {"exchange": "id", "fact": "exchange", "work": "exchange"}  # by the column that names the exchange
_NAME, _ORDINAL, _AT, _LANE = b"<name>", b"<ordinal>", b"<at>", b"<lane>"
_MARKED = {"key": _NAME, "ordinal": _ORDINAL, "at": _AT, "opened_at": _AT, "lane": _LANE}
_COLUMNS = """
SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""
_TALLY = """
INSERT INTO tally (stage, slot, n) VALUES (%s, 0, %s) ON CONFLICT (stage, slot) DO UPDATE SET n = tally.n + excluded.n
"""
_NEWEST = "SELECT coalesce(max(ordinal), 0) FROM exchange"
_NEXT = "SELECT setval(pg_get_serial_sequence('exchange', 'ordinal'), %s)"
_FIRST = "SELECT min(opened_at) FROM exchange"
_BYTES = "SELECT sum(pg_total_relation_size(name::regclass)) FROM unnest(%s::text[]) AS name"


@dataclass(frozen=True, slots=True)
class _Mould:
    """The rows of one exchange in one table as COPY writes them, with places for what differs."""

    table: str
    columns: str
    text: bytes
    places: Callable[[Sequence[bytes]], Any]

    def cast(self, values: Sequence[bytes]) -> bytes:
        filled: bytes = self.text % self.places(values)
        return filled


def fill(connection: Any, x: Exchange, rows: int, tell: Tell) -> None:
    """`rows` more exchanges like `x`, which stands in the journal of `connection` (autocommit), over the year before.

    They have the owed work of `x`, if there is any. Its id and key must be words of their own: they are replaced
    wherever they stand. What is measured beside them finds statistics as a journal has.
    """
    moulds = [mould for table, column in _TABLES.items() if (mould := _mould(connection, table, column, x))]
    newest = connection.execute(_NEWEST).fetchone()[0]
    begins = (connection.execute(_FIRST).fetchone()[0] or datetime.now(UTC)) - _YEAR
    connection.execute("SET synchronous_commit = off")
    for start in range(0, rows, _AT_ONCE):
        named = [
            _values(x, newest + number + 1, begins + _YEAR * (number / rows))
            for number in range(start, min(start + _AT_ONCE, rows))
        ]
        with connection.transaction():
            for mould in moulds:
                _copied(connection, mould.table, mould.columns, map(mould.cast, named))
            _copied(connection, "blob", "digest, bytes", _bodies(len(named)))
        tell("exchanges", start + len(named), rows)
    connection.execute(_TALLY, [x.stage.value, rows])
    connection.execute(_NEXT, [newest + rows])
    # Not ANALYZE alone: the autovacuum of what was filled in would be counted as the cost of a report.
    connection.execute("VACUUM (ANALYZE)")


def size(connection: Any) -> int:
    """Bytes of the journal's tables and their indexes."""
    return int(connection.execute(_BYTES, [[*_TABLES, "blob", "tally", "notice"]]).fetchone()[0])


def _mould(connection: Any, table: str, column: str, x: Exchange) -> _Mould | None:
    """None where the table has no row of `x`."""
    columns = [name for (name,) in connection.execute(_COLUMNS, [table])]
    asked = ", ".join(f"'{_MARKED[name].decode()}'" if name in _MARKED else f'"{name}"' for name in columns)
    # The values are this program's own: names of columns, and an identity the gateway gave.
    told = f"COPY (SELECT {asked} FROM {table} WHERE {column} = '{x.id}' ORDER BY 1, 2) TO STDOUT"  # noqa: S608
    with connection.cursor() as cursor, cursor.copy(told) as copied:
        text = b"".join(bytes(block) for block in copied)
    if not text:
        return None
    digests = [digest.encode() for digest in _digests(connection, x) if digest != GENESIS]
    slots = {
        **dict.fromkeys((_NAME, x.id.encode(), x.key.encode()), 0),
        _ORDINAL: 1,
        **dict.fromkeys((_AT, _opened(x)), 2),
        _LANE: 3,
        **{digest: 4 + number for number, digest in enumerate(digests)},
    }
    pieces = re.split(b"(" + b"|".join(re.escape(mark) for mark in slots) + b")", text)
    marks = [slots[mark] for mark in pieces[1::2]]
    literal = b"%b".join(piece.replace(b"%", b"%%") for piece in pieces[::2])
    return _Mould(table, ", ".join(f'"{name}"' for name in columns), literal, itemgetter(*marks))


def _opened(x: Exchange) -> bytes:
    """As it stands in the folded exchange."""
    assert x.opened_at is not None
    return x.opened_at.isoformat().encode()


def _digests(connection: Any, x: Exchange) -> list[str]:
    asked = "SELECT digest FROM fact WHERE exchange = %s ORDER BY seq"
    return [digest for (digest,) in connection.execute(asked, [x.id])]


def _values(x: Exchange, ordinal: int, at: datetime) -> list[bytes]:
    """What differs, in the order of the slots: name, ordinal, time, lane, the digests."""
    name = f"gd-{ordinal:026}".encode()
    drawn = os.urandom(32 * (x.seq + 1)).hex().encode()
    return [name, b"%d" % ordinal, at.isoformat().encode(), *(drawn[n : n + 64] for n in range(0, len(drawn), 64))]


def _bodies(many: int) -> Iterator[bytes]:
    body = os.urandom(_BODY).hex().encode()
    for _ in range(many):
        yield os.urandom(32).hex().encode() + b"\t\\\\x" + body + b"\n"


def _copied(connection: Any, table: str, columns: str, rows: Iterator[bytes]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        copy.write(b"".join(rows))
