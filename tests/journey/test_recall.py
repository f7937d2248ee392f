"""A document that went to several offices: asked back of each, replaced at each, and followed apart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.domain.errors import InDoubt
from gateway.domain.exchange import Exchange, Stage
from gateway.domain.facts import DocumentRejected, Recalled, RecallRefused, Sent
from gateway.journey import operate
from gateway.journey.recall import recall
from gateway.journey.statuses import sort_out
from gateway.schemas.edxml.model import Business
from gateway.schemas.edxml.reader import read_document, read_status
from tests.journey.conftest import Build
from tests.journey.scene import AGREED, REGISTERED, WHO, House, agreed
from tests.journey.wires import AXIS, LINE_CUT, NATIONAL, Axis, Ending, Killed

COPIES = (("G09", "Bộ Kế hoạch thử nghiệm"), ("G12", "Bộ Tài chính thử nghiệm"))
EVERYBODY = ("G22", "G09", "G12")


@pytest.fixture
def house(build: Build) -> House:
    assert AGREED.fallback is not None
    return build(agreed(fallback=replace(AGREED.fallback, copies=COPIES)))


def document(house: House, key: str = "k1", number: str = "128", **changes: object) -> str:
    x = house.hand_in(key, **changes)
    house.runner.prepare(NATIONAL)
    paper = operate.divert(house.doors, x.id, WHO).paper or ""
    prepared = house.read(paper).prepared
    assert prepared is not None
    files = [
        (a.name, a.description, a.content.media_type, house.ledger.bytes_of(a.content.digest)) for a in prepared.files
    ]
    operate.number(house.doors, paper, replace(REGISTERED, number=number), files, WHO)
    house.work()
    assert house.read(paper).stage is Stage.SENT
    return paper


def asked_back(house: House) -> str:
    paper = document(house)
    recall(house.doors, paper, WHO)
    house.later(minutes=1)
    return paper


def answer(house: House, *answers: tuple[str, str]) -> None:
    for office, code in answers:
        house.axis.says(code, by=office)
    house.later(minutes=3)


def back(house: House, paper: str) -> dict[str, str]:
    return dict(house.read(paper).asked_back)


def test_every_office_is_asked_with_a_package_of_its_own(house: House) -> None:
    paper = asked_back(house)

    told = [(office, read_status(package)) for office, package in house.axis.told]
    assert [(office, status.code, status.about.organ_id) for office, status in told] == [
        (office, "13", office) for office in EVERYBODY
    ]
    assert {status.about.document_id for _, status in told} == {"H56,2026/11/20,128/BC-UBND"}
    assert back(house, paper) == dict.fromkeys(EVERYBODY, "13")


def test_it_is_recalled_when_the_last_office_has_given_it_back_however_late(house: House) -> None:
    paper = asked_back(house)
    answer(house, ("G22", "15"), ("G12", "15"))
    assert (house.read(paper).stage, back(house, paper)) == (Stage.SENT, {"G22": "15", "G09": "13", "G12": "15"})
    house.later(hours=20)
    assert house.read(paper).stage is Stage.SENT
    answer(house, ("G09", "15"))

    assert house.read(paper).stage is Stage.RECALLED
    assert house.facts(paper).count("Recalled") == 3
    assert len(house.axis.told) == 3


@pytest.mark.parametrize("last", EVERYBODY)
def test_whoever_answers_last_ends_it(house: House, last: str) -> None:
    paper = asked_back(house)
    answer(house, *[(office, "15") for office in EVERYBODY if office != last])
    assert not house.read(paper).settled
    answer(house, (last, "15"))

    assert house.read(paper).stage is Stage.RECALLED


def test_the_report_waits_until_then_and_is_not_filled_in(house: House) -> None:
    paper = asked_back(house)
    answer(house, ("G22", "15"))
    parent = house.read(paper).parent or ""
    assert house.read(parent).stage is Stage.DIVERTED
    answer(house, ("G09", "15"), ("G12", "15"))
    house.later(minutes=5)

    assert house.read(parent).stage is Stage.PARKED
    assert house.receiver.sends == []


def test_an_office_that_never_took_it_in_has_nothing_to_give_back(house: House) -> None:
    paper = asked_back(house)
    answer(house, ("G09", "02"), ("G22", "15"), ("G12", "15"))

    assert house.last(paper, DocumentRejected).recipient == "G09"
    assert house.read(paper).stage is Stage.RECALLED


def test_a_copy_that_is_kept_is_told_to_a_person_once_all_have_answered(house: House) -> None:
    paper = asked_back(house)
    answer(house, ("G09", "16"), ("G22", "15"))
    assert house.read(paper).stage is Stage.SENT
    answer(house, ("G12", "15"))

    x = house.read(paper)
    assert (x.stage, x.trouble and x.trouble.code) == (Stage.PARKED, "F-117")
    assert x.trouble is not None
    assert "G09" in x.trouble.title.vi
    assert house.last(paper, RecallRefused).recipient == "G09"


def test_what_a_person_let_go_on_is_recalled_once_the_copy_comes_back_after_all(house: House) -> None:
    paper = asked_back(house)
    answer(house, ("G09", "16"), ("G22", "15"), ("G12", "15"))
    operate.release(house.doors, paper, WHO)
    house.later(minutes=5)
    assert house.read(paper).stage is Stage.SENT
    answer(house, ("G09", "15"))

    assert house.read(paper).stage is Stage.RECALLED


def test_every_refusal_is_kept_and_the_document_stands_where_it_stood(house: House) -> None:
    paper = asked_back(house)
    answer(house, *[(office, "16") for office in EVERYBODY])

    assert back(house, paper) == dict.fromkeys(EVERYBODY, "16")
    assert house.facts(paper).count("RecallRefused") == 3
    assert house.read(paper).stage is Stage.SENT
    answer(house, ("G22", "03"))
    assert house.read(paper).stage is Stage.DOCUMENT_ACCEPTED


def test_an_addressee_that_takes_it_in_all_the_same_decides(house: House) -> None:
    paper = asked_back(house)
    answer(house, ("G09", "15"), ("G22", "03"))

    assert house.read(paper).stage is Stage.DOCUMENT_ACCEPTED
    assert house.last(paper, Recalled).recipient == "G09"


def test_nothing_that_is_said_after_the_end_takes_it_back(house: House) -> None:
    paper = asked_back(house)
    answer(house, ("G22", "03"))
    for office in EVERYBODY:
        house.axis.says("15", by=office)
    house._loop.run(sort_out(house.doors, AXIS))

    assert house.read(paper).stage is Stage.DOCUMENT_ACCEPTED
    assert house.axis.waiting == []


class Cut(Axis):
    """The line is cut, or the process killed, while the second office is being told."""

    def __init__(self, trouble: BaseException) -> None:
        super().__init__()
        self.trouble: BaseException | None = trouble

    async def tell(self, status: bytes, sender: str, recipient: str) -> str:
        if len(self.told) == 1 and self.trouble is not None:
            trouble, self.trouble = self.trouble, None
            raise trouble
        return await super().tell(status, sender, recipient)


def test_an_office_that_could_not_be_told_is_told_later_and_the_others_not_again(house: House) -> None:
    axis = house.axis = house.peers.routes[AXIS] = Cut(InDoubt(LINE_CUT))  # type: ignore[index]
    paper = asked_back(house)
    house.later(minutes=10)

    assert [office for office, _ in axis.told] == list(EVERYBODY)
    assert back(house, paper) == dict.fromkeys(EVERYBODY, "13")


def test_killed_between_two_offices_the_next_process_tells_the_rest(house: House) -> None:
    axis = house.axis = house.peers.routes[AXIS] = Cut(Killed())  # type: ignore[index]
    with pytest.raises(Killed):
        asked_back(house)
    house.reopen()
    house.later(minutes=3)

    assert [office for office, _ in axis.told] == list(EVERYBODY)


def corrected(house: House) -> Exchange:
    document(house)
    house.receiver.otherwise = Ending.UNREACHABLE
    return house.read(document(house, "k2", "131", revision=2))


def test_a_replacement_goes_to_every_office_and_names_it_at_each(house: House) -> None:
    corrected(house)
    package = read_document(house.axis.documents[-1][2])

    assert package.business is Business.REPLACE
    assert [organ.id for organ in package.recipients] == list(EVERYBODY)
    assert [(each.document_id, each.organ_ids) for each in package.replaces] == [
        ("H56,2026/11/20,128/BC-UBND", EVERYBODY)
    ]


def test_an_office_that_is_no_party_any_more_is_sent_the_replacement_of_what_it_holds(house: House) -> None:
    document(house)
    assert AGREED.fallback is not None
    house.peers.agreements[AGREED.id] = agreed(fallback=replace(AGREED.fallback, copies=COPIES[:1]))  # type: ignore[index]
    house.receiver.otherwise = Ending.UNREACHABLE
    document(house, "k2", "131", revision=2)
    package = read_document(house.axis.documents[-1][2])

    assert [(organ.id, organ.name) for organ in package.recipients] == [
        ("G22", AGREED.fallback.recipient_name), COPIES[0], ("G12", "G12"),
    ]  # fmt: skip


def test_each_office_of_a_replacement_is_followed_apart(house: House) -> None:
    paper = corrected(house).id
    answer(house, ("G09", "03"), ("G12", "02"))
    assert dict(house.read(paper).offices) == {"G09": "03", "G12": "02"}
    assert house.read(paper).stage is Stage.SENT
    answer(house, ("G22", "03"))

    assert house.read(paper).stage is Stage.DOCUMENT_ACCEPTED
    assert len([r for r in house.ledger.history(paper) if isinstance(r.fact, Sent)]) == 1
