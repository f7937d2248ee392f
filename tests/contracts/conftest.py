"""Both journals, handed in under one name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fallback.ledger import Ledger
from gateway.adapters.sql import SqlJournal
from gateway.ports import Journal


@pytest.fixture(params=["postgresql", "ledger"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Journal]]:
    """Opens the same journal (again): what was in memory only is gone."""
    opened: list[Journal] = []
    url = request.getfixturevalue("database") if request.param == "postgresql" else ""

    def fresh() -> Journal:
        while opened:
            opened.pop().close()
        opened.append(SqlJournal.connect(url) if url else Ledger(tmp_path / "ledger"))
        return opened[0]

    yield fresh
    while opened:
        opened.pop().close()


@pytest.fixture
def journal(reopen: Callable[[], Journal]) -> Journal:
    return reopen()
