"""What went up for the period before is what a report is compared with; what never stood is not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from gateway.domain.exchange import Exchange
from gateway.domain.facts import Cancelled, Translated
from gateway.domain.report import ReportHead
from gateway.journey.previous import JournalledFigures
from gateway.mapping import PackTranslator
from gateway.schemas.packets import PacketWriter
from tests.journey.conftest import Build
from tests.journey.scene import PROVINCE, House
from tests.journey.wires import figures

OCTOBER, NOVEMBER = "LICH:2026M10", "LICH:2026M11"


@pytest.fixture
def house(build: Build) -> Iterator[House]:
    house = build()
    journal = house.doors.journal
    earlier = JournalledFigures(journal, PacketWriter())
    house.doors = replace(house.doors, translator=PackTranslator(PROVINCE / "packs", journal.bytes_of, earlier))
    house.runner = house.worker("w1")
    return house


def sent(house: House, period: str, value: str, *, key: str = "", **changes: Any) -> Exchange:
    values = figures(("T0601", "triệu đồng", value))
    x = house.hand_in(key or period, period=period, values=values, **changes)
    house.work()
    return x


def findings(house: House, x: Exchange) -> Any:
    return json.loads(house.ledger.bytes_of(house.last(x, Translated).findings.digest))


def codes(house: House, x: Exchange) -> list[str]:
    return [one["code"] for one in findings(house, x)["conflicts"]]


def test_a_figure_a_thousand_times_that_of_the_month_before_is_told_with_what_it_was_compared_with(
    house: House,
) -> None:
    before = sent(house, OCTOBER, "1050000")
    x = sent(house, NOVEMBER, "1050000000")

    assert codes(house, x) == ["M304"]
    document = house.last(before, Translated).document.digest
    assert findings(house, x)["previous"] == {"exchange": before.id, "document": document}


def test_without_a_period_before_nothing_was_compared_and_the_findings_say_so(house: House) -> None:
    x = sent(house, NOVEMBER, "1050000000")

    assert (codes(house, x), findings(house, x)["previous"]) == ([], None)


def test_the_newest_revision_that_stands_is_the_one_before(house: House) -> None:
    sent(house, OCTOBER, "1050000000", key="o1")
    second = sent(house, OCTOBER, "1050000", key="o2", revision=2)

    x = sent(house, NOVEMBER, "1050001")
    assert (codes(house, x), findings(house, x)["previous"]["exchange"]) == ([], second.id)


def test_what_was_withdrawn_is_nobodys_figure(house: House) -> None:
    withdrawn = house.hand_in("o1", period=OCTOBER)
    house.runner.prepare(withdrawn.destination)
    house.told(withdrawn, Cancelled("cán bộ", "nhầm kỳ"))

    x = sent(house, NOVEMBER, "1")
    assert (codes(house, x), findings(house, x)["previous"]) == ([], None)


@pytest.mark.parametrize("period", ["LICH:2026Q4", "ND09:2026M11"])
def test_periods_of_another_kind_or_calendar_are_not_the_one_before(house: House, period: str) -> None:
    sent(house, OCTOBER, "1050000")
    head = ReportHead("KTXH-THANG", "01/KTXH", period, "H56")

    assert JournalledFigures(house.doors.journal, PacketWriter()).before([head]) == [None]


def test_of_many_each_is_answered_with_its_own(house: House) -> None:
    before = sent(house, OCTOBER, "1050000")
    heads = [ReportHead("KTXH-THANG", "01/KTXH", period, "H56") for period in ("LICH:2026Q4", NOVEMBER, OCTOBER)]

    quarter, november, october = JournalledFigures(house.doors.journal, PacketWriter()).before(heads)
    assert (quarter, october) == (None, None)
    assert november is not None
    assert november.exchange == before.id
