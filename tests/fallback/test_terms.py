"""What an agreement says of its documents: further recipients, and by which article the system is updated afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import gateway
from gateway.domain.errors import Misconfigured
from gateway.domain.exchange import Exchange, Stage
from gateway.journey import operate
from gateway.journey.statuses import sort_out
from gateway.schemas.declarations import declarations
from gateway.schemas.edxml.reader import read_document
from gateway.schemas.province import FILE, against, province
from tests.journey.scene import EVENING, PROVINCE, WHO, House, agreed
from tests.journey.wires import AXIS, Ending

Built = Callable[..., House]
COPIES = (("G09", "Bộ Mẫu"), ("H56.02", "Sở Thử nghiệm"))
PROFILES = Path(gateway.__file__).parent / "profiles"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Built]:
    opened: list[House] = []

    def built(**changes: object) -> House:
        fallback = replace(agreed().fallback, **changes)  # type: ignore[type-var, arg-type]
        opened.append(House(tmp_path / f"ledger-{len(opened)}", agreed(fallback=fallback), at=EVENING))
        return opened[-1]

    yield built
    for one in opened:
        one.close()


def accepted(house: House) -> tuple[Exchange, str]:
    """A report whose document the addressee took in, and the line is back."""
    x, paper = house.sent_as_document()
    house.axis.says("03")
    house.receiver.otherwise = Ending.TAKEN
    house.receiver.sends.clear()
    house.clock.move(minutes=1)
    return x, paper


# ── further recipients ───────────────────────────────────────────────────────────────────────────
def test_one_document_goes_to_all_of_them_the_addressee_first(house: Built) -> None:
    there = house(copies=COPIES)
    _, paper = there.sent_as_document()
    [(_, _, package)] = there.axis.documents

    assert [(to.id, to.name) for to in read_document(package).recipients] == [("G22", "Văn phòng Chính phủ"), *COPIES]
    ready = there.read(paper).ready
    assert ready is not None
    assert ready.recipients == ("G22", "G09", "H56.02")


def test_each_office_stands_where_it_said_and_only_the_addressee_ends_it(house: Built) -> None:
    there = house(copies=COPIES)
    _, paper = there.sent_as_document()
    there.axis.says("02", by="G09")
    there.axis.says("03", by="H56.02")
    there.axis.says("01", by="H56.02")
    there.clock.move(minutes=5)
    there.work()
    assert there.read(paper).stage is Stage.SENT
    assert there.read(paper).offices == {"G09": "02", "H56.02": "03"}

    there.axis.says("05", by="H56.02")
    there.axis.says("03")
    there.clock.move(minutes=5)
    there.work()
    assert there.read(paper).stage is Stage.DOCUMENT_ACCEPTED
    assert there.read(paper).offices == {"G22": "03", "G09": "02", "H56.02": "05"}


def test_a_copy_that_speaks_after_the_end_is_kept_and_changes_nothing(house: Built) -> None:
    there = house(copies=COPIES)
    _, paper = accepted(there)
    there.work()
    said = there.axis.says("06", by="G09")
    sorted_ = there._loop.run(sort_out(there.doors, AXIS))

    assert [status.axis_id for status in sorted_.taken] == [said.axis_id]
    assert there.read(paper).stage is Stage.DOCUMENT_ACCEPTED
    assert there.read(paper).offices["G09"] == "06"


def test_a_document_that_replaces_another_replaces_it_for_all(house: Built) -> None:
    there = house(copies=COPIES)
    first, _ = there.sent_as_document()
    second = there.diverted("k2", revision=2)
    there_number = operate.Registration("129", "BC-UBND", "2026-11-20", "Nguyễn Văn Giả Lập", "Chủ tịch")
    prepared = there.read(second.paper or "").prepared
    assert prepared is not None
    files = [
        (a.name, a.description, a.content.media_type, there.ledger.bytes_of(a.content.digest)) for a in prepared.files
    ]
    operate.number(there.doors, second.paper or "", there_number, files, WHO)
    there.work()

    assert first.id != second.id
    [replaced] = read_document(there.axis.documents[-1][2]).replaces
    assert replaced.organ_ids == ("G22", "G09", "H56.02")


def test_an_agency_named_twice_does_not_start(tmp_path: Path) -> None:
    local = {"agreements": {"ktxh-thang": {"fallback": {"copies": [{"code": "G22", "name": "VPCP"}]}}}}
    with pytest.raises(Misconfigured) as caught:
        declarations(PROVINCE / "partners", local)
    assert "fallback.copies" in caught.value.problem.title.en


# ── afterwards ───────────────────────────────────────────────────────────────────────────────────
def test_where_an_article_says_so_the_report_is_entered_afterwards(house: Built) -> None:
    there = house(backfill_basis="Quy chế Đồng Tháp, Điều 11.2")
    x, _ = accepted(there)
    assert there.until(x, Stage.RECONCILED).backfill is not None


def test_where_none_does_it_waits_for_a_word_and_nothing_is_sent(house: Built) -> None:
    there = house(backfill_basis="")
    x, paper = accepted(there)
    kept = there.until(x, Stage.PARKED)
    assert kept.trouble is not None
    assert (kept.trouble.code, kept.trouble.details["document"]) == ("F-116", paper)
    there.later(hours=5)
    assert there.receiver.sends == []

    operate.release(there.doors, x.id, WHO)
    assert there.until(x, Stage.RECONCILED).backfill is not None
    assert len(there.receiver.held) == 1


@pytest.mark.parametrize(("name", "has_the_duty"), [("thanh-hoa", False), ("dong-thap", True), ("bac-kan", True)])
def test_an_agreement_may_not_keep_silent_where_the_regulation_has_the_duty(name: str, has_the_duty: bool) -> None:
    partners, regulation = PROFILES / name / "partners", province(PROFILES / name / FILE)
    declared = declarations(partners, {})
    assert list(against(regulation, declared)) == []
    silent = {one.id: {"fallback": {"backfill_basis": ""}} for one in declared.agreements.values() if one.fallback}
    breaches = [one.title.en for one in against(regulation, declarations(partners, {"agreements": silent}))]

    assert len(silent) == 1
    assert ["fallback.backfill_basis" in told for told in breaches] == [True] * has_the_duty
