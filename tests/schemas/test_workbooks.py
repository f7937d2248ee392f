"""Workbooks are read in a child that alone can die; their text is read by its fonts."""

from __future__ import annotations

import csv
import io
import resource

import pytest
import xlsxwriter

from gateway.domain.errors import Rejected
from gateway.schemas.workbooks import Text, Wrong, texts, texts_of_csv, workbook
from tests.journeys.real import needed

GSO = "gso-monthly/{}.xls"


def made(*cells: object, font: str = "Arial") -> bytes:
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept) as book:
        page = book.add_worksheet("Biểu")
        for column, cell in enumerate(cells):
            page.write(0, column, cell, book.add_format({"font_name": font}))
    return kept.getvalue()


@pytest.mark.parametrize("name", ["2000-01-31-bieu-thang-1", "2008-07-29-Bieu0708-1"])
def test_every_text_of_a_real_workbook_is_decoded_as_expected(name: str) -> None:
    """The expectation was made with a table for TCVN 5712 that reads a line feed as Ú and a Unicode à as Ổ; there,
    and only there, the letters of the workbook itself count.
    """
    got = {(cell.sheet, cell.row, cell.column): cell for cell in texts(needed(GSO.format(name)).read_bytes()).cells}
    with needed(f"gso-monthly/{name}.xls.expected-text.csv").open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))

    for line in expected:
        cell = got.pop((line["sheet"], int(line["row0"]), int(line["col0"])))
        slipped = cell.text.replace("\n", "Ú").replace("Tàu", "TỔu") if line["kind"] == "tcvn3" else cell.text
        assert line["expected"] in (cell.text, slipped)
        assert (cell.raw, cell.fonts) == (line["raw"], line["fonts"])
        assert cell.kind == line["kind"].replace("-in-vn-font", "")
    assert not got
    assert len(expected) in (1752, 594)


def test_fonts_of_an_xlsx_cell_decide() -> None:
    cells = texts(made("Tæng sè", "Tổng số", 5, font=".VnTimeH")).cells
    assert cells == [
        Text("Biểu", 0, 0, "Tæng sè", "TỔNG SỐ", "tcvn3H", ".VnTimeH"),
        Text("Biểu", 0, 1, "Tổng số", "TỔNG SỐ", "tcvn3H+unicode", ".VnTimeH"),
    ]


def test_runs_of_an_xlsx_cell_are_read_each_by_its_font() -> None:
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept) as book:
        old, new = book.add_format({"font_name": ".VnTime"}), book.add_format({"font_name": "Arial"})
        book.add_worksheet("Biểu").write_rich_string(0, 0, old, "n¨m ", new, "nước")

    [cell] = texts(kept.getvalue()).cells
    assert (cell.text, cell.kind) == ("năm nước", "tcvn3+unicode")


def test_a_csv_of_bytes_is_read_by_its_content_or_as_an_officer_says() -> None:
    said = "Đơn vị tính: triệu đồng; tổng số vốn đầu tư thực hiện của địa phương"
    with needed("legacy-text/sample.csv").open(encoding="utf-8") as file:
        surfaces = [line["tcvn3_surface"] for line in csv.DictReader(file)]
    found = texts_of_csv("\n".join(f'"{text}"' for text in surfaces).encode("latin-1"))

    assert {cell.kind for cell in found.cells} <= {"tcvn3", "unicode"}
    assert not found.ambiguous
    assert texts_of_csv(said.encode()).cells[0].text == said
    assert texts_of_csv(b"n\xa8m", "tcvn3").cells[0].text == "năm"


def test_what_two_encodings_would_read_is_left_and_said() -> None:
    found = texts(made("Fußgänger Größe für über", "Straße schön"))
    assert found.ambiguous == ("Biểu",)
    assert {cell.kind for cell in found.cells} == {"unicode"}


def test_errors_of_an_old_workbook_are_told_apart_from_empty_cells() -> None:
    [page] = [s for s in workbook(needed("mof-budget/Plan_2007.xls").read_bytes()) if s.name == "mau so 09"]
    assert not any(isinstance(cell, Wrong) for row in page.rows for cell in row)
    assert page.at(12, 5) == "4=5+6"
    assert page.at(10_000, 3) is None


def test_only_the_child_is_limited() -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    with pytest.raises(Rejected):
        workbook(b"PK\x03\x04")
    assert resource.getrlimit(resource.RLIMIT_AS) == before


@pytest.mark.parametrize("rest", [b" no", b"\0" * 5000, b"\xff" * 5000])
def test_a_damaged_old_workbook_is_unreadable_and_not_too_large(rest: bytes) -> None:
    for read in (texts, workbook):
        with pytest.raises(Rejected, match="C-005"):
            read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + rest)


def test_damage_anywhere_in_a_real_old_workbook_is_read_or_refused() -> None:
    whole = needed("mof-budget/Plan_2007.xls").read_bytes()
    for at in range(512, len(whole), len(whole) // 12):
        for read in (texts, workbook):
            try:
                read(whole[:at] + b"\xff" * 64 + whole[at + 64 :])
            except Rejected as refused:
                assert refused.problem.code in ("C-003", "C-005", "C-019")
