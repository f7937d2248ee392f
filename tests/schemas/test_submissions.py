"""Short JSON, CSV and workbooks become the same report; what is wrong with them is said."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.errors import Rejected
from gateway.domain.report import Report
from gateway.schemas.packets import XLSX, PacketReader

SHORT: dict[str, Any] = {
    "regime": "KTXH-THANG",
    "form": "01/KTXH",
    "period": "ND09:2025M06",
    "reporter": "H56",
    "revision": 2,
    "note": "ước tính",
    "values": [
        {"indicator": "T01", "organisation": "H56", "unit": "Tỷ đồng", "value": "1.234,5"},
        {"indicator": "T02", "organisation": "H56", "unit": "Người", "value": 12, "breakdown": {"SEX": "F"}},
        {"indicator": "T03", "organisation": "H56", "unit": "%", "state": "not_available"},
    ],
}
CSV = """\ufeff# che_do=KTXH-THANG
# bieu = 01/KTXH
# ky=ND09:2025M06
# don_vi=H56
# sua_doi=2
# ghi_chu=ước tính
chi_tieu,to_chuc,don_vi_tinh,gia_tri,SEX
T01,H56,Tỷ đồng,"1.234,5",
T02,H56,Người,12,F
T03,H56,%,…,
"""


def read(payload: bytes, media_type: str = "application/json") -> Report:
    return PacketReader().read(payload, media_type)[1]


def short(**changes: Any) -> bytes:
    return json.dumps({**SHORT, **changes}).encode()


def workbook(head: dict[str, Any], rows: list[list[Any]]) -> bytes:
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept) as book:
        sheet = book.add_worksheet("dau_muc")
        for n, pair in enumerate(head.items()):
            sheet.write_row(n, 0, pair)
        table = book.add_worksheet("so_lieu")
        for n, row in enumerate(rows):
            table.write_row(n, 0, row)
    return kept.getvalue()


HEAD = {
    "che_do": "KTXH-THANG",
    "bieu": "01/KTXH",
    "ky": "ND09:2025M06",
    "don_vi": "H56",
    "sua_doi": 2,
    "ghi_chu": "ước tính",
}
ROWS = [
    ["chi_tieu", "to_chuc", "don_vi_tinh", "gia_tri", "SEX"],
    ["T01", "H56", "Tỷ đồng", "1.234,5", ""],
    ["T02", "H56", "Người", 12, "F"],
    ["T03", "H56", "%", "…", ""],
]


def content(report: Report) -> object:
    c = report.columns
    broken = {name: list(column) for name, column in c.breakdown.items()}
    return report.head, list(c.indicator), list(c.organisation), list(c.unit), list(c.value), broken


def test_json_csv_and_a_workbook_say_the_same() -> None:
    by_json = content(read(short()))
    assert content(read(CSV.encode(), "text/csv; charset=utf-8")) == by_json
    assert content(read(workbook(HEAD, ROWS), XLSX)) == by_json


def test_a_json_number_keeps_every_digit_it_was_written_with() -> None:
    payload = short(values=[{**SHORT["values"][0], "value": 0}]).replace(
        b'"value": 0', b'"value": 0.10000000000000000001'
    )
    assert read(payload).columns.value == ["0.10000000000000000001"]


def test_every_value_says_where_it_stood() -> None:
    assert list(read(CSV.encode(), "text/csv").columns.source) == ["dòng 8", "dòng 9", "dòng 10"]


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"{", "C-009"),
        (b"[]", "C-005"),
        (b'"x"', "C-005"),
        (b"\xff", "C-004"),
        (b'{"regime": "a", "regime": "b"}', "C-009"),
        (b'{"x": NaN}', "C-009"),
        (b"[" * 100_000, "C-003"),
        (b"{" + b",".join(b'"%d": 1' % n for n in (*range(30_000), 7)) + b"}", "C-009"),
        (short(note="half a pair \ud800"), "C-005"),
        (short(note="a bell \a"), "C-005"),
        (short(reporter="H56\0"), "C-005"),
        (short(**{"\udfff": 1}), "C-005"),
        (short(values=[{**SHORT["values"][0], "value": "\x1b[31m"}]), "C-005"),
        (b'{"revision": ' + b"9" * 5_000 + b"}", "C-003"),
        (short(revision="9" * 5_000), "C-003"),
        (short(colour="red"), "C-005"),
        (short(values=[]), "C-005"),
        (short(values="x"), "C-005"),
        (short(values=[1]), "C-005"),
        (short(values=[{**SHORT["values"][0], "value": True}]), "C-005"),
        (short(values=[{**SHORT["values"][0], "value": None}]), "C-005"),
        (short(values=[{**SHORT["values"][0], "state": "nil"}]), "C-005"),
        (short(values=[{**SHORT["values"][0], "unit": ""}]), "C-005"),
        (short(values=[{**SHORT["values"][0], "colour": "red"}]), "C-005"),
        (short(values=[{**SHORT["values"][0], "breakdown": {"SEX": "F;M"}}]), "C-005"),
        (short(period="ND09:2025M13"), "C-005"),
        (short(period="2025M06"), "C-005"),
        (short(revision=0), "C-005"),
        (short(revision=True), "C-005"),
        (short(reporter=" "), "C-005"),
        (short(note=5), "C-005"),
    ],
)
def test_a_faulty_json_submission_is_refused_with_a_code(payload: bytes, code: str) -> None:
    with pytest.raises(Rejected) as refused:
        read(payload)
    assert refused.value.problem.code == code


@pytest.mark.parametrize(
    "payload",
    [
        CSV.replace("# bieu", "# form"),
        CSV.replace("chi_tieu,", "indicator,"),
        CSV.replace("T02,H56,Người,12,F", "T02,H56,Người,12"),
        CSV.replace("T02,", ","),
        CSV.replace('"1.234,5",', '"1.234,5'),
        CSV.split("T01", maxsplit=1)[0],
        "",
    ],
)
def test_a_faulty_csv_is_refused_with_c005(payload: str) -> None:
    with pytest.raises(Rejected) as refused:
        read(payload.encode(), "text/csv")
    assert refused.value.problem.code == "C-005"


@pytest.mark.parametrize("head", ["# ky=ND09:2025M06\n# ky=ND09:2025M07\n", "# ghi_chu=a\a\n"])
def test_a_csv_head_says_each_thing_once_and_in_letters(head: str) -> None:
    with pytest.raises(Rejected):
        read((head + CSV.removeprefix("\ufeff")).encode(), "text/csv")


def test_a_workbook_that_asks_for_a_billion_texts_dies_alone() -> None:
    whole = _with_part("xl/sharedStrings.xml", _claiming_billions)
    with pytest.raises(Rejected) as refused:
        read(whole, XLSX)
    assert refused.value.problem.code in ("C-003", "C-005")


def test_a_workbook_with_a_cell_at_the_far_corner_dies_alone() -> None:
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    whole = _with_part("xl/worksheets/sheet2.xml", lambda text: text.replace("</sheetData>", far, 1))
    with pytest.raises(Rejected) as refused:
        read(whole, XLSX)
    assert refused.value.problem.code == "C-003"


def _claiming_billions(text: str) -> str:
    return re.sub(r'(count|uniqueCount)="\d+"', r'\1="4294967295"', text)


def _with_part(name: str, changed: Callable[[str], str]) -> bytes:
    """A healthy workbook with one part of it altered."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(HEAD, ROWS))) as old, zipfile.ZipFile(kept, "w") as new:
        for part in old.namelist():
            text = old.read(part)
            new.writestr(part, changed(text.decode()).encode() if part == name else text)
    return kept.getvalue()


def test_a_workbook_that_is_none_is_refused() -> None:
    for payload in (b"PK", b"", workbook(HEAD, [])):
        with pytest.raises(Rejected, match="C-005"):
            read(payload, XLSX)


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as packed, packed.open("xl/workbook.xml", "w") as inside:
        for _ in range(257):
            inside.write(bytes(1024 * 1024))
    with pytest.raises(Rejected) as refused:
        read(kept.getvalue(), XLSX)
    assert refused.value.problem.code == "C-003"


def test_an_unknown_media_type_is_refused_with_c006() -> None:
    with pytest.raises(Rejected, match="C-006"):
        read(b"", "application/pdf")


@given(st.binary(max_size=300), st.sampled_from(["application/json", "text/csv", XLSX, "application/xml"]))
def test_any_bytes_are_read_or_refused(payload: bytes, media_type: str) -> None:
    try:
        read(payload, media_type)
    except Rejected as refused:
        assert refused.problems
