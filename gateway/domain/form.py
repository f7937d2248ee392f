"""Biểu mẫu báo cáo as it is announced (packet 2). Its life in the province is in `forms`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

FormKind = Literal["data", "narrative", "both"]
ColumnType = Literal["text", "decimal", "integer"]


@dataclass(frozen=True, slots=True)
class FormColumn:
    """Cột của biểu."""

    code: str
    type: ColumnType
    name: str


@dataclass(frozen=True, slots=True)
class FormDefinition:
    """What Decree 09/2019 art. 7 wants said of a report, and its grid; `rows` are codes of indicators."""

    code: str
    version: str
    valid_from: date
    name: str
    legal_basis: str
    subjects: str
    send_time: str
    aggregator: str
    approver: str
    kind: FormKind
    columns: tuple[FormColumn, ...]
    rows: tuple[str, ...]
