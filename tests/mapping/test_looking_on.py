"""Before and after a run: plans, differences of packs, explanations, coverage, approval, the way back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from gateway.domain.catalogue import Catalogue, Item
from gateway.domain.errors import Conflict, NotFound, Rejected
from gateway.domain.report import Columns, Report, ReportHead
from gateway.mapping.approval import approvals, approve, approved
from gateway.mapping.coverage import coverage
from gateway.mapping.differing import committed, dry_run, pack_diff
from gateway.mapping.explaining import explained, sentence
from gateway.mapping.loading import load
from gateway.mapping.reverse import unmap
from gateway.mapping.run import run
from tests.mapping.packs import pack, report, usual

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
EXAMPLE = (
    "ten,chi_tieu,to_chuc,ky,dvt,gia_tri,dich,to_chuc_dich,dvt_dich,gia_tri_dich,ma_loi,nguoi_lap\n"
    "một,T0601,01,LICH 2025M09,trieu_dong,1000,0601,01,ty_dong,1,,Trần Thị Bình\n"
    "hai,T9001,01,LICH 2025M09,diem,77,,,,,M103,\n"
)


def merged() -> Report:
    asked = report(
        *(
            ("T0601", code, "triệu đồng", figure)
            for code, figure in (("74", "100000"), ("77", "50000.5"), ("79", "900000"))
        )
    )
    return replace(asked, columns=replace(asked.columns, source=["so_lieu!2", "so_lieu!3", "so_lieu!4"]))


def test_a_plan_is_committed_only_while_all_it_hangs_on_is_as_it_was(tmp_path: Path) -> None:
    loaded = load(pack(tmp_path))
    stored = Columns(["0601", "0401"], ["79", "79"], ["ty_dong", "ty_dong"], ["7", "1"])
    plan = dry_run(loaded, merged(), None, stored)
    assert [(one.kind, one.indicator, one.before, one.after) for one in plan.changes] == [
        ("withdraw", "0401", "1 ty_dong", ""),
        ("update", "0601", "7 ty_dong", "1050.0005 ty_dong"),
    ]
    assert list(committed(plan.plan, dry_run(loaded, merged(), None, stored)).columns.value) == ["1050.0005"]
    other = load(pack(tmp_path, ky=usual("ky") + "LICH,quy\n"))
    catalogue = Catalogue("CT", "1", date(2025, 1, 1), (Item("0601", "Thu"),))
    changed = {
        "input": dry_run(loaded, report(("T0601", "01", "ty_dong", "1")), None, stored),
        "pack": dry_run(other, merged(), None, stored),
        "catalogue": dry_run(loaded, merged(), catalogue, stored),
        "stored": dry_run(loaded, merged(), None, replace(stored, value=["8", "1"])),
    }
    for what, fresh in changed.items():
        with pytest.raises(Conflict, match=f"D-006 .*: {what} changed"):
            committed(plan.plan, fresh)


def test_a_plan_counts_what_stays_as_it_is(tmp_path: Path) -> None:
    loaded = load(pack(tmp_path))
    done = run(loaded, merged(), None)
    plan = dry_run(loaded, merged(), None, done.columns).as_json()
    assert plan["summary"] == {"received": 3, "mapped": 3, "held": 0, "excluded": 0, "inserted": 0, "updated": 0, "withdrawn": 0, "unchanged": 1}  # fmt: skip


def test_what_is_stored_for_the_same_period_is_not_taken_for_the_one_before(tmp_path: Path) -> None:
    rules = "ma,muc,bieu_thuc,thong_bao,thieu\nK01,loi,[0601] / truoc([0601]) trong 0.5..2,lệch,bo_qua\n"
    stored = Columns(["0601"], ["79"], ["ty_dong"], ["1"])
    plan = dry_run(load(pack(tmp_path, kiem_tra=rules)), merged(), None, stored)
    assert (plan.mapped.account.held, [one.code for one in plan.mapped.conflicts]) == (0, [])


def test_two_packs_are_compared_by_what_they_make_of_the_same_reports(tmp_path: Path) -> None:
    (tmp_path / "cu").mkdir()
    (tmp_path / "moi").mkdir()
    old = load(pack(tmp_path / "cu"))
    new = load(
        pack(
            tmp_path / "moi",
            chi_tieu=usual("chi_tieu").replace("T0601,,0601,trieu_dong,ty_dong", "T0601,,0601,trieu_dong,trieu_dong"),
        )
    )
    found = pack_diff(old, new, [merged(), report(("T0801", "01", "%", "5"))])
    assert [(one["kind"], one["before"], one["after"]) for one in found["changes"]] == [
        ("update", "1050.0005 ty_dong", "1050000.5 trieu_dong")
    ]
    assert (found["by_indicator"], found["by_organisation"], found["unchanged"]) == ({"0601": 1}, {"79": 1}, 1)


def test_a_value_is_explained_to_its_cells_its_rows_and_its_law(tmp_path: Path) -> None:
    law = (
        usual("to_chuc")
        .replace("den_ngay\n", "den_ngay,can_cu\n")
        .replace(",\n", ",,\n")
        .replace("06-30\n", "06-30,\n")
    )
    law = law.replace("74,79,1,2025-07-01,,", "74,79,1,2025-07-01,,202/2025/QH15")
    [value] = explained(load(pack(tmp_path, to_chuc=law)), merged(), None, "0601")
    assert (value["value"], value["unit"]) == ("1050.0005", "ty_dong")
    assert [(one["source"], one["value"], one["factor"]) for one in value["from"]] == [
        ("so_lieu!2", "100000", "0.001"), ("so_lieu!3", "50000.5", "0.001"), ("so_lieu!4", "900000", "0.001"),
    ]  # fmt: skip
    said = sentence(value)
    assert said.startswith("0601, 79 = 1050.0005 ty_dong ← 100000 triệu đồng [74] × 0.001 (so_lieu!2) + ")
    assert all(
        row in said for row in ("chi_tieu:2", "to_chuc:3", "to_chuc:4", "to_chuc:5", "don_vi_tinh:2", "202/2025/QH15")
    )
    with pytest.raises(NotFound):
        explained(load(tmp_path), merged(), None, "0999")


def test_coverage_names_what_has_no_source_and_rows_that_lead_nowhere(tmp_path: Path) -> None:
    catalogue = Catalogue("VPCP-CT", "2", date(2025, 1, 1), (
        Item("0601", "Thu", unit="ty_dong"), Item("0801", "IIP", unit="diem"), Item("0999", "Mới", required=True),
        Item("0111", "Cũ", valid_to=date(2024, 12, 31)),
    ))  # fmt: skip
    found = coverage(load(pack(tmp_path)), catalogue, date(2025, 9, 30), ["T0601"])
    assert [one["indicator"] for one in found["without_source"]] == ["0999"]
    assert [one["target"] for one in found["not_in_catalogue"]] == ["0401", "0401.FD"]
    assert [one["target"] for one in found["other_unit"]] == ["0801"]
    assert [one["source"] for one in found["dead_rows"]] == ["T0401", "T0401", "T0801"]
    assert [one["row"] for one in found["expired_rows"]] == ["chi_tieu:6"]
    assert (found["indicators"], found["covered"]) == (3, 2)


def test_without_reports_to_look_at_no_row_is_called_dead(tmp_path: Path) -> None:
    catalogue = Catalogue("VPCP-CT", "2", date(2025, 1, 1), (Item("0601", "Thu", unit="ty_dong"),))
    loaded = load(pack(tmp_path))
    assert coverage(loaded, catalogue, date(2025, 9, 30))["dead_rows"] == []
    carried = coverage(loaded, catalogue, date(2025, 9, 30), ["T0601", "T0401", "T0801", "T7777"])
    assert carried["dead_rows"] == []  # a code that no row knows is the mapping's affair, as M101


def test_a_row_that_ended_or_leads_nowhere_is_neither_dead_nor_a_source(tmp_path: Path) -> None:
    catalogue = Catalogue("VPCP-CT", "2", date(2024, 1, 1), (Item("1001", "Diện tích", unit="ha", required=True),))
    loaded = load(pack(tmp_path))
    then, now = (coverage(loaded, catalogue, day, ["T0601"]) for day in (date(2024, 12, 31), date(2025, 1, 1)))
    assert "T1001" in [one["source"] for one in then["dead_rows"]]
    assert "T1001" not in [one["source"] for one in now["dead_rows"]]
    assert (then["without_source"], [one["required"] for one in now["without_source"]]) == ([], [True])
    assert not {"T9001"} & {one["source"] for one in (*then["dead_rows"], *then["not_in_catalogue"])}


def test_forms_without_a_source_and_rows_on_no_form_are_told(tmp_path: Path) -> None:
    catalogue = Catalogue("VPCP-CT", "2", date(2025, 1, 1), (Item("0601", "Thu", unit="ty_dong"),))
    forms = {"01/KTXH": ("0601", "0602"), "02/KTXH": ("0602", "0603")}
    found = coverage(load(pack(tmp_path)), catalogue, date(2025, 9, 30), forms=forms)
    assert [(one["form"], one["without_source"], one["sourced"]) for one in found["forms"]] == [
        ("01/KTXH", ["0602"], True),
        ("02/KTXH", ["0602", "0603"], False),
    ]
    assert [one["target"] for one in found["on_no_form"]] == ["0401", "0401.FD", "0801"]


def test_a_pack_is_approved_by_a_second_person_and_only_as_it_stands(tmp_path: Path) -> None:
    folder = pack(tmp_path, vi_du=EXAMPLE)
    given = approve(folder, "Nguyễn Văn An", NOW, "QĐ 1")
    assert (given.number, given.digest) == (1, load(folder).digest)
    assert approve(folder, "Lê Văn Cường", NOW) == given
    pack(tmp_path, vi_du=EXAMPLE, ky=usual("ky") + "LICH,quy\n")
    assert approved(folder, load(folder)) is None
    assert approve(folder, "Nguyễn Văn An", NOW).number == 2
    assert [one.number for one in approvals(folder)] == [1, 2]


@pytest.mark.parametrize(
    ("by", "sheet", "reason"),
    [
        ("Trần  Thị BÌNH", EXAMPLE, "is an author"),
        ("", EXAMPLE, "nobody approves"),
        ("An", EXAMPLE.replace("Trần Thị Bình", ""), "author"),
        ("An", "", "author"),
        ("An", EXAMPLE.replace(",ty_dong,1,", ",ty_dong,2,"), "vi_du:2"),
        ("An", EXAMPLE.replace("M103", "M101"), "vi_du:3"),
    ],
)  # fmt: skip
def test_nobody_approves_his_own_pack_or_one_whose_examples_fail(
    tmp_path: Path, by: str, sheet: str, reason: str
) -> None:
    with pytest.raises(Rejected, match=f"D-005 .*{reason}"):
        approve(pack(tmp_path, vi_du=sheet), by, NOW)


def national(*values: tuple[str, str, str, str], period: str = "LICH:2025M09") -> Report:
    return Report(
        ReportHead("K", "01", period, "H56"), Columns(*[list(column) for column in zip(*values, strict=True)])
    )


def test_the_way_back_names_every_source_and_picks_none(tmp_path: Path) -> None:
    two = usual("chi_tieu") + "T0602,,0601,trieu_dong,ty_dong,tuong_duong,cong,,\n"
    back = unmap(
        load(pack(tmp_path, chi_tieu=two)),
        national(
            ("0601", "01", "ty_dong", "1"),
            ("0777", "01", "ha", "1"),
            ("0801", "79", "phan_tram", "1"),
            ("0801", "01", "phan_tram", "2"),
        ),
    )
    assert [(one.code, one.what, one.rows, one.proposal) for one in back.conflicts] == [
        ("M105", "0777", (1,), ""), ("M106", "0601", (0,), "T0601; T0602"), ("M106", "79", (2,), "74; 77; 79"),
    ]  # fmt: skip
    assert (list(back.columns.indicator), list(back.columns.value), back.rows) == (["T0801"], ["2"], (3,))


def test_the_way_back_restores_unit_condition_and_figure(tmp_path: Path) -> None:
    back = unmap(
        load(pack(tmp_path)), national(("0401.FD", "01", "trieu_usd", "-2.50"), ("0401", "01", "ty_dong", "0.0005"))
    )
    assert [list(column) for column in (back.columns.indicator, back.columns.unit, back.columns.value)] == [
        ["T0401", "T0401"],
        ["trieu_usd", "trieu_dong"],
        ["-2.5", "0.5"],
    ]
    assert list(back.columns.breakdown["nguon_von"]) == ["FDI", ""]


@pytest.mark.parametrize(
    "value",
    [
        ("0601", "01", "bát", "1"),
        ("0601", "01", "ha", "1"),
        ("0601", "99", "ty_dong", "1"),
        ("0601", "01", "ty_dong", "nhiều"),
    ],
)
def test_the_way_back_holds_what_it_cannot_read(tmp_path: Path, value: tuple[str, str, str, str]) -> None:
    account = unmap(load(pack(tmp_path)), national(value)).account
    assert (account.mapped, account.held) == (0, 1)
