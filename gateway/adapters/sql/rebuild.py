"""Everything beside the facts made again from them: folded state, what is owed, numbers given, how many stand where."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from psycopg import Connection

from gateway.adapters.sql import numbers, writing
from gateway.adapters.sql.backup import Tell
from gateway.adapters.sql.check import broken, folded, pages
from gateway.adapters.sql.writing import Advance
from gateway.domain.errors import Misconfigured, problem
from gateway.domain.exchange import Exchange, Stage

_COUNT = "SELECT count(*) FROM exchange"
_ORPHANED_WORK = "DELETE FROM work w WHERE NOT EXISTS (SELECT FROM exchange x WHERE x.id = w.exchange)"
_RECOUNT = """
WITH stages AS (SELECT stage, count(*) AS n FROM exchange GROUP BY stage)
INSERT INTO tally (stage, slot, n) SELECT stage, 0, n FROM stages
"""


def rebuild(connection: Connection, tell: Tell) -> int:
    """Put right what is not what the facts say; how many exchanges that were. Others may be writing meanwhile.

    A page is written as everybody writes, only over the place on the chain it was made from: what has moved on since
    is left as whoever moved it wrote it. While the stages are counted and the numbers taken again, writers wait.

    Raises `Misconfigured` (F-023) at the first chain that is not whole: from such facts nothing is made.
    """
    row = connection.execute(_COUNT).fetchone()
    assert row is not None
    done = mended = 0
    for page in pages(connection):
        wrong: list[Advance] = []
        for stored, lines in page:
            for fault in broken(lines):
                raise Misconfigured(problem("F-023", count=1, found=f"{fault.where}: {fault.what}"))
            if lines:
                wrong.append(_as_told(stored, folded(stored, lines)))
        mended += len(_differing(connection, wrong))
        done += len(page)
        tell("exchanges", done, row[0])
    with connection.transaction():
        connection.execute(_ORPHANED_WORK)
        connection.execute("LOCK TABLE tally IN EXCLUSIVE MODE")
        connection.execute("DELETE FROM tally")
        connection.execute(_RECOUNT)
        numbers.noted_again(connection)
    return mended


def _as_told(stored: tuple[Any, ...], x: Exchange) -> Advance:
    """From the row as it stands, whatever it says, to what the facts say; no fact is added."""
    seq, head, stage = stored[8:11]
    return Advance(replace(x, seq=seq, head_digest=head, stage=_known(stage)), x, [], [])


def _known(stage: str) -> Stage:
    try:
        return Stage(stage)
    except ValueError:  # the column was damaged; the tally is counted anew at the end
        return Stage.NEW


def _differing(connection: Connection, wrong: list[Advance]) -> set[str]:
    """Write all of a page; which of them had said something else. What is written here nobody moves before the end."""
    with connection.transaction():
        before = _derived(connection, wrong)
        written = writing.advance(connection, wrong)
        after = _derived(connection, wrong)
    return {name for name in written if before.get(name) != after[name]}


def _derived(connection: Connection, asked: list[Advance]) -> dict[str, tuple[Any, ...]]:
    rows = connection.execute(
        "SELECT x.id, x.stage, x.lane, x.seq, x.head, x.state::jsonb, x.opened_at, w.stage, w.lane, w.blocks,"
        " w.due::text"
        " FROM exchange x LEFT JOIN work w ON w.exchange = x.id WHERE x.id = ANY(%s)",
        [[one.new.id for one in asked]],
    )
    return {row[0]: row[1:] for row in rows}
