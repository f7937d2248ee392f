"""Inquire: the receiver is asked before anything is sent again, and is believed only when it can know."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.domain.agreement import WhenUnaskable
from gateway.domain.exchange import Exchange, Stage
from gateway.domain.facts import Delivered, Discrepant, Parked, Postponed, Undelivered
from gateway.domain.ids import digest_of
from gateway.journey import operate
from tests.journey.conftest import Build
from tests.journey.scene import WHO, House, agreed
from tests.journey.wires import NATIONAL, Ending, Killed

SETTLES = timedelta(minutes=10)


def doubtful(house: House, ending: Ending) -> Exchange:
    """A report in doubt, about to be asked after."""
    house.receiver.endings.append(ending)
    x = house.until(house.hand_in(), Stage.IN_DOUBT)
    assert x.due is not None
    house.clock.at = x.due
    return x


def test_a_receiver_that_has_it_gives_the_receipt_again(house: House) -> None:
    x = doubtful(house, Ending.ANSWER_LOST)
    house.work()

    told = house.last(x, Delivered)
    assert (told.receipt.reference, told.recovered) == ("doc-1", True)
    assert (house.read(x).stage, len(house.receiver.sends)) == (Stage.RECONCILED, 1)


def test_a_receiver_that_has_something_else_leaves_it_to_a_person(house: House) -> None:
    x = doubtful(house, Ending.ANSWER_LOST)
    house.receiver.says_digest = "f" * 64
    house.work()

    what = house.last(x, Discrepant).what
    ours = digest_of(house.receiver.held[0].body)
    assert (what.code, what.details) == ("G-003", {"destination": NATIONAL, "theirs": "f" * 64, "ours": ours})
    assert house.read(x).stage is Stage.PARKED


def test_a_resend_allowed_over_other_content_still_sends_nothing(house: House) -> None:
    x = doubtful(house, Ending.ANSWER_LOST)
    house.receiver.says_digest = "f" * 64
    house.work()
    operate.resend(house.doors, x.id, WHO)
    house.later(hours=1)

    assert (house.read(x).stage, len(house.receiver.sends)) == (Stage.PARKED, 1)


def test_never_saw_it_is_not_believed_while_the_attempt_may_still_be_arriving(build: Build) -> None:
    house = build(agreed(settles_after=SETTLES))
    began = house.clock.now()
    x = doubtful(house, Ending.LOST_ON_THE_WAY)
    house.work()

    assert house.read(x).stage is Stage.IN_DOUBT
    assert house.last(x, Postponed).until == began + SETTLES
    assert len(house.receiver.sends) == 1


def test_never_saw_it_is_believed_once_the_attempt_has_settled(build: Build) -> None:
    house = build(agreed(settles_after=SETTLES))
    x = doubtful(house, Ending.LOST_ON_THE_WAY)
    house.clock.move(minutes=10)
    house.work()

    assert house.last(x, Undelivered).why.code == "G-001"
    assert (house.read(x).stage, len(house.receiver.held)) == (Stage.RECONCILED, 1)


def test_what_arrives_late_but_in_time_is_found_and_not_sent_again(build: Build) -> None:
    house = build(agreed(settles_after=SETTLES))
    x = doubtful(house, Ending.LATE)
    house.until(x, Stage.RECONCILED)

    assert len(house.receiver.sends) == 1


def test_each_attempt_has_its_own_time_to_settle(build: Build) -> None:
    """Unaskable, it was sent again without asking; askable since, the second attempt is as young as any."""
    house = build(agreed(settles_after=SETTLES, when_unaskable=WhenUnaskable.RESEND))
    house.receiver.askable = False
    x = doubtful(house, Ending.LOST_ON_THE_WAY)
    house.clock.move(hours=1)
    house.receiver.endings.append(Ending.LATE)
    house.drain()
    assert len(house.receiver.sends) == 2

    house.receiver.askable = True
    house.clock.move(seconds=2)
    house.told(x, Postponed(house.clock.now(), house.last(x, Postponed).why))
    house.work()
    house.until(x, Stage.RECONCILED)
    house.clock.move(minutes=1)

    assert len(house.receiver.held) == 1


def test_a_receiver_that_cannot_be_asked_leaves_it_to_a_person_where_that_is_agreed(house: House) -> None:
    house.receiver.askable = False
    x = doubtful(house, Ending.ANSWER_LOST)
    house.later(hours=1)

    assert house.last(x, Parked).why.code == "G-002"
    assert len(house.receiver.sends) == 1


def test_a_receiver_that_cannot_be_asked_is_sent_the_same_again_where_that_is_agreed(build: Build) -> None:
    house = build(agreed(when_unaskable=WhenUnaskable.RESEND))
    house.receiver.askable = False
    x = doubtful(house, Ending.LOST_ON_THE_WAY)
    house.work()

    assert house.read(x).stage is Stage.RECONCILED
    first, second = house.receiver.sends
    assert first == second


def test_a_person_who_allowed_a_resend_is_obeyed_once_where_nobody_can_be_asked(house: House) -> None:
    house.receiver.askable = False
    x = doubtful(house, Ending.LOST_ON_THE_WAY)
    house.work()
    operate.resend(house.doors, x.id, WHO)
    house.receiver.endings.append(Ending.LOST_ON_THE_WAY)
    house.later(hours=1)

    assert (house.read(x).stage, len(house.receiver.sends)) == (Stage.PARKED, 2)


def test_a_resend_that_was_allowed_asks_first_where_it_can(house: House) -> None:
    house.receiver.askable = False
    x = doubtful(house, Ending.ANSWER_LOST)
    house.work()
    operate.resend(house.doors, x.id, WHO)
    house.receiver.askable = True
    house.work()

    assert (house.read(x).stage, len(house.receiver.sends)) == (Stage.RECONCILED, 1)


@pytest.mark.parametrize("ending", [Ending.KILLED_BEFORE, Ending.KILLED_AFTER])
def test_after_a_kill_on_the_wire_the_next_process_asks_first(house: House, ending: Ending) -> None:
    house.receiver.endings.append(ending)
    x = house.hand_in()
    with pytest.raises(Killed):
        house.work()
    house.reopen()
    house.drain()

    assert house.receiver.inquiries == 1
    house.until(x, Stage.RECONCILED)
    assert len(house.receiver.held) == 1
