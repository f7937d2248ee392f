"""After trouble: wait and come again, stop for a person, or go as a document; as the error says and no other way."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from gateway.domain.agreement import WhenUnaskable
from gateway.domain.errors import Rejected, Unavailable, problem
from gateway.domain.exchange import Kind, Stage
from gateway.domain.facts import Diverted, Parked, Postponed, Prepared, Refused, Undelivered
from gateway.domain.policy import Line
from gateway.journey import operate
from gateway.ports import Journal
from tests.journey.conftest import Build
from tests.journey.scene import EVENING, QUIET, WHO, House, agreed
from tests.journey.wires import AXIS, MALFORMED, NATIONAL, UNREACHABLE, Ending


def waited(house: House, x: str) -> timedelta:
    """How long the exchange waits from now."""
    due = house.read(x).due
    assert due is not None
    return due - house.clock.now()


# ── every ending of a send ───────────────────────────────────────────────────────────────────────
def test_what_was_certainly_not_taken_waits_before_the_wire_and_goes_again(house: House) -> None:
    house.receiver.endings.append(Ending.UNREACHABLE)
    x = house.hand_in()
    house.work()

    assert house.facts(x)[-3:] == ["Attempted", "Undelivered", "Postponed"]
    assert house.last(x, Undelivered).why == house.last(x, Postponed).why == UNREACHABLE
    assert (house.read(x).stage, house.receiver.inquiries) == (Stage.PACKAGED, 0)

    house.until(x, Stage.RECONCILED)
    assert [sent for sent, _ in house.receiver.sends] == [house.read(x).parcel] * 2
    assert len(house.receiver.held) == 1


def test_a_postponed_report_is_not_sent_a_second_before_its_time(house: House) -> None:
    house.receiver.endings.append(Ending.UNREACHABLE)
    x = house.hand_in()
    house.work()
    house.clock.move(seconds=waited(house, x.id).total_seconds() - 1)
    house.work()

    assert len(house.receiver.sends) == 1


def test_a_receiver_that_says_when_to_come_again_is_left_alone_until_then(house: House) -> None:
    house.receiver.endings.append(Ending.BUSY)
    x = house.hand_in()
    house.work()

    assert waited(house, x.id) >= timedelta(seconds=900)


def test_attempts_in_an_outage_come_further_and_further_apart(house: House) -> None:
    house.receiver.otherwise = Ending.UNREACHABLE
    x = house.hand_in()
    waits = []
    for _ in range(6):
        house.work()
        waits.append(waited(house, x.id))
        house.clock.at += waits[-1]

    assert waits == sorted(set(waits))


def test_what_the_receiver_refuses_is_not_there_and_ends_with_its_reasons(house: House) -> None:
    house.receiver.endings.append(Ending.REFUSED)
    x = house.hand_in()
    house.later(hours=1)

    assert house.facts(x)[-3:] == ["Attempted", "Undelivered", "Refused"]
    assert house.last(x, Refused) == Refused(NATIONAL, (MALFORMED,))
    assert house.read(x).settled
    assert len(house.receiver.sends) == 1


@pytest.mark.parametrize("ending", [Ending.LOST_ON_THE_WAY, Ending.ANSWER_LOST])
def test_a_lost_answer_leaves_the_report_in_doubt_and_the_next_step_asks(house: House, ending: Ending) -> None:
    house.receiver.endings.append(ending)
    x = house.hand_in()
    house.work()

    assert house.facts(x)[-2:] == ["Attempted", "Postponed"]
    assert house.read(x).stage is Stage.IN_DOUBT

    house.clock.at += waited(house, x.id)
    house.work()
    assert (house.receiver.inquiries, len(house.receiver.sends)) == (1, 1)


@pytest.mark.parametrize("ending", [Ending.ANSWER_LOST, Ending.TAKEN])
def test_a_refused_question_says_nothing_about_the_report(house: House, ending: Ending) -> None:
    """Refused ends a report; what is in doubt may long be in the receiver's books."""
    house.receiver.endings.append(ending)
    house.receiver.judgement = None
    x = house.hand_in()
    house.work()
    house.receiver.deaf = Rejected(MALFORMED)
    house.later(minutes=1)

    assert not house.read(x).settled


# ── faults that only a person can mend ───────────────────────────────────────────────────────────
def test_a_missing_pack_is_kept_for_a_person_and_goes_on_once_it_is_there(build: Build) -> None:
    house = build(agreed(pack="chua-co"))
    x = house.hand_in()
    house.work()
    assert house.last(x, Parked).why.code == "D-002"

    house.agreements[x.agreement] = agreed()
    operate.release(house.doors, x.id, WHO)
    house.work()
    assert house.read(x).stage is Stage.RECONCILED


# ── evidence about the line ──────────────────────────────────────────────────────────────────────
def test_failures_are_counted_from_the_first_and_forgotten_with_a_success(house: House) -> None:
    house.receiver.endings.extend([Ending.UNREACHABLE] * 2)
    x = house.hand_in()
    house.work()
    first = house.clock.now()
    house.clock.at += waited(house, x.id)
    house.work()
    assert house.ledger.line(NATIONAL) == Line(2, first)

    house.until(x, Stage.RECONCILED)
    assert house.ledger.line(NATIONAL) == Line()


class _Away:
    """A journal that does not say how the line is, once."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._asked = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def line(self, destination: str) -> Line:
        self._asked += 1
        if self._asked == 1:
            raise Unavailable(problem("F-003", seconds=1, reason="-"))
        return self._journal.line(destination)


def test_a_store_that_goes_away_while_trouble_is_judged_is_no_bug_of_ours(house: House) -> None:
    house.reopen(_Away)  # type: ignore[arg-type]  # what is not named passes through
    house.receiver.endings.append(Ending.UNREACHABLE)
    x = house.hand_in()
    house.until(x, Stage.RECONCILED)

    assert house.read(x).stumbles == 0
    assert "Stumbled" not in house.facts(x)


def test_a_refusal_is_an_answer_and_ends_a_row_of_failures(house: House) -> None:
    house.receiver.endings.extend([Ending.UNREACHABLE, Ending.REFUSED])
    house.until(house.hand_in(), Stage.REFUSED)

    assert house.ledger.line(NATIONAL) == Line()


def test_waiting_without_a_word_to_the_receiver_says_nothing_about_its_line(build: Build) -> None:
    """A report whose document is under way must not wipe out what was learnt of the outage."""
    house = build(at=EVENING)
    house.diverted()
    house.later(minutes=1)

    assert house.ledger.line(NATIONAL).failures >= 3


def test_a_second_report_is_diverted_too_while_the_first_waits_for_its_document(build: Build) -> None:
    house = build(at=EVENING)
    house.diverted("k1")
    second = house.hand_in("k2", reporter="H56.01")
    house.clock.at = EVENING + timedelta(hours=1)
    for _ in range(40):
        house.later(minutes=1)

    assert house.read(second).stage is Stage.DIVERTED


# ── as a document ────────────────────────────────────────────────────────────────────────────────
def test_an_outage_near_the_deadline_opens_a_linked_document_in_the_same_breath(build: Build) -> None:
    house = build(at=EVENING)
    x = house.diverted()

    assert x.paper is not None
    paper = house.read(x.paper)
    assert (paper.kind, paper.stage, paper.destination, paper.parent) == (Kind.DOCUMENT, Stage.PREPARED, AXIS, x.id)
    assert house.last(x, Diverted) == Diverted(paper.id, UNREACHABLE)
    files = house.last(paper, Prepared).files
    assert [file.name for file in files] == ["bao-cao.pdf", "phu-luc.pdf", "du-lieu.zip"]
    assert all(len(house.ledger.bytes_of(file.content.digest)) == file.content.size for file in files)
    assert AXIS in house.bell.rings
    assert house.receiver.held == []


TERMS = agreed().fallback
MORNING = EVENING - timedelta(hours=12)


@pytest.mark.parametrize(
    ("terms", "at", "ending", "why"),
    [
        (None, EVENING, Ending.UNREACHABLE, "the agreement knows no document"),
        (TERMS, MORNING, Ending.UNREACHABLE, "the deadline is half a day away"),
        (TERMS, QUIET, Ending.UNREACHABLE, "the deadline is weeks away"),
        (TERMS, EVENING, Ending.BUSY, "the line is not out, they are busy"),
    ],
)
def test_with_one_condition_missing_a_report_waits(
    build: Build, terms: object, at: datetime, ending: Ending, why: str
) -> None:
    house = build(agreed(fallback=terms), at=at)
    house.receiver.otherwise = ending
    x = house.hand_in()
    for _ in range(20):
        house.later(minutes=6)

    assert house.read(x).stage is Stage.PACKAGED, why


def test_without_a_deadline_for_its_kind_of_period_a_report_waits(build: Build) -> None:
    house = build(agreed(deadlines={}), at=EVENING)
    house.receiver.otherwise = Ending.UNREACHABLE
    x = house.hand_in()
    for _ in range(20):
        house.later(minutes=6)

    assert house.read(x).stage is Stage.PACKAGED


def test_a_few_failures_in_a_few_minutes_are_no_outage(build: Build) -> None:
    house = build(at=EVENING)
    house.receiver.otherwise = Ending.UNREACHABLE
    x = house.hand_in()
    for _ in range(4):
        house.later(minutes=3)

    assert house.ledger.line(NATIONAL).failures >= 3
    assert house.read(x).stage is Stage.PACKAGED


def test_what_is_in_doubt_never_goes_as_a_document(build: Build) -> None:
    house = build(at=EVENING)
    house.receiver.endings.append(Ending.ANSWER_LOST)
    x = house.hand_in()
    house.work()
    house.receiver.deaf = Unavailable(UNREACHABLE)
    house.receiver.otherwise = Ending.UNREACHABLE
    for _ in range(40):
        house.later(minutes=6)

    assert (house.read(x).stage, house.read(x).paper) == (Stage.IN_DOUBT, None)
    house.receiver.deaf = None
    house.until(x, Stage.RECONCILED)
    assert len(house.receiver.held) == 1


def test_a_doubt_stays_a_doubt_when_a_second_attempt_was_certainly_not_taken(build: Build) -> None:
    """Allowed to resend without asking, the second attempt tells nothing about the first."""
    house = build(agreed(when_unaskable=WhenUnaskable.RESEND), at=EVENING)
    house.receiver.askable = False
    house.receiver.endings.append(Ending.ANSWER_LOST)
    house.receiver.otherwise = Ending.UNREACHABLE
    x = house.hand_in()
    for _ in range(40):
        house.later(minutes=4)

    assert len(house.receiver.held) == 1
    assert house.read(x).paper is None


def test_a_doubt_stays_a_doubt_when_a_second_attempt_was_refused(build: Build) -> None:
    """The refusal may well be of the double: a person looks at it."""
    house = build(agreed(when_unaskable=WhenUnaskable.RESEND))
    house.receiver.askable = False
    house.receiver.endings.extend([Ending.ANSWER_LOST, Ending.REFUSED])
    x = house.hand_in()
    house.later(minutes=1)

    assert (house.read(x).stage, house.read(x).before) == (Stage.PARKED, Stage.IN_DOUBT)


# ── waiting that is not for the wire ─────────────────────────────────────────────────────────────
def test_the_longer_a_catalogue_is_missing_the_less_often_it_is_looked_for(house: House) -> None:
    house.shelf.published.clear()
    x = house.hand_in()
    house.work()
    first = waited(house, x.id)
    for _ in range(12):
        house.clock.at += waited(house, x.id)
        house.work()

    assert waited(house, x.id) > 2 * first


def test_the_longer_a_receiver_cannot_be_asked_the_less_often_it_is_tried(house: House) -> None:
    house.receiver.endings.append(Ending.ANSWER_LOST)
    house.receiver.deaf = Unavailable(UNREACHABLE)
    x = house.hand_in()
    house.work()
    house.clock.at += waited(house, x.id)
    house.work()
    first = waited(house, x.id)
    for _ in range(12):
        house.wait(x)
        house.work()

    assert waited(house, x.id) > 2 * first  # the exchange itself, however short its line rests
