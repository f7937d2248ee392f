"""Bad workbooks and bad cells: each a named problem or a named conflict with its cell, never a guess."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.domain.errors import Rejected
from gateway.mapping.pack import Pack
from gateway.mapping.run import run
from gateway.schemas.workbooks import XLS
from tests.mapping.forms.sheets import HEAD, TITLE, UNIT, conflicts, form, read, rows, usual, written


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (("=1/0", "#DIV/0!"), "#DIV/0!"),
        (("=A1+#REF!", "#REF!"), "#REF!"),
        (("=NA()", "#N/A"), "#N/A"),
        (("=1+1", ""), "="),
        (float("inf"), "#DIV/0!"),
        (float("nan"), "#NUM!"),
        (True, "TRUE"),
        ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
        ("+84 37", "+84 37"),
        ("1,234.5", "1,234.5"),
        ("1.234,5", "1.234,5"),
        ("một trăm", "một trăm"),
        ('"', '"'),
        ("(1)", "(1)"),
        ("1\u00a0234", "1\u00a0234"),
    ],
)
def test_what_is_no_figure_is_held_with_its_cell(tmp_path: Path, cell: Any, shown: str) -> None:
    pack = usual(tmp_path)
    found = read(pack, form([1, "Hà Nội", 100, cell]))

    assert rows(found)[1][3] == shown
    [held] = [one for one in run(pack, found.report, None).conflicts if one.code == "M901"]
    assert [found.report.columns.source[row] for row in held.rows] == ["Biểu!D4"]


def test_an_error_of_the_workbook_is_told_when_it_is_read(tmp_path: Path) -> None:
    found = read(usual(tmp_path), form([1, "Hà Nội", ("=A1+#REF!", "#REF!"), 1]))

    assert ("M901", ["Biểu!C4"]) in conflicts(found)


def test_an_organisation_given_twice_with_two_figures_is_held(tmp_path: Path) -> None:
    pack = usual(tmp_path)
    found = read(pack, form([1, "Hà Nội", 1, 2], [2, "HÀ NỘI", 1, 3]))

    told = {
        one.code: [found.report.columns.source[row] for row in one.rows]
        for one in run(pack, found.report, None).conflicts
    }
    assert told["M602"][-1] == "Biểu!C5"
    assert told["M601"] == ["Biểu!D4", "Biểu!D5"]


@pytest.mark.parametrize("label", ["hà  nội", "Hà\u00a0Nội", "HÀ NỘI ", "Hà\nNội"])
def test_case_spaces_and_breaks_do_not_make_another_label(tmp_path: Path, label: str) -> None:
    assert rows(read(usual(tmp_path), form([1, label, 1, 2])))[0][1] == "01"


@pytest.mark.parametrize(
    ("sheet", "told"),
    [
        ([TITLE, UNIT, ["STT", "Đơn vị", "Chi đầu tư"], [1, "Hà Nội", 1]], "TỔNG THU"),
        ([TITLE, UNIT, [*HEAD, "Chi khác"], [1, "Hà Nội", 1, 2, 3]], "Chi đầu tư; Chi khác"),
        ([TITLE, UNIT, ["STT", "Tên", "Tổng thu", "Chi"], [1, "Hà Nội", 1, 2]], "ĐƠN VỊ"),
        ([["BIỂU CHI"], UNIT, HEAD, [1, "Hà Nội", 1, 2]], "BIỂU CHI"),
        ([TITLE, UNIT, HEAD], "no row has figures"),
        ([[]], "–"),
    ],
)
def test_a_form_that_does_not_fit_its_layout_is_refused_and_says_what_it_has(
    tmp_path: Path, sheet: list[list[Any]], told: str
) -> None:
    with pytest.raises(Rejected, match="C-020") as refused:
        read(usual(tmp_path), written(sheet), form="B1")
    assert told in str(refused.value)


def test_two_hundred_empty_formatted_columns_do_no_harm(tmp_path: Path) -> None:
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept) as book:
        page = book.add_worksheet("Biểu")
        bold = book.add_format({"bold": True, "bg_color": "yellow"})
        for row in range(300):
            for column in range(200):
                page.write_blank(row, column, None, bold)
        for row, cells in enumerate([TITLE, UNIT, HEAD, [1, "Hà Nội", 1, 2]]):
            page.write_row(row, 0, cells)

    assert len(rows(read(usual(tmp_path), kept.getvalue()))) == 2


def _with_part(payload: bytes, name: str, changed: Callable[[bytes], bytes]) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(payload)) as old, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            content = old.read(part)
            new.writestr(part, changed(content) if part == name else content)
    return kept.getvalue()


def test_two_megabytes_of_styles_do_no_harm(tmp_path: Path) -> None:
    style = b'<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    payload = _with_part(form([1, "Hà Nội", 1, 2]), "xl/styles.xml", lambda xml: xml.replace(
        b"</cellXfs>", style * (2 * 1024 * 1024 // len(style)) + b"</cellXfs>"))  # fmt: skip

    assert len(rows(read(usual(tmp_path), payload))) == 2


def test_where_fonts_cost_too_much_the_content_of_the_sheet_decides(tmp_path: Path) -> None:
    style = b'<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    legacy = written([["BIÓU THU n¨m 2025"], ["", "", "§¬n vÞ tÝnh: TriÖu ®ång"], ["STT", "§¬n vÞ", "Tæng thu", "Chi ®Çu t­"],
                      [1, "Hµ Néi", 1, 2], ["", "Ghi chó: sè liÖu cña c¸c ®Þa ph­¬ng, chÝnh thøc c¶ n¨m"]])  # fmt: skip
    heavy = _with_part(legacy, "xl/styles.xml", lambda xml: xml.replace(b"</cellXfs>", style * 150_000 + b"</cellXfs>"))

    found = read(usual(tmp_path), heavy)
    assert rows(found) == [("T0601", "01", "Triệu đồng", "1"), ("T0401", "01", "Triệu đồng", "2")]
    assert "M903" in {code for code, _ in conflicts(found)}


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"", "C-005"),
        (b"PK\x03\x04" + b"\0" * 100, "C-005"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4096, "C-005"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 4096,
            "C-019",
        ),
        (b"%PDF-1.7 not a workbook", "C-005"),
    ],
)
def test_what_is_no_workbook_or_locked_is_refused_by_name(tmp_path: Path, payload: bytes, code: str) -> None:
    for media_type in (XLS, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"):
        with pytest.raises(Rejected) as refused:
            read(usual(tmp_path), payload, media_type=media_type)
        assert refused.value.problem.code == code


def test_a_workbook_cut_in_the_middle_is_refused(tmp_path: Path) -> None:
    whole = form([1, "Hà Nội", 1, 2])
    with pytest.raises(Rejected, match="C-005"):
        read(usual(tmp_path), whole[: len(whole) // 2])


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/styles.xml"])
def test_a_part_that_unpacks_to_a_flood_is_refused(tmp_path: Path, part: str) -> None:
    flood = _with_part(form([1, "Hà Nội", 1, 2]), part, lambda xml: xml + b" " * (200 * 1024 * 1024))
    with pytest.raises(Rejected, match="C-003"):
        read(usual(tmp_path), flood)


def test_a_million_merged_cells_name_a_limit_or_are_read(tmp_path: Path) -> None:
    many = b"".join(b'<mergeCell ref="F%d:G%d"/>' % (n, n) for n in range(10, 100_000))
    payload = _with_part(form([1, "Hà Nội", 1, 2]), "xl/worksheets/sheet1.xml", lambda xml: xml.replace(
        b"</sheetData>", b"</sheetData><mergeCells>" + many + b"</mergeCells>"))  # fmt: skip

    assert len(rows(read(usual(tmp_path), payload))) == 2


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return usual(tmp_path_factory.mktemp("pack"))


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_a_damaged_workbook_is_read_or_refused_never_more(pack: Pack, data: st.DataObject) -> None:
    whole = bytearray(form([1, "Hà Nội", 1, 2]))
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(4, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        read(pack, bytes(whole))
    except Rejected as refused:
        assert refused.problem.code in ("C-003", "C-005", "C-019", "C-020", "C-021")
