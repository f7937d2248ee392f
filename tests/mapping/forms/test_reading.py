"""A form becomes values by declared rows alone, and nothing on it is lost or guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.domain.errors import Rejected
from gateway.mapping.run import run
from tests.mapping.forms.sheets import HEAD, LAYOUT, TITLE, UNIT, conflicts, findings, form, read, rows, usual, written


def test_every_figure_has_its_indicator_its_organisation_its_unit_and_its_cell(tmp_path: Path) -> None:
    found = read(usual(tmp_path), form([1, "Hà Nội", 100, 7.5], [2, "SÀI GÒN", 200, "-"]))

    assert rows(found) == [
        ("T0601", "01", "Triệu đồng", "100"),
        ("T0401", "01", "Triệu đồng", "7.5"),
        ("T0601", "79", "Triệu đồng", "200"),
        ("T0401", "79", "Triệu đồng", "-"),
    ]
    assert list(found.report.columns.source) == ["Biểu!C4", "Biểu!D4", "Biểu!C5", "Biểu!D5"]
    assert found.report.head.form == "B1"


def test_nil_not_available_and_confidential_stay_three_things(tmp_path: Path) -> None:
    found = read(usual(tmp_path), form([1, "Hà Nội", "-", "x"], [2, "Sài Gòn", 1, "…"]))

    assert [value for *_, value in rows(found)] == ["-", "x", "1", "…"]


def test_a_row_that_nobody_declared_is_held_under_its_own_name(tmp_path: Path) -> None:
    pack = usual(tmp_path)
    found = read(pack, form([1, "Hà Nội", 1, 2], [2, "Hà Nộii", 3, 4], [3, "", 5, None]))

    mapped = run(pack, found.report, None)
    assert (mapped.account.received, mapped.account.mapped, mapped.account.held) == (5, 2, 3)
    assert {one.what for one in mapped.conflicts if one.code == "M501"} == {"Hà Nộii", "(không nhãn) Biểu!A6"}


def test_what_is_left_out_on_purpose_is_counted_with_its_reason(tmp_path: Path) -> None:
    found = read(usual(tmp_path), form([1, "Hà Nội", 1, 2], ["I", "CẢ VÙNG", 10, 20]))

    assert findings(found)["left_out"] == [{"rule": "bieu_mau:7", "reason": "cộng vùng", "count": 2}]


def test_a_column_that_nobody_declared_is_told(tmp_path: Path) -> None:
    payload = written([TITLE, UNIT, [*HEAD, "Khác"], [1, "Hà Nội", 1, 2, 3]])

    assert ("M802", ["Biểu!E4", "Biểu!E4"]) in conflicts(read(usual(tmp_path), payload))


def test_the_unit_is_the_forms_own_each_time(tmp_path: Path) -> None:
    payload = written([TITLE, ["", "", "Đơn vị: Tỷ  đồng."], HEAD, [1, "Hà Nội", 1, 2]])

    assert {unit for _, _, unit, _ in rows(read(usual(tmp_path), payload))} == {"Tỷ đồng"}


def test_a_form_that_does_not_show_its_unit_has_none(tmp_path: Path) -> None:
    pack = usual(tmp_path)
    found = read(pack, written([TITLE, [], HEAD, [1, "Hà Nội", 1, 2]]))

    assert {unit for _, _, unit, _ in rows(found)} == {""}
    assert {one.code for one in run(pack, found.report, None).conflicts} == {"M301"}


def test_of_two_units_over_a_table_the_one_that_measures_the_indicator_counts(tmp_path: Path) -> None:
    payload = written([TITLE, ["", "", "Đơn vị tính: ha; triệu đồng"], HEAD, [1, "Hà Nội", 1, 2]])

    assert {unit for _, _, unit, _ in rows(read(usual(tmp_path), payload))} == {"triệu đồng"}


def test_ditto_marks_repeat_the_unit_above(tmp_path: Path) -> None:
    layout = """bieu,trang,tieu_de,nhan,chi_tieu,phan_to,dvt,cot_dvt
B1,*,Sản lượng,,T1001,,ha,Đơn vị tính
B1,,,Lúa,,cay=lua,,
B1,,,Ngô|Bắp,,cay=ngo,,
"""
    payload = written([["", "Đơn vị tính", "Sản lượng"], ["Lúa", "Nghìn tấn", 1], ["Bắp", '"', 2], ["Ngô", "ha", 3]])

    found = read(usual(tmp_path, layout), payload)
    assert [unit for _, _, unit, _ in rows(found)] == ["Nghìn tấn", "Nghìn tấn", "ha"]
    assert found.report.columns.breakdown["cay"] == ["lua", "ngo", "ngo"]


def test_a_ditto_mark_with_nothing_above_is_no_unit(tmp_path: Path) -> None:
    layout = (
        "bieu,trang,tieu_de,nhan,chi_tieu,phan_to,dvt,cot_dvt\nB1,*,Sản lượng,,T1001,,ha,ĐVT\nB1,,,Lúa,,cay=lua,,\n"
    )

    found = read(usual(tmp_path, layout), written([["", "ĐVT", "Sản lượng"], ["Lúa", '"', 1]]))
    assert rows(found)[0][2] == ""


def test_a_title_of_another_period_is_told_and_the_submissions_period_stands(tmp_path: Path) -> None:
    found = read(usual(tmp_path), form([1, "Hà Nội", 1, 2]), period="LICH:2024M09")

    assert ("M403", ["Biểu!A1"]) in conflicts(found)
    assert found.report.head.period == "LICH:2024M09"


def test_merged_and_ragged_headers_are_read_from_top_to_bottom(tmp_path: Path) -> None:
    layout = """bieu,bang,cot_nhan,tieu_de,nhan,chi_tieu,to_chuc,dvt
B1,BIỂU*,Đơn vị,Thu Tổng số,,T0601,,trieu_dong
B1,BIỂU*,,Thu Trong đó đất đai,,T0401,,trieu_dong
B1,,,,Hà Nội,,01,
"""
    merged = [("B2:C2", "Thu"), ("A2:A4", "Đơn vị"), ("A1:C1", "BIỂU SỐ 1 của cả tỉnh")]
    payload = written([[], [], [None, "Tổng", "Trong đó"], [None, "số", "đất đai"], ["Hà Nội", 1, 2]], merged=merged)

    assert [(one, value) for one, _, _, value in rows(read(usual(tmp_path, layout), payload))] == [
        ("T0601", "1"), ("T0401", "2"),
    ]  # fmt: skip


def test_a_footnote_beside_a_figure_under_one_header_is_no_figure(tmp_path: Path) -> None:
    layout = (
        "bieu,trang,cot_nhan,tieu_de,nhan,chi_tieu,to_chuc,dvt\nB1,*,Đơn vị,Thu,,T0601,,trieu_dong\nB1,,,,Hà Nội,,01,\n"
    )
    head = [("B1:C1", "Thu")]
    noted = written([["Đơn vị"], ["Hà Nội", "(1)", 5]], merged=head)
    both = written([["Đơn vị"], ["Hà Nội", 4, 5]], merged=head)

    assert [value for *_, value in rows(read(usual(tmp_path, layout), noted))] == ["5"]
    assert [value for *_, value in rows(read(usual(tmp_path, layout), both))] == ["4 | 5"]


def test_formulas_printed_in_the_header_are_held_against_every_row(tmp_path: Path) -> None:
    payload = written([TITLE, UNIT, [*HEAD, "x", "y"], ["A", "B", "1=2+3", "2", "3"], [1, "Hà Nội", 10, 4, 6],
                       [2, "Sài Gòn", 11, 4, 6], [3, "Cả vùng", 20, 4, 6], [4, "Hà Nội", 1, 4]])  # fmt: skip
    found = read(usual(tmp_path), payload)

    assert findings(found)["checks"] == {"passed": 2, "failed": 1, "not_evaluated": 1}
    told = [(said["severity"], said["cells"]) for said in findings(found)["conflicts"] if said["code"] == "M703"]
    assert told == [("warning", ["Biểu!C7"]), ("info", ["Biểu!C6"])]


def test_a_column_may_be_named_by_the_number_printed_over_it(tmp_path: Path) -> None:
    layout = "bieu,trang,cot_nhan,cot,nhan,chi_tieu,to_chuc,dvt\nB1,*,Đơn vị,4,,T0601,,trieu_dong\nB1,,,,Hà Nội,,01,\n"
    payload = written([["Đơn vị", "Thu", "Chi"], ["A", "(3)", "4=5+6"], ["Hà Nội", 1, 2]])

    assert [value for *_, value in rows(read(usual(tmp_path, layout), payload))] == ["2"]


def test_a_label_below_another_is_told_apart_from_its_namesake(tmp_path: Path) -> None:
    layout = """bieu,trang,tieu_de,nhan,chi_tieu,phan_to,dvt
B1,*,Diện tích,,T1001,,ha
B1,,,Lúa > Miền Bắc,,cay=lua,
B1,,,Ngô > Miền Bắc,,cay=ngo,
B1,,,Ngô,,cay=tat_ca,
"""
    payload = written([["", "Diện tích"], ["Lúa"], ["Miền Bắc", 1], ["Ngô", 5], ["Miền Bắc", 2]])

    assert read(usual(tmp_path, layout), payload).report.columns.breakdown["cay"] == ["lua", "tat_ca", "ngo"]


def test_a_section_ends_where_rows_stand_no_further_in(tmp_path: Path) -> None:
    layout = """bieu,trang,tieu_de,nhan,chi_tieu,phan_to,dvt,ghi_chu
B1,*,Diện tích,,T1001,,ha,
B1,,,Ngành > *,,,,không thu theo ngành
B1,,,Miền Bắc,,cay=tat_ca,,
"""
    head = ["", "", "Diện tích"]
    payload = written([head, ["Ngành"], ["", "Dệt", 1], ["Địa phương"], ["", "Miền Bắc", 2], ["", "Miền Nam", 3]])

    found = read(usual(tmp_path, layout), payload)
    assert found.report.columns.breakdown["cay"] == ["tat_ca", "Miền Nam"]
    assert findings(found)["left_out"] == [{"rule": "bieu_mau:3", "reason": "không thu theo ngành", "count": 1}]


def test_a_table_that_goes_on_further_down_is_read_to_its_end(tmp_path: Path) -> None:
    again = ["BIỂU THU (tiếp theo) năm 2025"]
    payload = written([TITLE, UNIT, HEAD, [1, "Hà Nội", 1, 2], [], again, UNIT, HEAD, [2, "Sài Gòn", 3, 4]])

    assert [value for *_, value in rows(read(usual(tmp_path), payload))] == ["1", "2", "3", "4"]


def test_the_layout_follows_the_period(tmp_path: Path) -> None:
    layout = """bieu,trang,cot_nhan,tieu_de,nhan,chi_tieu,to_chuc,dvt,tu_ngay,den_ngay
B1,*,Đơn vị,Thu,,T0601,,trieu_dong,,2024-12-31
B1,*,Đơn vị,Tổng thu,,T0601,,trieu_dong,2025-01-01,
B1,,,,Hà Nội,,01,,,
"""
    pack = usual(tmp_path, layout)
    payload = written([["Đơn vị", "Thu"], ["Hà Nội", 1]])

    assert rows(read(pack, payload, period="LICH:2024M09"))
    with pytest.raises(Rejected, match="C-020"):
        read(pack, payload, period="LICH:2025M09")


def test_figures_are_written_as_the_pack_reads_them(tmp_path: Path) -> None:
    pack = usual(tmp_path, settings="figures: vietnamese\n")
    found = read(pack, form([1, "Hà Nội", 1234.5, "1.234,5"]))

    assert [value for *_, value in rows(found)] == ["1234,5", "1.234,5"]
    assert run(pack, found.report, None).account.mapped == 2


def test_the_noise_behind_fifteen_digits_is_none_of_the_figure(tmp_path: Path) -> None:
    found = read(usual(tmp_path), form([1, "Hà Nội", 65658017.599999994, 0.1 + 0.2]))

    assert [value for *_, value in rows(found)] == ["65658017.6", "0.3"]


def test_without_a_period_or_between_two_forms_nobody_guesses(tmp_path: Path) -> None:
    pack = usual(tmp_path, LAYOUT + LAYOUT.split("\n", 1)[1].replace("B1", "B2"))
    payload = form([1, "Hà Nội", 1, 2])

    with pytest.raises(Rejected, match="C-021"):
        read(pack, payload, period="")
    with pytest.raises(Rejected, match="B1, B2"):
        read(pack, payload)
    assert read(pack, payload, form="B2").report.head.form == "B2"
    assert read(pack, payload, forms=["B2"]).report.head.form == "B2"
