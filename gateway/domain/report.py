"""A report as submitted and as translated: a head and parallel columns.

Columns, not one object per value: a report of a million values stays a handful of lists.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ReportHead:
    """Which report this is. `lane` names the report across its revisions.

    regime     chế độ báo cáo, e.g. ``KTXH-THANG``
    form       biểu mẫu, e.g. ``01/KTXH``
    period     kỳ, with its calendar regime: ``ND09:2025M06``
    reporter   agency code of the unit that answers for the figures
    revision   1 for the first submission, higher for each đính chính or resubmission
    """

    regime: str
    form: str
    period: str
    reporter: str
    revision: int = 1
    approver: str = ""
    note: str = ""

    @property
    def lane(self) -> str:
        return "|".join((self.regime, self.form, self.reporter, self.period))


@dataclass(frozen=True, slots=True)
class Columns:
    """Values as parallel columns of text, exactly as they were written; row i is one value.

    indicator     chỉ tiêu code
    organisation  administrative or agency code the value is about
    unit          đơn vị tính as written
    value         the figure as written; empty is *not available*
    breakdown     dimension name → column (phân tổ); empty string means total
    source        where the value stood: ``line 14`` / ``Sheet1!C7``; may be empty lists
    """

    indicator: Sequence[str]
    organisation: Sequence[str]
    unit: Sequence[str]
    value: Sequence[str]
    breakdown: Mapping[str, Sequence[str]] = field(default_factory=dict)
    source: Sequence[str] = ()

    def __len__(self) -> int:
        return len(self.value)


@dataclass(frozen=True, slots=True)
class Report:
    """A head and its values, on the provincial or the national side."""

    head: ReportHead
    columns: Columns


@dataclass(frozen=True, slots=True)
class Cover:
    """What is known of a workbook beside its cells: what was agreed, and what the sender told of this file.

    `forms` are those agreed; `form` and `period` are empty where the sender told none.
    """

    pack: str
    regime: str
    forms: tuple[str, ...]
    reporter: str
    period: str = ""
    form: str = ""
    revision: int = 1
