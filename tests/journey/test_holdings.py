"""Which exchanges of a period are compared with what the receiver holds, and what its silence means."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import cast

import pytest

from gateway.domain.account import Tally
from gateway.domain.errors import NotFound, Unavailable, problem
from gateway.domain.exchange import Exchange, Stage
from gateway.domain.parcel import Answer, Parcel, Receipt, Unknown
from gateway.domain.part import Place
from gateway.journey import holdings, operate
from gateway.journey.accept import accept
from gateway.journey.comparing import Balance, balance
from gateway.journey.holdings import Chosen, Held, Undecided, asked, chosen
from gateway.journey.operate import Corrected as HandedIn
from gateway.ports import Channel, Journal
from tests.journey.composite import composite, linked
from tests.journey.conftest import Build
from tests.journey.scene import EVENING, WHO, House, submission
from tests.journey.wires import NATIONAL, figures

MONTH = "LICH:2026M11"
GRDP = figures(("T0101", "phan_tram", "11.75"))
SAME = Balance(same=3)


def of(house: House, *periods: str, parcels: Collection[str] = ()) -> Chosen:
    return chosen(house.ledger, NATIONAL, periods or (MONTH,), parcels)


def answers(house: House, exchanges: Iterable[Exchange]) -> tuple[list[Held | Undecided], Unavailable | None]:
    heard: list[Held | Undecided] = []
    return heard, asyncio.run(asked(house.doors, exchanges, heard.append))


def held(house: House, *periods: str) -> list[Held]:
    """What came of everything that is compared; nothing else may come."""
    heard, silent = answers(house, of(house, *periods).comparing)
    assert silent is None
    assert all(isinstance(one, Held) for one in heard)
    return cast(list[Held], heard)


def reconciled(house: House, key: str = "k1", **changes: object) -> Exchange:
    return house.until(house.hand_in(key, **changes), Stage.RECONCILED)


class Curt:
    """The receiver behind a door that has one HTTP status for whoever wants a statement, of some or all packets."""

    def __init__(self, house: House, status: int, *of_these: str, knows: bool = True) -> None:
        self._real, self._status, self._these, self._knows = house.receiver, status, of_these, knows
        self.refused = 0
        house.channels[NATIONAL] = cast(Channel, self)

    async def statement(self, parcel: Parcel, receipt: Receipt) -> bytes:
        if self._these and receipt.reference not in self._these:
            return await self._real.statement(parcel, receipt)
        self.refused += 1
        raise Unavailable(problem("A-002", destination=NATIONAL, status=self._status))

    async def inquire(self, parcel: Parcel) -> Receipt | Unknown:
        return await self._real.inquire(parcel) if self._knows else Unknown.NOT_THERE


def test_a_report_of_the_period_is_compared_and_one_of_another_is_not(house: House) -> None:
    x = reconciled(house)
    reconciled(house, "k2", period="LICH:2026M10")

    [one] = held(house)
    assert (one.exchange.id, one.known, balance(one.pairs)) == (x.id, True, SAME)


def test_reading_moves_nothing_and_records_nothing(house: House) -> None:
    reconciled(house)
    size = house.size()
    house.receiver.retold = lambda values: values[1:]

    assert balance(held(house)[0].pairs) == Balance(same=2, only_ours=1)
    assert house.size() == size


def test_the_newest_revision_that_was_answered_stands_for_its_report(house: House) -> None:
    reconciled(house)
    second = reconciled(house, "k2", revision=2)
    house.receiver.judgement = Answer.RETURNED
    house.until(house.hand_in("k3", revision=3), Stage.RETURNED)

    found = of(house)
    assert [x.id for x in found.comparing] == [second.id]
    assert (found.aside, found.undecided) == ({Stage.CORRECTED: 1, Stage.RETURNED: 1}, [])


def test_a_whole_revision_stands_alone_whatever_was_taken_of_the_one_before(house: House) -> None:
    house.receiver.judgement, house.receiver.rejected = Answer.PARTLY, (Place("0101", "38"),)
    house.receiver.tally = Tally(3, 2, rejected=1)
    house.until(house.hand_in(), Stage.PARTLY_ACCEPTED)
    house.receiver.judgement = Answer.ACCEPTED
    second = reconciled(house, "k2", revision=2)

    found = of(house)
    assert ([x.id for x in found.comparing], found.aside) == ([second.id], {Stage.PARTLY_ACCEPTED: 1})


def test_an_older_revision_that_was_never_judged_is_left_aside_once_a_newer_one_stands(house: House) -> None:
    first = house.hand_in()
    house.receiver.judged[first.id] = None
    house.until(first, Stage.DELIVERED)
    second = reconciled(house, "k2", revision=2)

    found = of(house)
    assert [x.id for x in found.comparing] == [second.id]
    assert (found.undecided, found.aside) == ([], {Stage.DELIVERED: 1})


def test_a_newer_revision_without_an_answer_is_undecided_beside_the_one_that_stands(house: House) -> None:
    first = reconciled(house)
    house.receiver.judgement = None
    second = house.until(house.hand_in("k2", revision=2), Stage.DELIVERED)

    found = of(house)
    assert ([x.id for x in found.comparing], [x.id for x in found.undecided]) == ([first.id], [second.id])


def test_a_report_that_went_as_a_document_is_undecided(build: Build) -> None:
    house = build(at=EVENING)
    x, _ = house.sent_as_document()

    assert [one.id for one in of(house).undecided] == [x.id]


def test_one_that_disagreed_and_was_parked_is_compared_again(house: House) -> None:
    house.receiver.retold = lambda values: values[1:]
    house.until(house.hand_in(), Stage.PARKED)
    house.receiver.retold = lambda values: values

    assert [balance(one.pairs) for one in held(house)] == [SAME]


def test_what_is_not_read_yet_is_counted_and_belongs_to_no_period(house: House) -> None:
    house.hand_in()

    found = of(house)
    assert (found.unread, found.comparing, found.undecided, found.aside) == (1, [], [], {})


def test_the_correction_of_what_was_rejected_is_compared_together_with_what_was_taken_before(house: House) -> None:
    place = Place("0101", "38")
    house.receiver.judgement, house.receiver.rejected = Answer.PARTLY, (place,)
    house.receiver.tally = Tally(3, 2, rejected=1)
    house.receiver.retold = lambda values: [v for v in values if not v["value"].startswith("12.5")]
    x = house.until(house.hand_in(), Stage.PARTLY_ACCEPTED)
    assert [balance(one.pairs) for one in held(house)] == [Balance(same=2)]

    house.receiver.judgement = Answer.ACCEPTED
    handed_in = HandedIn("application/json", submission(values=GRDP))
    part, _ = operate.replay_rejected(house.doors, x.id, WHO, handed_in)
    house.until(part, Stage.RECONCILED)

    assert {one.exchange.id: balance(one.pairs) for one in held(house)} == {
        x.id: Balance(same=2),
        part.id: Balance(same=1),
    }
    assert of(house).aside == {}


def test_a_rejected_value_that_they_hold_all_the_same_is_theirs_alone(house: House) -> None:
    house.receiver.judgement, house.receiver.rejected = Answer.PARTLY, (Place("0101", "38"),)
    house.receiver.tally = Tally(3, 2, rejected=1)
    house.until(house.hand_in(), Stage.PARTLY_ACCEPTED)

    assert [balance(one.pairs) for one in held(house)] == [Balance(same=2, only_theirs=1)]


def test_of_a_composite_the_parts_are_compared_too(build: Build) -> None:
    house = build(linked())
    house.until(accept(house.doors, composite())[0], Stage.RECONCILED)
    house.receiver.says_parts = lambda told: told[:-1]

    [one] = held(house)
    assert (balance(one.pairs), [part.split(" / ")[0] for part in one.parts]) == (SAME, ["thiếu"])


def test_parcels_are_found_whatever_their_period(house: House) -> None:
    x = house.read(reconciled(house, period="LICH:2026M10"))
    assert x.parcel is not None
    digest = x.parcel.body.digest

    assert {name: one.id for name, one in of(house, parcels={digest, "0" * 64}).named.items()} == {digest: x.id}


def test_every_page_of_the_journal_is_read(house: House) -> None:
    reports = [reconciled(house, f"k{n}", reporter=f"H56.{n}") for n in range(5)]
    looked: list[int] = []

    found = chosen(house.ledger, NATIONAL, (MONTH,), tell=looked.append, page=2)
    assert [x.id for x in found.comparing] == [x.id for x in reports]
    assert looked == [2, 4, 5]


def test_the_answers_come_in_order_and_each_report_is_asked_after_once(house: House) -> None:
    reports = [reconciled(house, f"k{n}", reporter=f"H56.{n}") for n in range(20)]

    assert [one.exchange.id for one in held(house)] == [x.id for x in reports]


def test_a_packet_that_they_do_not_know_is_ours_alone(house: House) -> None:
    reconciled(house)
    Curt(house, 404, knows=False)

    [one] = held(house)
    assert (one.known, balance(one.pairs)) == (False, Balance(only_ours=3))


@pytest.mark.parametrize("status", [400, 404])
def test_an_answer_that_cannot_be_used_leaves_that_report_undecided_and_the_others_are_asked(
    house: House, status: int
) -> None:
    first, second = (reconciled(house, f"k{n}", reporter=f"H56.{n}") for n in range(2))
    assert first.receipt is not None
    Curt(house, status, first.receipt.reference)
    [undecided, fine], silent = answers(house, of(house).comparing)

    assert silent is None
    assert isinstance(undecided, Undecided)
    assert undecided.why is not None
    assert (undecided.exchange.id, undecided.why.code) == (first.id, "A-002")
    assert isinstance(fine, Held)
    assert fine.exchange.id == second.id


def test_a_receiver_that_is_broken_is_not_asked_for_all_the_others(house: House) -> None:
    reports = [reconciled(house, f"k{n}", reporter=f"H56.{n}") for n in range(30)]
    curt = Curt(house, 503)
    heard, silent = answers(house, reports)

    assert (heard, silent.problem.code if silent else "") == ([], "A-002")
    assert curt.refused < len(reports) / 2


def test_what_is_no_longer_kept_here_is_undecided_and_says_so(house: House) -> None:
    x = reconciled(house)

    class Emptied:
        def bytes_of(self, digest: str) -> bytes:
            raise NotFound(problem("F-006", name=digest))

        def __getattr__(self, name: str) -> object:
            return getattr(house.ledger, name)

    emptied = replace(house.doors, journal=cast(Journal, Emptied()))
    found = holdings.compared(emptied, house.read(x), {"values": []})

    assert isinstance(found, Undecided)
    assert found.why is not None
    assert found.why.code == "F-006"
