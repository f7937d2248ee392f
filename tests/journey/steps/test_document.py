"""A report as a document: sealed once, sent once, and followed whatever order the statuses come in."""

from __future__ import annotations

from itertools import permutations

import pytest

from gateway.domain.errors import Rejected
from gateway.domain.exchange import Exchange, Stage
from gateway.domain.facts import Arrived, DocumentAccepted, DocumentRejected, Ready, Sent
from gateway.journey import operate
from gateway.schemas.edxml.reader import read_document
from tests.journey.conftest import Build
from tests.journey.scene import REGISTERED, WHO, House
from tests.journey.wires import AXIS, NATIONAL, Ending, Killed


@pytest.fixture
def house(build: Build) -> House:
    return build()


def numbered(house: House) -> Exchange:
    """A document that came back with its number, about to be sealed."""
    x = house.hand_in()
    house.runner.prepare(NATIONAL)
    paper = operate.divert(house.doors, x.id, WHO).paper
    assert paper is not None
    return house.number(paper)


def sent(house: House) -> Exchange:
    paper = numbered(house)
    house.work()
    assert house.read(paper).stage is Stage.SENT
    return paper


def follow(house: House) -> None:
    house.later(minutes=1)


def test_it_is_sealed_with_its_number_and_sent_to_the_agreed_office(house: House) -> None:
    paper = sent(house)

    [(axis_id, document_id, edxml)] = house.axis.documents
    document = read_document(edxml)
    assert house.last(paper, Ready).document_id == document_id == "H56,2026/11/20,128/BC-UBND"
    assert house.last(paper, Sent) == Sent(axis_id)
    assert ([r.id for r in document.recipients], document.number) == (["G22"], "128")
    assert house.facts(paper)[:5] == ["Prepared", "Numbered", "Ready", "Attempted", "Sent"]


def test_a_document_waits_for_its_number_as_long_as_it_takes(house: House) -> None:
    x = house.hand_in()
    house.runner.prepare(NATIONAL)
    paper = operate.divert(house.doors, x.id, WHO).paper
    house.later(hours=9)

    assert house.facts(paper or "") == ["Prepared"]
    assert house.axis.documents == []


def test_files_that_are_no_document_are_refused_at_once_and_nothing_is_recorded(house: House) -> None:
    x = house.hand_in()
    house.runner.prepare(NATIONAL)
    paper = operate.divert(house.doors, x.id, WHO).paper or ""
    with pytest.raises(Rejected) as caught:
        operate.number(house.doors, paper, REGISTERED, [("bao-cao.pdf", "", "application/pdf", b"text")], WHO)
    house.work()

    assert caught.value.problem.code == "F-109"
    assert house.read(paper).stage is Stage.PREPARED
    assert house.axis.documents == []


def test_an_axis_that_cannot_be_reached_is_tried_again_with_the_same_bytes(house: House) -> None:
    house.axis.endings.append(Ending.UNREACHABLE)
    paper = numbered(house)
    house.work()
    assert house.read(paper).stage is Stage.READY

    house.until(paper, Stage.SENT)
    assert house.facts(paper).count("Ready") == 1
    assert len(house.axis.documents) == 1


def test_a_document_in_doubt_is_looked_up_in_the_sent_list_and_not_sent_twice(house: House) -> None:
    house.axis.endings.append(Ending.ANSWER_LOST)
    paper = numbered(house)
    house.until(paper, Stage.SENT)

    assert house.last(paper, Sent) == Sent("ax-1", recovered=True)
    assert len(house.axis.documents) == 1


def test_a_document_that_is_certainly_not_there_is_sent_again(house: House) -> None:
    house.axis.endings.append(Ending.LOST_ON_THE_WAY)
    paper = numbered(house)
    house.until(paper, Stage.SENT)

    assert len(house.axis.documents) == 1
    assert "Undelivered" in house.facts(paper)


def test_a_sent_list_is_not_believed_while_the_attempt_may_still_be_arriving(house: House) -> None:
    """As with a receiver: a document twice on a minister's desk is no better than a packet twice in a store."""
    house.axis.listed = False
    house.axis.endings.append(Ending.ANSWER_LOST)
    paper = numbered(house)
    house.work()
    house.clock.at = house.read(paper).due or house.clock.at
    house.drain(AXIS)
    house.axis.listed = True
    house.until(paper, Stage.SENT)

    assert len(house.axis.documents) == 1


@pytest.mark.parametrize("ending", [Ending.KILLED_BEFORE, Ending.KILLED_AFTER])
def test_killed_on_the_wire_the_next_process_looks_before_it_sends(house: House, ending: Ending) -> None:
    house.axis.endings.append(ending)
    paper = numbered(house)
    with pytest.raises(Killed):
        house.work()
    house.reopen()
    house.until(paper, Stage.SENT)

    assert len(house.axis.documents) == 1


# ── statuses ─────────────────────────────────────────────────────────────────────────────────────
def test_an_arrival_is_kept_and_settled_and_the_document_followed_on(house: House) -> None:
    paper = sent(house)
    status = house.axis.says("01")
    follow(house)

    told = house.last(paper, Arrived)
    assert (told.recipient, house.ledger.bytes_of(told.status.digest)) == ("G22", status.raw)
    assert house.axis.settled == [status.axis_id]
    assert house.read(paper).stage is Stage.ARRIVED
    assert house.read(paper).due is not None


@pytest.mark.parametrize("code", ["03", "04", "05", "06"])
def test_a_document_somebody_works_on_is_accepted(house: House, code: str) -> None:
    paper = sent(house)
    house.axis.says(code)
    follow(house)

    assert house.last(paper, DocumentAccepted).at == "2026-11-20 08:00:00"
    assert house.read(paper).stage is Stage.DOCUMENT_ACCEPTED


def test_a_rejection_says_why(house: House) -> None:
    paper = sent(house)
    house.axis.says("02", "thiếu phụ lục")
    follow(house)

    assert house.last(paper, DocumentRejected).why == "thiếu phụ lục"
    assert house.read(paper).stage is Stage.DOCUMENT_REJECTED


def test_statuses_that_come_doubled_are_one_fact_and_all_are_settled(house: House) -> None:
    paper = sent(house)
    statuses = [house.axis.says("01"), house.axis.says("01"), house.axis.says("03"), house.axis.says("04")]
    follow(house)

    assert [name for name in house.facts(paper) if name in ("Arrived", "DocumentAccepted")] == [
        "Arrived", "DocumentAccepted",
    ]  # fmt: skip
    assert house.axis.settled == [status.axis_id for status in statuses]


def test_a_status_delivered_again_because_its_settlement_failed_is_known(house: House) -> None:
    paper = sent(house)
    house.axis.says("01")
    house.axis.unsettleable = 1
    follow(house)
    for _ in range(3):
        follow(house)

    assert house.facts(paper).count("Arrived") == 1
    assert house.axis.waiting == []


def test_an_ending_whose_settlement_failed_is_an_ending_all_the_same(house: House) -> None:
    paper = sent(house)
    house.axis.says("03")
    house.axis.unsettleable = 1
    follow(house)

    assert house.facts(paper)[-1] == "DocumentAccepted"
    assert house.read(paper).settled


def test_a_status_is_on_disk_before_the_axis_may_forget_it(house: House) -> None:
    paper = sent(house)
    house.axis.says("01")
    house.axis.unsettleable = 1
    follow(house)

    assert "Arrived" in house.on_disk()
    assert house.read(paper).stage is Stage.ARRIVED


def test_statuses_of_other_documents_and_unknown_codes_end_nothing(house: House) -> None:
    paper = sent(house)
    stranger = house.axis.says("02", about="H56,2026/01/01,1/BC-UBND")
    unknown = house.axis.says("13")
    follow(house)

    assert house.read(paper).stage is Stage.SENT
    assert unknown.axis_id in house.axis.settled
    assert stranger.axis_id not in house.axis.settled


@pytest.mark.parametrize(
    ("codes", "end"),
    [(("01", "03"), Stage.DOCUMENT_ACCEPTED), (("01", "02"), Stage.DOCUMENT_REJECTED), (("01", "15"), Stage.RECALLED)],
)
def test_an_ending_and_an_arrival_in_one_batch_end_it_in_either_order(
    house: House, codes: tuple[str, str], end: Stage
) -> None:
    paper = sent(house)
    for code in codes[::-1]:
        house.axis.says(code)
    follow(house)

    assert house.read(paper).stage is end
    assert house.axis.waiting == []


def test_nothing_is_told_of_a_document_after_its_end(house: House) -> None:
    """A settled exchange has no work row and no lease any more: a fact after the end finds no taker."""
    paper = sent(house)
    house.axis.says("03")
    house.axis.says("01")
    follow(house)

    assert house.facts(paper)[-1] == "DocumentAccepted"
    assert house.axis.waiting == []


@pytest.mark.parametrize("order", list(permutations(("01", "03", "15"))), ids=" ".join)
def test_a_recalled_document_is_recalled_whatever_order_that_is_told_in(house: House, order: tuple[str, ...]) -> None:
    """Accepted last, it would be back-filled, though it was taken back."""
    paper = sent(house)
    for code in order:
        house.axis.says(code)
    follow(house)

    assert house.read(paper).stage is Stage.RECALLED
