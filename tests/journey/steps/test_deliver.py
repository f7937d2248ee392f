"""Deliver: written down, sent, and what became of it written down; at each end exactly what is known."""

from __future__ import annotations

from gateway.domain.exchange import Stage
from gateway.domain.facts import Attempted, Delivered, Discrepant
from gateway.domain.ids import digest_of
from tests.journey.scene import QUIET, House
from tests.journey.wires import NATIONAL, Ending


def test_the_receipt_is_kept_as_it_was_given(house: House) -> None:
    x = house.hand_in()
    house.work()

    told = house.last(x, Delivered)
    assert (told.receipt.reference, told.recovered) == ("doc-1", False)
    assert (told.receipt.digest, told.receipt.received_at) == (digest_of(house.receiver.held[0].body), QUIET)


def test_attempts_are_numbered_by_channel(house: House) -> None:
    house.receiver.endings.extend([Ending.UNREACHABLE, Ending.LOST_ON_THE_WAY])
    x = house.hand_in()
    house.until(x, Stage.RECONCILED)

    attempts = [r.fact for r in house.ledger.history(x.id) if isinstance(r.fact, Attempted)]
    assert attempts == [Attempted(NATIONAL, number) for number in (1, 2, 3)]
    assert len(house.receiver.sends) == 3


def test_every_attempt_has_its_end_or_a_question_before_the_next(house: House) -> None:
    house.receiver.endings.extend(
        [Ending.LOST_ON_THE_WAY, Ending.UNREACHABLE, Ending.LOST_ON_THE_WAY, Ending.ANSWER_LOST]
    )
    x = house.hand_in()
    house.until(x, Stage.RECONCILED)

    ends = [name for name in house.facts(x) if name in ("Attempted", "Undelivered", "Delivered")]
    assert ends == ["Attempted", "Undelivered"] * 3 + ["Attempted", "Delivered"]


def test_what_is_sent_is_what_was_kept(house: House) -> None:
    x = house.hand_in()
    house.work()

    [(parcel, body)] = house.receiver.sends
    assert parcel == house.read(x).parcel
    assert body == house.ledger.bytes_of(parcel.body.digest)


def test_a_receipt_for_other_content_than_ours_is_no_delivery_and_a_person_looks_at_it(house: House) -> None:
    house.receiver.says_digest = "f" * 64
    x = house.hand_in()
    house.work()

    assert house.read(x).stage is Stage.PARKED
    why = house.last(x, Discrepant).what
    assert (why.code, why.details["theirs"]) == ("G-003", "f" * 64)
    assert len(house.receiver.sends) == 1
