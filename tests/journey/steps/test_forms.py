"""A workbook of figures goes the whole way: read by declared rows, mapped, and each figure still knows its cell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.domain.errors import Conflict
from gateway.domain.exchange import Exchange
from gateway.domain.facts import Accepted, Refused, Translated, Validated
from gateway.journey import operate
from gateway.journey.accept import Incoming, accept
from gateway.journey.case import Case
from gateway.mapping import PackTranslator
from gateway.mapping.forms import PackForms
from gateway.schemas.workbooks import XLS
from tests.journey.conftest import Build
from tests.journey.scene import PROVINCE, House, agreed
from tests.journeys.real import figure, needed, sheet

BUDGET = agreed(id="ngan-sach", regime="CKNS", forms=("09/CKTC-NSNN",), pack="ngan-sach", media_types=(XLS,))


@pytest.fixture
def house(build: Build) -> Iterator[House]:
    packs = PackTranslator(PROVINCE / "packs")
    house = build(BUDGET, translator=packs)
    house.doors = replace(house.doors, forms=PackForms(packs.pack))
    house.runner = house.worker("w1")
    return house


def hand_in(house: House, path: Path, key: str = "k1", **told: object) -> Exchange:
    incoming = Incoming(BUDGET.id, key, "he-thong-tinh", XLS, path.read_bytes(), **told)  # type: ignore[arg-type]
    return accept(house.doors, incoming)[0]


def test_the_plan_of_2007_is_validated_and_translated_with_its_findings_kept(house: House) -> None:
    x = hand_in(house, needed("mof-budget/Plan_2007.xls"), period="LICH:2007")
    house.work()

    told = house.last(x, Validated)
    assert (told.schema, told.values) == ("form", 64 * 6)
    assert told.head is not None
    assert told.head.lane == "CKNS|09/CKTC-NSNN|H56|LICH:2007"
    assert told.findings is not None
    said = json.loads(house.ledger.bytes_of(told.findings.digest))
    assert said["checks"]["passed"] > 100
    assert house.last(x, Translated).account.received == 64 * 6


def test_a_figure_read_again_from_the_journal_still_knows_its_cell(house: House) -> None:
    x = hand_in(house, needed("mof-budget/Plan_2007.xls"), period="LICH:2007")
    house.work()

    columns = Case(house.ledger.read(x.id), house.doors).submitted().columns
    figures = zip(columns.indicator, columns.organisation, columns.value, columns.source, strict=True)
    cells = {(code, org): (value, cell) for code, org, value, cell in figures}
    value, cell = cells["T0601", "38"]
    assert cell.startswith("mau so 09!C")
    rows = sheet("mof-budget/Plan_2007.xls", "mau so 09")
    row = rows[int(cell.removeprefix("mau so 09!C")) - 1]
    assert (row[1], figure(row[2])) == ("THANH HÓA", value)


def test_a_form_whose_period_nobody_told_is_refused_with_what_to_do(house: House) -> None:
    x = hand_in(house, needed("mof-budget/Plan_2007.xls"))
    house.work()

    [reason] = house.last(x, Refused).reasons
    assert reason.code == "C-021"
    assert "--period" in reason.advice.vi


def test_one_file_for_another_period_under_the_same_key_is_a_conflict(house: House) -> None:
    path = needed("mof-budget/Plan_2007.xls")
    x = hand_in(house, path, period="LICH:2007")

    assert hand_in(house, path, period="LICH:2007").id == x.id
    with pytest.raises(Conflict, match="C-008"):
        hand_in(house, path, period="LICH:2016")


def test_a_replay_goes_by_what_was_told_the_first_time(house: House) -> None:
    x = hand_in(house, needed("mof-budget/Plan_2007.xls"), period="LICH:2007", revision=2)
    house.work()
    again = operate.replay(house.doors, x.id, operate.Person("cán bộ", "thử lại"))

    told = house.last(again, Accepted).submission
    assert (told.period, told.form, told.revision) == ("LICH:2007", "", 2)
