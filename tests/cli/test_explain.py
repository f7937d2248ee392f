"""A sent value is led back to where it came from, and only by the pack that made it."""

from __future__ import annotations

from tests.api.house import as_json
from tests.cli.house import Office
from tests.cli.test_packs import MONEY


def test_a_sent_value_is_led_back_to_its_row_its_rules_and_its_factor(office: Office) -> None:
    identity = office.submitted(as_json(MONEY))
    assert office.run("explain", identity, "0401").code == 5  # nothing was mapped yet
    office.prepare()
    told = office.run("explain", identity, "0401", "--json")
    assert told.code == 0, told.err
    [value] = told.document["values"]
    [source] = value["from"]
    assert (value["value"], source["value"], source["factor"], source["row"]) == ("12.15", "12150", "0.001", 0)
    assert {rule["row"].partition(":")[0] for rule in source["rules"]} == {"chi_tieu", "to_chuc", "don_vi_tinh"}
    assert "12.15 ty_dong ← 12150" in office.run("explain", identity, "0401").out
    assert office.run("explain", identity, "0999").code == 5


def test_after_the_pack_changed_the_version_that_mapped_it_explains_it(office: Office) -> None:
    identity = office.submitted(as_json({**MONEY, "value": "12151"}))
    office.prepare()
    before_the_change = office.run("explain", identity, "0401", "--json").document
    sheet = office.home / "packs" / "kt-xh-tinh" / "ky.csv"
    before = sheet.read_text("utf-8")
    try:
        sheet.write_text(f"{before}LICH,ngay\n", "utf-8")
        told = office.run("explain", identity, "0401", "--json")
        assert told.code == 0, told.err
        assert told.document["version"] == "kt-xh-tinh@1"
        assert told.document["pack_digest"] == before_the_change["pack_digest"]
        [value], [then] = told.document["values"], before_the_change["values"]
        assert (value["value"], value["unit"], value["period"]) == (then["value"], then["unit"], then["period"])
    finally:
        sheet.write_text(before, "utf-8")
