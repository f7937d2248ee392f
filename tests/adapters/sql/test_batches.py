"""What is written together: what cannot be written is undone alone, and costs the others nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from gateway.adapters.sql import batches
from gateway.adapters.sql.batches import Move
from gateway.adapters.sql.pen import Pen
from gateway.domain import facts as f
from gateway.domain.exchange import Exchange
from gateway.ports import Entry
from tests.contracts.telling import birth, entry

HALF = f.Attempted("\ud800", 1)  # half of a surrogate pair: no bytes are made of it


@pytest.fixture
def pen(database: str) -> Iterator[Pen]:
    pen = Pen(database, {"autocommit": True}, lambda: None)
    yield pen
    pen.close()


def written_by(hand: psycopg.Connection) -> list[tuple[int]]:
    """How many exchanges each transaction wrote, as they stand."""
    return hand.execute("SELECT count(*) FROM exchange GROUP BY xmin::text").fetchall()


def move(x: Exchange, *entries: Entry) -> Move:
    return Move(x, entries, None, None)


def test_what_no_link_is_made_of_fails_alone_and_the_others_are_opened_in_one_transaction(
    pen: Pen, hand: psycopg.Connection
) -> None:
    half = replace(birth("k2"), entries=(entry(HALF),))

    one, none, two = batches.through(pen, batches.opened)([birth("k1"), half, birth("k3")])

    assert isinstance(none, UnicodeEncodeError)
    assert isinstance(one, tuple)
    assert isinstance(two, tuple)
    assert (one[0].key, two[0].key) == ("k1", "k3")
    assert written_by(hand) == [(2,)]


def test_what_no_link_is_made_of_fails_alone_and_the_others_move_on_in_one_transaction(
    pen: Pen, hand: psycopg.Connection
) -> None:
    born = batches.through(pen, batches.opened)([birth(f"k{n}") for n in range(3)])
    told = [entry(f.Superseded("gd-2")), entry(HALF), entry(f.Superseded("gd-3"))]
    moves = [move(each[0], one) for each, one in zip(born, told, strict=True) if isinstance(each, tuple)]

    one, none, two = batches.through(pen, batches.moved)(moves)

    assert isinstance(none, UnicodeEncodeError)
    assert [moved.id for moved in (one, two) if isinstance(moved, Exchange)] == [moves[0].old.id, moves[2].old.id]
    assert sorted(written_by(hand)) == [(1,), (2,)]


def test_where_there_is_nothing_else_nothing_is_written(pen: Pen, hand: psycopg.Connection) -> None:
    half = replace(birth(), entries=(entry(HALF),))

    [none] = batches.through(pen, batches.opened)([half])

    assert isinstance(none, UnicodeEncodeError)
    assert written_by(hand) == []
