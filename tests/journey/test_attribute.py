"""What a person says of a status that the gateway could not place: counted once, by name and reason, never a guess."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from gateway.domain.errors import Conflict, NotFound, Rejected, problem
from gateway.domain.exchange import Exchange, Stage
from gateway.domain.facts import Attributed, DocumentAccepted
from gateway.journey import operate
from gateway.journey.attribute import Told, attribute
from gateway.journey.statuses import sort_out
from gateway.ports import DocumentStatus, Entry
from tests.journey.conftest import Build
from tests.journey.scene import WHO, House
from tests.journey.test_statuses import sent, sent_as_of
from tests.journey.wires import AXIS, Killed

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


def test_an_office_is_known_by_either_of_its_codes_and_a_status_without_its_zero(house: House) -> None:
    x = sent_as_of(house, "k1", "H56", "2026-05-11")
    house.axis.waiting.append(lost("2020-01-01"))
    assert assign(house, x, told=Told("000.00.00.G22", "3")).offices == {"G22": "03"}


def test_a_slip_of_the_hand_in_the_office_is_refused_and_the_package_stays(house: House) -> None:
    """Counted for a stranger it would be off the route, and lost to the document."""
    x = sent(house)
    house.axis.waiting.append(unread())
    before = facts(house, x)
    with pytest.raises(Rejected) as refused:
        assign(house, x, told=Told("G2Z", "03", "08:30:00 21/11/2026"))

    assert refused.value.problem.details["fields"] == "--recipient (G2Z?)"
    assert (facts(house, x), len(house.axis.waiting)) == (before, 1)


def cut_off(house: House, x: Exchange, kept: type) -> None:
    """The process is gone once a fact of that shape is on disk."""
    count = [isinstance(fact, kept) for fact in facts(house, x)].count(True)

    class Mortal:
        def append(self, exchange: Exchange, entries: list[Entry], **more: object) -> Exchange:
            if [isinstance(fact, kept) for fact in facts(house, x)].count(True) > count:
                raise Killed
            return house.ledger.append(exchange, entries, **more)  # type: ignore[arg-type]

        def __getattr__(self, name: str) -> object:
            return getattr(house.ledger, name)

    doors = replace(house.doors, journal=Mortal())  # type: ignore[arg-type]
    with pytest.raises(Killed):
        asyncio.run(attribute(doors, x.id, "tt-1", PHONED, WHO))


def test_cut_off_after_the_persons_word_the_same_word_is_taken_up_again(house: House) -> None:
    x = sent(house)
    house.axis.waiting.append(unread())
    cut_off(house, x, Attributed)
    assert house.read(x).stage is Stage.SENT

    assert assign(house, x, told=PHONED).stage is Stage.DOCUMENT_ACCEPTED
    assert [type(fact) for fact in facts(house, x)].count(Attributed) == 1


def test_a_package_that_one_person_spoke_of_is_not_told_otherwise_by_another(house: House) -> None:
    x = sent(house)
    house.axis.waiting.append(unread())
    cut_off(house, x, Attributed)
    with pytest.raises(Rejected) as refused:
        assign(house, x, told=Told("G22", "02", "09:00:00 21/11/2026"))

    assert refused.value.problem.code == "F-126"
    assert refused.value.problem.details["fields"].startswith("--status: 03")
    assert house.read(x).stage is Stage.SENT
    assert assign(house, x).stage is Stage.DOCUMENT_ACCEPTED  # as the first one told it


def test_a_package_counts_for_one_document_whoever_asks(house: House) -> None:
    """Between the facts and the route somebody else may take the very package for another document."""
    one, other = sent_as_of(house, "k1", "H56", "2026-05-11"), sent_as_of(house, "k2", "H57", "2025-11-20")
    house.axis.waiting.append(lost())
    assign(house, one)
    house.axis.waiting.append(lost())  # as after a kill before the route heard of it
    with pytest.raises(Conflict) as refused:
        assign(house, other)

    assert (refused.value.problem.code, refused.value.problem.details["other"]) == ("F-127", one.id)
    assert house.read(other).stage is Stage.SENT


def test_of_two_people_at_the_same_moment_one_is_told_of_the_other(house: House) -> None:
    one, other = sent_as_of(house, "k1", "H56", "2026-05-11"), sent_as_of(house, "k2", "H57", "2025-11-20")
    house.axis.waiting.append(lost())

    class Slow:
        """Somebody else does the whole of it while this one is about to write."""

        def append(self, exchange: Exchange, entries: list[Entry], **more: object) -> Exchange:
            if house.read(other).stage is Stage.SENT:
                asyncio.run(attribute(house.doors, other.id, "tt-1", Told(), WHO))
            return house.ledger.append(exchange, entries, **more)  # type: ignore[arg-type]

        def __getattr__(self, name: str) -> object:
            return getattr(house.ledger, name)

    with pytest.raises(Conflict) as refused:
        asyncio.run(attribute(replace(house.doors, journal=Slow()), one.id, "tt-1", Told(), WHO))  # type: ignore[arg-type]
    assert refused.value.problem.code == "F-127"
    assert [house.read(each).stage for each in (one, other)] == [Stage.SENT, Stage.DOCUMENT_ACCEPTED]


def test_another_package_under_a_used_name_is_another_package(house: House) -> None:
    """In a folder a name comes again: what a person said of the first is not said of the second."""
    x = sent(house)
    house.axis.waiting.append(unread())
    assign(house, x, told=Told("G22", "01", "08:00:00 21/11/2026"))
    house.axis.waiting.append(replace(unread(), raw=b"\xfe"))
    assert assign(house, x, told=PHONED).stage is Stage.DOCUMENT_ACCEPTED


def test_a_document_that_is_kept_for_a_person_ends_by_what_he_says(house: House) -> None:
    x = sent(house)
    operate.park(house.doors, x.id, WHO)
    house.axis.waiting.append(unread())
    assert assign(house, x, told=PHONED).stage is Stage.DOCUMENT_ACCEPTED
