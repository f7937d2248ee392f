"""Validate: the file by its schema, its head by the agreement, every fault at once."""

from __future__ import annotations

from gateway.domain.exchange import Exchange, Stage
from gateway.domain.facts import Refused, Validated
from gateway.journey.accept import Incoming, accept
from tests.journey.scene import AGREED, House, agreed, submission


def faults(house: House, x: Exchange) -> list[tuple[str, str]]:
    house.work()
    refused = house.last(x, Refused)
    assert refused.by == "gateway"
    return [(reason.code, reason.details.get("what_en", "")) for reason in refused.reasons]


def test_what_was_read_is_told_with_its_head_and_its_count(house: House) -> None:
    x = house.hand_in(approver="Trần Thị Mẫu")
    house.work()

    told = house.last(x, Validated)
    assert (told.schema, told.values) == ("short-json", 3)
    assert told.head is not None
    assert (told.head.lane, told.head.approver) == ("KTXH-THANG|01/KTXH|H56|LICH:2026M11", "Trần Thị Mẫu")


def test_a_file_that_cannot_be_read_is_refused_with_every_fault_in_it(house: House) -> None:
    broken = [{"indicator": "T0601"}, {"organisation": "38"}]
    assert len(faults(house, house.hand_in(values=broken))) == 2


def test_a_file_that_is_no_report_at_all_is_refused(house: House) -> None:
    x, _ = accept(house.doors, Incoming(AGREED.id, "k1", "he-thong-tinh", "application/json", b"{"))

    assert faults(house, x) == [("C-009", "")]
    assert house.facts(x) == ["Accepted", "Refused"]


def test_a_head_that_was_not_agreed_is_refused_with_both_faults(house: House) -> None:
    x = house.hand_in(regime="TK-THANG", form="99/KHAC")

    assert faults(house, x) == [("C-011", "regime"), ("C-011", "form")]


def test_a_wrong_head_and_an_old_revision_are_said_together(house: House) -> None:
    house.agreements["khac"] = agreed(id="khac", forms=("99/KHAC",))
    house.hand_in("k1", "khac", revision=3, form="99/KHAC")
    house.work()
    x = house.hand_in("k2", revision=2, form="99/KHAC")

    assert faults(house, x) == [("C-011", "form"), ("C-010", "")]


def test_a_refused_report_never_touches_the_wire(house: House) -> None:
    x = house.hand_in(form="99/KHAC")
    house.later(hours=1)

    assert house.read(x).stage is Stage.REFUSED
    assert house.receiver.sends == []
    assert house.ledger.bytes_of(house.read(x).content) == submission(form="99/KHAC")
