"""What a person says of a status that the gateway could not place: counted once, by name and reason, never a guess."""

from __future__ import annotations

import asyncio

import pytest

from gateway.domain.errors import Conflict, NotFound, Rejected, problem
from gateway.domain.exchange import Exchange, Stage
from gateway.domain.facts import Attributed, DocumentAccepted
from gateway.journey.attribute import Told, attribute
from gateway.journey.statuses import sort_out
from gateway.ports import DocumentStatus
from tests.journey.conftest import Build
from tests.journey.scene import WHO, House
from tests.journey.test_statuses import sent, sent_as_of
from tests.journey.wires import AXIS

PHONED = Told("G22", "03", "08:30:00 21/11/2026")


@pytest.fixture
def house(build: Build) -> House:
    return build()


def lost(day: str = "", code: str = "03", package: str = "tt-1") -> DocumentStatus:
    """A status that says number and symbol alone."""
    at = "08:00:00 21/11/2026"
    return DocumentStatus("", "G22", code, "", at, package, b"<s/>", about="128/BC-UBND", issued=day, otherwise="")


def unread(package: str = "tt-1") -> DocumentStatus:
    why = problem("C-005", path="data", line="-", reason="base64", expected="edXML")
    return DocumentStatus("", "", "", "", "", package, b"\xff", unread=why)


def assign(house: House, x: Exchange, package: str = "tt-1", told: Told | None = None) -> Exchange:
    return asyncio.run(attribute(house.doors, x.id, package, told or Told(), WHO))


def facts(house: House, x: Exchange) -> list[object]:
    return [link.fact for link in house.ledger.history(x.id)]


def test_a_status_that_fits_two_documents_counts_for_the_one_a_person_names(house: House) -> None:
    one = sent_as_of(house, "k1", "H56", "2026-05-11")
    other = sent_as_of(house, "k2", "H57", "2025-11-20")
    house.axis.waiting.append(lost())
    [(_, why)] = asyncio.run(sort_out(house.doors, AXIS)).unclaimed
    assert (why.code, "tt-1" in why.advice.vi, "tt-1" in why.advice.en) == ("F-120", True, True)

    assert assign(house, one).stage is Stage.DOCUMENT_ACCEPTED
    assert house.read(other).stage is Stage.SENT
    assert house.axis.waiting == []
    [given] = [fact for fact in facts(house, one) if isinstance(fact, Attributed)]
    assert (given.by, given.why, given.axis_id, given.code) == (WHO.name, WHO.because, "tt-1", "03")


def test_what_was_cut_off_before_the_route_heard_of_it_is_told_once(house: House) -> None:
    x = sent_as_of(house, "k1", "H56", "2026-05-11")
    house.axis.waiting.append(lost("2020-01-01"))
    assign(house, x)
    told = len(facts(house, x))
    house.axis.waiting.append(lost("2020-01-01"))  # as after a kill between our disk and the route

    assert assign(house, x).stage is Stage.DOCUMENT_ACCEPTED
    assert (len(facts(house, x)), house.axis.waiting) == (told, [])


def test_a_package_that_nobody_can_read_says_what_the_office_said(house: House) -> None:
    x = sent(house)
    house.axis.waiting.append(unread())
    assert assign(house, x, told=PHONED).stage is Stage.DOCUMENT_ACCEPTED

    [taken] = [fact for fact in facts(house, x) if isinstance(fact, DocumentAccepted)]
    assert (taken.recipient, taken.at) == ("G22", "08:30:00 21/11/2026")
    assert house.ledger.bytes_of(taken.status.digest) == b"\xff"


@pytest.mark.parametrize(
    ("told", "missing"),
    [
        (Told(), "--status, --recipient, --at"),
        (Told("G22", "03"), "--at"),
        (Told("G22", "99", "08:30:00 21/11/2026"), "--status (99?)"),
    ],
)
def test_what_nobody_said_is_asked_for_and_not_guessed(house: House, told: Told, missing: str) -> None:
    x = sent(house)
    house.axis.waiting.append(unread())
    before = facts(house, x)
    with pytest.raises(Rejected) as refused:
        assign(house, x, told=told)

    assert (refused.value.problem.code, refused.value.problem.details["fields"]) == ("F-125", missing)
    assert (facts(house, x), len(house.axis.waiting)) == (before, 1)


def test_nobody_makes_a_rejection_of_an_acceptance(house: House) -> None:
    x = sent_as_of(house, "k1", "H56", "2026-05-11")
    house.axis.waiting.append(lost("2020-01-01"))
    with pytest.raises(Rejected) as refused:
        assign(house, x, told=Told(code="02"))
    assert (refused.value.problem.code, refused.value.problem.details["fields"]) == ("F-126", "--status: 03")


def test_a_status_that_names_another_document_stays_its_own(house: House) -> None:
    one, other = sent_as_of(house, "k1", "H56", "2026-05-11"), sent_as_of(house, "k2", "H57", "2025-11-20")
    assert other.ready is not None
    named = DocumentStatus(other.ready.document_id, "G22", "03", "", "", "tt-1", b"<s/>")
    house.axis.waiting.append(named)
    with pytest.raises(Conflict) as refused:
        assign(house, one)
    assert (refused.value.problem.code, refused.value.problem.details["other"]) == ("F-124", other.id)


def test_a_word_of_an_office_under_its_new_code_counts_once_a_person_says_whose_it_is(house: House) -> None:
    x = sent_as_of(house, "k1", "H56", "2026-05-11")
    moved = DocumentStatus("H56,11/05/2026,128-BC", "G99", "03", "", "08:00:00 21/11/2026", "tt-1", b"<s/>")
    house.axis.waiting.append(moved)
    assert assign(house, x, told=Told(recipient="G22")).offices == {"G22": "03"}


def test_what_does_not_wait_and_what_was_never_sent_cannot_be_assigned(house: House) -> None:
    x = sent(house)
    with pytest.raises(NotFound) as unknown:
        assign(house, x, "tt-9")
    assert unknown.value.problem.code == "F-123"
    with pytest.raises(Conflict) as early:
        assign(house, house.read(house.hand_in("k7")))
    assert early.value.problem.code == "F-007"
