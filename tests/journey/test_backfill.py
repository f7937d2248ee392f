"""Back-fill: the system learns what the document carried; once, afterwards, and only when the document stood."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from gateway.domain.exchange import Exchange, Stage
from gateway.domain.facts import Backfilled, Discrepant, Packaged, Parked, Sent
from gateway.journey import operate
from gateway.journey.statuses import sort_out
from gateway.schemas.national import packet
from gateway.schemas.national.model import ReportData
from tests.journey.conftest import Build
from tests.journey.scene import EVENING, REGISTERED, WHO, House
from tests.journey.wires import AXIS, Ending


@pytest.fixture
def house(build: Build) -> House:
    return build(at=EVENING)


def accepted(house: House) -> tuple[Exchange, str]:
    """A report whose document was accepted; the line is back."""
    x, paper = house.sent_as_document()
    house.axis.says("03")
    house.receiver.otherwise = Ending.TAKEN
    house.receiver.sends.clear()
    house.clock.move(minutes=1)
    return x, paper


def test_once_the_document_is_accepted_the_report_follows_and_is_reconciled(house: House) -> None:
    x, paper = accepted(house)
    house.until(x, Stage.RECONCILED)

    told = house.facts(x)
    assert told[told.index("Diverted") + 1 :][-5:] == [
        "Packaged", "Attempted", "Backfilled", "Acknowledged", "Reconciled",
    ]  # fmt: skip
    assert house.last(x, Backfilled).document == paper
    assert [kept.message_id for kept in house.receiver.held] == [x.id]


def test_the_backfill_names_the_document_by_its_number_and_day(house: House) -> None:
    x, paper = accepted(house)
    house.until(x, Stage.RECONCILED)

    content = packet.read(house.receiver.held[0].body).content
    assert isinstance(content, ReportData)
    mark = content.backfill
    assert mark is not None
    ready = house.read(paper).ready
    assert ready is not None
    assert (mark.document_id, mark.number, mark.notation, mark.issued) == (
        ready.document_id, REGISTERED.number, REGISTERED.notation, REGISTERED.issued,
    )  # fmt: skip


def test_the_backfill_says_when_the_document_was_sent_not_when_it_was_begun(house: House) -> None:
    """Whether a report was in time is judged by this; a draft that lay a night in a drawer was not sent."""
    x = house.diverted()
    assert x.paper is not None
    house.clock.move(hours=9)
    house.number(x.paper)
    house.work()
    sent = next(r.at for r in house.ledger.history(x.paper) if isinstance(r.fact, Sent))
    house.axis.says("03")
    house.receiver.otherwise = Ending.TAKEN
    now = house.until(x, Stage.RECONCILED)

    assert now.backfill is not None
    assert now.backfill.sent_at == sent


@pytest.mark.parametrize("status", ["", "01"])
def test_nothing_is_sent_while_the_document_is_on_its_way(house: House, status: str) -> None:
    x, _ = house.sent_as_document()
    house.receiver.sends.clear()
    house.receiver.otherwise = Ending.TAKEN
    if status:
        house.axis.says(status)
    for _ in range(5):
        house.later(minutes=10)

    assert house.receiver.sends == []
    assert house.read(x).stage is Stage.DIVERTED


def test_nothing_is_sent_while_the_document_waits_for_its_number(house: House) -> None:
    x = house.diverted()
    house.receiver.sends.clear()
    house.receiver.otherwise = Ending.TAKEN
    house.later(hours=1)

    assert house.receiver.sends == []
    assert house.read(x).stage is Stage.DIVERTED


@pytest.mark.parametrize("status", ["02", "15"])
def test_what_a_rejected_or_recalled_document_carried_is_never_backfilled(house: House, status: str) -> None:
    x, paper = house.sent_as_document()
    house.receiver.sends.clear()
    house.receiver.otherwise = Ending.TAKEN
    house.axis.says(status, "thiếu phụ lục")
    house.until(x, Stage.PARKED)
    assert house.last(x, Parked).why.code == "E-001"
    assert paper in house.last(x, Parked).why.details["reason"]

    operate.release(house.doors, x.id, WHO)
    house.later(hours=1)
    assert house.read(x).stage is Stage.PARKED
    assert house.receiver.sends == []


@pytest.mark.parametrize("status", ["02", "15"])
def test_what_an_office_took_in_and_then_returned_is_not_backfilled(house: House, status: str) -> None:
    """Its word of the end is heard before the line is back: the document does not stand any more."""
    x, paper = house.sent_as_document()
    house.receiver.sends.clear()
    house.axis.says("03")
    house.clock.move(minutes=1)
    house.drain(AXIS)
    assert house.read(paper).stage is Stage.DOCUMENT_ACCEPTED
    house.axis.says(status, "gửi nhầm nơi nhận")
    asyncio.run(sort_out(house.doors, AXIS))
    house.receiver.otherwise = Ending.TAKEN
    house.until(x, Stage.PARKED)

    why = house.last(x, Parked).why
    assert (why.code, paper in why.details["reason"], status in why.details["reason"]) == ("E-001", True, True)
    assert house.receiver.sends == []


def left_with_a_person(house: House, x: Exchange) -> None:
    """A document that ended any other way leaves its report with a person, not waiting for ever."""
    for _ in range(5):
        house.later(minutes=10)
    assert house.read(x).stage is Stage.PARKED
    assert house.receiver.held == []


def test_a_document_the_axis_refused_leaves_its_report_with_a_person(house: House) -> None:
    x = house.diverted()
    assert x.paper is not None
    house.axis.endings.append(Ending.REFUSED)
    house.number(x.paper)
    house.work()
    assert house.read(x.paper).stage is Stage.REFUSED

    left_with_a_person(house, x)


def test_a_document_the_axis_refuses_leaves_its_report_with_a_person(house: House) -> None:
    x = house.diverted()
    assert x.paper is not None
    house.axis.endings.append(Ending.REFUSED)
    house.number(x.paper)
    house.work()

    left_with_a_person(house, x)


def test_a_document_a_person_cancelled_leaves_its_report_with_a_person(house: House) -> None:
    x = house.diverted()
    assert x.paper is not None
    operate.park(house.doors, x.paper, WHO)
    operate.cancel(house.doors, x.paper, WHO)

    left_with_a_person(house, x)


def test_a_backfill_that_was_not_taken_goes_again_with_the_very_same_bytes(house: House) -> None:
    x, _ = accepted(house)
    house.receiver.endings.append(Ending.UNREACHABLE)
    house.until(x, Stage.RECONCILED)

    (_, first), (_, second) = house.receiver.sends
    assert first == second
    assert len(house.receiver.held) == 1


def test_killed_after_the_backfill_was_packed_it_is_not_packed_again(house: House) -> None:
    x, _ = accepted(house)
    house.receiver.endings.append(Ending.UNREACHABLE)
    house.until(x, Stage.DIVERTED)
    house.later(seconds=5)
    house.reopen()
    house.until(x, Stage.RECONCILED)

    marked = [r for r in house.ledger.history(x.id) if isinstance(r.fact, Packaged) and r.fact.parcel.backfill]
    assert len(marked) == 1


@pytest.mark.parametrize("ending", [Ending.ANSWER_LOST, Ending.LOST_ON_THE_WAY, Ending.LATE])
def test_a_backfill_in_doubt_is_asked_after_and_arrives_once(house: House, ending: Ending) -> None:
    x, _ = accepted(house)
    house.receiver.endings.append(ending)
    house.until(x, Stage.RECONCILED)

    assert house.last(x, Backfilled).recovered is (ending is not Ending.LOST_ON_THE_WAY)
    assert len(house.receiver.held) == 1


def test_a_refused_backfill_ends_there(house: House) -> None:
    x, _ = accepted(house)
    house.receiver.endings.append(Ending.REFUSED)
    house.until(x, Stage.REFUSED)

    assert house.receiver.held == []


def test_a_backfill_never_comes_after_a_newer_revision(house: House) -> None:
    """The older figures would take the place of the newer ones."""
    x, _ = house.sent_as_document()
    house.receiver.otherwise = Ending.TAKEN
    house.wait(x)
    house.until(house.hand_in("k2", revision=2), Stage.RECONCILED)
    house.axis.says("03")
    for _ in range(5):
        house.later(minutes=10)

    assert house.receiver.revisions() == [2]


def test_the_parent_waits_without_being_looked_at_every_second(house: House) -> None:
    """A document waits for people: for hours. Each look is a fact on disk."""
    x = house.diverted()
    before = len(house.facts(x))
    until = house.clock.now() + timedelta(hours=1)
    while house.clock.now() < until and len(house.facts(x)) < before + 200:
        house.work()
        house.wait(x)

    assert len(house.facts(x)) - before < 200
    assert house.read(x).stage is Stage.DIVERTED


# ── typed in already ─────────────────────────────────────────────────────────────────────────────
def by_hand(house: House, x: Exchange) -> None:
    """What a clerk of the receiver typed in from the document."""
    parcel = house.read(x).parcel
    assert parcel is not None
    house.receiver.typed_in(house.ledger.bytes_of(parcel.body.digest))


def test_what_somebody_typed_in_is_compared_linked_and_not_sent_again(house: House) -> None:
    x, paper = house.sent_as_document()
    house.receiver.sends.clear()
    house.receiver.otherwise = Ending.TAKEN
    by_hand(house, x)
    house.axis.says("03")
    house.until(x, Stage.RECONCILED)

    told = house.last(x, Backfilled)
    assert (told.linked, told.document, told.receipt.reference) == (True, paper, "tay-1")
    assert house.receiver.sends == []
    assert len(house.receiver.held) == 1


def test_what_somebody_typed_in_wrongly_is_left_to_a_person_and_never_overwritten(house: House) -> None:
    x, _ = house.sent_as_document()
    house.receiver.sends.clear()
    house.receiver.otherwise = Ending.TAKEN
    by_hand(house, x)
    house.receiver.retold = lambda values: [{**values[0], "value": "7"}, *values[1:]]  # with a slip of the hand
    house.axis.says("03")
    house.until(x, Stage.PARKED)
    what = house.last(x, Discrepant).what
    assert (what.code, "= 7 " in what.title.vi) == ("E-101", True)

    operate.release(house.doors, x.id, WHO)
    house.later(hours=1)
    assert house.read(x).stage is Stage.PARKED
    assert house.receiver.sends == []
