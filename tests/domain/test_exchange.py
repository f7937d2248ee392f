"""The fold: facts in, stage out; and the chain that shows whether they are the facts written."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.domain import facts as f
from gateway.domain.account import Account, Tally
from gateway.domain.exchange import SETTLED, STAGE_WORDS, Exchange, Kind, Opening, Stage, begin, fold
from gateway.domain.parcel import Acknowledgement, Answer, Backfill, Blob, Parcel, Receipt
from gateway.domain.problems import problem
from gateway.domain.record import plain
from gateway.domain.report import ReportHead

NOW = datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC)
BLOB = Blob("a" * 64, 3, "application/json")
OPENING = Opening("gd-1", Kind.OUTBOUND, "ktxh", "k1", "b" * 64, "quoc-gia")
HEAD = ReportHead("KTXH", "01", "ND09:2025M06", "H56")
PARCEL = Parcel("gd-1", "report-data", BLOB, HEAD.lane)
MARK = Backfill("H56,2026/11/20,1/BC", "1", "BC", "2026-11-20", NOW)
TROUBLE = problem("A-001", destination="quoc-gia", reason="refused")
RECEIPT = Receipt("doc-1", BLOB.digest, NOW)


def chain(*facts: f.Fact) -> list[f.Recorded]:
    links: list[f.Recorded] = []
    previous = f.GENESIS
    for seq, fact in enumerate(facts, start=1):
        links.append(f.link("gd-1", seq, NOW + timedelta(seconds=seq), fact, previous))
        previous = links[-1].digest
    return links


def folded(*facts: f.Fact) -> Exchange:
    return fold(OPENING, chain(*facts))


ACCEPTED = f.Accepted(f.Submission("ktxh", "k1", "ht", "application/json"), BLOB)
READ = f.Validated("report-data", HEAD, 3)
PACKED = f.Packaged(PARCEL)
SENT_OUT = f.Attempted("quoc-gia", 1)


def test_a_report_walks_from_accepted_to_reconciled() -> None:
    judged = f.Acknowledged(Acknowledgement(Answer.ACCEPTED, Tally(3, 3), (), NOW))
    steps = [
        (ACCEPTED, Stage.ACCEPTED),
        (READ, Stage.VALIDATED),
        (f.Verified(None), Stage.VERIFIED),
        (f.Translated("p", "d", "c", BLOB, BLOB, Account(3, 2, 1, 0)), Stage.TRANSLATED),
        (f.Held(1, ()), Stage.TRANSLATED),
        (PACKED, Stage.PACKAGED),
        (SENT_OUT, Stage.IN_DOUBT),
        (f.Delivered(RECEIPT), Stage.DELIVERED),
        (judged, Stage.ACKNOWLEDGED),
        (f.Reconciled(BLOB), Stage.RECONCILED),
    ]
    for count in range(1, len(steps) + 1):
        assert folded(*(fact for fact, _ in steps[:count])).stage is steps[count - 1][1]


def test_what_was_certainly_not_taken_stands_again_before_the_wire() -> None:
    x = folded(ACCEPTED, READ, PACKED, SENT_OUT, f.Undelivered(TROUBLE))

    assert (x.stage, x.attempts, x.trouble) == (Stage.PACKAGED, 1, TROUBLE)


def test_a_backfill_that_was_not_taken_stands_again_as_diverted() -> None:
    marked = f.Packaged(replace(PARCEL, backfill=MARK))
    x = folded(ACCEPTED, READ, PACKED, f.Diverted("vb-1", TROUBLE), marked, SENT_OUT, f.Undelivered(TROUBLE))

    assert (x.stage, x.paper) == (Stage.DIVERTED, "vb-1")


def test_a_released_exchange_goes_back_to_where_it_stood() -> None:
    parked = (ACCEPTED, READ, PACKED, SENT_OUT, f.Parked(TROUBLE))
    x = folded(*parked, f.Released("an", "asked them", resend=True))

    assert folded(*parked).waits_for_a_person
    assert (x.stage, x.resend_allowed, x.waits_for_a_person) == (Stage.IN_DOUBT, True, False)


def test_a_parked_doubt_still_blocks_its_lane_and_a_delivery_does_not() -> None:
    assert folded(ACCEPTED, READ, PACKED, SENT_OUT, f.Parked(TROUBLE)).blocks_lane
    assert not folded(ACCEPTED, READ, PACKED, SENT_OUT, f.Delivered(RECEIPT)).blocks_lane


def test_a_postponement_is_forgotten_with_the_next_fact() -> None:
    later = NOW + timedelta(hours=1)
    waiting = (ACCEPTED, f.Postponed(later, TROUBLE))

    assert folded(*waiting).due == later
    assert folded(*waiting, READ).due is None


def test_statuses_out_of_order_take_nothing_back() -> None:
    x = folded(f.Sent("ax-1"), f.DocumentAccepted("G22", "2026/11/20", BLOB), f.Arrived("G22", BLOB))

    assert x.stage is Stage.DOCUMENT_ACCEPTED


def test_every_stage_has_its_vietnamese_word_and_settled_ones_exist() -> None:
    assert set(STAGE_WORDS) == set(Stage)
    assert set(Stage) > SETTLED


def test_every_fact_has_an_arm() -> None:
    with pytest.raises(TypeError, match="no arm"):
        folded(f.Fact())


def test_a_history_that_was_written_is_intact_and_any_change_shows() -> None:
    written = chain(ACCEPTED, READ, PACKED)

    assert f.intact(written)
    assert not f.intact(written[1:])
    assert not f.intact([written[0], replace(written[1], fact=f.Verified(None)), written[2]])
    assert not f.intact([written[0], replace(written[1], at=NOW), written[2]])


def test_every_fact_survives_being_stored() -> None:
    for fact in (
        ACCEPTED,
        READ,
        PACKED,
        f.Postponed(NOW, TROUBLE),
        f.Delivered(RECEIPT),
        f.Held(1, (f.HeldGroup("M101", "?", 1, (4,)),)),
    ):
        assert f.revive(type(fact).__name__, plain(fact)) == fact


def test_an_account_that_does_not_balance_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="balance"):
        Account(received=3, mapped=1, held=1, excluded=0)


def test_a_new_exchange_is_new() -> None:
    assert begin(OPENING).stage is Stage.NEW
