"""Số liệu báo cáo danh sách: rows of a list whose columns it names itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gateway.domain.parcel import Backfill
from gateway.domain.report import ReportHead

CellType = Literal["text", "decimal", "integer", "date"]


@dataclass(frozen=True, slots=True)
class ListColumn:
    """Cột của danh sách; the columns marked `key` together tell one row from another."""

    code: str
    type: CellType
    name: str
    required: bool = False
    key: bool = False


@dataclass(frozen=True, slots=True)
class ListReport:
    """Rows in the order of the list, cells in the order of the columns; an empty cell says nothing.

    No rows at all means *không phát sinh*: there was nothing to list.
    """

    head: ReportHead
    columns: tuple[ListColumn, ...]
    rows: tuple[tuple[str, ...], ...]
    backfill: Backfill | None = None
