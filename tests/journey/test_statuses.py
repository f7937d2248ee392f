"""What the offices say of a document: per recipient, upwards only, in any order and as often as they like."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.chain import grow
from gateway.domain.errors import Conflict
from gateway.domain.exchange import OFFICE_RANK, Exchange, Kind, Stage
from gateway.domain.facts import Fact, Numbered, Ready, RecallRefused, Sent
from gateway.domain.parcel import Blob
from gateway.journey import operate
from gateway.journey.recall import recall, send_again
from gateway.journey.statuses import news, sort_out
from gateway.ports import DocumentStatus
from gateway.schemas.edxml.model import Business
from gateway.schemas.edxml.reader import read_document, read_status
from tests.journey.conftest import Build
from tests.journey.scene import QUIET, REGISTERED, WHO, House
from tests.journey.wires import AXIS, NATIONAL, Ending

BLOB = Blob("0" * 64, 1, "application/xml")
ENDED = {"03": Stage.DOCUMENT_ACCEPTED, "02": Stage.DOCUMENT_REJECTED, "15": Stage.RECALLED}


@pytest.fixture
def house(build: Build) -> House:
    return build()


def sent(house: House, key: str = "k1", **changes: object) -> Exchange:
    x = house.hand_in(key, **changes)  # type: ignore[arg-type]
    house.runner.prepare(NATIONAL)
    paper = operate.divert(house.doors, x.id, WHO).paper or ""
    house.number(paper)
    house.work()
    return house.read(paper)


def sorted_out(house: House) -> list[str]:
    """The codes of the problems with statuses that nobody claims."""
    return [why.code for _, why in asyncio.run(sort_out(house.doors, AXIS)).unclaimed]


# ── the lattice ──────────────────────────────────────────────────────────────────────────────────
def travelling(*recipients: str) -> Exchange:
    x = Exchange("vb-1", Kind.DOCUMENT, "a", "document:1", "c", AXIS, "gd-1", stage=Stage.SENT)
    return replace(x, ready=Ready("D", BLOB, recipients), numbered=Numbered("1", "BC", "2026-11-20", "", "", "", ()))


def heard(x: Exchange, codes: list[tuple[str, str]], recipients: tuple[str, ...]) -> tuple[Exchange, list[Fact]]:
    """`x` after all of them came in one list."""
    said = [DocumentStatus("D", by, code, "", "", f"s{n}", b"") for n, (by, code) in enumerate(codes)]
    told = [fact for _, fact in news(x, said, recipients)]
    return _folded(x, told), told


def _folded(x: Exchange, facts: list[Fact]) -> Exchange:
    return grow(x, [(fact, QUIET) for fact in facts])[0]


CODES = st.lists(st.tuples(st.sampled_from(["G22", "G09"]), st.sampled_from(sorted(OFFICE_RANK))), max_size=8)


@given(CODES)
def test_an_office_stands_at_the_furthest_it_ever_said_whatever_the_order(codes: list[tuple[str, str]]) -> None:
    for order in (codes, codes[::-1], codes + codes):
        x, _ = heard(travelling("G22", "G09"), order, ("G22", "G09"))
        for office in ("G22", "G09"):
            furthest = max((OFFICE_RANK[code] for by, code in codes if by == office), default=0)
            assert OFFICE_RANK.get(x.offices.get(office, ""), 0) == furthest


@given(CODES)
def test_only_the_addressee_moves_the_document(codes: list[tuple[str, str]]) -> None:
    x, _ = heard(travelling("G22", "G09"), codes, ("G22", "G09"))
    said = {code for by, code in codes if by == "G22"}
    accepted = "03" if said & {"03", "04", "05", "06"} else ""
    ending = next((code for code in ("15", "02", accepted) if code and code in {*said, accepted}), "")
    expected = ENDED.get(ending, Stage.ARRIVED if "01" in said else Stage.SENT)
    assert x.stage is expected


@given(CODES)
def test_what_was_heard_once_adds_nothing_the_second_time(codes: list[tuple[str, str]]) -> None:
    recipients = ("G22", "G09")
    x, _ = heard(travelling(*recipients), codes, recipients)
    again, told = heard(x, codes, recipients)
    assert (told, again) == ([], x)


def test_an_office_that_writes_its_old_code_is_known(house: House) -> None:
    paper = sent(house)
    house.axis.says("03", by="000.00.00.G22")
    house.later(minutes=1)

    assert house.read(paper).stage is Stage.DOCUMENT_ACCEPTED
    assert house.read(paper).offices == {"G22": "03"}


def test_an_agency_it_was_not_sent_to_is_kept_and_moves_nothing(house: House) -> None:
    paper = sent(house)
    house.axis.says("03", by="G99")
    house.later(minutes=1)

    assert house.read(paper).stage is Stage.SENT
    assert "Progressed" in house.facts(paper)
    assert house.axis.waiting == []


def test_a_bus_that_lost_the_document_id_is_understood_by_number_and_day(house: House) -> None:
    paper = sent(house)
    lost = DocumentStatus("", "G22", "03", "", "", "st-x", b"<s/>", about="128/BC-UBND", issued="2026-11-20")
    house.axis.waiting.append(lost)
    house.later(minutes=1)

    assert house.read(paper).stage is Stage.DOCUMENT_ACCEPTED


# ── after the end, and for nobody ────────────────────────────────────────────────────────────────
def test_what_an_office_says_after_the_end_is_kept_and_taken_off_the_axis(house: House) -> None:
    paper = sent(house)
    house.axis.says("03")
    house.later(minutes=1)
    house.axis.says("05")
    house.axis.says("06")
    assert sorted_out(house) == []

    assert house.axis.waiting == []
    assert house.read(paper).offices == {"G22": "06"}
    assert house.read(paper).stage is Stage.DOCUMENT_ACCEPTED


def test_a_status_of_no_document_stays_on_the_axis_and_is_named(house: House) -> None:
    sent(house)
    house.axis.says("03", about="H56,2026/11/20,999/BC-UBND")
    assert sorted_out(house) == ["F-106"]
    assert len(house.axis.waiting) == 1


def test_a_status_that_fits_two_documents_is_nobodys(house: House) -> None:
    sent(house)
    x = house.hand_in("k2", reporter="H56.02")
    house.runner.prepare(NATIONAL)
    second = operate.divert(house.doors, x.id, WHO).paper or ""
    prepared = house.read(second).prepared
    assert prepared is not None
    files = [
        (a.name, a.description, a.content.media_type, house.ledger.bytes_of(a.content.digest)) for a in prepared.files
    ]
    operate.number(house.doors, second, replace(REGISTERED, issued="2025-11-20"), files, WHO)
    house.work()
    house.axis.waiting.append(DocumentStatus("", "G22", "03", "", "", "st-x", b"<s/>", about="128/BC-UBND"))

    assert sorted_out(house) == ["F-106"]


# ── asked back ───────────────────────────────────────────────────────────────────────────────────
def test_a_document_sent_by_mistake_is_asked_back_once_and_given_back(house: House) -> None:
    paper = sent(house)
    recall(house.doors, paper.id, WHO)
    house.later(minutes=1)
    [(recipient, package)] = house.axis.told
    asked = read_status(package)
    assert (recipient, asked.code, asked.about.organ_id, asked.about.document_id) == (
        "G22", "13", "G22", "H56,2026/11/20,128/BC-UBND",
    )  # fmt: skip
    house.axis.says("15")
    house.later(minutes=1)

    assert house.read(paper).stage is Stage.RECALLED
    assert len(house.axis.told) == 1


def test_an_office_that_keeps_it_leaves_the_document_where_it_stood(house: House) -> None:
    paper = sent(house)
    house.axis.says("01")
    house.later(minutes=1)
    recall(house.doors, paper.id, WHO)
    house.later(minutes=1)
    house.axis.says("16", "đã xử lý")
    house.later(minutes=1)

    assert house.last(paper, RecallRefused).why == "đã xử lý"
    assert house.read(paper).stage is Stage.ARRIVED
    with pytest.raises(Conflict):
        recall(house.doors, paper.id, WHO)


def test_what_was_taken_in_is_not_asked_back(house: House) -> None:
    paper = sent(house)
    house.axis.says("03")
    house.later(minutes=1)
    with pytest.raises(Conflict) as caught:
        recall(house.doors, paper.id, WHO)
    assert caught.value.problem.code == "F-007"


def test_a_person_who_asked_the_office_sends_the_same_bytes_again(house: House) -> None:
    paper = sent(house)
    house.axis.documents.clear()  # it was lost beyond the hub
    send_again(house.doors, paper.id, WHO)
    house.later(minutes=1)
    ready = house.read(paper).ready
    assert ready is not None

    assert [package for *_, package in house.axis.documents] == [house.ledger.bytes_of(ready.edxml.digest)]
    assert len([r for r in house.ledger.history(paper.id) if isinstance(r.fact, Sent)]) == 2


# ── replaced, and numbered twice ─────────────────────────────────────────────────────────────────
def test_a_corrected_report_goes_as_a_new_document_that_replaces_the_old_one(house: House) -> None:
    first = sent(house)
    house.receiver.otherwise = Ending.UNREACHABLE
    x = house.hand_in("k2", revision=2)
    house.runner.prepare(NATIONAL)
    paper = operate.divert(house.doors, x.id, WHO).paper or ""
    prepared = house.read(paper).prepared
    assert prepared is not None
    files = [
        (a.name, a.description, a.content.media_type, house.ledger.bytes_of(a.content.digest)) for a in prepared.files
    ]
    operate.number(house.doors, paper, replace(REGISTERED, number="131"), files, WHO)
    house.work()
    document = read_document(house.axis.documents[-1][2])

    assert document.business is Business.REPLACE
    assert [(each.document_id, each.organ_ids) for each in document.replaces] == [
        (house.last(first, Ready).document_id, ("G22",))
    ]


def test_a_number_is_given_once_in_a_year(house: House) -> None:
    sent(house)
    x = house.hand_in("k2", reporter="H56.02")
    house.runner.prepare(NATIONAL)
    paper = operate.divert(house.doors, x.id, WHO).paper or ""
    with pytest.raises(Conflict) as caught:
        house.number(paper)
    assert caught.value.problem.code == "F-105"
    assert house.read(paper).stage is Stage.PREPARED
