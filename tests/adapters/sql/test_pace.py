"""How fast a line takes what is sent: counted by the minute, once, and only while something waited."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.adapters.sql import SqlJournal, SqlOutlook
from gateway.domain import facts as f
from gateway.domain.forecast import outlooks
from gateway.domain.parcel import Receipt
from gateway.ports import Entry
from tests.contracts.telling import BLOB, CLOCK, TROUBLE
from tests.contracts.test_order import ready


def delivered(journal: SqlJournal, key: str, minutes_ago: float) -> None:
    at = CLOCK.now() - timedelta(minutes=minutes_ago)
    facts = (f.Attempted("quoc-gia", 1), f.Delivered(Receipt("QG-1", BLOB.digest, at, BLOB)))
    journal.append(ready(journal, key), [Entry(fact, at) for fact in facts])


def test_what_went_out_while_reports_waited_is_the_rate(journal: SqlJournal) -> None:
    for number in range(6):
        delivered(journal, f"k{number}", 2 + number % 2)
    assert SqlOutlook(journal).look().rates == {"quoc-gia": pytest.approx(6 / 120)}


def test_a_minute_is_counted_once_however_often_somebody_looks(journal: SqlJournal) -> None:
    delivered(journal, "k1", 2)
    first = SqlOutlook(journal).look().rates
    assert SqlOutlook(journal).look().rates == first == {"quoc-gia": pytest.approx(1 / 60)}


def test_a_minute_in_which_something_waited_and_nothing_went_counts_too(journal: SqlJournal) -> None:
    outlook = SqlOutlook(journal)
    for number in range(4):
        delivered(journal, f"k{number}", 10)
    ready(journal, "waits")
    assert outlook.look().rates == {"quoc-gia": pytest.approx(4 / 120)}


def test_where_nothing_went_out_nobody_knows_a_rate(journal: SqlJournal) -> None:
    ready(journal, "waits")
    standing = SqlOutlook(journal).look()
    assert standing.rates.get("quoc-gia") in (None, 0.0)
    [told] = outlooks(standing.queue, standing.rates, {"ktxh": "KTXH"}, CLOCK.now())
    assert (told.regime, told.waiting, told.done, told.late) == ("KTXH", 1, None, 0)


def test_the_queue_is_counted_by_agreement_and_deadline_without_what_a_person_has(journal: SqlJournal) -> None:
    deadline = CLOCK.now() + timedelta(hours=2)
    for key in ("a", "b"):
        ready(journal, key, deadline=deadline)
    ready(journal, "c", deadline=deadline, parent="gd-0")
    parked = ready(journal, "d", deadline=deadline)
    journal.append(parked, [Entry(f.Parked(TROUBLE), CLOCK.now())])

    queue = SqlOutlook(journal).look().queue
    assert sorted((one.count, one.replayed) for one in queue) == [(1, True), (2, False)]
    assert {replace(one, count=0, replayed=False).deadline for one in queue} == {deadline}
