"""The journal on a database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from gateway.adapters.sql import SqlJournal


@pytest.fixture
def journal(database: str) -> Iterator[SqlJournal]:
    with closing(SqlJournal.connect(database)) as opened:
        yield opened
