"""A form of 50,000 cells: in the child with its limits, and read to values; beside its values' library alone.

Seconds are of CPU, the children's with them, so that a busy machine does not matter; those by the clock stand beside.
"""

from __future__ import annotations

import io
import resource
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import xlsxwriter
from python_calamine import CalamineWorkbook

from gateway.domain.report import Cover
from gateway.mapping.forms import PackForms
from gateway.mapping.loading import load
from gateway.schemas.workbooks import XLSX, workbook

_COLUMNS = 10
_TURNS = 5
_SHEETS = {
    "chi_tieu": "nguon,dich,dvt_nguon,dvt_dich,quan_he,gop\n",
    "don_vi_tinh": "ma,dai_luong,tu,mau,bi_danh\ntrieu_dong,tien_vnd,1000000,1,triệu đồng\n",
    "ky": "che_do,loai\nLICH,nam\n",
    "to_chuc": "nguon,dich\n01,01\n",
    "bieu_mau": "bieu,trang,cot_nhan,tieu_de,nhan,chi_tieu,to_chuc,dvt,dong_dvt\nB,*,Đơn vị,,,,,,Đơn vị tính: {dvt}\n",
}


def measure(cells: int = 50_000) -> dict[str, Any]:
    """CPU seconds, the fewest of five turns each, and their ratio to calamine in this process."""
    rows = cells // _COLUMNS
    payload = _form(rows)
    with TemporaryDirectory() as folder:
        pack = _pack(Path(folder), rows)
    forms = PackForms(lambda _: pack)
    cover = Cover("B", "B", (), "01", "LICH:2025")
    bare, _ = _best(lambda: _bare(payload))
    child, _ = _best(lambda: workbook(payload))
    whole, by_the_clock = _best(lambda: forms.read(payload, XLSX, cover))
    found = forms.read(payload, XLSX, cover)
    assert found is not None
    return {
        "cells": rows * _COLUMNS,
        "values": len(found.report.columns),
        "bytes": len(payload),
        "calamine_cpu_seconds": round(bare, 3),
        "read_in_child_cpu_seconds": round(child, 3),
        "form_to_values_cpu_seconds": round(whole, 3),
        "form_to_values_seconds_by_the_clock": round(by_the_clock, 3),
        "ratio_child_to_calamine": round(child / bare, 1),
        "ratio_form_to_calamine": round(whole / bare, 1),
    }


def _best(turn: Callable[[], object]) -> tuple[float, float]:
    """CPU seconds with the children's, and seconds by the clock; of each the fewest."""
    used, taken = [], []
    for _ in range(_TURNS):
        began, before = time.perf_counter(), _cpu()
        turn()
        used.append(_cpu() - before)
        taken.append(time.perf_counter() - began)
    return min(used), min(taken)


def _cpu() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


def _bare(payload: bytes) -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(payload))
    for name in book.sheet_names:
        book.get_sheet_by_name(name).to_python()


def _form(rows: int) -> bytes:
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as book:
        page = book.add_worksheet("Biểu")
        page.write_row(0, 0, ["", "", "Đơn vị tính: Triệu đồng"])
        page.write_row(1, 0, ["Đơn vị", *(f"Cột {n}" for n in range(1, _COLUMNS))])
        for row in range(rows):
            page.write_row(2 + row, 0, [f"Đơn vị số {row % 100}", *(row + n / 4 for n in range(1, _COLUMNS))])
    return kept.getvalue()


def _pack(folder: Path, rows: int) -> Any:
    columns = range(1, _COLUMNS)
    sheets = dict(_SHEETS)
    sheets["chi_tieu"] += "".join(f"T{n},{n},trieu_dong,trieu_dong,tuong_duong,cong\n" for n in columns)
    sheets["bieu_mau"] += "".join(f"B,*,,Cột {n},,T{n},,trieu_dong,\n" for n in columns)
    sheets["bieu_mau"] += "".join(f"B,,,,Đơn vị số {n},,01,,\n" for n in range(min(rows, 100)))
    for name, text in sheets.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
    (folder / "pack.yaml").write_text("pack: B\n", "utf-8")
    return load(folder)
