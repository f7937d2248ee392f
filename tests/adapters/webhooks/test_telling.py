"""Webhooks tell what waits in the inbox: signed, repeated until answered, under an id that never changes."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from gateway.adapters.http import HttpLine
from gateway.adapters.sql import SqlInbox, SqlJournal, SqlRegister
from gateway.adapters.webhooks import Hook, Teller, Told
from gateway.domain.register import Deed, Sheet
from gateway.ports import Bulletin, Notice
from tests.adapters.clock import SetClock
from tests.adapters.webhooks.consumer import Consumer, consuming

SECRET, OTHER = os.urandom(32), os.urandom(32)
AT = datetime(2026, 11, 20, tzinfo=UTC)
HOUR = 3600.0


def announced(register: SqlRegister, subject: str, *agreements: str) -> str:
    """The id of the bulletin that was written for the first of `agreements`."""
    at = AT + timedelta(seconds=len(register.told()))
    deed = Deed(Sheet.MAINTENANCE, subject, "announce", "vận hành", "nâng cấp", "", at, None, {"id": subject})
    return f"so-{register.write(deed, agreements).ordinal}.{agreements[0]}"


def teller(
    inbox: SqlInbox, consumer: Consumer, *secrets: bytes, agreements: Sequence[str] = ("thang",), seconds: float = HOUR
) -> Teller:
    hook = Hook(HttpLine("ht", consumer.url, deadline=5), secrets or (SECRET,))

    def bodies(news: Sequence[Notice | Bulletin]) -> list[tuple[str, bytes]]:
        return [(one.id, json.dumps({"id": one.id}).encode()) for one in news]

    return Teller(inbox.telling, {"ht": Told(agreements, hook)}, bodies, SetClock(), seconds)


def told(teller: Teller) -> int:
    return asyncio.run(teller.once())


def hurried(database: str) -> None:
    """As if the time to wait had passed."""
    with psycopg.connect(database, autocommit=True) as c:
        c.execute("UPDATE telling SET due = clock_timestamp()")


def waits(database: str, event: str) -> float:
    """Seconds until its next turn."""
    with psycopg.connect(database) as c:
        found = c.execute(
            "SELECT extract(epoch FROM due - clock_timestamp()) FROM telling WHERE event = %s", [event]
        ).fetchone()
    assert found is not None
    return float(found[0])


def test_what_waits_is_told_once_and_waits_on_until_it_is_taken_note_of(
    journal: SqlJournal, register: SqlRegister
) -> None:
    inbox = SqlInbox(journal, register)
    first, second = announced(register, "bt-1", "thang"), announced(register, "bt-2", "thang")
    announced(register, "bt-3", "khac")
    with consuming(SECRET) as consumer:
        assert [told(teller(inbox, consumer)), told(teller(inbox, consumer))] == [2, 0]
        assert consumer.asked == [first, second]
    assert [one.id for one in inbox.bulletins(["thang"], 9)] == [first, second]


def test_what_was_taken_note_of_first_is_not_told_any_more(journal: SqlJournal, register: SqlRegister) -> None:
    inbox = SqlInbox(journal, register)
    event = announced(register, "bt-1", "thang")
    inbox.settle(event, ["thang"], "ht")
    with consuming(SECRET) as consumer:
        assert told(teller(inbox, consumer)) == 0
    assert consumer.asked == []


@pytest.mark.parametrize("answer", [500, 503, 404, 401, 302, 410])
def test_an_answer_that_is_none_is_asked_for_again_under_the_same_id(
    journal: SqlJournal, register: SqlRegister, database: str, answer: int
) -> None:
    inbox = SqlInbox(journal, register)
    event = announced(register, "bt-1", "thang")
    with consuming(SECRET, answer, answer, 204) as consumer:
        assert told(teller(inbox, consumer)) == 0
        assert 0 < waits(database, event) <= 5
        hurried(database)
        assert told(teller(inbox, consumer)) == 0
        assert 250 < waits(database, event) <= 300
        hurried(database)
        assert told(teller(inbox, consumer)) == 1
        assert consumer.asked == [event] * 3
        assert list(consumer.known) == [event]


def test_an_event_that_is_refused_for_itself_holds_nothing_else_up_for_long(
    journal: SqlJournal, register: SqlRegister, database: str
) -> None:
    inbox = SqlInbox(journal, register)
    bad, good = announced(register, "bt-1", "thang"), announced(register, "bt-2", "thang")
    with consuming(SECRET, 422, 204) as consumer:
        told(teller(inbox, consumer))
        assert waits(database, good) <= 5
        hurried(database)
        assert told(teller(inbox, consumer)) == 2
        assert set(consumer.known) == {bad, good}


def test_a_consumer_that_is_away_loses_nothing(journal: SqlJournal, register: SqlRegister, database: str) -> None:
    inbox = SqlInbox(journal, register)
    event = announced(register, "bt-1", "thang")
    with consuming(SECRET) as gone:
        pass
    assert told(teller(inbox, gone)) == 0
    hurried(database)
    with consuming(SECRET) as consumer:
        assert told(teller(inbox, consumer)) == 1
    assert list(consumer.known) == [event]


def test_a_teller_that_died_with_an_event_in_hand_is_relieved(
    journal: SqlJournal, register: SqlRegister, database: str
) -> None:
    """What it had claimed is due again after its time; told twice, the consumer knows it by its id."""
    inbox = SqlInbox(journal, register)
    event = announced(register, "bt-1", "thang")
    [claimed] = inbox.telling.untold("ht", ["thang"], 9, HOUR)
    assert claimed.news.id == event
    with consuming(SECRET) as consumer:
        assert told(teller(inbox, consumer)) == 0
        hurried(database)
        assert told(teller(inbox, consumer)) == 1


def test_while_a_secret_is_changed_old_and_new_both_hold(journal: SqlJournal, register: SqlRegister) -> None:
    inbox = SqlInbox(journal, register)
    announced(register, "bt-1", "thang")
    with consuming(OTHER) as consumer:
        assert told(teller(inbox, consumer, SECRET, OTHER)) == 1


def test_another_secret_is_refused_by_the_consumer(journal: SqlJournal, register: SqlRegister) -> None:
    inbox = SqlInbox(journal, register)
    announced(register, "bt-1", "thang")
    with consuming(OTHER) as consumer:
        assert told(teller(inbox, consumer, SECRET)) == 0
    assert consumer.heard == []
