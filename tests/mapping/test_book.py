"""A pack as a folder or as a workbook is the same pack; no cell of either runs as a formula."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.domain.errors import Misconfigured, Rejected
from gateway.mapping.book import (
    as_csv,
    from_csv,
    guarded,
    read_folder,
    read_workbook,
    unguarded,
    workbook,
    write_folder,
)
from gateway.mapping.loading import build, load
from gateway.mapping.sheets import SHEETS
from tests.mapping.packs import pack

_cells = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12) | st.sampled_from(
    [
        "=1+1",
        "+84",
        "@x",
        "-",
        "-5",
        "-5.5%",
        "'",
        "'=",
        "''x",
        "=cmd|' /C calc'!A0",
        "a,b",
        'c"d',
        "0601",
        "1e5",
        "2025-07-01",
        "_x0041_",
    ]
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(_cells, min_size=3, max_size=3), min_size=1, max_size=6))
def test_a_table_written_as_csv_is_read_as_it_was(rows: list[list[str]]) -> None:
    plain = [[cell.strip() for cell in row] for row in from_csv(as_csv(rows))]
    assert from_csv(as_csv(plain)) == plain
    assert all(unguarded(guarded(cell)) == cell for row in rows for cell in row)


def test_no_cell_of_a_csv_starts_a_formula() -> None:
    for cell in ("=1+1", "+1+1", "@SUM(A1)", "-1+1|x", "\t=1", "\r=1"):
        assert guarded(cell).startswith("'")
    for cell in ("-", "-5", "-1.234,5", "5", ""):
        assert guarded(cell) == cell


def test_a_pack_goes_to_a_workbook_and_back_without_loss(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    pack(
        tmp_path / "a",
        settings="# ghi chú\nsource:\n  system: IOC\n",
        vi_du="ten,chi_tieu,to_chuc,ky,dvt,gia_tri,ghi_chu\nmột,T0601,01,LICH:2025M09,ty_dong,0601,=không phải công thức _x0041_\n".replace(
            "=không", "'=không"
        ),
    )
    faults: list[str] = []
    settings_text, tables = read_folder(tmp_path / "a", faults)
    assert not faults
    read, again = read_workbook(workbook(settings_text, tables))
    assert read.strip() == settings_text.strip()
    assert {name: table for name, table in again.items() if table} == tables
    write_folder(tmp_path / "b", read, again)
    with pytest.raises(Misconfigured, match="not empty"):
        write_folder(tmp_path / "b", read, again)


def test_a_workbook_of_an_exported_pack_compiles_to_the_same_version(tmp_path: Path) -> None:
    faults: list[str] = []
    settings_text, tables = read_folder(pack(tmp_path), faults)
    assert build("thu", *read_workbook(workbook(settings_text, tables))).digest == load(tmp_path).digest


def test_cells_that_an_officer_typed_as_numbers_and_days_are_read_as_such(tmp_path: Path) -> None:
    faults: list[str] = []
    settings_text, tables = read_folder(pack(tmp_path), faults)
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as book:
        book.add_worksheet("pack").write_string(0, 0, settings_text)
        for name, table in tables.items():
            sheet = book.add_worksheet(name)
            for row, cells in enumerate(table):
                for column, cell in enumerate(cells):
                    number = name == "don_vi_tinh" and cell.isdigit()
                    (sheet.write_number if number else sheet.write_string)(row, column, float(cell) if number else cell)
            sheet.write_blank(200, 100, None, book.add_format({"bold": True}))
    assert build("thu", *read_workbook(kept.getvalue())).digest == load(tmp_path).digest


@pytest.mark.parametrize("payload", [b"", b"PK\x03\x04", b"not a workbook", workbook("pack: x\n", {})[:300]])
def test_what_is_no_workbook_is_refused_by_name(payload: bytes) -> None:
    with pytest.raises(Rejected):
        read_workbook(payload)


def test_a_workbook_of_something_else_is_refused_by_name() -> None:
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as book:
        book.add_worksheet("so_lieu").write_string(0, 0, "x")
    with pytest.raises(Rejected, match="so_lieu"):
        read_workbook(kept.getvalue())


BAD = {
    "a formula": ("chi_tieu", "T0601,", "=T0601,", "chi_tieu.csv:2 nguon"),
    "the error of a formula": ("to_chuc", "01,01,1", "01,#REF!,1", "to_chuc.csv:6 dich"),
    "a control character": ("to_chuc", "01,01,1", "01,0\x011,1", "to_chuc.csv:6 dich"),
    "a code in another case": ("chi_tieu", "T0401,nguon_von", "t0401,nguon_von", "nguon"),
    "a code with a space inside": ("to_chuc", "74,79,1", "74 ,79,1", ""),
    "a code with tones placed elsewhere": ("don_vi_tinh", "diem,diem,1,1,điểm", "hoá,diem,1,1,\nhóa,diem,1,1,", "ma"),
    "a state nobody knows": ("ky", "che_do,loai\n", "che_do,loai,trang_thai\nLICH,quy,xong\n", "ky.csv:2 trang_thai"),
    "a column twice": ("ky", "che_do,loai\n", "che_do,loai,loai\n", "ky.csv:1"),
    "a period the calendar does not have so": ("ky", "che_do,loai\n", 'che_do,loai,vi_du\nLICH,quy,"2025Q1 = 15/12/2024–14/03/2025"\n', "ky:2 vi_du"),
    "a cut-off on another day": ("ky", "che_do,loai\nND09,thang\n", "che_do,loai,bat_dau\nND09,thang,ngày 1\n", "ky:2 bat_dau"),
    "a code of periods that nobody can write": ("ky", "che_do,loai\nND09,thang\n", "che_do,loai,ma_dich\nND09,thang,{TUAN}\n", "ky:2 ma_dich"),
    "two systems of codes": ("to_chuc", "26,26,1", "26,H26,1", "không dùng lẫn"),
    "an explanation owed": ("chi_tieu", "tuong_duong,cong,2023", "rong_hon,cong,2023", "chi_tieu:2 ghi_chu"),
    "a constant twice": ("hang_so", "che_do,BC-KTXH\n", "che_do,BC-KTXH\nche_do,BC\n", "hang_so:2"),
}  # fmt: skip


@pytest.mark.parametrize(
    "case", [case for case in BAD.values() if case[3]], ids=[name for name, case in BAD.items() if case[3]]
)
def test_a_bad_cell_is_named_with_sheet_row_and_column(tmp_path: Path, case: tuple[str, str, str, str]) -> None:
    sheet, before, after, place = case
    folder = pack(tmp_path)
    path = folder / f"{sheet}.csv"
    text = path.read_text("utf-8")
    assert before in text
    rows = text.replace(before, after, 1)
    width = len(next(csv.reader(io.StringIO(rows))))
    padded = [row + [""] * (width - len(row)) for row in csv.reader(io.StringIO(rows))]
    kept = io.StringIO()
    csv.writer(kept, lineterminator="\n").writerows(padded)
    path.write_text(kept.getvalue(), "utf-8")
    with pytest.raises(Misconfigured) as refused:
        load(folder)
    assert place in str([one.title.en for one in refused.value.problems])


def test_a_gap_between_validities_warns_and_stops_nothing(tmp_path: Path) -> None:
    rows = "nguon,dich,ty_trong,tu_ngay,den_ngay\n01,01,1,,2024-12-31\n01,01,1,2025-02-01,\n"
    [warning] = load(pack(tmp_path, to_chuc=rows)).warnings
    assert "2025-01-01 – 2025-01-31" in warning


def test_every_sheet_is_known_by_its_name() -> None:
    assert len(SHEETS) == 11
