"""What goes first, and what a line that rests lets through: the same in both journals."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from gateway.domain import facts as f
from gateway.domain.exchange import Exchange, Stage
from gateway.domain.parcel import Parcel
from gateway.ports import Birth, Journal, Lease
from tests.contracts.telling import BLOB, CLOCK, HEAD, TROUBLE, WIRE, birth, entry, opened, read, told


def ready(
    journal: Journal,
    key: str,
    *,
    agreement: str = "ktxh",
    deadline: datetime | None = None,
    divert_from: datetime | None = None,
    parent: str | None = None,
) -> Exchange:
    """A report before the wire, in a lane of its own."""
    head = replace(HEAD, reporter=key)
    first = birth(key, agreement=agreement)
    x, _ = journal.open(Birth(replace(first.opening, parent=parent), first.entries))
    parcel = Parcel(x.id, "report-data", BLOB, head.lane)
    return told(journal, x, read(head), f.Packaged(parcel, deadline, divert_from))


def taken(journal: Journal, limit: int = 10) -> list[Lease]:
    return journal.claim("quoc-gia", "w1", WIRE, limit, 60, wire=True)


def keys(leases: list[Lease]) -> set[str]:
    return {lease.exchange.key for lease in leases}


def fail(journal: Journal, x: Exchange, times: int) -> Exchange:
    for number in range(times):
        attempted = told(journal, x, f.Attempted("quoc-gia", number + 1), f.Undelivered(TROUBLE))
        x = journal.append(attempted, [entry(f.Postponed(CLOCK.now(), TROUBLE))], line=False)
    return x


# ── order ────────────────────────────────────────────────────────────────────────────────────────
def test_what_is_due_sooner_goes_before_what_is_older(journal: Journal) -> None:
    now = CLOCK.now()
    ready(journal, "next week", deadline=now + timedelta(days=7))
    ready(journal, "no deadline")
    ready(journal, "this afternoon", deadline=now + timedelta(hours=3))
    ready(journal, "tonight", deadline=now + timedelta(hours=9))

    assert keys(taken(journal, 1)) == {"this afternoon"}
    assert keys(taken(journal, 2)) == {"tonight", "next week"}
    assert keys(taken(journal)) == {"no deadline"}


def test_agreements_have_fair_shares_however_much_one_of_them_has(journal: Journal) -> None:
    for number in range(8):
        ready(journal, f"many-{number}", agreement="many")
    ready(journal, "few-0", agreement="few")
    ready(journal, "few-1", agreement="few")

    assert keys(taken(journal, 4)) == {"many-0", "few-0", "many-1", "few-1"}


def test_what_is_due_within_a_day_goes_before_everybody_s_share(journal: Journal) -> None:
    soon = CLOCK.now() + timedelta(hours=2)
    ready(journal, "patient", agreement="few")
    for number in range(3):
        ready(journal, f"urgent-{number}", agreement="many", deadline=soon)

    assert keys(taken(journal, 3)) == {"urgent-0", "urgent-1", "urgent-2"}


def test_what_is_replayed_yields_to_what_is_live(journal: Journal) -> None:
    ready(journal, "replayed", parent="gd-before", deadline=CLOCK.now() + timedelta(hours=1))
    ready(journal, "live")

    assert keys(taken(journal, 1)) == {"live"}
    assert keys(taken(journal, 1)) == {"replayed"}


def test_what_waited_for_its_time_takes_its_turn_among_the_others(journal: Journal) -> None:
    x = ready(journal, "waited", deadline=CLOCK.now() + timedelta(hours=1))
    told(journal, x, f.Postponed(CLOCK.now() - timedelta(seconds=5), TROUBLE))
    ready(journal, "fresh")

    assert keys(taken(journal, 1)) == {"waited"}


# ── a line that rests ────────────────────────────────────────────────────────────────────────────
def test_after_three_failures_in_a_row_a_line_rests(journal: Journal) -> None:
    x = fail(journal, ready(journal, "first"), 2)
    assert journal.line("quoc-gia").rest_until is None
    ready(journal, "second")
    fail(journal, x, 1)

    line = journal.line("quoc-gia")
    assert line.failures == 3
    assert line.rest_until is not None
    assert line.rest_until > CLOCK.now()
    assert taken(journal) == []


def test_preparing_goes_on_while_a_line_rests(journal: Journal) -> None:
    fail(journal, ready(journal, "first"), 3)
    x = opened(journal, "unread")

    assert keys(journal.claim("quoc-gia", "w1", (Stage.ACCEPTED,), 10, 60)) == {x.key}


def test_an_answer_ends_the_rest(journal: Journal) -> None:
    x = fail(journal, ready(journal, "first"), 3)
    ready(journal, "second")
    journal.append(x, [entry(f.Attempted("quoc-gia", 4))], line=True)

    assert journal.line("quoc-gia").rest_until is None
    assert "second" in keys(taken(journal))


def test_only_what_may_go_around_a_resting_line_is_taken_and_is_told_so(journal: Journal) -> None:
    now = CLOCK.now()
    fail(journal, ready(journal, "first"), 3)
    ready(journal, "waits", divert_from=now + timedelta(hours=5))
    ready(journal, "near its deadline", divert_from=now - timedelta(minutes=1))

    [lease] = taken(journal)
    assert lease.exchange.key == "near its deadline"
    assert lease.resting is not None
    assert lease.resting.failures == 3
