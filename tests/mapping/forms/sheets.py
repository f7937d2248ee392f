"""Workbooks and layouts written for one test."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from gateway.domain.report import Cover
from gateway.mapping.forms import PackForms
from gateway.mapping.loading import load
from gateway.mapping.pack import Pack
from gateway.ports import FormRead
from gateway.schemas.workbooks import XLSX
from tests.mapping.packs import pack as pack_folder

LAYOUT = """bieu,bang,cot_nhan,tieu_de,cot,nhan,chi_tieu,to_chuc,phan_to,dvt,dong_dvt,ky,ghi_chu
B1,*BIỂU THU*,ĐƠN VỊ,,,,,,,,Đơn vị*: {dvt},*năm {Y}*,
B1,*BIỂU THU*,,TỔNG THU,,,T0601,,,trieu_dong,,,
B1,*BIỂU THU*,,Chi*,,,T0401,,,trieu_dong,,,
B1,,,,,Hà Nội,,01,,,,,
B1,,,,,TP. Hồ Chí Minh|Sài Gòn,,79,,,,,
B1,,,,,Cả vùng,,,,,,,cộng vùng
"""
TITLE = ["BIỂU THU năm 2025"]
UNIT = ["", "", "Đơn vị tính: Triệu đồng"]
HEAD = ["STT", "Đơn vị", "Tổng thu", "Chi đầu tư"]
_MADE = datetime(2025, 1, 1, tzinfo=UTC)


def written(rows: Sequence[Sequence[Any]], sheet: str = "Biểu", merged: Sequence[tuple[str, str]] = ()) -> bytes:
    """An XLSX; a cell of the shape ``("=A1", value)`` is a formula."""
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, {"nan_inf_to_errors": True}) as book:
        book.set_properties({"created": _MADE})  # else the same form is other bytes a second later
        page = book.add_worksheet(sheet)
        for area, text in merged:
            page.merge_range(area, text)
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if isinstance(cell, tuple):
                    page.write_formula(row, column, cell[0], None, cell[1])
                elif isinstance(cell, str):
                    page.write_string(row, column, cell)
                elif cell is not None:
                    page.write(row, column, cell)
    return kept.getvalue()


def form(*rows: Sequence[Any]) -> bytes:
    """The usual form with these rows of figures."""
    return written([TITLE, UNIT, HEAD, *rows])


def usual(folder: Path, layout: str = LAYOUT, **changes: str) -> Pack:
    return load(pack_folder(folder, bieu_mau=layout, **changes))


def read(pack: Pack, payload: bytes, period: str = "LICH:2025M09", media_type: str = XLSX, **told: Any) -> FormRead:
    """The form as the way reads it; fails where it is none."""
    cover = Cover(pack.name, "KTXH", tuple(told.pop("forms", ())), "H56", period, **told)
    found = PackForms(lambda _: pack).read(payload, media_type, cover)
    assert found is not None
    return found


def rows(found: FormRead) -> list[tuple[str, str, str, str]]:
    c = found.report.columns
    return list(zip(c.indicator, c.organisation, c.unit, c.value, strict=True))


def findings(found: FormRead) -> Mapping[str, Any]:
    said: Mapping[str, Any] = json.loads(found.findings)
    return said


def conflicts(found: FormRead) -> list[tuple[str, list[str]]]:
    return [(said["code"], said["cells"]) for said in findings(found)["conflicts"]]
