"""A line at the end of its rest: one exchange tries it, for every worker."""

from __future__ import annotations

from gateway.adapters.sql import SqlJournal
from gateway.domain import facts as f
from tests.contracts.telling import CLOCK, TROUBLE, entry, packaged, told
from tests.contracts.test_order import fail, keys, ready, taken


def rested(journal: SqlJournal) -> None:
    with journal.connection() as c:
        c.execute("UPDATE line SET rest_until = clock_timestamp() - interval '1 second'")


def test_one_exchange_tries_the_line_and_the_others_go_on_resting(journal: SqlJournal) -> None:
    fail(journal, ready(journal, "first"), 3)
    ready(journal, "second")
    rested(journal)

    [lease] = taken(journal)
    assert (lease.exchange.key, lease.resting) == ("first", None)
    assert taken(journal) == []


def test_when_it_answers_everybody_goes_on(journal: SqlJournal) -> None:
    fail(journal, ready(journal, "first"), 3)
    ready(journal, "second")
    rested(journal)
    [lease] = taken(journal)
    journal.append(lease.exchange, [entry(f.Attempted("quoc-gia", 4))], lease=lease, line=True)

    assert keys(taken(journal)) == {"second"}


def test_when_it_fails_again_the_line_rests_longer(journal: SqlJournal) -> None:
    fail(journal, ready(journal, "first"), 3)
    first = journal.line("quoc-gia").rest_until
    rested(journal)
    [lease] = taken(journal)
    facts = [entry(f.Attempted("quoc-gia", 4)), entry(f.Undelivered(TROUBLE))]
    journal.append(lease.exchange, facts, lease=lease, line=False)

    line = journal.line("quoc-gia")
    assert line.failures == 4
    assert first is not None
    assert line.rest_until is not None
    assert (line.rest_until - CLOCK.now()).total_seconds() > 5


def test_what_only_waits_for_its_document_does_not_try_the_line(journal: SqlJournal) -> None:
    older = packaged(journal, "diverted")
    told(journal, older, f.Diverted("vb-1", TROUBLE))
    fail(journal, ready(journal, "tries"), 3)
    rested(journal)

    assert keys(taken(journal)) == {"tries"}
