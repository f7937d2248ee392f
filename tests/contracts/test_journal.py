"""What every journal must do; both of them are held to it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.domain import facts as f
from gateway.domain.calendar import VIETNAM, clock_face
from gateway.domain.errors import Conflict, NotFound, Overtaken
from gateway.domain.exchange import Exchange, Kind, Opening, Stage, fold
from gateway.domain.facts import facts_known, intact
from gateway.domain.ids import digest_of
from gateway.domain.policy import Line
from gateway.ports import Birth, Entry, InLane, Journal, Query

from .telling import (
    BLOB,
    CLOCK,
    HEAD,
    PURE,
    TROUBLE,
    WIRE,
    birth,
    claimed,
    entry,
    every_fact,
    opened,
    packaged,
    packed,
    paper,
    read,
    told,
)  # fmt: skip


# ── opening ──────────────────────────────────────────────────────────────────────────────────────
def test_what_was_opened_is_there_after_opening_the_journal_again(reopen: Callable[[], Journal]) -> None:
    x, is_new = reopen().open(birth("k1", b"payload"))
    again = reopen()

    assert is_new
    assert x.stage is Stage.ACCEPTED
    assert again.read(x.id) == x
    assert again.bytes_of(digest_of(b"payload")) == b"payload"


def test_many_contents_are_asked_for_at_once_and_what_is_not_kept_is_left_out(journal: Journal) -> None:
    opened(journal, "k1", b"one")
    told(journal, opened(journal, "k2", b"two"), read())
    one, two, none = (digest_of(content) for content in (b"one", b"two", b"three"))

    assert journal.bytes_of_many([one, none, two, one]) == {one: b"one", two: b"two"}
    assert journal.bytes_of_many([]) == {}


def test_the_same_key_with_the_same_content_is_the_same_exchange(journal: Journal) -> None:
    first, was_new = journal.open(birth("k1", b"one"))
    told(journal, first, read())
    second, is_new = journal.open(birth("k1", b"one"))

    assert (was_new, is_new) == (True, False)
    assert second == journal.read(first.id)
    assert second.stage is Stage.VALIDATED


def test_the_same_key_with_other_content_is_a_conflict_that_names_both_digests(journal: Journal) -> None:
    first = opened(journal, "k1", b"one")
    with pytest.raises(Conflict) as caught:
        opened(journal, "k1", b"two")

    found = caught.value.problem
    assert found.code == "C-008"
    assert {**found.details, "now_at": "…"} == {
        "key": "k1", "before": digest_of(b"one"), "at": clock_face(first.opened_at), "now": digest_of(b"two"),
        "now_at": "…",
    }  # fmt: skip
    assert found.details["now_at"]
    with pytest.raises(NotFound):
        journal.bytes_of(digest_of(b"two"))


def test_the_same_key_under_another_agreement_is_another_exchange(journal: Journal) -> None:
    assert opened(journal, "k1", agreement="a").id != opened(journal, "k1", agreement="b").id


def test_of_many_threads_opening_one_key_only_one_opens_it(journal: Journal) -> None:
    barrier = threading.Barrier(8)

    def one(_: int) -> tuple[Exchange, bool]:
        barrier.wait()
        return journal.open(birth("k1", b"one"))

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(one, range(8)))

    assert sum(is_new for _, is_new in answers) == 1
    assert len({x.id for x, _ in answers}) == 1
    assert journal.count() == {"accepted": 1}


def test_ordinals_grow_with_the_order_of_opening(journal: Journal) -> None:
    ordinals = [opened(journal, f"k{n}").ordinal for n in range(5)]
    opened(journal, "k0")

    assert ordinals == sorted(set(ordinals))


# ── appending ────────────────────────────────────────────────────────────────────────────────────
def test_what_cannot_be_written_down_fails_in_its_answer_and_not_in_who_asks_for_many(journal: Journal) -> None:
    x = opened(journal)
    half = f.Attempted("\ud800", 1)

    asked = [journal.appending(x, [entry(fact)]) for fact in (half, f.Superseded("gd-2"))]
    opening = journal.opening(replace(birth("k2"), entries=(entry(half),)))

    assert isinstance(asked[0].exception(), UnicodeEncodeError)
    assert isinstance(opening.exception(), UnicodeEncodeError)
    assert asked[1].result().stage is Stage.SUPERSEDED


def test_facts_come_back_as_told_on_a_chain_that_holds(journal: Journal) -> None:
    x = opened(journal)
    facts = [read(), f.Verified(None), packed(x)]
    told(journal, x, *facts)
    history = journal.history(x.id)

    assert [link.fact for link in history[1:]] == facts
    assert intact(history)
    assert all(link.at.utcoffset() == timedelta(0) for link in history)


def test_a_time_told_in_another_zone_breaks_no_chain(reopen: Callable[[], Journal]) -> None:
    journal = reopen()
    x = opened(journal)
    at = datetime(2026, 11, 20, 8, 2, 3, 4, VIETNAM)
    journal.append(x, [Entry(read(), at)])
    history = reopen().history(x.id)

    assert history[-1].at == at
    assert intact(history)


def test_every_kind_of_fact_is_kept_and_folds_to_what_is_stored(reopen: Callable[[], Journal]) -> None:
    facts = every_fact()
    assert {type(fact).__name__ for fact in facts} == set(facts_known())
    journal = reopen()
    x = opened(journal)
    for fact in facts:
        x = told(journal, x, fact)
        assert journal.read(x.id) == x
    again = reopen()

    assert [link.fact for link in again.history(x.id)][1:] == facts
    assert again.read(x.id) == x


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(st.sampled_from(every_fact()), min_size=1, max_size=4), max_size=5))
def test_what_is_stored_is_the_fold_of_the_history(journal: Journal, batches: list[list[f.Fact]]) -> None:
    begun = birth(CLOCK.new_id("key"))
    x, _ = journal.open(begun)
    for batch in batches:
        x = told(journal, x, *batch)
    history = journal.history(x.id)

    assert journal.read(x.id) == x == fold(begun.opening, history, x.ordinal)
    assert intact(history)


def test_who_appends_to_what_has_moved_on_is_overtaken_and_leaves_nothing(journal: Journal) -> None:
    x = opened(journal)
    told(journal, x, read())
    with pytest.raises(Overtaken):
        journal.append(x, [entry(f.Cancelled("an", "nhầm"), b"left behind")], births=[paper(x)], line=False)

    assert [link.name for link in journal.history(x.id)] == ["Accepted", "Validated"]
    assert len(journal.find(Query())) == 1
    assert journal.line("quoc-gia") == Line()
    assert journal.count() == {"validated": 1}
    with pytest.raises(NotFound):
        journal.bytes_of(digest_of(b"left behind"))


def test_of_many_threads_appending_to_one_exchange_one_wins(journal: Journal) -> None:
    x = opened(journal)
    barrier = threading.Barrier(6)

    def one(_: int) -> bool:
        barrier.wait()
        try:
            told(journal, x, read())
        except Overtaken:
            return False
        return True

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(one, range(6))) == 1
    assert intact(journal.history(x.id))


def test_bytes_are_kept_once_however_often_they_are_told(journal: Journal) -> None:
    big = bytes(range(256)) * 8000
    x = opened(journal, "k1", big)
    journal.append(x, [entry(read(), big, b""), entry(f.Verified(None), big)])

    assert journal.bytes_of(digest_of(big)) == big
    assert journal.bytes_of(digest_of(b"")) == b""


def test_what_nobody_ever_opened_or_kept_is_not_found(journal: Journal) -> None:
    with pytest.raises(NotFound):
        journal.read("gd-none")
    with pytest.raises(NotFound):
        journal.bytes_of("0" * 64)
    assert journal.history("gd-none") == []


# ── births ───────────────────────────────────────────────────────────────────────────────────────
def test_a_birth_is_opened_with_the_fact_that_names_it(journal: Journal) -> None:
    x = packaged(journal)
    born = paper(x)
    x = journal.append(x, [entry(f.Diverted(born.opening.id, TROUBLE))], births=[born])
    document = journal.read(born.opening.id)

    assert (x.paper, document.parent) == (document.id, x.id)
    assert document.stage is Stage.PREPARED
    assert journal.find(Query(parent=x.id)) == [document]
    assert journal.count() == {"diverted": 1, "prepared": 1}
    assert intact(journal.history(document.id))


def test_a_birth_that_cannot_be_opened_takes_everything_back(journal: Journal) -> None:
    x = packaged(journal)
    taken = opened(journal, "taken")
    with pytest.raises(Conflict):
        journal.append(x, [entry(f.Diverted("vb-1", TROUBLE))], births=[paper(x), paper(x, "taken")])

    assert journal.read(x.id) == x
    assert {one.id for one in journal.find(Query())} == {x.id, taken.id}
    assert journal.count() == {"accepted": 1, "packaged": 1}


# ── claiming ─────────────────────────────────────────────────────────────────────────────────────
def test_due_work_is_leased_oldest_first_to_one_worker_at_a_time(journal: Journal) -> None:
    names = [opened(journal, f"k{n}").id for n in range(4)]
    first, second = claimed(journal, limit=3), claimed(journal, limit=3)

    assert [lease.exchange.id for lease in first] == names[:3]
    assert [lease.exchange.id for lease in second] == names[3:]
    assert claimed(journal) == []


def test_a_claim_is_for_one_destination_and_some_stages(journal: Journal) -> None:
    x = packaged(journal)

    assert claimed(journal, PURE) == []
    assert journal.claim("elsewhere", "w1", WIRE, 10, 60) == []
    assert [lease.exchange for lease in claimed(journal, WIRE)] == [x]


def test_eight_threads_claiming_lease_each_exchange_once(journal: Journal) -> None:
    names = {opened(journal, f"k{n}").id for n in range(60)}
    barrier = threading.Barrier(8)

    def one(number: int) -> list[str]:
        barrier.wait()
        mine: list[str] = []
        while leases := journal.claim("quoc-gia", f"w{number}", PURE, 4, 60):
            mine += [lease.exchange.id for lease in leases]
        return mine

    with ThreadPoolExecutor(8) as threads:
        leased = [name for mine in threads.map(one, range(8)) for name in mine]
    # Rows another thread was just looking at are passed over; nothing is left once all are still.
    leased += [lease.exchange.id for lease in claimed(journal, limit=100)]

    assert sorted(leased) == sorted(names)


def test_an_expired_lease_is_claimed_again_and_its_old_holder_cannot_append(journal: Journal) -> None:
    x = opened(journal)
    [old] = claimed(journal, seconds=0)
    with pytest.raises(Overtaken):
        told(journal, x, read(), lease=old)
    [new] = claimed(journal)
    with pytest.raises(Overtaken):
        told(journal, x, read(), lease=old)

    assert new.fence > old.fence
    assert told(journal, x, read(), lease=new).stage is Stage.VALIDATED


def test_a_lease_holds_over_several_appends_and_ends_with_its_release(journal: Journal) -> None:
    x = opened(journal)
    [lease] = claimed(journal)
    x = told(journal, x, read(), lease=lease)
    x = told(journal, x, packed(x), lease=lease)
    assert claimed(journal) == []
    journal.release(lease)
    with pytest.raises(Overtaken):
        told(journal, x, f.Attempted("quoc-gia", 1), lease=lease)

    assert [again.exchange for again in claimed(journal)] == [x]


def test_releasing_a_lease_that_was_lost_takes_nothing_from_the_new_holder(journal: Journal) -> None:
    x = opened(journal)
    [old] = claimed(journal, seconds=0)
    [new] = claimed(journal)
    journal.release(old)

    assert claimed(journal) == []
    assert told(journal, x, read(), lease=new).seq == 2


def test_several_leases_are_released_at_once_whichever_of_them_are_held_still(journal: Journal) -> None:
    for number in range(3):
        opened(journal, f"k{number}")
    lost, *held = claimed(journal, seconds=0)[:1] + claimed(journal)
    journal.release(lost, *held[1:])

    assert [again.exchange for again in claimed(journal)] == [lease.exchange for lease in held[1:]]


def test_a_leased_exchange_may_still_be_told_facts_by_others_and_the_holder_notices(journal: Journal) -> None:
    x = opened(journal)
    [lease] = claimed(journal)
    parked = told(journal, x, f.Parked(TROUBLE))
    with pytest.raises(Overtaken):
        told(journal, x, read(), lease=lease)

    assert journal.read(x.id) == parked


def test_what_is_postponed_is_not_due_before_its_time(journal: Journal) -> None:
    x = opened(journal)
    x = told(journal, x, f.Postponed(CLOCK.now() + timedelta(hours=1), TROUBLE))
    assert (claimed(journal), journal.due()) == ([], [])
    told(journal, x, f.Postponed(CLOCK.now() - timedelta(seconds=5), TROUBLE))

    assert journal.due() == ["quoc-gia"]
    assert len(claimed(journal)) == 1


def test_what_waits_for_a_person_or_is_settled_is_never_due(journal: Journal) -> None:
    told(journal, opened(journal, "k1"), f.Parked(TROUBLE))
    told(journal, opened(journal, "k2"), f.Cancelled("an", "nhầm"))
    x = packaged(journal, "k3")
    journal.append(x, [entry(f.Cancelled("an", "nhầm"))], births=[paper(x)])

    assert journal.due() == []
    assert claimed(journal) == []
    assert journal.claim("truc", "w1", tuple(Stage), 10, 60) == []


def test_what_a_person_released_is_due_again(journal: Journal) -> None:
    x = told(journal, packaged(journal), f.Parked(TROUBLE))
    told(journal, x, f.Released("an", "đã hỏi"))

    assert [lease.exchange.stage for lease in claimed(journal)] == [Stage.PACKAGED]


def test_due_names_each_destination_with_free_work_once(journal: Journal) -> None:
    for n, destination in enumerate(("b", "a", "b", "c")):
        journal.open(birth(f"k{n}", destination=destination))
    journal.claim("c", "w1", PURE, 10, 60)

    assert sorted(journal.due()) == ["a", "b"]


def test_leases_do_not_outlive_their_journal_for_ever(reopen: Callable[[], Journal]) -> None:
    journal = reopen()
    opened(journal)
    claimed(journal, seconds=0)

    assert len(claimed(reopen())) == 1


# ── order ────────────────────────────────────────────────────────────────────────────────────────
def test_within_a_lane_the_younger_waits_until_the_older_is_certain(journal: Journal) -> None:
    older = packaged(journal, "k1")
    younger = packaged(journal, "k2", replace(HEAD, revision=2))
    other = packaged(journal, "k3", replace(HEAD, form="02/KTXH"))
    assert [lease.exchange.id for lease in claimed(journal, WIRE)] == [older.id, other.id]
    older = told(journal, older, f.Attempted("quoc-gia", 1))
    assert claimed(journal, WIRE) == []
    told(journal, older, f.Postponed(CLOCK.now() + timedelta(hours=1), TROUBLE))
    assert claimed(journal, WIRE) == []
    told(journal, journal.read(older.id), f.Superseded(younger.id))

    assert [lease.exchange.id for lease in claimed(journal, WIRE)] == [younger.id]


def test_an_older_one_that_was_delivered_holds_nobody_up(journal: Journal) -> None:
    older = told(journal, packaged(journal, "k1"), f.Attempted("quoc-gia", 1), every_fact()[8])
    younger = packaged(journal, "k2", replace(HEAD, revision=2))

    assert [lease.exchange.id for lease in claimed(journal, (Stage.PACKAGED,))] == [younger.id]
    assert not older.settled


def test_a_parked_doubt_holds_its_lane_and_no_other(journal: Journal) -> None:
    doubt = packaged(journal, "k1")
    told(journal, doubt, f.Attempted("quoc-gia", 1), f.Parked(TROUBLE))
    packaged(journal, "k2")
    other = packaged(journal, "k3", replace(HEAD, reporter="H57"))

    assert [lease.exchange.id for lease in claimed(journal, WIRE)] == [other.id]


def test_before_a_wire_nothing_passes_an_unread_exchange_of_its_agreement(journal: Journal) -> None:
    unread = opened(journal, "k1")
    waiting = packaged(journal, "k2", replace(HEAD, reporter="H57"))
    elsewhere = packaged(journal, "k3", agreement="other")
    assert [lease.exchange.id for lease in claimed(journal, WIRE)] == [elsewhere.id]
    told(journal, unread, read())

    assert [lease.exchange.id for lease in claimed(journal, WIRE)] == [waiting.id]


def test_an_unread_exchange_kept_for_a_person_holds_nobody_up(journal: Journal) -> None:
    told(journal, opened(journal, "k1"), f.Parked(TROUBLE))
    ready = packaged(journal, "k2")

    assert [lease.exchange.id for lease in claimed(journal, WIRE)] == [ready.id]


def test_preparing_goes_on_behind_a_blocked_lane(journal: Journal) -> None:
    told(journal, packaged(journal, "k1"), f.Attempted("quoc-gia", 1), f.Parked(TROUBLE))
    younger = told(journal, opened(journal, "k2"), read())

    assert [lease.exchange.id for lease in claimed(journal, PURE)] == [younger.id]


def test_what_was_delivered_is_confirmed_whatever_its_lane_waits_for(journal: Journal) -> None:
    receipt = every_fact()[8]
    delivered = told(journal, packaged(journal, "k1"), f.Attempted("quoc-gia", 1), receipt)
    opened(journal, "k2")

    assert [lease.exchange.id for lease in claimed(journal, WIRE)] == [delivered.id]


def test_a_lane_lists_all_its_exchanges_oldest_first(journal: Journal) -> None:
    first = packaged(journal, "k1")
    first = told(journal, first, f.Superseded("gd-2"))
    second = packaged(journal, "k2", replace(HEAD, revision=2))
    packaged(journal, "k3", replace(HEAD, form="02/KTXH"))

    assert journal.in_lane(HEAD.lane) == [first, second]
    assert journal.in_lane("none") == []


def test_of_a_lane_those_are_found_that_stand_where_asked_and_are_of_the_revision_asked(journal: Journal) -> None:
    one, two, three, other = (packaged(journal, f"{n}", replace(HEAD, revision=n % 4)) for n in (1, 2, 3, 6))
    two = told(journal, two, f.Attempted("quoc-gia", 1))
    three = told(journal, three, f.Parked(TROUBLE))
    packaged(journal, "k9", replace(HEAD, form="02/KTXH", revision=2))
    every = frozenset(Stage)

    def found(**asked: Any) -> list[Exchange]:
        return journal.in_lanes([InLane(**{"lane": HEAD.lane, "stages": every, **asked})])[0]

    assert found() == [one, two, three, other] == journal.in_lane(HEAD.lane)
    assert found(stages=frozenset({Stage.IN_DOUBT, Stage.PARKED})) == [two, three]
    assert found(newer=2) == [three]
    assert found(older=2) == [one]
    assert found(before=other.ordinal) == [one, two, three]
    assert found(before=three.ordinal, newer=1, older=3) == [two]
    assert found(lane="none") == []
    assert found(stages=frozenset()) == []


def test_many_lanes_are_asked_at_once_and_each_gets_its_own_answer(journal: Journal) -> None:
    forms = [replace(HEAD, form=f"{n}/KTXH") for n in range(3)]
    there = [packaged(journal, f"k{n}", head) for n, head in enumerate(forms)]
    asked = [InLane(head.lane, frozenset({Stage.PACKAGED})) for head in (*forms, HEAD, forms[0])]

    assert journal.in_lanes(asked) == [[there[0]], [there[1]], [there[2]], [], [there[0]]]
    assert journal.in_lanes([]) == []


def test_a_revision_may_be_any_whole_number(journal: Journal) -> None:
    x = packaged(journal, "k1", replace(HEAD, revision=10**30))

    assert journal.in_lanes([InLane(HEAD.lane, frozenset(Stage), newer=10**29)]) == [[x]]


def test_a_lane_with_a_name_of_any_length_is_found(journal: Journal) -> None:
    head = replace(HEAD, note="", form="".join(CLOCK.new_id("x") for _ in range(500)), reporter="a\x00b")
    x = packaged(journal, "k1", head)

    assert journal.in_lane(head.lane) == [x]


# ── listing and counting ─────────────────────────────────────────────────────────────────────────
def test_find_lists_newest_first_page_by_page(journal: Journal) -> None:
    names = [opened(journal, f"k{n}").id for n in range(7)]
    found: list[str] = []
    before: int | None = None
    while page := journal.find(Query(before=before, limit=3)):
        found += [x.id for x in page]
        before = page[-1].ordinal

    assert found == names[::-1]


def test_find_restricts_by_every_field(journal: Journal) -> None:
    x = packaged(journal, "k1")
    born = paper(x)
    x = journal.append(x, [entry(f.Diverted(born.opening.id, TROUBLE))], births=[born])
    document = journal.read(born.opening.id)
    later = datetime.now(UTC) + timedelta(hours=1)

    assert journal.find(Query(stages=(Stage.DIVERTED, Stage.PARKED))) == [x]
    assert journal.find(Query(kinds=(Kind.DOCUMENT,))) == [document]
    assert journal.find(Query(agreements=("ktxh",), destination="truc")) == [document]
    assert journal.find(Query(parent=x.id, kinds=(Kind.OUTBOUND,))) == []
    assert journal.find(Query(since=x.opened_at)) == [document, x]
    assert journal.find(Query(since=later)) == []


def test_documents_are_found_by_their_number_and_symbol(reopen: Callable[[], Journal]) -> None:
    journal = reopen()
    given = []
    for key, number in (("k1", "128"), ("k2", "129"), ("k3", "128")):
        born = paper(opened(journal, key))
        x, _ = journal.open(born)
        given.append(journal.append(x, [entry(f.Numbered(number, "BC-UBND", "2026-11-20", "A", "CT", "an", ()))]))
    again = reopen()

    assert again.find(Query(kinds=(Kind.DOCUMENT,), code="128/BC-UBND")) == [given[2], given[0]]
    assert again.find(Query(code="128/BC-UBND", limit=1)) == [given[2]]
    assert again.find(Query(code="128/BC-SYT")) == []


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_count_is_the_number_of_exchanges_at_each_stage(journal: Journal, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(0, 4))):
        x = opened(journal, CLOCK.new_id("key"))
        told(journal, x, *data.draw(st.lists(st.sampled_from(every_fact()), max_size=3)))
    listed = [x.stage.value for x in journal.find(Query(limit=1000))]

    assert journal.count() == {stage: listed.count(stage) for stage in set(listed)}


def test_a_line_counts_failures_since_the_first_until_an_answer(reopen: Callable[[], Journal]) -> None:
    journal = reopen()
    x = packaged(journal)
    assert journal.line("quoc-gia") == Line()
    first = entry(f.Attempted("quoc-gia", 1))
    x = journal.append(x, [first], line=False)
    x = journal.append(x, [entry(f.Postponed(CLOCK.now(), TROUBLE))], line=False)
    journal = reopen()
    assert journal.line("quoc-gia") == Line(2, first.at)
    assert journal.line("elsewhere") == Line()
    journal.append(x, [entry(f.Undelivered(TROUBLE))], line=True)

    assert journal.line("quoc-gia") == Line()


# ── the anchor ───────────────────────────────────────────────────────────────────────────────────
TODAY = datetime(2026, 11, 20, 9, tzinfo=VIETNAM)


def _on(journal: Journal, key: str, at: datetime) -> Exchange:
    opening = Opening(f"gd-{key}", Kind.OUTBOUND, "ktxh", key, "b" * 64, "quoc-gia")
    accepted = f.Accepted(f.Submission("ktxh", key, "ht", "application/json"), BLOB)
    return journal.open(Birth(opening, (Entry(accepted, at),)))[0]


def test_the_anchor_covers_each_exchange_that_changed_that_day(journal: Journal) -> None:
    empty = journal.anchor(TODAY.date())
    x = _on(journal, "k1", TODAY)
    one = journal.anchor(TODAY.date())
    _on(journal, "k2", TODAY)
    two = journal.anchor(TODAY.date())
    journal.append(x, [Entry(read(), TODAY + timedelta(hours=1))])
    grown = journal.anchor(TODAY.date())

    assert (empty[1], one[1], two[1], grown[1]) == (0, 1, 2, 2)
    assert len({empty[0], one[0], two[0], grown[0]}) == 4


def test_a_past_day_keeps_its_anchor_while_exchanges_go_on(reopen: Callable[[], Journal]) -> None:
    journal = reopen()
    x = _on(journal, "k1", TODAY)
    before = journal.anchor(TODAY.date())
    journal.append(x, [Entry(read(), TODAY + timedelta(days=1))])
    journal = reopen()

    assert journal.anchor(TODAY.date()) == before
    assert journal.anchor((TODAY + timedelta(days=1)).date())[1] == 1


def test_a_day_begins_at_midnight_in_vietnam(journal: Journal) -> None:
    midnight = datetime(2026, 11, 20, tzinfo=VIETNAM)
    _on(journal, "k1", midnight)
    _on(journal, "k2", midnight - timedelta(microseconds=1))

    assert journal.anchor(midnight.date())[1] == 1
    assert journal.anchor((midnight - timedelta(days=1)).date())[1] == 1
