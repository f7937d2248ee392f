"""A store that was away for long, and is back."""

from __future__ import annotations

import pytest

from gateway.adapters.sql import SqlJournal
from gateway.domain.errors import Unavailable
from tests.api.house import away


def test_the_first_question_after_an_outage_is_answered_however_long_it_was(
    journal: SqlJournal, postgres: str, database: str
) -> None:
    with away(postgres, database):
        for _ in range(3):  # as long as it takes until each is refused
            with pytest.raises(Unavailable):
                journal.count()
    assert journal.count() == {}
