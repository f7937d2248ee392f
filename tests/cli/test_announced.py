"""Regimes, outlines and KPI sets (packets 1, 3, 10) come down from the nation as its catalogues do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files

import pytest

from gateway.deploy import connect, create
from gateway.sandbox import Sandbox
from tests.api.house import THANG, as_json, new_database
from tests.cli.house import Office, Told

REGIME, OUTLINE, KPIS = "regime.KTXH-THANG", "outline.DC-KTXH", "kpi-set.PAR"
FORM, OTHER_FORM = "form.01/KTXH", "form.02/TCNS"
WHO = ("--by", "Lê Thị Mẫu", "--because", "đã hỏi Văn phòng Chính phủ")


@pytest.fixture
def nation(tmp_path_factory: pytest.TempPathFactory, postgres: str, migrated: str) -> Iterator[Office]:
    """A deployment of one's own, whose agreements name what else comes down."""
    home, folder = tmp_path_factory.mktemp("deployment") / "home", tmp_path_factory.mktemp("side")
    with new_database(postgres, migrated) as database, Sandbox.thread(folder) as other_side:
        create(home, "thanh-hoa")
        connect(home, other_side)
        local, partner = home / "local.toml", home / "partners" / "quoc-gia.toml"
        local.write_text(f'database_url = "{database}"\n{local.read_text("utf-8")}', "utf-8")
        named = f'catalogue = "VPCP-CT"\nannounced = ["{REGIME}", "{OUTLINE}", "{KPIS}", "{FORM}", "{OTHER_FORM}"]'
        partner.write_text(partner.read_text("utf-8").replace('catalogue = "VPCP-CT"', named, 1), "utf-8")
        yield Office(home, database, other_side, folder)


def fetched(office: Office, name: str) -> Told:
    return office.run("catalogue", "sync", "--as", THANG, "--name", name, "--json")


def shipped(name: str) -> str:
    return (files("gateway.sandbox") / "data" / "announced" / f"{name}.xml").read_text("utf-8")


def codes(office: Office, name: str) -> list[str]:
    return [item["code"] for item in office.run("catalogue", "show", name, "--json").document["items"]]


def test_each_is_fetched_compared_put_in_force_and_unchanged_the_second_time(nation: Office) -> None:
    for name in (REGIME, OUTLINE, KPIS):
        first, again = fetched(nation, name), fetched(nation, name)
        assert (first.code, first.document["stage"]) == (0, "published"), first.err
        assert again.document["stage"] == "unchanged"
    assert codes(nation, OUTLINE) == [OUTLINE, "I", "I.1", "I.2", "II"]
    assert codes(nation, KPIS) == [KPIS, "group.TC", "group.TT", "TC1", "TT1", "TT2"]
    assert {"01/KTXH", "02/TCNS", "cycle.thang", "due.thang.gui"} < set(codes(nation, REGIME))
    listed = nation.run("catalogue", "ls", "--json").document
    assert [one["name"] for one in listed] == ["VPCP-CT", FORM, OTHER_FORM, KPIS, OUTLINE, REGIME]
    assert [one["version"] for one in listed] == [None, None, None, "2026.1", "2026.1", "2026.1"]


def test_a_regime_that_takes_a_form_away_waits_says_what_breaks_and_is_approved(nation: Office) -> None:
    fetched(nation, REGIME)
    waits = nation.submitted(as_json(period="ND09:2026M10"))
    nation.prepare()
    less = (
        shipped(REGIME)
        .replace('<Form code="01/KTXH" required="true" shape="data"/>', "")
        .replace('"2026.1"', '"2026.2"')
    )
    assert nation.other_side.announce(less) == REGIME
    came = fetched(nation, REGIME).document
    assert (came["stage"], came["problem"]["code"]) == ("parked", "D-004")
    assert "01/KTXH" in codes(nation, REGIME)  # what stood stands

    told = nation.run("catalogue", "impact", came["id"], "--json")
    assert told.code == 3
    rows = {(row["row"]["pack"], row["row"]["target"]) for row in told.document["rows"]}
    assert ("ktxh-thang", "01/KTXH") in rows
    assert {target for _, target in rows} == {"01/KTXH"}
    assert [hit["report"]["exchange"] for hit in told.document["reports"]] == [waits]
    assert {codes for due in told.document["deadlines"] for codes in due["codes"]} == {"01/KTXH"}
    ahead = [line for line in nation.run("catalogue", "impact", came["id"]).lines if line.startswith("kỳ hạn")]
    assert ahead
    assert all(re.search(r" \d\d:\d\d:\d\d \d\d/\d\d/\d{4}: 01/KTXH$", line) for line in ahead)
    assert nation.run("catalogue", "compare", came["id"], "--json").document["withdrawn"] == ["01/KTXH"]

    approved = nation.run("catalogue", "approve", came["id"], *WHO, "--json")
    assert approved.document["stage"] == "published", approved.err
    assert "01/KTXH" not in codes(nation, REGIME)


def form(name: str, version: str, *codes: str) -> str:
    """A form of the nation as it is announced."""
    asked = "".join(f'<Row indicator="{code}"></Row>' for code in codes)
    said = "".join(
        f"<{tag}>…</{tag}>" for tag in ("Name", "LegalBasis", "Subjects", "SendTime", "Aggregator", "Approver")
    )
    return (
        f'<FormDefinition xmlns="urn:report-gateway:national:1" code="{name.removeprefix("form.")}" validFrom="2026-01-01"'
        f' version="{version}">{said}<Kind>data</Kind><Columns><Column code="1" type="decimal"><Name>Giá trị</Name>'
        f"</Column></Columns><Rows>{asked}</Rows></FormDefinition>"
    )


def test_a_form_comes_down_and_what_it_asks_for_no_more_or_anew_is_told(nation: Office) -> None:
    assert nation.other_side.announce(form(FORM, "1", "0601", "0501")) == FORM
    first = fetched(nation, FORM)
    assert first.document["stage"] == "published", first.err
    assert codes(nation, FORM) == [FORM, "column.1", "0601", "0501"]
    assert fetched(nation, FORM).document["stage"] == "unchanged"

    nation.other_side.announce(form(FORM, "2", "0501", "9999"))
    came = fetched(nation, FORM).document
    told = nation.run("catalogue", "impact", came["id"], "--json")
    assert told.code == 3
    assert {row["row"]["target"] for row in told.document["rows"]} == {"0601"}
    assert told.document["unsourced"] == ["9999"]
    assert nation.run("catalogue", "compare", came["id"], "--json").document["withdrawn"] == ["0601"]


def test_a_row_that_another_form_asks_for_still_is_not_broken(nation: Office) -> None:
    nation.other_side.announce(form(OTHER_FORM, "1", "0601"))
    nation.other_side.announce(form(FORM, "1", "0601", "0501"))
    fetched(nation, OTHER_FORM), fetched(nation, FORM)
    nation.other_side.announce(form(FORM, "2", "0501"))
    told = nation.run("catalogue", "impact", fetched(nation, FORM).document["id"], "--json")
    assert (told.document["rows"], told.document["deadlines"]) == ([], [])


def test_all_that_was_agreed_comes_down_at_once_and_one_that_fails_keeps_no_other_back(nation: Office) -> None:
    nation.other_side.announce(form(FORM, "1", "0601"))
    told = nation.run("catalogue", "sync", "--as", THANG, "--json")
    assert told.code == 5, told.err  # of one form nobody has heard
    own, beside = told.document, told.document["announced"]
    assert (own["stage"], own["not_asked"]) == ("published", [])
    assert [one["stage"] for one in beside if "stage" in one] == ["published"] * 4
    [wrong] = [one for one in beside if "stage" not in one]
    assert (wrong["catalogue"], wrong["problems"][0]["code"]) == (OTHER_FORM, "F-006")
    assert "6 danh mục: 5 áp dụng, 0 không đổi, 0 chờ hoặc bị từ chối, 1 lỗi, 0 chưa hỏi" in told.err

    nation.other_side.announce(form(OTHER_FORM, "1", "0501"))
    again = nation.run("catalogue", "sync", "--as", THANG)
    assert again.code == 0, again.err
    assert "6 danh mục: 1 áp dụng, 5 không đổi" in again.err


def test_a_line_that_is_down_is_not_tried_again_for_every_name(nation: Office) -> None:
    nation.other_side.fault("refuse")
    try:
        told = nation.run("catalogue", "sync", "--as", THANG, "--json")
    finally:
        nation.other_side.clear()
    assert told.code == 7
    assert told.document["problems"][0]["code"] == "A-001"
    assert len(told.document["not_asked"]) == 5


def test_a_form_required_from_now_on_that_no_agreement_carries_is_told(nation: Office) -> None:
    fetched(nation, REGIME)
    more = shipped(REGIME).replace("<Forms>", '<Forms><Form code="99/MOI" required="true" shape="data"/>')
    nation.other_side.announce(more.replace('"2026.1"', '"2026.2"'))
    told = nation.run("catalogue", "impact", fetched(nation, REGIME).document["id"], "--json")
    assert (told.code, told.document["unsourced"]) == (3, ["99/MOI"])


def test_one_that_breaks_its_own_rules_is_refused_and_nothing_changes(nation: Office) -> None:
    fetched(nation, KPIS)
    before = codes(nation, KPIS)
    nation.other_side.announce(shipped(KPIS).replace('code="TT" weight="60"', 'code="TT" weight="61"'))
    told = fetched(nation, KPIS)
    assert (told.document["stage"], told.document["problem"]["code"]) == ("refused", "C-022")
    assert codes(nation, KPIS) == before


def test_what_was_never_announced_is_not_found(nation: Office) -> None:
    assert fetched(nation, "outline.KHONG-CO").code == 5


def test_a_name_of_no_kind_that_is_announced_is_a_fault_of_the_declaration(nation: Office) -> None:
    partner = nation.home / "partners" / "quoc-gia.toml"
    partner.write_text(partner.read_text("utf-8").replace(OUTLINE, "de-cuong.DC-KTXH"), "utf-8")
    told = nation.run("check")
    assert told.code == 1
    assert "announced" in told.err
