"""A composite report is one thing: kept whole, judged whole, sent whole, or refused with the part that is to blame."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import date

import pytest

from gateway.domain.errors import Conflict, GatewayError
from gateway.domain.exchange import Stage
from gateway.domain.facts import Accepted, Packaged, Parked, Refused, Validated, facts_known, revive
from gateway.domain.ids import digest_of
from gateway.domain.outline import Narrative, Outline
from gateway.domain.parcel import Answer
from gateway.domain.record import plain
from gateway.journey import operate
from gateway.journey.accept import Incoming, accept
from gateway.journey.enclosing import File
from gateway.ports import Query
from gateway.schemas.national import packet
from gateway.schemas.national.model import Packet, ReportData
from tests.journey.composite import (
    ANNEX,
    FILES,
    HEADER,
    LETTER,
    OUTLINE,
    PDF_BYTES,
    PNG_BYTES,
    as_words,
    composite,
    linked,
    narrative,
)
from tests.journey.conftest import Build
from tests.journey.scene import AGREED, EVENING, WHO, House, incoming, submission
from tests.journey.wires import Ending, figures


@pytest.fixture
def house(build: Build) -> House:
    return build(linked())


def at_the_door(house: House, given: Incoming) -> list[str]:
    """The codes it is refused with; nothing of it is kept."""
    before = house.size()
    with pytest.raises(GatewayError) as caught:
        accept(house.doors, given)
    assert (house.size(), house.ledger.find(Query())) == (before, [])
    return [problem.code for problem in caught.value.problems]


def refused(house: House, given: Incoming) -> list[str]:
    """The codes it is refused with once it was read; nothing went out."""
    x, _ = accept(house.doors, given)
    house.work()
    assert house.receiver.sends == []
    return [reason.code for reason in house.last(x, Refused).reasons]


# ── the door ─────────────────────────────────────────────────────────────────────────────────────
def test_every_part_is_on_disk_to_the_byte_before_the_answer(house: House) -> None:
    x, _ = accept(house.doors, composite())
    house.reopen()

    told = house.last(x, Accepted).submission
    assert told.narrative is not None
    assert house.ledger.bytes_of(told.narrative.digest) == narrative().content
    kept = [(one.name, one.content.media_type, house.ledger.bytes_of(one.content.digest)) for one in told.attachments]
    assert kept == [(LETTER, "application/pdf", PDF_BYTES), (ANNEX, "image/png", PNG_BYTES)]


def test_the_same_key_with_the_same_parts_is_the_same_exchange(house: House) -> None:
    first, _ = accept(house.doors, composite())
    before = house.size()

    again, is_new = accept(house.doors, composite())

    assert (again.id, is_new, house.size()) == (first.id, False, before)


OTHERS = [
    composite(files=(replace(FILES[0], content=PDF_BYTES + b" "), FILES[1])),
    composite(files=(replace(FILES[0], name="khac.pdf"), FILES[1])),
    composite(files=FILES[::-1]),
    composite(files=FILES[:1]),
    composite(told=narrative(sections=[])),
    incoming(),
]


@pytest.mark.parametrize("other", OTHERS, ids=["bytes", "name", "order", "one less", "words", "figures alone"])
def test_the_same_key_with_another_part_is_a_conflict(house: House, other: Incoming) -> None:
    accept(house.doors, composite())
    with pytest.raises(Conflict) as caught:
        accept(house.doors, other)
    assert caught.value.problem.code == "C-008"


def test_figures_alone_have_the_digest_they_always_had(house: House) -> None:
    assert accept(house.doors, incoming())[0].content == digest_of(submission())


def test_an_agreement_for_figures_alone_takes_no_part_and_keeps_none(build: Build) -> None:
    assert at_the_door(build(), composite()) == ["C-030"]


def big(name: str, size: int) -> File:
    return File(name, b"%PDF-" + b"x" * (size - 5))


FAULTS = {
    "too long": ((big("a.pdf", 4001),), ["C-003"]),
    "too long together": ((big("a.pdf", 3500), big("b.pdf", 3500)), ["C-003"]),
    "too many": (tuple(big(f"{n}.pdf", 10) for n in range(5)), ["C-003"]),
    "called alike": ((big("a.pdf", 10), big("A.PDF", 10)), ["C-031"]),
    "no name": ((big("", 10),), ["C-031"]),
    "empty": ((File("a.pdf", b""),), ["C-031"]),
    "a programme": ((File("a.pdf", b"MZ\x90"),), ["C-031"]),
    "an ending that lies": ((File("a.docx", PDF_BYTES),), ["C-031"]),
    "all of it": ((File("a.exe", b"MZ"), big("b.pdf", 4001), File("..", b"")), ["C-003", "C-031", "C-031", "C-031"]),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_file_that_cannot_be_kept_refuses_all_at_the_door(house: House, name: str) -> None:
    files, codes = FAULTS[name]
    assert at_the_door(house, composite(files=files)) == codes


def test_words_of_an_unknown_type_are_refused_at_the_door(house: House) -> None:
    assert at_the_door(house, composite(told=replace(narrative(), media_type=""))) == ["C-006"]


def test_a_history_from_before_composites_still_folds(house: House) -> None:
    """Facts are read back from what was written then: without any of the new fields."""
    x = house.until(house.hand_in(), Stage.RECONCILED)
    for link in house.ledger.history(x.id):
        body = plain(link.fact)
        for young in ("outline", "attached", "part"):
            body.pop(young, None)
        for inner, names in (("submission", ("narrative", "attachments")), ("parcel", ("narrative", "files"))):
            for young in names:
                body.get(inner, {}).pop(young, None)
        assert link.name in facts_known()
        assert revive(link.name, body) == link.fact


# ── read ─────────────────────────────────────────────────────────────────────────────────────────
def test_what_each_file_is_and_which_outline_the_words_follow_is_known_once_it_is_read(house: House) -> None:
    x, _ = accept(house.doors, composite())
    house.work()

    told = house.last(x, Validated)
    assert told.outline == "DC-01@2026"
    assert [(a.name, a.role, a.digest) for a in told.attached] == [
        (LETTER, "narrative", digest_of(PDF_BYTES)), (ANNEX, "annex", digest_of(PNG_BYTES)),
    ]  # fmt: skip


WORDS = {
    "a file nobody attached": (narrative(attachments=[{"name": "khac.pdf", "role": "annex"}]), ["C-032"]),
    "a file it does not name": (narrative(attachments=[{"name": LETTER, "role": "narrative"}]), ["C-032"]),
    "another outline": (narrative(outline="DC-09"), ["C-034"]),
    "a section the outline has not": (narrative(sections=[{"code": "IX", "text": "…"}, {"code": "I.1", "text": "…"}]), ["C-022"]),
    "words too long": (narrative(sections=[{"code": "I.1", "text": "…"}, {"code": "I.2", "text": "x" * 21}]), ["C-022"]),
    "a section twice": (narrative(sections=[{"code": "I.1", "text": "a"}, {"code": "I.1", "text": "b"}]), ["C-022"]),
    "a form's file without its form": (
        narrative(attachments=[{"name": LETTER, "role": "form"}, {"name": ANNEX, "role": "annex"}]), ["C-022"],
    ),
    "a role there is not": (
        narrative(attachments=[{"name": LETTER, "role": "cover"}, {"name": ANNEX, "role": "annex"}]), ["C-005"],
    ),
    "no JSON": (File("loi", b"{", "application/json"), ["C-009"]),
    "no words": (File("loi", b"[]", "application/json"), ["C-005"]),
    "an unknown field": (narrative(tep=[]), ["C-005"]),
    "a packet of another kind": (File("loi", submission(), "application/xml"), ["C-001"]),
}  # fmt: skip


@pytest.mark.parametrize("name", WORDS)
def test_words_that_do_not_fit_refuse_the_whole(house: House, name: str) -> None:
    told, codes = WORDS[name]
    assert refused(house, composite(told=told)) == codes


HEADING, REVENUE, TROUBLE = OUTLINE.sections
QUOTING = replace(OUTLINE, sections=(HEADING, replace(REVENUE, indicators=("0601",)), TROUBLE))


@pytest.mark.parametrize("text", ["Thu đạt 1.050 tỷ đồng", "Thu đạt 1.050.000,5 triệu đồng"])
def test_words_that_state_the_figures_their_outline_has_them_quote_are_taken(build: Build, text: str) -> None:
    house = build(linked(outlines=(QUOTING,)))
    told = narrative(sections=[{"code": "I.1", "text": text}])
    house.until(accept(house.doors, composite(told=told))[0], Stage.RECONCILED)


@pytest.mark.parametrize("text", ["Thu đạt 1.060 tỷ đồng", "Thu đạt khá"])
def test_words_that_state_another_figure_or_none_refuse_the_whole(build: Build, text: str) -> None:
    house = build(linked(outlines=(QUOTING,)))
    x, _ = accept(house.doors, composite(told=narrative(sections=[{"code": "I.1", "text": text}])))
    house.work()
    [reason] = house.last(x, Refused).reasons
    assert (reason.code, reason.details["constraint"]) == ("C-022", "answers-quoted")
    assert reason.details["found"] == "0601 = 1050.0005"
    assert house.receiver.sends == []


def test_a_signed_report_attached_stands_for_the_words_and_else_required_sections_are_missed(house: House) -> None:
    whole = composite(told=narrative(sections=[]))
    assert house.until(accept(house.doors, whole)[0], Stage.RECONCILED)
    bare = narrative(sections=[{"code": "I.2", "text": "…"}], attachments=[])
    x, _ = accept(house.doors, composite("k2", told=bare, files=(), reporter="H56.01"))
    house.work()
    [reason] = house.last(x, Refused).reasons
    assert (reason.code, reason.details["found"]) == ("C-022", "I.1")


def test_files_that_nothing_names_are_refused_and_not_dropped(house: House) -> None:
    assert refused(house, replace(composite(), narrative=None)) == ["C-032", "C-032"]


def test_figures_without_the_narrative_that_was_agreed_are_refused(build: Build) -> None:
    assert refused(build(linked(required=True)), incoming()) == ["C-035"]


@pytest.mark.parametrize("said", ["json", "xml"])
def test_the_narrative_in_either_form_is_taken(house: House, said: str) -> None:
    told = narrative() if said == "json" else as_words()
    house.until(accept(house.doors, composite(told=told))[0], Stage.RECONCILED)


OF_ANOTHER = {"period": "LICH:2026M10", "reporter": "H56.01", "revision": 2}


@pytest.mark.parametrize("name", OF_ANOTHER)
def test_words_of_another_report_than_the_figures_are_refused(house: House, name: str) -> None:
    x, _ = accept(house.doors, composite(told=as_words(**{name: OF_ANOTHER[name]})))
    house.work()
    [reason] = house.last(x, Refused).reasons
    assert (reason.code, reason.details["found"]) == ("C-033", str(OF_ANOTHER[name]))


def test_a_packet_of_words_that_names_other_bytes_is_refused(house: House) -> None:
    other = (FILES[0], replace(FILES[1], content=PNG_BYTES[:-1] + b"!"))
    assert refused(house, composite(told=as_words(), files=other)) == ["C-032"]


# ── sent ─────────────────────────────────────────────────────────────────────────────────────────
def test_it_goes_as_one_parcel_whose_packets_name_each_other_and_every_file(house: House) -> None:
    x = house.until(accept(house.doors, composite())[0], Stage.RECONCILED)

    [(parcel, body)], [(words, *files)] = house.receiver.sends, house.receiver.beside
    figures_sent, words_sent = packet.read(body), packet.read(words)
    assert isinstance(figures_sent.content, ReportData)
    assert isinstance(words_sent.content, Narrative)
    assert figures_sent.content.narrative is not None
    assert figures_sent.content.narrative.digest == digest_of(words)
    assert [a.digest for a in words_sent.content.attachments] == [digest_of(content) for content in files]
    assert files == [PDF_BYTES, PNG_BYTES]
    assert (words_sent.header.correlation_id, words_sent.header.packet) == (x.id, "narrative")
    assert words_sent.content.head.period == figures_sent.content.report.head.period
    assert parcel == house.last(x, Packaged).parcel


def test_a_lost_answer_sends_the_very_same_parts_again(house: House) -> None:
    house.receiver.endings.append(Ending.LOST_ON_THE_WAY)
    house.until(accept(house.doors, composite())[0], Stage.RECONCILED)

    first, second = house.receiver.sends
    assert first == second
    assert house.receiver.beside[0] == house.receiver.beside[1] != ()


def test_a_replay_takes_every_part_along(house: House) -> None:
    x = house.until(accept(house.doors, composite())[0], Stage.RECONCILED)
    again = operate.replay(house.doors, x.id, WHO)
    house.until(again, Stage.RECONCILED)

    assert house.receiver.beside[0][1:] == house.receiver.beside[1][1:] == (PDF_BYTES, PNG_BYTES)
    assert house.last(again, Accepted).submission.attachments == house.last(x, Accepted).submission.attachments


def test_a_part_of_its_figures_is_not_corrected_by_itself(house: House) -> None:
    house.receiver.judgement = Answer.PARTLY
    x = house.until(accept(house.doors, composite())[0], Stage.PARTLY_ACCEPTED)
    with pytest.raises(Conflict) as caught:
        operate.replay_rejected(house.doors, x.id, WHO)
    assert caught.value.problem.code == "E-013"


def test_it_never_goes_as_a_document_of_its_figures_alone(build: Build) -> None:
    house = build(linked(), at=EVENING)
    house.receiver.otherwise = Ending.UNREACHABLE
    x, _ = accept(house.doors, composite())
    for _ in range(12):
        house.later(minutes=20)
    assert house.read(x).stage is Stage.PACKAGED
    with pytest.raises(Conflict) as caught:
        operate.divert(house.doors, x.id, WHO)
    assert caught.value.problem.code == "F-140"
    house.receiver.otherwise = Ending.TAKEN
    house.until(x, Stage.RECONCILED)


def test_with_figures_held_back_it_waits_for_a_person(house: House) -> None:
    values = [*json.loads(submission())["values"], *figures(("T9999", "phan_tram", "1"))]
    x, _ = accept(house.doors, composite(values=values))
    house.work()

    assert house.read(x).stage is Stage.PARKED
    assert house.last(x, Parked).why.code == "D-020"
    operate.release(house.doors, x.id, WHO)
    house.until(x, Stage.RECONCILED)
    assert len(house.receiver.beside[0]) == 3


# ── outlines that came down ──────────────────────────────────────────────────────────────────────
def fetched(house: House, outline: Outline) -> None:
    house.issuer.packets["outline.DC-01"] = packet.written(
        Packet(replace(HEADER, packet="outline", sender_code="G22"), outline)
    )
    asyncio.run(operate.sync_catalogue(house.doors, AGREED.id, "outline.DC-01"))
    house.work()


def test_words_follow_the_outline_that_came_down_for_their_period(build: Build) -> None:
    house = build(linked(outlines=(), announced=("outline.DC-01",)))
    fetched(house, OUTLINE)
    house.until(accept(house.doors, composite())[0], Stage.RECONCILED)
    other = narrative(sections=[{"code": "IX", "text": "…"}])
    assert later(house, composite("k2", told=other, reporter="H56.01")) == ["C-022"]
    assert later(house, composite("k3", told=narrative(version="2025"), reporter="H56.02")) == ["C-034"]


def test_the_outline_of_the_periods_last_day_is_followed_and_not_todays(build: Build) -> None:
    house = build(linked(outlines=(), announced=("outline.DC-01",)))
    fetched(house, OUTLINE)
    fetched(house, replace(OUTLINE, version="2027", valid_from=date(2026, 12, 1)))
    house.until(accept(house.doors, composite())[0], Stage.RECONCILED)
    december = composite("k2", period="LICH:2026M12", reporter="H56.01")
    assert later(house, december) == ["C-034"]


def test_an_outline_that_has_ended_is_followed_no_more(build: Build) -> None:
    house = build(linked(outlines=(), announced=("outline.DC-01",)))
    fetched(house, replace(OUTLINE, valid_to=date(2026, 6, 30)))
    house.until(accept(house.doors, composite())[0], Stage.RECONCILED)  # no outline is known: its words follow none


def later(house: House, given: Incoming) -> list[str]:
    """The codes it is refused with once it was read."""
    x, _ = accept(house.doors, given)
    house.work()
    return [reason.code for reason in house.last(x, Refused).reasons]
