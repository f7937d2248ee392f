"""Real figures as they were published, read from the data folder beside the checkout."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from gateway.text import folded

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
_BEFORE_THE_NAME = re.compile(r"^(tỉnh|thành phố|tp\.?)\s+", re.IGNORECASE)
# Spellings of the published tables that the official list does not have.
_SPELT = {"Bắc Cạn": "Bắc Kạn", "Thừa Thiên - Huế": "Huế", "Đăk Lăk": "Đắk Lắk", "Đắc Nông": "Đắk Nông"}


def needed(path: str) -> Path:
    """A file of the data folder; where the folder is absent the test is skipped by name."""
    found = DATA / path
    if not found.exists():
        pytest.skip(f"the data folder is not here: {path}")
    return found


def sheet(path: str, name: str) -> list[list[Any]]:
    return CalamineWorkbook.from_path(str(needed(path))).get_sheet_by_name(name).to_python()


def provinces() -> dict[str, str]:
    """The 63 provinces up to 30/06/2025: folded bare name → code."""
    with needed("vn-admin/provinces-63_to-2025-06-30.csv").open(encoding="utf-8") as file:
        known = {_bare(row["name"]): row["code"] for row in csv.DictReader(file)}
    return known | {_bare(spelt): known[_bare(official)] for spelt, official in _SPELT.items()}


def code_of(name: object, known: dict[str, str]) -> str | None:
    return known.get(_bare(str(name)))


def _bare(name: str) -> str:
    spelled = folded(_BEFORE_THE_NAME.sub("", " ".join(name.split())))
    return re.sub(r"\s*-\s*", " - ", spelled)


def figure(cell: object) -> str:
    """A cell's number in digits, as exactly as the workbook holds it."""
    return repr(cell) if isinstance(cell, int) else repr(float(str(cell))).removesuffix(".0")


def submission(form: str, period: str, values: Iterator[tuple[str, str, str, str]]) -> bytes:
    """A short-form report of the province that stands for all, with (indicator, organisation, unit, figure)."""
    told = {
        "regime": "KTXH-THANG",
        "form": form,
        "period": period,
        "reporter": "H56",
        "values": [dict(zip(("indicator", "organisation", "unit", "value"), value, strict=True)) for value in values],
    }
    return json.dumps(told, ensure_ascii=False).encode()
