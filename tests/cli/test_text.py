"""text decode: every text cell of a file, before and after."""

from __future__ import annotations

from pathlib import Path

import xlsxwriter

from tests.cli.house import run


def a_workbook(folder: Path) -> Path:
    path = folder / "bieu.xlsx"
    with xlsxwriter.Workbook(path) as book:
        old = book.add_format({"font_name": ".VnTime"})
        book.add_worksheet("Một").write(1, 2, "§¬n vÞ tÝnh: Ngh×n ha", old)
        book.add_worksheet("Hai").write(0, 0, "Tổng số")
    return path


def test_cells_are_listed_with_place_raw_text_and_kind(tmp_path: Path) -> None:
    told = run("text", "decode", str(a_workbook(tmp_path)), "--json")
    assert told.code == 0
    assert told.document == [
        {"sheet": "Một", "row": 1, "col": 2, "raw": "§¬n vÞ tÝnh: Ngh×n ha", "text": "Đơn vị tính: Nghìn ha", "kind": "tcvn3"},
        {"sheet": "Hai", "row": 0, "col": 0, "raw": "Tổng số", "text": "Tổng số", "kind": "unicode"},
    ]  # fmt: skip


def test_one_sheet_may_be_asked_for(tmp_path: Path) -> None:
    path = str(a_workbook(tmp_path))
    assert [cell["sheet"] for cell in run("text", "decode", path, "--sheet", "Hai", "--json").document] == ["Hai"]
    assert run("text", "decode", path, "--sheet", "Ba").code == 5


def test_people_are_shown_what_changed(tmp_path: Path) -> None:
    told = run("text", "decode", str(a_workbook(tmp_path)))
    assert told.lines == ["Một\t1\t2\ttcvn3\t§¬n vÞ tÝnh: Ngh×n ha\tĐơn vị tính: Nghìn ha"]
    assert "1 / 2" in told.err


def test_a_file_that_is_no_workbook_is_refused_and_no_trace_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "bieu.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 no")
    told = run("text", "decode", str(path))
    assert (told.code, "C-005" in told.err) == (1, True)
    assert "Traceback" not in told.err


def test_a_csv_is_read_in_the_encoding_an_officer_names(tmp_path: Path) -> None:
    path = tmp_path / "bieu.csv"
    path.write_bytes("n¨m,2000\n".encode("latin-1"))
    [first, _] = run("text", "decode", str(path), "--encoding", "tcvn3", "--json").document
    assert (first["text"], first["kind"], first["sheet"]) == ("năm", "tcvn3", "")
