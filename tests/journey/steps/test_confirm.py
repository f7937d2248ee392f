"""Confirm: the receiver's judgement with its reasons, asked for patiently."""

from __future__ import annotations

from datetime import timedelta

from gateway.domain.account import Tally
from gateway.domain.errors import Unavailable
from gateway.domain.exchange import Stage
from gateway.domain.facts import Acknowledged
from gateway.domain.parcel import Answer
from tests.journey.scene import House
from tests.journey.wires import UNREACHABLE


def test_a_report_taken_in_part_ends_with_the_reason_for_the_rest(house: House) -> None:
    house.receiver.judgement = Answer.PARTLY
    house.receiver.tally, house.receiver.reasons = Tally(3, 2, rejected=1), ("E21: vượt ngưỡng (0101 38)",)
    x = house.hand_in()
    house.work()

    said = house.last(x, Acknowledged).acknowledgement
    assert (said.tally.rejected, said.reasons) == (1, ("E21: vượt ngưỡng (0101 38)",))
    assert (house.read(x).stage, house.read(x).settled) == (Stage.PARTLY_ACCEPTED, True)


def test_a_returned_report_ends_with_the_reasons(house: House) -> None:
    house.receiver.judgement, house.receiver.reasons = Answer.RETURNED, ("E01: sai kỳ",)
    x = house.hand_in()
    house.work()

    assert house.last(x, Acknowledged).acknowledgement.reasons == ("E01: sai kỳ",)
    assert (house.read(x).stage, house.read(x).settled) == (Stage.RETURNED, True)


def test_while_the_receiver_is_judging_it_is_asked_less_and_less_often(house: House) -> None:
    house.receiver.judgement = None
    x = house.hand_in()
    waits = []
    for _ in range(60):
        house.work()
        now = house.read(x)
        assert (now.stage, now.due is not None) == (Stage.DELIVERED, True)
        waits.append((now.due or house.clock.now()) - house.clock.now())
        house.clock.at += waits[-1]

    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (timedelta(milliseconds=200), timedelta(minutes=10))


def test_a_judgement_that_comes_late_is_taken_like_any_other(house: House) -> None:
    house.receiver.judgement = None
    x = house.hand_in()
    house.later(hours=2)
    house.receiver.judgement = Answer.ACCEPTED
    house.later(hours=1)

    assert house.read(x).stage is Stage.RECONCILED


def test_a_line_that_is_out_while_the_judgement_is_due_sends_nothing_again(house: House) -> None:
    house.receiver.deaf = Unavailable(UNREACHABLE)
    x = house.hand_in()
    house.later(hours=1)
    assert house.read(x).stage is Stage.DELIVERED

    house.receiver.deaf = None
    house.until(x, Stage.RECONCILED)
    assert len(house.receiver.sends) == 1
