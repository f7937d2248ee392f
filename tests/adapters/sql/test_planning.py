"""How the statements that write and claim are planned: once, and well for tables of any size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.sql import SQL, Identifier

from gateway.adapters.sql import batches, reading, writing
from gateway.adapters.sql.pen import Pen
from gateway.adapters.sql.writing import Advance
from gateway.domain.chain import grow
from tests.contracts.telling import birth, read

_PREPARED = "SELECT name, cardinality(parameter_types) FROM pg_prepared_statements WHERE statement ~ '^\\s*WITH'"
_CLAIM = {
    "destination": "quoc-gia", "worker": "w1", "stages": ["packaged"], "sending": reading.SENDING,
    "limit": 10, "seconds": 60.0, "wire": True, "rest": 60.0,
}  # fmt: skip


def _scans(c: Connection) -> list[dict[str, Any]]:
    """How exchanges and work are read by the plans that this connection has made and goes on with."""
    found = []
    for name, parameters in c.execute(_PREPARED, prepare=False).fetchall():
        nothing = SQL(", ").join([SQL("NULL")] * parameters)
        asked = SQL("EXPLAIN (FORMAT JSON) EXECUTE {}({})").format(Identifier(name), nothing)
        row = c.execute(asked, prepare=False).fetchone()
        assert row is not None
        found += [node for node in _nodes(row[0][0]["Plan"]) if node.get("Relation Name") in ("exchange", "work")]
    return [node for node in found if "Scan" in node["Node Type"]]


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


def _read_whole(scans: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [node for node in scans if "Index Cond" not in node and "Recheck Cond" not in node]


def test_what_is_written_is_looked_up_by_its_key_though_it_was_planned_for_empty_tables(database: str) -> None:
    pen = Pen(database, {"autocommit": True}, lambda: None)
    born = batches.begun_as(birth())
    new, links = grow(born.new, [(read(), born.entries[0].at)])

    ordinals = pen.write(lambda c: writing.begun(c, [born]))
    moved = pen.write(lambda c: writing.advance(c, [Advance(born.new, new, links, ())]))
    scans = pen.write(_scans)
    pen.close()

    assert (list(ordinals), moved) == ([new.id], {new.id})
    assert {node["Relation Name"] for node in scans} == {"exchange", "work"}
    assert not _read_whole(scans)


def test_so_is_what_is_claimed_and_released(database: str) -> None:
    with psycopg.connect(database, autocommit=True, prepare_threshold=0) as connection:
        with connection.transaction():
            connection.execute(reading.GATE, ["quoc-gia"])
            assert not reading.CLAIM.execute(connection, _CLAIM).fetchall()
            claiming = _scans(connection)
        connection.execute("DEALLOCATE ALL")
        connection.execute("SET plan_cache_mode = force_generic_plan")
        connection.execute(reading.RELEASE, [["gd-1"], ["w1"], [1]])
        releasing = _scans(connection)

    assert len(claiming) > len(releasing) == 2
    assert not _read_whole(claiming + releasing)
