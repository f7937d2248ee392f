"""Translate by approved versions: what nobody approved waits, and the version that mapped a report stays to be had."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.domain.exchange import Exchange, Stage
from gateway.domain.facts import Postponed, Refused, Translated
from gateway.journey import operate
from gateway.journey.previous import JournalledFigures
from gateway.mapping import PackTranslator
from gateway.mapping.explaining import explained
from gateway.mapping.tracing import traced
from gateway.schemas.packets import PacketWriter
from tests.journey.conftest import Build
from tests.journey.scene import PROVINCE, WHO, House
from tests.mapping.packs import approved

PACK = "kt-xh-tinh"


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    shutil.copytree(PROVINCE / "packs", tmp_path / "packs")
    return tmp_path / "packs"


@pytest.fixture
def house(build: Build, packs: Path) -> Iterator[House]:
    house = build()
    journal, writer = house.doors.journal, PacketWriter()
    translator = PackTranslator(packs, journal.bytes_of, JournalledFigures(journal, writer))
    house.doors = replace(house.doors, translator=translator)
    house.runner = house.worker("w1")
    return house


def change(packs: Path) -> None:
    """The next version: the receiver's regime has another name."""
    (packs / PACK / "hang_so.csv").write_text("truong,gia_tri\nche_do,BC-MOI\n", "utf-8")


def regime(house: House, x: Exchange) -> str:
    told = house.last(x, Translated)
    return PacketWriter().recall(house.ledger.bytes_of(told.document.digest)).head.regime


def test_a_report_waits_for_the_approval_of_a_changed_pack_and_then_goes_on_by_itself(
    house: House, packs: Path
) -> None:
    change(packs)
    x = house.hand_in()
    house.work()
    assert house.read(x).stage is Stage.VERIFIED
    why = house.last(x, Postponed).why
    assert (why.code, why.details["pack"]) == ("D-008", PACK)

    approved(packs / PACK)
    house.until(x, Stage.TRANSLATED, Stage.PACKAGED, Stage.RECONCILED, Stage.ACKNOWLEDGED)
    assert house.read(x).pack == f"{PACK}@2"


def test_a_report_says_with_which_version_it_was_mapped_and_the_journal_keeps_it(house: House, packs: Path) -> None:
    x = house.hand_in()
    house.work()

    told = house.last(x, Translated)
    assert house.read(x).pack == told.version == f"{PACK}@1"
    assert told.kept is not None
    assert told.kept.digest == told.pack_digest
    assert house.ledger.bytes_of(told.pack_digest).startswith(b"chi_tieu.csv\0")


def test_after_the_pack_changed_a_value_is_explained_by_the_version_that_made_it(house: House, packs: Path) -> None:
    x = house.hand_in()
    house.work()
    change(packs)
    approved(packs / PACK)

    run = traced(house.doors, packs, house.read(x))
    [value] = explained(run.pack, run.report, run.catalogue, "0601", previous=run.previous)
    assert (run.version, run.pack.digest) == (f"{PACK}@1", house.last(x, Translated).pack_digest)
    assert (value["value"], value["unit"]) == ("1050.0005", "ty_dong")


def test_a_replay_goes_by_todays_version_or_by_the_one_it_names(house: House, packs: Path) -> None:
    x = house.hand_in()
    house.work()
    change(packs)
    approved(packs / PACK)

    today = operate.replay(house.doors, x.id, WHO)
    before = operate.replay(house.doors, x.id, WHO, f"{PACK}@1")
    never = operate.replay(house.doors, x.id, WHO, f"{PACK}@7")
    house.work()

    assert (house.read(today).pack, regime(house, today)) == (f"{PACK}@2", "BC-MOI")
    assert (house.read(before).pack, regime(house, before)) == (f"{PACK}@1", "BC-KTXH")
    assert house.last(never, Refused).reasons[0].code == "D-009"
