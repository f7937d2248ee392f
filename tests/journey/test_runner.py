"""The walk: every fact is on disk before the next step, whoever is killed, overtaken or mistaken."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any, cast

import pytest

from gateway.domain.agreement import SETTLES_AFTER, WhenUnaskable
from gateway.domain.catalogue import Catalogue
from gateway.domain.errors import GatewayError, Rejected, Unavailable, problem
from gateway.domain.exchange import Exchange, Stage
from gateway.domain.facts import Attempted, Delivered, Parked, Refused, Stumbled, facts_known
from gateway.domain.report import Report
from gateway.journey import operate
from gateway.journey.accept import accept
from gateway.journey.runner import Runner, stages
from gateway.mapping import PackTranslator
from gateway.ports import Entry, Journal, Lease, Translation
from tests.journey.conftest import Build
from tests.journey.interrupted import Interrupted
from tests.journey.scene import EVENING, FIGURES, PROVINCE, TRANSLATOR, WHO, House, agreed, incoming
from tests.journey.wires import AXIS, NATIONAL, Ending, Killed, SetClock

WHOLE_WAY = [
    "Accepted", "Validated", "Verified", "Translated", "Packaged", "Attempted", "Delivered", "Acknowledged",
    "Reconciled",
]  # fmt: skip
WIRE = stages(wire=True)


class Poisoned:
    """The real translator, with a bug for reports that carry one note."""

    def __init__(self) -> None:
        self.cured = False

    def translate(self, report: Report, pack: str, catalogue: Catalogue | None) -> Translation:
        if report.head.note == "độc" and not self.cured:
            raise ZeroDivisionError("a figure nobody thought of")
        return TRANSLATOR.translate(report, pack, catalogue)

    def translate_many(
        self, reports: Sequence[Report], pack: str, catalogue: Catalogue | None
    ) -> Sequence[Translation | GatewayError]:
        return [self.translate(report, pack, catalogue) for report in reports]


class Counting(PackTranslator):
    """The real translator; how many reports each of its runs took."""

    def __init__(self) -> None:
        super().__init__(PROVINCE / "packs")
        self.runs: list[int] = []

    def translate_many(
        self, reports: Sequence[Report], pack: str, catalogue: Catalogue | None
    ) -> list[Translation | Rejected]:
        self.runs.append(len(reports))
        return super().translate_many(reports, pack, catalogue)


def leased(house: House, worker: str = "w1", seconds: float = 60) -> Lease:
    """The one exchange that may go on a wire, leased."""
    [lease] = house.ledger.claim(NATIONAL, worker, WIRE, 10, seconds)
    return lease


def packaged(house: House, key: str = "k1", **changes: Any) -> Exchange:
    x = house.hand_in(key, **changes)
    house.runner.prepare(NATIONAL)
    assert house.read(x).stage is Stage.PACKAGED
    return x


def test_a_report_walks_from_the_door_to_the_reconciled_end(house: House) -> None:
    x = house.hand_in()
    house.work()

    assert house.facts(x) == WHOLE_WAY
    assert [kept.message_id for kept in house.receiver.held] == [x.id]
    assert house.ledger.line(NATIONAL).failures == 0


def test_a_drain_says_whether_it_found_anything(house: House) -> None:
    assert not house.drain()
    house.hand_in()
    assert house.drain()
    assert not house.drain()


def test_a_drain_leaves_other_destinations_alone(house: House) -> None:
    x = house.hand_in()
    assert not house.drain(AXIS)
    assert house.facts(x) == ["Accepted"]


def test_that_we_are_about_to_send_is_on_disk_before_the_first_byte_goes_out(house: House) -> None:
    seen: list[list[str]] = []

    async def look() -> None:
        seen.append(house.on_disk())

    house.receiver.meanwhile = look
    house.hand_in()
    house.work()

    assert [names[-1] for names in seen] == ["Attempted"]


@pytest.mark.parametrize("name", WHOLE_WAY[1:])
def test_killed_right_after_any_fact_the_next_process_resumes_there_and_delivers_once(house: House, name: str) -> None:
    _killed(house, name, after=True)


@pytest.mark.parametrize("name", WHOLE_WAY[1:])
def test_killed_right_before_any_fact_the_next_process_resumes_there_and_delivers_once(house: House, name: str) -> None:
    _killed(house, name, after=False)


def _killed(house: House, name: str, *, after: bool) -> None:
    at = facts_known()[name]
    end = Killed()
    house.reopen(lambda journal: Interrupted(journal, at, before=None if after else end, after=end if after else None))
    x = house.hand_in()
    with pytest.raises(Killed):
        house.work()
    house.reopen()

    assert house.until(x, Stage.RECONCILED).stage is Stage.RECONCILED
    assert len(house.receiver.held) == 1
    assert [n for n in house.facts(x) if n not in ("Attempted", "Undelivered", "Postponed")] == [
        n for n in WHOLE_WAY if n != "Attempted"
    ]


def test_a_store_that_goes_away_with_the_receipt_in_hand_costs_a_question_not_a_second_delivery(house: House) -> None:
    gone = Unavailable(problem("F-003", seconds=5))
    house.reopen(lambda journal: Interrupted(journal, Delivered, before=gone, after=None))
    x = house.hand_in()

    house.until(x, Stage.RECONCILED)

    assert house.last(x, Delivered).recovered
    assert len(house.receiver.sends) == 1


def test_a_store_that_goes_away_before_the_attempt_is_written_keeps_the_wire_untouched(house: House) -> None:
    gone = Unavailable(problem("F-003", seconds=5))
    house.reopen(lambda journal: Interrupted(journal, Attempted, before=gone, after=None))
    x = house.hand_in()
    house.work()

    assert house.receiver.sends == []
    house.until(x, Stage.RECONCILED)
    assert len(house.receiver.sends) == 1


class ReadAtOnce:
    """A journal that is asked for bytes in one question or not at all."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def bytes_of(self, digest: str) -> bytes:
        raise AssertionError(f"asked on the wire for {digest}")


def test_what_another_process_has_prepared_goes_out_and_is_compared_without_a_question_to_the_store(
    house: House,
) -> None:
    x = packaged(house)
    house.reopen(lambda journal: cast(Journal, ReadAtOnce(journal)))
    house.work()

    assert house.read(x).stage is Stage.RECONCILED


# ── overtaken workers ────────────────────────────────────────────────────────────────────────────
def test_a_worker_that_lost_its_lease_sends_nothing(house: House) -> None:
    x = packaged(house)
    lease = leased(house)
    house.ledger.release(lease)

    asyncio.run(house.runner.walk(lease))

    assert house.receiver.sends == []
    assert "Attempted" not in house.facts(x)


class StandsStill:
    """A journal after whose `Attempted` the process stands still, once."""

    def __init__(self, journal: Journal, clock: SetClock) -> None:
        self._journal = journal
        self._clock = clock
        self._stood = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def appending(self, exchange: Exchange, entries: Sequence[Entry], **told: Any) -> Future[Exchange]:
        recorded: Future[Exchange] = self._journal.appending(exchange, entries, **told)
        recorded.result()
        if not self._stood and any(isinstance(entry.fact, Attempted) for entry in entries):
            self._stood = True
            self._clock.move(seconds=SETTLES_AFTER.total_seconds())
        return recorded


def test_a_worker_that_stood_still_right_before_the_wire_sends_nothing_then(house: House) -> None:
    x = packaged(house)
    doors = replace(house.doors, journal=StandsStill(house.ledger, house.clock))  # type: ignore[arg-type]
    runner = Runner(doors, worker="w", ring=lambda _: None)
    asyncio.run(runner.walk(leased(house)))
    assert house.receiver.sends == []
    assert "Delivered" not in house.facts(x)

    house.until(x, Stage.RECONCILED)
    assert len(house.receiver.sends) == 1


def test_a_worker_whose_exchange_moved_on_sends_nothing(house: House) -> None:
    x = packaged(house)
    lease = leased(house)
    operate.park(house.doors, x.id, WHO)

    asyncio.run(house.runner.walk(lease))

    assert house.receiver.sends == []
    assert house.read(x).stage is Stage.PARKED


def test_a_receipt_settles_the_message_though_the_lease_was_lost_on_the_wire(house: House) -> None:
    x = packaged(house)
    lease = leased(house)

    async def lose_it() -> None:
        house.ledger.release(lease)

    house.receiver.meanwhile = lose_it
    asyncio.run(house.runner.walk(lease))

    assert house.read(x).stage is Stage.DELIVERED
    house.work()
    assert house.facts(x) == WHOLE_WAY


def test_that_nothing_was_taken_is_believed_though_the_lease_was_lost_on_the_wire(house: House) -> None:
    x = packaged(house)
    lease = leased(house)

    async def lose_it() -> None:
        house.ledger.release(lease)

    house.receiver.meanwhile = lose_it
    house.receiver.endings.append(Ending.UNREACHABLE)
    asyncio.run(house.runner.walk(lease))

    assert house.read(x).stage is Stage.PACKAGED
    house.until(x, Stage.RECONCILED)
    assert len(house.receiver.held) == 1


def test_a_receipt_counts_though_another_worker_has_parked_the_doubt_meanwhile(house: House) -> None:
    """The receiver cannot be asked, so this receipt is all that will ever be known."""
    house.receiver.askable = False
    x = packaged(house)
    lease = leased(house)

    async def another() -> None:
        house.ledger.release(lease)
        await house.worker("w2").drain(NATIONAL)
        assert house.read(x).stage is Stage.PARKED

    house.receiver.meanwhile = another
    asyncio.run(house.runner.walk(lease))
    house.work()

    assert house.read(x).stage is Stage.RECONCILED


def test_a_receipt_counts_though_a_person_has_parked_the_report_meanwhile(house: House) -> None:
    x = packaged(house)

    async def hold() -> None:
        operate.park(house.doors, x.id, WHO)

    house.receiver.meanwhile = hold
    house.drain()

    assert "Delivered" in house.facts(x)


def test_a_receipt_counts_though_the_doubt_was_resolved_the_other_way_meanwhile(house: House) -> None:
    """Slower than anybody thought possible; but to drop the receipt is to send once more."""
    x = packaged(house)
    lease = leased(house)

    async def another() -> None:
        house.ledger.release(lease)
        house.clock.move(minutes=5)
        house.receiver.endings.append(Ending.UNREACHABLE)
        await house.worker("w2").drain(NATIONAL)
        assert house.read(x).stage is Stage.PACKAGED

    house.receiver.meanwhile = another
    asyncio.run(house.runner.walk(lease))
    house.until(x, Stage.RECONCILED)

    assert len(house.receiver.held) == 1


# ── bugs of ours ─────────────────────────────────────────────────────────────────────────────────
def test_three_stumbles_in_preparation_park_the_report_with_the_trace(build: Build) -> None:
    house = build(translator=Poisoned())
    x = house.hand_in(note="độc")
    now = house.until(x, Stage.PARKED)

    assert (now.stumbles, now.before) == (3, Stage.VERIFIED)
    assert "ZeroDivisionError" in house.last(x, Stumbled).trace
    assert house.last(x, Parked).why.code == "F-004"
    assert "a figure nobody thought of" in house.last(x, Parked).why.title.en
    assert house.facts(x) == [
        "Accepted", "Validated", "Verified", "Stumbled", "Postponed", "Stumbled", "Postponed", "Stumbled", "Parked",
    ]  # fmt: skip


class Unwritable(Poisoned):
    """The same bug, with a result that no journal can write: half a surrogate pair."""

    def translate(self, report: Report, pack: str, catalogue: Catalogue | None) -> Translation:
        done = TRANSLATOR.translate(report, pack, catalogue)
        return replace(done, pack="\ud800") if report.head.note == "độc" else done


def test_what_cannot_be_written_down_is_a_stumble_and_the_others_go_on(build: Build) -> None:
    house = build(translator=Unwritable())
    poisoned = house.hand_in("k1", note="độc")
    other = house.hand_in("k2", period="LICH:2026M02")
    house.work()
    assert house.read(other).stage is Stage.RECONCILED

    assert house.until(poisoned, Stage.PARKED).stumbles == 3
    assert "UnicodeEncodeError" in house.last(poisoned, Stumbled).trace


def test_a_name_that_no_store_has_a_place_for_is_refused_by_name_and_the_others_go_on(house: House) -> None:
    strange = replace(incoming("k1"), payload=b'{"\\ud800": 1}')
    x, _ = accept(house.doors, strange)
    other = house.hand_in("k2")
    house.work()

    refused = house.last(x, Refused)
    assert "\\ud800" in refused.reasons[0].title.vi
    assert house.read(other).stage is Stage.RECONCILED


def test_an_answer_that_cannot_be_written_down_parks_the_report_where_it_stood(house: House) -> None:
    house.receiver.reasons = ("\ud800",)
    now = house.until(house.hand_in(), Stage.PARKED)

    assert (now.before, now.stumbles) == (Stage.DELIVERED, 3)
    assert len(house.receiver.held) == 1


def test_a_poisoned_report_stops_its_own_lane_only(build: Build) -> None:
    house = build(translator=Poisoned())
    poisoned = house.hand_in("k1", note="độc")
    others = [house.hand_in(f"k{n}", period=f"LICH:2026M0{n}") for n in range(2, 6)]
    house.work()

    assert [house.read(x).stage for x in others] == [Stage.RECONCILED] * 4
    assert house.until(poisoned, Stage.PARKED).blocks_lane


def test_what_is_prepared_together_is_mapped_in_one_run_and_what_fails_there_fails_alone(build: Build) -> None:
    counting = Counting()
    house = build(translator=counting)
    good = [house.hand_in(f"k{n}", reporter=f"H56.{n}") for n in range(3)]
    unknown = house.hand_in("k9", reporter="H56.9", values=[{**FIGURES[0], "indicator": "ZZZ"}])
    house.runner.prepare(NATIONAL)

    assert counting.runs == [4]
    assert {house.read(x).stage for x in good} == {Stage.PACKAGED}
    assert house.facts(unknown)[-1] == "Refused"


def test_once_the_bug_is_mended_a_released_report_goes_on_with_new_chances(build: Build) -> None:
    translator = Poisoned()
    house = build(translator=translator)
    x = house.hand_in(note="độc")
    house.until(x, Stage.PARKED)
    translator.cured = True
    operate.release(house.doors, x.id, WHO)
    house.work()

    assert (house.read(x).stage, house.read(x).stumbles) == (Stage.RECONCILED, 0)


def test_three_stumbles_on_a_wire_park_the_report_and_send_nothing_again(house: House) -> None:
    house.receiver.deaf = RuntimeError("an answer nobody thought of")  # type: ignore[assignment]
    x = house.hand_in()
    now = house.until(x, Stage.PARKED)

    assert (now.stumbles, now.before) == (3, Stage.DELIVERED)
    assert house.last(x, Stumbled).step == "confirm"
    assert len(house.receiver.sends) == 1


def test_a_bug_over_the_receipt_leaves_the_report_in_doubt_and_it_is_asked_after(house: House) -> None:
    house.receiver.endings.append(Ending.BUG_AFTER)
    x = house.hand_in()
    house.work()
    assert house.read(x).stage is Stage.IN_DOUBT

    house.until(x, Stage.RECONCILED)
    assert house.last(x, Delivered).recovered
    assert len(house.receiver.held) == 1


class Clumsy:
    """A scribe with a bug."""

    def prepare(self, *_: object) -> Any:
        raise ValueError("a letter the typesetter does not know")

    edxml = prepare


def test_a_bug_while_diverting_is_written_down_like_any_other(build: Build) -> None:
    house = build(scribe=Clumsy(), at=EVENING)
    house.receiver.otherwise = Ending.UNREACHABLE
    x = house.hand_in()

    for _ in range(12):
        house.work()
        house.clock.move(minutes=6)

    assert house.read(x).stage is Stage.PARKED
    assert house.facts(x).count("Stumbled") == 3


# ── what is declared no more ─────────────────────────────────────────────────────────────────────
def test_a_report_whose_agreement_was_taken_away_is_kept_for_a_person(house: House) -> None:
    x = house.hand_in()
    house.agreements.clear()
    house.work()

    assert house.read(x).stage is Stage.PARKED
    assert house.last(x, Parked).why.code == "F-005"


def test_a_report_whose_partner_was_taken_away_is_kept_for_a_person_unsent(house: House) -> None:
    """An operator's doing, not a bug of ours: said as such, and nothing is in doubt over it."""
    x = packaged(house)
    house.channels.clear()
    house.until(x, Stage.PARKED)

    assert house.last(x, Parked).why.code == "F-005"
    assert "Attempted" not in house.facts(x)


def test_a_report_whose_partner_and_agreement_are_gone_does_not_stop_the_others(house: House) -> None:
    house.receiver.judgement = None
    x = house.hand_in()
    house.work()
    house.channels.clear()
    house.agreements.clear()
    house.clock.move(minutes=1)

    assert house.until(x, Stage.PARKED).before is Stage.DELIVERED


def test_a_lane_that_waits_behind_a_parked_doubt_holds_up_no_other(build: Build) -> None:
    house = build(agreed(when_unaskable=WhenUnaskable.PARK))
    house.receiver.askable = False
    house.receiver.endings.append(Ending.LOST_ON_THE_WAY)
    doubtful = house.hand_in("k1")
    house.until(doubtful, Stage.PARKED)
    behind, beside = house.hand_in("k2", revision=2), house.hand_in("k3", period="LICH:2026M10")
    house.later(hours=1)

    assert house.read(behind).stage is Stage.PACKAGED
    assert house.read(beside).stage is Stage.RECONCILED
