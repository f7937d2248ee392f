"""What a benchmark puts into a journal is what the journal itself would have written."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from psycopg import Connection

from gateway.adapters.sql import SqlJournal
from gateway.bench.filling import fill, size
from gateway.domain import facts as f
from gateway.domain.exchange import Exchange
from gateway.ports import Query
from tests.contracts.telling import PURE, opened, read, told

ROWS = 25
KEY = "khoá mẫu"


@pytest.fixture
def journal(database: str) -> Iterator[SqlJournal]:
    journal = SqlJournal.connect(database)
    yield journal
    journal.close()


def silent(what: str, done: int, total: int) -> None:
    """Nobody watches."""


def test_settled_ones_are_read_and_counted_like_the_one_they_were_made_of(
    journal: SqlJournal, hand: Connection
) -> None:
    x = told(journal, opened(journal, KEY), read(), f.Cancelled("an", "nhầm"))
    before = size(hand)
    fill(hand, x, ROWS, silent)

    every = journal.find(Query(limit=ROWS + 1))
    assert len({one.id for one in every}) == len({one.key for one in every}) == ROWS + 1
    assert [one.ordinal for one in every] == list(range(x.ordinal + ROWS, x.ordinal - 1, -1))
    assert journal.count() == {"cancelled": ROWS + 1}
    assert {tuple(link.name for link in journal.history(one.id)) for one in every} == {
        ("Accepted", "Validated", "Cancelled")
    }
    assert len({journal.history(one.id)[-1].digest for one in every}) == ROWS + 1
    assert size(hand) > before


def test_what_is_owed_can_be_claimed_in_its_order_and_a_new_one_is_younger(
    journal: SqlJournal, hand: Connection
) -> None:
    x = told(journal, opened(journal, KEY), read())
    fill(hand, x, ROWS, silent)
    fresh = opened(journal, "k2")

    leases = journal.claim(x.destination, "w", PURE, ROWS + 2, 60)
    assert [lease.exchange.id for lease in leases] == [x.id, *_made(journal, x), fresh.id]
    assert all(lease.alone for lease in leases), "each has a lane of its own"


def _made(journal: SqlJournal, x: Exchange) -> list[str]:
    found = journal.find(Query(stages=(x.stage,), limit=ROWS + 1))
    return [one.id for one in reversed(found) if one.id != x.id]
