"""Translate: what is known goes on, what nobody may guess is held and named, and nothing at all is a refusal."""

from __future__ import annotations

import json
from datetime import date

from gateway.domain.account import Account
from gateway.domain.catalogue import Catalogue
from gateway.domain.exchange import Stage
from gateway.domain.facts import Held, Postponed, Refused, Translated
from gateway.schemas.packets import PacketReader, PacketWriter
from tests.journey.conftest import Build
from tests.journey.scene import CATALOGUE, FIGURES, ITEMS, House, agreed
from tests.journey.wires import figures

UNKNOWN = figures(("T9999", "%", "1"), ("T9998", "%", "2"))


def test_the_report_is_kept_in_national_terms_with_pack_catalogue_and_account(house: House) -> None:
    x = house.hand_in()
    house.work()

    told = house.last(x, Translated)
    assert (told.pack, told.catalogue, told.account) == ("kt-xh-tinh", "VPCP-CT@2026.1", Account(3, 3, 0, 0))
    kept = PacketWriter().recall(house.ledger.bytes_of(told.document.digest))
    assert kept.head.regime == "BC-KTXH"
    assert (list(kept.columns.indicator), list(kept.columns.value)) == (
        ["0601", "0401", "0101"], ["1050.0005", "1103.111", "12.5"],
    )  # fmt: skip
    assert json.loads(house.ledger.bytes_of(told.findings.digest))["conflicts"] == []


def test_what_nobody_knows_is_held_by_row_and_the_rest_goes_on(house: House) -> None:
    x = house.hand_in(values=[*FIGURES, *UNKNOWN])
    house.work()

    held = house.last(x, Held)
    assert held.values == 2
    assert sorted((group.code, group.count, group.rows) for group in held.groups) == [
        ("M101", 1, (3,)), ("M101", 1, (4,)),
    ]  # fmt: skip
    assert "T9999" in " ".join(group.message for group in held.groups)
    assert (house.read(x).stage, house.read(x).held) == (Stage.RECONCILED, 2)
    _, report = PacketReader().read(house.receiver.held[0].body, "application/xml")
    assert list(report.columns.indicator) == ["0601", "0401", "0101"]


def test_where_nothing_is_held_nothing_is_said_of_it(house: House) -> None:
    x = house.hand_in()
    house.work()

    assert "Held" not in house.facts(x)


def test_a_report_of_which_nothing_is_known_is_refused_with_its_account(house: House) -> None:
    x = house.hand_in(values=UNKNOWN)
    house.work()

    [reason] = house.last(x, Refused).reasons
    assert (reason.code, reason.details) == ("D-001", {"received": "2", "held": "2", "excluded": "0"})
    assert house.receiver.sends == []


def test_before_its_catalogue_was_ever_fetched_a_report_waits_and_then_goes_on(build: Build) -> None:
    house = build(agreed(catalogue="VPCP-MOI"))
    x = house.hand_in()
    house.work()
    assert house.read(x).stage is Stage.VERIFIED
    assert house.last(x, Postponed).why.code == "D-003"

    house.shelf.publish(Catalogue("VPCP-MOI", "1", date(2026, 1, 1), ITEMS), "dm-1")
    house.until(x, Stage.RECONCILED)
    assert house.last(x, Translated).catalogue == "VPCP-MOI@1"


def test_a_report_is_mapped_by_the_catalogue_in_force_when_it_is_its_turn(house: House) -> None:
    x = house.hand_in()
    house.shelf.publish(Catalogue("VPCP-CT", "2026.2", CATALOGUE.valid_from, ITEMS[1:]), "dm-1")
    house.work()

    assert house.last(x, Translated).catalogue == "VPCP-CT@2026.2"
    assert [group.code for group in house.last(x, Held).groups] == ["M104"]
