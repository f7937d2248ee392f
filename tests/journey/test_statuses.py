"""What the offices say of a document: per recipient, upwards only, in any order and as often as they like."""

from __future__ import annotations

import asyncio
import gc
from base64 import b64encode
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.console.told import told
from gateway.domain.chain import grow
from gateway.domain.errors import Conflict
from gateway.domain.exchange import OFFICE_RANK, Exchange, Kind, Stage
from gateway.domain.facts import Fact, Numbered, Progressed, Ready, RecallRefused, Sent
from gateway.domain.parcel import Blob
from gateway.journey import operate
from gateway.journey.recall import recall, send_again
from gateway.journey.statuses import news, sort_out
from gateway.ports import DocumentStatus, Entry
from gateway.schemas.edxml.model import Answered, Business, Organ, Status
from gateway.schemas.edxml.reader import read_document, read_status
from gateway.schemas.edxml.statuses import document_status, status_in
from gateway.schemas.edxml.writer import write_status
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
    fact = house.last(paper, Progressed)
    assert fact.stranger
    assert "không có trong nơi nhận" in told(fact, "vi")
    assert "not sent" in told(fact, "en")
    assert house.axis.waiting == []


def test_what_such_an_agency_says_is_named_to_the_clerk_who_looks(house: House) -> None:
    paper = sent(house)
    house.axis.says("02", by="G99")
    [(_, why)] = asyncio.run(sort_out(house.doors, AXIS)).unclaimed

    assert why.code == "F-121"
    for text in (why.title.vi, why.title.en):
        assert all(said in text for said in ("G99", "02", paper.id))
    assert house.axis.waiting == []
    assert house.read(paper).stage is Stage.SENT


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


def _sent_too(house: House, **registered: str) -> Exchange:
    """Another report that goes as a document of that number."""
    x = house.hand_in("k2", reporter="H56.02")
    house.runner.prepare(NATIONAL)
    second = operate.divert(house.doors, x.id, WHO).paper or ""
    prepared = house.read(second).prepared
    assert prepared is not None
    files = [
        (a.name, a.description, a.content.media_type, house.ledger.bytes_of(a.content.digest)) for a in prepared.files
    ]
    operate.number(house.doors, second, replace(REGISTERED, **registered), files, WHO)
    house.work()
    return house.read(second)


def _lost(day: str, by: str = "G22", number: str = "128") -> DocumentStatus:
    """A status as it comes off the wire from a bus that lost the DocumentId and writes the day in its own order."""
    raw = write_status(
        Status(Organ(by, by), Answered("H56", f"{number}/BC-UBND", "2026-11-20", ""), "03", "", "2026-11-20 10:00:00")
    )
    assert b">2026/11/20</" in raw
    return document_status("st-x", raw.replace(b">2026/11/20</", f">{day}</".encode()))


@pytest.mark.parametrize(
    "day",
    [
        "2026/11/20", "2026-11-20", "20/11/2026", "11/20/2026", "20-11-2026", "20.11.2026", "2026-11-20T00:00:00",
        "2026-11-19T17:00:00Z", "11/20/2026 00:00:00", "",
    ],
)  # fmt: skip
def test_a_day_is_known_in_whatever_order_it_is_written(house: House, day: str) -> None:
    paper = sent(house)
    house.axis.waiting.append(_lost(day))
    house.later(minutes=1)

    assert house.read(paper).stage is Stage.DOCUMENT_ACCEPTED
    assert house.axis.waiting == []


@pytest.mark.parametrize("day", ["2025/11/20", "21/11/2026", "hôm qua", "31/31/2026", "20/11/26"])
def test_a_day_that_is_not_the_documents_or_cannot_be_read_is_left_for_a_person(house: House, day: str) -> None:
    paper = sent(house)
    house.axis.waiting.append(_lost(day))
    house.later(minutes=1)

    assert house.read(paper).stage is Stage.SENT
    [(_, why)] = asyncio.run(sort_out(house.doors, AXIS)).unclaimed
    assert why.code == "F-106"
    assert all(text in why.title.vi for text in ("128/BC-UBND", "G22", "03"))


def test_a_package_that_cannot_be_read_stays_there_and_is_named_with_what_is_wrong(house: House) -> None:
    paper = sent(house)
    for name, encoded in (("un-1", "%%%"), ("un-2", b64encode(b"<a/>").decode())):
        house.axis.waiting.append(status_in(name, encoded))
    house.axis.says("03")
    house.later(minutes=1)
    problems = [why for _, why in asyncio.run(sort_out(house.doors, AXIS)).unclaimed]

    assert house.read(paper).stage is Stage.DOCUMENT_ACCEPTED
    assert [(why.code, why.details["package"]) for why in problems] == [("F-122", "un-1"), ("F-122", "un-2")]
    assert "base64" in problems[0].title.vi
    assert [one.axis_id for one in house.axis.waiting] == ["un-1", "un-2"]


def test_an_agency_it_was_not_sent_to_cannot_tell_of_it_by_number_alone(house: House) -> None:
    paper = sent(house)
    house.axis.waiting.append(_lost("2026/11/20", by="G99"))
    house.later(minutes=1)

    assert sorted_out(house) == ["F-106"]
    assert house.read(paper).offices == {}


@pytest.mark.parametrize(
    ("first", "second", "day"),
    [
        ("2026-05-11", "2025-11-20", ""),  # two years, and no day at all
        ("2026-05-11", "2026-11-05", "05/11/2026"),  # of two agencies: the month may stand first
        ("2026-05-11", "2026-11-05", "11/05/2026"),
    ],
)
def test_what_fits_two_documents_counts_for_neither_and_both_are_named(
    build: Build, first: str, second: str, day: str
) -> None:
    house = build()
    one = sent_as_of(house, "k1", "H56", first)
    other = sent_as_of(house, "k2", "H57", second)
    house.axis.waiting.append(_lost(day))
    house.later(minutes=1)

    assert [house.read(x).stage for x in (one, other)] == [Stage.SENT, Stage.SENT]
    [(_, why)] = asyncio.run(sort_out(house.doors, AXIS)).unclaimed
    assert why.code == "F-120"
    for text in (why.title.vi, why.title.en):
        assert all(said in text for said in ("128/BC-UBND", one.id, other.id))


def sent_as_of(house: House, key: str, agency: str, issued: str, number: str = "128") -> Exchange:
    """A document of that agency and number, on its way."""
    x = house.hand_in(key, reporter=f"{agency}.02")
    house.runner.prepare(NATIONAL)
    paper = house.read(operate.divert(house.doors, x.id, WHO).paper or "")
    numbered = Numbered(number, "BC-UBND", issued, "A", "Chủ tịch", "an", (), agency)
    ready = Ready(f"{agency},{issued.replace('-', '/')},{number}/BC-UBND", BLOB, ("G22",))
    now = house.clock.now()
    house.ledger.append(paper, [Entry(fact, now) for fact in (numbered, ready, Sent(f"ax-{key}"))])
    return house.read(paper)


def test_statuses_that_were_settled_are_held_by_nobody(house: House) -> None:
    papers = [sent_as_of(house, f"k{n}", "H56", "2026-11-20", str(n)) for n in range(1, 7)]
    named = [paper.ready.document_id for paper in papers if paper.ready]
    for code in ("01", "01", "03"):
        for name in named:
            raw = f"<s>{code}</s>".encode()
            house.axis.waiting.append(DocumentStatus(name, "G22", code, "", "", f"held-{code}-{name}", raw))
        house.later(minutes=10)
    assert {house.read(paper).stage for paper in papers} == {Stage.DOCUMENT_ACCEPTED}
    assert house.axis.waiting == []

    gc.collect()
    held = [one for one in gc.get_objects() if isinstance(one, DocumentStatus) and one.axis_id.startswith("held-")]
    assert len(held) <= len(papers)  # of eighteen at most those of the last look


def test_a_number_of_two_years_is_told_apart_by_the_year(house: House) -> None:
    one, other = sent(house), _sent_too(house, issued="2025-11-20")
    house.axis.waiting.append(_lost("11/20/2026"))
    house.later(minutes=1)

    assert (house.read(one).stage, house.read(other).stage) == (Stage.DOCUMENT_ACCEPTED, Stage.SENT)


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


# ── while a document waits for a person, or to be sent again ──────────────────────────────────────
@pytest.mark.parametrize("code", ["03", "02"])
def test_what_an_office_says_of_a_document_that_is_kept_ends_it(house: House, code: str) -> None:
    """Kept as progress alone it would be heard by nobody once the document is let go, and its report wait for ever."""
    paper = sent(house)
    operate.park(house.doors, paper.id, WHO)
    house.axis.says(code)
    assert sorted_out(house) == []

    assert house.read(paper).stage is ENDED[code]
    assert house.axis.waiting == []


def test_an_arrival_is_remembered_by_a_document_that_is_kept(house: House) -> None:
    paper = sent(house)
    operate.park(house.doors, paper.id, WHO)
    house.axis.says("01")
    sorted_out(house)
    assert house.read(paper).stage is Stage.PARKED

    operate.release(house.doors, paper.id, WHO)
    assert house.read(paper).stage is Stage.ARRIVED


@pytest.mark.parametrize(("code", "stage"), [("01", Stage.ARRIVED), ("03", Stage.DOCUMENT_ACCEPTED)])
def test_a_document_that_has_come_after_all_is_not_sent_again(house: House, code: str, stage: Stage) -> None:
    """The sent list knew nothing of it, or a person heard the office has nothing; then the office speaks of it."""
    paper = sent(house)
    send_again(house.doors, paper.id, WHO)
    house.axis.says(code)
    assert sorted_out(house) == []
    before = len(house.axis.documents)
    house.later(hours=1)

    assert house.read(paper).stage is stage
    assert len(house.axis.documents) == before
