"""What offices say of a document after its end is looked for by itself."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from gateway.domain.errors import Unavailable, problem
from gateway.domain.exchange import Stage
from gateway.journey.late import LateWord
from gateway.ports import DocumentStatus
from tests.journey.conftest import Build
from tests.journey.scene import House
from tests.journey.test_statuses import sent
from tests.journey.wires import AXIS, Axis


@pytest.fixture
def house(build: Build) -> House:
    return build()


def says(house: House, code: str, package: str, document: str = "H56,2026/11/20,128/BC-UBND") -> None:
    house.axis.waiting.append(DocumentStatus(document, "G22", code, "", "", package, b"<s/>", about="128/BC-UBND"))


def looks(late: LateWord, house: House, **passed: float) -> None:
    house.clock.move(**passed)
    asyncio.run(late.look(AXIS))


def test_a_document_given_back_after_it_was_taken_in_is_known_without_anybody_asking(house: House) -> None:
    x, late = sent(house), LateWord(house.doors)
    says(house, "03", "tt-1")
    house.later(minutes=1)
    assert house.read(x).stage is Stage.DOCUMENT_ACCEPTED
    says(house, "15", "tt-2")

    looks(late, house, minutes=1)
    assert (late.due(), house.read(x).offices) == ([], {"G22": "03"})  # not so often
    looks(late, house, minutes=5)
    assert (house.read(x).offices, house.axis.waiting) == ({"G22": "15"}, [])


def test_a_document_on_its_way_is_left_to_who_follows_it(house: House) -> None:
    x, late = sent(house), LateWord(house.doors)
    says(house, "03", "tt-1")
    looks(late, house, minutes=6)

    assert (house.read(x).stage, len(house.axis.waiting)) == (Stage.SENT, 1)


def test_what_nobody_claims_is_named_once_and_stays(house: House, caplog: pytest.LogCaptureFixture) -> None:
    sent(house)
    late = LateWord(house.doors)
    says(house, "03", "tt-1", document="H99,2026/11/20,7/BC")
    looks(late, house, minutes=6)
    looks(late, house, minutes=6)

    assert [record.why for record in caplog.records if record.message == "status unclaimed"] == ["F-106"]  # type: ignore[attr-defined]
    assert len(house.axis.waiting) == 1


class Away(Axis):
    async def statuses(self) -> list[DocumentStatus]:
        raise Unavailable(problem("A-001", destination=AXIS, reason="connection refused"))


def test_a_route_that_does_not_answer_is_asked_again_later(house: House) -> None:
    late = LateWord(replace(house.doors, peers=replace(house.peers, routes={AXIS: Away()})))
    looks(late, house, minutes=6)
    assert late.due() == []

    house.clock.move(minutes=6)
    assert late.due() == [AXIS]
