"""Order within a report: what was not tried gives way to a newer revision, what was tried goes first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pytest

from gateway.domain.errors import Unavailable
from gateway.domain.exchange import Exchange, Stage
from gateway.domain.facts import Corrected, Packaged, Refused, Superseded, Validated
from gateway.domain.parcel import Answer, Blob, Parcel
from gateway.domain.report import ReportHead
from gateway.journey import operate
from gateway.journey.accept import Incoming, accept
from gateway.journey.lanes import supersede_older
from gateway.ports import InLane, Journal
from tests.journey.conftest import Build
from tests.journey.interrupted import Interrupted
from tests.journey.scene import AGREED, WHO, House, signed
from tests.journey.wires import NATIONAL, UNREACHABLE, Ending, Killed


class Counted:
    """How many exchanges a journal has handed out for being in a lane, in answer to how many questions."""

    def __init__(self) -> None:
        self.read = 0
        self.questions = 0

    def over(self, journal: Journal) -> Journal:
        self._journal = journal
        return cast(Journal, self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def in_lane(self, lane: str) -> list[Exchange]:
        found = self._journal.in_lane(lane)
        self.read += len(found)
        return found

    def in_lanes(self, asked: Sequence[InLane]) -> list[list[Exchange]]:
        found = self._journal.in_lanes(asked)
        self.questions += 1
        self.read += sum(map(len, found))
        return found


BLOB = Blob("a" * 64, 3, "application/xml")


def revisions(house: House, *numbers: int) -> list[Exchange]:
    return [house.hand_in(f"k{n}", revision=n) for n in numbers]


def test_a_newer_revision_takes_the_place_of_one_that_was_never_tried(house: House) -> None:
    first, second = revisions(house, 1, 2)
    house.work()

    assert house.last(first, Superseded) == Superseded(second.id)
    assert house.receiver.revisions() == [2]


def test_of_three_revisions_handed_in_together_only_the_newest_travels(house: House) -> None:
    revisions(house, 1, 2, 3)
    house.work()

    assert house.receiver.revisions() == [3]


def test_reports_of_other_lanes_are_left_alone(house: House) -> None:
    kept = [
        house.hand_in("k1", period="LICH:2026M10"),
        house.hand_in("k2", form="02/TCNS"),
        house.hand_in("k3", reporter="H56.01"),
    ]
    house.hand_in("k4", revision=2)
    house.work()

    assert [house.read(x).stage for x in kept] == [Stage.RECONCILED] * 3


def test_an_older_revision_that_was_tried_goes_first(house: House) -> None:
    house.receiver.endings.append(Ending.UNREACHABLE)
    first = house.hand_in("k1", revision=1)
    house.work()
    second = house.hand_in("k2", revision=2)
    house.work()
    assert house.read(second).stage is Stage.PACKAGED

    house.until(first, Stage.CORRECTED)
    assert house.receiver.revisions() == [1, 2]
    assert house.read(second).stage is Stage.RECONCILED


def test_a_newer_revision_waits_behind_a_doubt(house: House) -> None:
    house.receiver.endings.append(Ending.ANSWER_LOST)
    first = house.hand_in("k1", revision=1)
    house.work()
    house.receiver.deaf = Unavailable(UNREACHABLE)
    second = house.hand_in("k2", revision=2)
    house.later(hours=1)
    assert (house.read(first).stage, house.read(second).stage) == (Stage.IN_DOUBT, Stage.PACKAGED)

    house.receiver.deaf = None
    house.until(first, Stage.CORRECTED)
    assert house.receiver.revisions() == [1, 2]


def test_a_parked_report_that_was_never_tried_gives_way_too(house: House) -> None:
    first = house.hand_in("k1", revision=1)
    house.runner.prepare(NATIONAL)
    operate.park(house.doors, first.id, WHO)
    second = house.hand_in("k2", revision=2)
    house.work()

    assert house.read(first).stage is Stage.SUPERSEDED
    assert house.read(second).stage is Stage.RECONCILED


def test_an_accepted_correction_marks_what_it_corrects(house: House) -> None:
    [first] = revisions(house, 1)
    house.work()
    [second] = revisions(house, 2)
    house.work()

    assert house.last(first, Corrected) == Corrected(second.id)
    assert [house.read(x).stage for x in (first, second)] == [Stage.CORRECTED, Stage.RECONCILED]


def test_nothing_is_corrected_before_the_receiver_has_accepted(house: House) -> None:
    [first] = revisions(house, 1)
    house.work()
    house.receiver.judgement = None
    [second] = revisions(house, 2)
    house.later(hours=1)
    assert house.read(first).stage is Stage.RECONCILED

    house.receiver.judgement = Answer.ACCEPTED
    house.until(second, Stage.RECONCILED)
    assert house.read(first).stage is Stage.CORRECTED


def test_a_returned_correction_corrects_nothing(house: House) -> None:
    [first] = revisions(house, 1)
    house.work()
    house.receiver.judgement = Answer.RETURNED
    [second] = revisions(house, 2)
    house.work()

    assert [house.read(x).stage for x in (first, second)] == [Stage.RECONCILED, Stage.RETURNED]


def test_a_report_accepted_only_after_its_correction_is_corrected_all_the_same(house: House) -> None:
    """Judgements may come in any order; two accepted revisions of one report would count twice."""
    [first] = revisions(house, 1)
    house.receiver.judged[first.id] = None
    house.work()
    [second] = revisions(house, 2)
    house.work()
    assert [house.read(x).stage for x in (first, second)] == [Stage.DELIVERED, Stage.RECONCILED]

    del house.receiver.judged[first.id]
    house.later(hours=1)
    assert house.read(first).stage is Stage.CORRECTED


def test_killed_between_an_acceptance_and_its_correction_the_next_process_makes_up_for_it(house: House) -> None:
    [first] = revisions(house, 1)
    house.work()
    house.reopen(lambda journal: Interrupted(journal, Corrected, before=Killed(), after=None))
    [second] = revisions(house, 2)
    with pytest.raises(Killed):
        house.work()
    house.reopen()
    house.later(hours=1)

    assert [house.read(x).stage for x in (first, second)] == [Stage.CORRECTED, Stage.RECONCILED]


def test_a_report_of_many_revisions_reads_no_more_of_its_lane_than_one_of_few(build: Build) -> None:
    """Read whole for every revision, a lane costs the square of its length."""
    read_by_length = []
    for length in (3, 12):
        house, counted = build(), Counted()
        house.reopen(counted.over)
        for revision in range(1, length + 1):
            before = counted.read
            house.hand_in(f"k{revision}", revision=revision)
            house.work()
        assert house.receiver.revisions() == list(range(1, length + 1))
        read_by_length.append(counted.read - before)

    few, many = read_by_length
    assert few == many > 0


# ── revisions out of order ───────────────────────────────────────────────────────────────────────
def test_a_revision_that_comes_after_a_newer_one_is_refused(house: House) -> None:
    revisions(house, 3)
    house.work()
    [late] = revisions(house, 2)
    house.work()

    [reason] = house.last(late, Refused).reasons
    assert (reason.code, reason.details) == ("C-010", {"revision": "2", "newer": "3"})
    assert house.receiver.revisions() == [3]


def test_of_many_read_together_the_late_one_alone_is_refused(house: House) -> None:
    revisions(house, 3)
    house.work()
    garbled, _ = accept(house.doors, Incoming(AGREED.id, "k0", "ht", "application/json", b"{"))
    first, second = (house.hand_in(f"k-{code}", reporter=code) for code in ("H56.01", "H56.02"))
    [late] = revisions(house, 2)
    house.work()

    assert [house.read(x).stage for x in (first, second)] == [Stage.RECONCILED] * 2
    assert [reason.code for reason in house.last(late, Refused).reasons] == ["C-010"]
    assert house.read(garbled).stage is Stage.REFUSED
    assert house.receiver.revisions() == [3, 1, 1]


def test_reports_read_together_ask_for_their_lanes_in_as_many_questions_as_one_alone(build: Build) -> None:
    asked = []
    for reports in (1, 5):
        house, counted = build(), Counted()
        house.reopen(counted.over)
        for number in range(reports):
            house.hand_in(f"k{number}", reporter=f"H56.0{number}")
        assert house.runner.prepare(NATIONAL) == reports
        asked.append(counted.questions)

    one, five = asked
    assert one == five > 0


def test_the_same_revision_once_more_is_no_step_back(house: House) -> None:
    first = house.hand_in("k1", note="a")
    house.work()
    second = house.hand_in("k2", note="b")
    house.work()

    assert [house.read(x).stage for x in (first, second)] == [Stage.RECONCILED] * 2


def test_a_revision_that_was_refused_itself_bars_no_other(build: Build) -> None:
    """Else one unsigned file with the highest number would close a report for ever."""
    house = build(signed())
    forged = house.hand_in("k1", "ktxh-ky-so", revision=9999)
    house.work()
    assert house.read(forged).stage is Stage.REFUSED
    genuine = house.hand_in("k2", revision=2)
    house.work()

    assert house.read(genuine).stage is Stage.RECONCILED


def test_an_older_revision_never_takes_the_place_of_a_newer_one(house: House) -> None:
    """Prepared by two workers at once, neither has seen the other when it was read."""
    newer, older = (_written_as_packaged(house, f"k{n}", n) for n in (2, 1))
    supersede_older(house.doors, older)

    assert house.read(newer).stage is Stage.PACKAGED


def _written_as_packaged(house: House, key: str, revision: int) -> Exchange:
    x = house.hand_in(key, revision=revision)
    head = ReportHead("KTXH-THANG", "01/KTXH", "LICH:2026M11", "H56", revision)
    packed = Packaged(Parcel(x.id, "report-data", BLOB, head.lane))
    return house.told(x, Validated("short-json", head, 3), packed)
