"""The inbox of a fresh database, and what is put into it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.adapters.sql import SqlJournal, SqlRegister


@pytest.fixture
def journal(database: str) -> Iterator[SqlJournal]:
    opened = SqlJournal.connect(database)
    yield opened
    opened.close()


@pytest.fixture
def register(journal: SqlJournal) -> SqlRegister:
    return SqlRegister(journal)
