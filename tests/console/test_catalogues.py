"""The page of catalogues, forms and allocations, and what one catalogue that came down changes and breaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date, timedelta
from string import Formatter

import pytest

from gateway.console.catalogues import FIELDS, MOST, STATES, WORDS
from gateway.domain.allocation import Allocation
from gateway.domain.catalogue import Item
from gateway.domain.exchange import Exchange, Kind, Opening, Stage
from gateway.domain.facts import Fetched
from gateway.domain.forms import FormVersion, State, to_test, used_already
from gateway.domain.ids import digest_of
from gateway.domain.register import Deed
from gateway.journey.arrange import Clerk
from gateway.journey.case import blob
from gateway.journey.forms import allocate, forms_of, record
from gateway.journey.operate import Person
from gateway.ports import Birth, Entry
from gateway.wiring import Gateway
from tests.console.reader import Reader, links, words
from tests.journey.scene import CATALOGUE, ITEMS, catalogue_packet, incoming

WHO = Person("Lê Thị Mẫu", "theo kế hoạch năm")
HOSTILE = "<script>alert('x')</script>"
SINCE = date(2026, 1, 1)


@pytest.fixture(autouse=True)
def in_force(gateway: Gateway) -> None:
    gateway.doors.catalogues.publish(CATALOGUE, "dm-1")


def came(gateway: Gateway, items: Sequence[Item], version: str = "2026.2") -> Exchange:
    """A catalogue that came down, taken as far as its journey goes by itself."""
    doors, payload = gateway.doors, catalogue_packet(items, version)
    now, name = doors.clock.now(), doors.clock.new_id("dm")
    opening = Opening(name, Kind.INBOUND, "ktxh-thang", name, digest_of(payload), "quoc-gia")
    fetched = Fetched("quoc-gia", CATALOGUE.name, blob(payload, "application/xml"))
    x, _ = doors.journal.open(Birth(opening, (Entry(fetched, now, (payload,)),)))
    gateway.runner.prepare("quoc-gia")
    return doors.journal.read(x.id)


def clerk(gateway: Gateway) -> Clerk:
    return Clerk(gateway.register, WHO, gateway.doors.clock.now(), "15/TB-VP")


def drafted(gateway: Gateway, version: str, name: str = "Biểu tổng hợp") -> FormVersion:
    now = gateway.doors.clock.now()
    return FormVersion("01/KTXH", version, name, ("0601",), now, now, now + timedelta(days=3))


def given_out(gateway: Gateway, unit: str, *codes: str, name: str = "") -> Deed:
    allocation = Allocation(CATALOGUE.name, unit, name, codes, (), SINCE)
    return allocate(gateway.doors, clerk(gateway), allocation, forms_of(gateway.register))


def test_what_is_in_force_and_what_is_coming_stand_side_by_side(desk: Reader, gateway: Gateway) -> None:
    later = gateway.doors.clock.now().date() + timedelta(days=40)
    coming = replace(CATALOGUE, version="2027.1", valid_from=later)
    gateway.doors.catalogues.publish(coming, "dm-2")
    read = words(desk.open("/catalogues"))

    assert "Đang áp dụng 2026.1 từ 01/01/2026 · 3 mục" in read
    assert f"Sắp áp dụng 2027.1 từ {later:%d/%m/%Y}" in read


def test_a_catalogue_nobody_fetched_yet_says_how_to(desk: Reader, gateway: Gateway) -> None:
    names = {agreed.catalogue for agreed in gateway.declarations.agreements.values()} - {""}
    read = words(desk.open("/catalogues"))

    assert all(name in read for name in names)
    assert read.count("gateway catalogue sync") == len(names) - 1


def test_one_that_loses_codes_waits_with_its_reasons_and_leads_to_what_it_breaks(
    desk: Reader, gateway: Gateway
) -> None:
    x, _ = gateway.accept(incoming("k1"))
    parked = came(gateway, (*ITEMS[:1], Item("0199", "GRDP mới", unit="phan_tram", attributes={"replaces": "0101"})))
    page = desk.open("/catalogues")
    assert "D-004" in words(page)
    assert f"/catalogues/{parked.id}" in links(page)

    turn = words(desk.open(f"/catalogues/{parked.id}"))
    assert "2026.1 → 2026.2" in turn
    assert f"gateway catalogue approve {parked.id}" in turn
    assert f"Rút 2 0101 {ITEMS[2].name} 0401 {ITEMS[1].name}" in turn
    assert "Đổi mã 1 0101 → 0199" in turn
    assert "kt-xh-tinh" in turn
    assert "T0101 → 0101: không còn trong danh mục, từ 01/01/2026; nay là 0199" in turn
    assert f"{x.id} 01/KTXH" in turn
    assert "Kỳ hạn sắp tới" in turn


def test_one_that_breaks_nothing_says_so(desk: Reader, gateway: Gateway) -> None:
    x = came(gateway, (*ITEMS, Item("0999", "Chỉ tiêu mới", unit="diem")))
    turn = words(desk.open(f"/catalogues/{x.id}"))

    assert "Thêm 1 0999" in turn
    assert "Không gói, báo cáo, kỳ hạn nào hỏng." in turn
    assert "catalogue approve" not in turn


def test_long_lists_are_cut_and_say_how_much_is_left_out(desk: Reader, gateway: Gateway) -> None:
    more = tuple(Item(f"7{number:03}", "Chỉ tiêu mới", unit="diem") for number in range(MOST + 7))
    turn = words(desk.open(f"/catalogues/{came(gateway, (*ITEMS, *more)).id}"))

    assert f"7{MOST - 1:03}" in turn
    assert f"7{MOST:03}" not in turn
    assert "… và 7 dòng nữa" in turn
    assert f"Xem thêm {MOST - 12}" in turn  # folded, not left out


@pytest.mark.parametrize("name", ["khong-co", "gd-KHONGCO", "%00"])
def test_what_brought_no_catalogue_has_no_such_page(desk: Reader, name: str) -> None:
    assert desk.open(f"/catalogues/{name}").status_code == 404


def test_a_report_has_no_such_page_either(desk: Reader, gateway: Gateway) -> None:
    assert desk.open(f"/catalogues/{gateway.accept(incoming('k1'))[0].id}").status_code == 404


def test_forms_stand_with_their_state_their_promised_days_and_what_came_late(desk: Reader, gateway: Gateway) -> None:
    now = gateway.doors.clock.now()
    late = to_test(drafted(gateway, "2"), now - timedelta(days=9), now - timedelta(days=2))
    for one in (used_already(drafted(gateway, "1"), SINCE, "9/QĐ-UBND", []), late, drafted(gateway, "3", HOSTILE)):
        record(gateway.doors, clerk(gateway), "record", one)
    page = desk.open("/catalogues")
    read = words(page)

    assert all(STATES[state][1].vi in read for state in (State.DRAFT, State.TEST, State.ACTIVE))
    assert "01/01/2026–… 9/QĐ-UBND" in read
    assert read.count("quá hạn") == 1
    assert HOSTILE in read
    assert HOSTILE not in page.text


def test_allocations_stand_with_who_took_note_and_what_nobody_was_given(desk: Reader, gateway: Gateway) -> None:
    deed = given_out(gateway, "H56.09", "0601", name=HOSTILE)
    given_out(gateway, "H56.10", "0601")
    gateway.inbox.settle(f"so-{deed.ordinal}.ktxh-thang", ["ktxh-thang"], "he-thong-tinh")
    page = desk.open("/catalogues")
    read = words(page)

    assert "Chỉ tiêu chưa giao đơn vị nào 0101, 0401" in read
    assert "0601 (H56.09, H56.10)" in read
    assert "ktxh-thang: he-thong-tinh" in read
    assert "ktxh-thang: chưa ghi nhận" in read
    assert HOSTILE not in page.text


def test_both_pages_speak_english_when_asked(desk: Reader, gateway: Gateway) -> None:
    given_out(gateway, "H56.09", "0601")
    x = came(gateway, ITEMS[:2])
    listed, turn = (words(desk.open(f"/catalogues{way}?lang=en")) for way in ("", f"/{x.id}"))

    assert "In force 2026.1 since" in listed
    assert "not yet" in listed
    assert "Withdrawn" in turn
    assert "not in the catalogue any more" in turn


def test_nothing_can_be_changed_here(desk: Reader) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert desk.open("/catalogues", method=method).status_code == 405


@pytest.mark.parametrize("name", WORDS)
def test_both_languages_say_the_same(name: str) -> None:
    vi, en = (
        {field for _, field, _, _ in Formatter().parse(text) if field} for text in (WORDS[name].vi, WORDS[name].en)
    )
    assert vi == en


def test_the_page_of_an_exchange_that_brought_one_leads_to_what_it_changes(desk: Reader, gateway: Gateway) -> None:
    x = came(gateway, ITEMS[:1])
    assert f"/catalogues/{x.id}" in links(desk.open(f"/exchanges/{x.id}"))


def test_one_that_could_not_be_read_leads_to_its_exchange_and_to_no_page_that_is_none(
    desk: Reader, gateway: Gateway
) -> None:
    x = came(gateway, (ITEMS[0], ITEMS[0]))
    assert x.stage is Stage.REFUSED
    assert f"/catalogues/{x.id}" not in links(desk.open(f"/exchanges/{x.id}"))
    led = links(desk.open("/catalogues"))
    assert f"/exchanges/{x.id}" in led
    assert f"/catalogues/{x.id}" not in led


def test_what_changed_is_told_in_the_language_of_the_page(desk: Reader, gateway: Gateway) -> None:
    x = came(gateway, (replace(ITEMS[0], unit="trieu_dong"), *ITEMS[1:]))
    told = f"{ITEMS[0].unit} → trieu_dong"
    assert f"0601 đơn vị tính: {told}" in words(desk.open(f"/catalogues/{x.id}"))
    assert f"0601 unit: {told}" in words(desk.open(f"/catalogues/{x.id}?lang=en"))


def test_every_field_of_an_entry_has_its_word() -> None:
    assert FIELDS.keys() | {"code"} == {one.name for one in fields(Item)}
