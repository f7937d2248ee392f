"""What reading a form met: conflicts with their cells, and figures left out on purpose; nothing is dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.domain.report import Columns
from gateway.mapping.conflicts import Conflict, Rule, Severity

ROUNDED = Rule(
    Severity.INFO,
    "Làm tròn: {what} lệch không quá 1 so với công thức in trên biểu.",
    "Rounded: {what} is within 1 of the formula printed on the form.",
)
NOT_FOUND = Rule(Severity.WARNING, "Không thấy dòng {what} trên biểu.", "The form has no row {what}.")
UNASKED = Rule(
    Severity.INFO,
    "Cột {what} trên biểu chưa được khai trong bảng bieu_mau; số liệu không được lấy.",
    "Column {what} of the form is not declared in sheet bieu_mau; its figures are not taken.",
)
NO_PERIOD = Rule(
    Severity.INFO,
    "Không thấy kỳ báo cáo trên tiêu đề để đối chiếu: {what}.",
    "The title shows no period to compare: {what}.",
)
UNCLEAR = Rule(
    Severity.HELD,
    "Nhãn {what} khớp với nhiều dòng khai ngang nhau.",
    "Label {what} fits several declared rows equally well.",
)


@dataclass(frozen=True, slots=True)
class Found:
    """A conflict and the cells it is about (``Sheet1!C7``)."""

    conflict: Conflict
    cells: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return {**self.conflict.as_json(), "count": len(self.cells), "cells": list(self.cells)}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Figures that a row of ``bieu_mau`` leaves out, and why it does."""

    rule: str
    reason: str
    count: int

    def as_json(self) -> dict[str, Any]:
        return {"rule": self.rule, "reason": self.reason, "count": self.count}


@dataclass(slots=True)
class Values:
    """Figures read so far, as columns grow."""

    indicator: list[str] = field(default_factory=list)
    organisation: list[str] = field(default_factory=list)
    unit: list[str] = field(default_factory=list)
    value: list[str] = field(default_factory=list)
    breakdown: list[dict[str, str]] = field(default_factory=list)
    source: list[str] = field(default_factory=list)

    def columns(self) -> Columns:
        names = sorted({name for one in self.breakdown for name in one})
        return Columns(
            self.indicator,
            self.organisation,
            self.unit,
            self.value,
            {name: [one.get(name, "") for one in self.breakdown] for name in names},
            self.source,
        )


@dataclass(slots=True)
class Reading:
    """One form read: its values, and everything else that was met."""

    values: Values = field(default_factory=Values)
    found: list[Found] = field(default_factory=list)
    left_out: dict[str, LeftOut] = field(default_factory=dict)
    checks: dict[str, int] = field(default_factory=lambda: {"passed": 0, "failed": 0, "not_evaluated": 0})

    def tell(self, code: str, what: str, cells: Sequence[str], own: Rule | None = None, proposal: str = "") -> None:
        """`own` is the rule where the code's usual sentence would say something else."""
        said = Rule(own.severity, own.vi.format(what=what), own.en.format(what=what)) if own else None
        self.found.append(Found(Conflict(code, what, (), proposal, said), tuple(cells)))

    def leave_out(self, rule: str, reason: str, count: int) -> None:
        if count:
            before = self.left_out.get(rule)
            self.left_out[rule] = LeftOut(rule, reason, count + (before.count if before else 0))
