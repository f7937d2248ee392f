"""Partial success: what was taken stands, only the rejected part goes again, and every figure is there once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from gateway.domain.account import Tally
from gateway.domain.calendar import before, period
from gateway.domain.errors import Conflict
from gateway.domain.exchange import Exchange, Stage
from gateway.domain.facts import Acknowledged, Corrected, Refused
from gateway.domain.parcel import Answer
from gateway.domain.part import Place, figures
from gateway.journey import operate, parts
from gateway.journey.operate import Corrected as HandedIn
from gateway.journey.previous import JournalledFigures
from gateway.schemas.packets import PacketReader, PacketWriter
from tests.journey.scene import WHO, House, submission
from tests.journey.wires import NATIONAL, Kept
from tests.journey.wires import figures as written

REJECTED = Place("0101", "38")
GRDP = written(("T0101", "phan_tram", "11.75"))
ALL = written(("T0601", "triệu đồng", "1050000.5"), ("T0401", "triệu đồng", "1103111"), ("T0101", "phan_tram", "11.75"))


def partly(house: House, *rejected: Place) -> Exchange:
    """A report of three figures of which the receiver took all but `rejected`."""
    house.receiver.judgement, house.receiver.rejected = Answer.PARTLY, rejected
    house.receiver.tally = Tally(3, 3 - len(rejected), rejected=len(rejected))
    x = house.until(house.hand_in(), Stage.PARTLY_ACCEPTED)
    house.receiver.judgement = Answer.ACCEPTED
    return x


def corrected(values: object, **changes: object) -> HandedIn:
    return HandedIn("application/json", submission(values=values, **changes))


def sent(kept: Kept) -> dict[Place, str]:
    return {
        place: value
        for place, (value, _) in figures(PacketReader().read(kept.body, "application/xml")[1].columns).items()
    }


@pytest.fixture
def rejected(house: House) -> Place:
    """The place of the third figure, as it went out."""
    house.until(house.hand_in("probe", period="LICH:2026M10"), Stage.RECONCILED)
    return next(place for place in sent(house.receiver.held[0]) if place.indicator == REJECTED.indicator)


@pytest.mark.parametrize("values", [GRDP, ALL], ids=["the rejected figure alone", "the whole report, corrected"])
def test_only_what_was_rejected_goes_again_as_corrected(house: House, rejected: Place, values: object) -> None:
    x = partly(house, rejected)
    part, is_new = operate.replay_rejected(house.doors, x.id, WHO, corrected(values))
    house.until(part, Stage.RECONCILED)

    assert (is_new, part.parent) == (True, x.id)
    assert sent(house.receiver.held[-1]) == {rejected: "11.75"}
    assert house.receiver.revisions()[-2:] == [1, 2]


def test_afterwards_every_figure_stands_once_and_the_first_answer_is_corrected(house: House, rejected: Place) -> None:
    x = partly(house, rejected)
    first = house.receiver.held[-1]
    part, _ = operate.replay_rejected(house.doors, x.id, WHO, corrected(GRDP))
    part = house.until(part, Stage.RECONCILED)

    there = Counter([*(place for place in sent(first) if place != rejected), *sent(house.receiver.held[-1])])
    assert set(there.values()) == {1}
    standing = parts.taken(house.ledger, house.doors.writer, part)
    assert (set(standing), standing[rejected][0]) == (set(there), "11.75")
    assert (house.read(x).stage, house.last(x, Corrected).by) == (Stage.CORRECTED, part.id)


def test_the_month_after_is_compared_with_all_that_stands_the_correction_and_the_rest(
    house: House, rejected: Place
) -> None:
    x = partly(house, rejected)
    part, _ = operate.replay_rejected(house.doors, x.id, WHO, corrected(GRDP))
    part = house.until(part, Stage.RECONCILED)
    assert part.head is not None
    assert before(period("LICH:2026M12")) == period(part.head.period)

    [found] = JournalledFigures(house.ledger, PacketWriter()).before([replace(part.head, period="LICH:2026M12")])
    assert found is not None
    assert found.exchange == part.id
    assert figures(found.columns) == parts.taken(house.ledger, house.doors.writer, part)


def test_from_the_kept_payload_the_mistake_was_the_packs(house: House, rejected: Place) -> None:
    x = partly(house, rejected)
    part, _ = operate.replay_rejected(house.doors, x.id, WHO)
    house.until(part, Stage.RECONCILED)

    assert sent(house.receiver.held[-1]) == {rejected: sent(house.receiver.held[-2])[rejected]}


def test_asked_for_twice_it_is_one_exchange(house: House, rejected: Place) -> None:
    x = partly(house, rejected)
    first, _ = operate.replay_rejected(house.doors, x.id, WHO, corrected(GRDP))
    house.runner.prepare(NATIONAL)
    again, is_new = operate.replay_rejected(house.doors, x.id, WHO, corrected(GRDP))
    assert (again.id, is_new) == (first.id, False)

    house.until(first, Stage.RECONCILED)
    with pytest.raises(Conflict) as caught:
        operate.replay_rejected(house.doors, x.id, WHO, corrected(GRDP))
    assert caught.value.problem.code == "F-007"  # it is corrected: nothing is rejected any more


def test_a_correction_that_is_taken_in_part_is_corrected_in_its_turn(house: House, rejected: Place) -> None:
    other = next(place for place in sent(house.receiver.held[0]) if place != rejected)
    x = partly(house, rejected, other)
    house.receiver.judgement, house.receiver.rejected = Answer.PARTLY, (rejected,)
    house.receiver.tally = Tally(2, 1, rejected=1)
    half, _ = operate.replay_rejected(house.doors, x.id, WHO)
    house.until(half, Stage.PARTLY_ACCEPTED)
    with pytest.raises(Conflict) as caught:
        operate.replay_rejected(house.doors, x.id, WHO)
    assert (caught.value.problem.code, caught.value.problem.details["newer"]) == ("E-012", half.id)

    house.receiver.judgement = Answer.ACCEPTED
    rest, _ = operate.replay_rejected(house.doors, half.id, WHO, corrected(GRDP))
    house.until(rest, Stage.RECONCILED)
    assert [len(sent(kept)) for kept in house.receiver.held[1:]] == [3, 2, 1]
    assert [house.read(one).stage for one in (x, half)] == [Stage.CORRECTED, Stage.CORRECTED]
    assert len(parts.taken(house.ledger, house.doors.writer, house.read(rest))) == 3


@pytest.mark.parametrize(
    "values",
    [written(("T0601", "triệu đồng", "9")), written(("T0101", "phan_tram", "11.75"), ("T0601", "triệu đồng", "9"))],
    ids=["leaves the rejected figure out", "changes a figure that stands"],
)
def test_a_correction_that_does_not_fit_is_refused_and_another_may_follow(
    house: House, rejected: Place, values: object
) -> None:
    x = partly(house, rejected)
    wrong, _ = operate.replay_rejected(house.doors, x.id, WHO, corrected(values))
    house.until(wrong, Stage.REFUSED)
    assert [one.code for one in house.last(wrong, Refused).reasons] == ["E-010"]

    right, is_new = operate.replay_rejected(house.doors, x.id, WHO, corrected(GRDP))
    house.until(right, Stage.RECONCILED)
    assert (is_new, len(house.receiver.held)) == (True, 3)


def test_where_the_receiver_does_not_name_what_it_rejected_nobody_guesses(house: House) -> None:
    house.receiver.tally = Tally(3, 2, rejected=1)
    y = house.until(house.hand_in("k2", period="LICH:2026M09"), Stage.RECONCILED)
    house.receiver.judgement = Answer.PARTLY
    z = house.until(house.hand_in("k3", period="LICH:2026M08"), Stage.PARTLY_ACCEPTED)
    assert house.last(z, Acknowledged).acknowledgement.tally.rejected == 1

    for one, code in ((y, "F-007"), (z, "E-011")):
        with pytest.raises(Conflict) as caught:
            operate.replay_rejected(house.doors, one.id, WHO)
        assert caught.value.problem.code == code


def test_a_whole_revision_that_came_meanwhile_leaves_nothing_to_correct(house: House, rejected: Place) -> None:
    x = partly(house, rejected)
    house.until(house.hand_in("k2", revision=2, values=ALL), Stage.RECONCILED)
    with pytest.raises(Conflict) as caught:
        operate.replay_rejected(house.doors, x.id, WHO, corrected(GRDP))
    assert caught.value.problem.code == "C-010"
