"""Formulas (cong_thuc) and rules (kiem_tra) of a pack as expressions, in an order in which each can be computed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from graphlib import CycleError, TopologicalSorter

from gateway.mapping import expression
from gateway.mapping.expression import Expression
from gateway.mapping.figures import PLACES
from gateway.mapping.sheets import Line
from gateway.mapping.units import Units

_MISSING = ("giu", "bo_qua", "khong")
_LEVELS = ("loi", "canh_bao")
_RULE_CODE = re.compile(r"K[0-9A-Za-z_]{1,20}")


@dataclass(frozen=True, slots=True)
class Formula:
    """A row of cong_thuc: the target `code` computed from targets, rounded half-even to `places`."""

    line: Line
    code: str
    expression: Expression
    unit: str
    missing: str
    places: int
    tolerance: Decimal


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of kiem_tra; `holds` where a failure keeps the values back (loi)."""

    line: Line
    code: str
    expression: Expression
    missing: str
    holds: bool


def formulas_of(lines: list[Line], units: Units, faults: list[str]) -> Iterator[Formula]:
    for line in lines:
        read = _expression(line, faults, is_rule=False)
        unit = units.named(line["dvt"])
        places, tolerance = decimal_of(line["so_le"] or "6"), decimal_of(line["dung_sai"] or "0")
        if unit is None:
            faults.append(f"{line.place} dvt: unit not in don_vi_tinh / chưa có trong don_vi_tinh")
        elif places is None or places not in range(PLACES + 1):
            faults.append(f"{line.place} so_le: 0 … {PLACES}")
        elif tolerance is None or tolerance < 0:
            faults.append(f"{line.place} dung_sai: “{line['dung_sai']}”")
        elif read:
            yield Formula(line, line["dich"], read, unit.code, line["thieu"] or "giu", int(places), tolerance)


def rules_of(lines: list[Line], faults: list[str]) -> Iterator[Rule]:
    for line in lines:
        read = _expression(line, faults, is_rule=True)
        if line["muc"] not in _LEVELS:
            faults.append(allowed(line, "muc", _LEVELS))
        if not _RULE_CODE.fullmatch(line["ma"]):
            faults.append(f"{line.place} ma: “{line['ma']}”; K01, K02, …")
        if not line["thong_bao"]:
            faults.append(f"{line.place} thong_bao: trống / empty")
        if read:
            yield Rule(line, line["ma"], read, line["thieu"] or "giu", line["muc"] == "loi")


def ordered(formulas: list[Formula], faults: list[str]) -> list[Formula]:
    """Each formula after what it needs; a circle is a fault that names its rows."""
    named: dict[str, list[Formula]] = {}
    for formula in formulas:
        named.setdefault(formula.code, []).append(formula)
    needs = {code: _needs(same) & named.keys() for code, same in named.items()}
    try:
        order = list(TopologicalSorter(needs).static_order())
    except CycleError as error:
        circle = error.args[1]
        places = ", ".join(sorted(formula.line.place for code in set(circle) for formula in named[code]))
        faults.append(f"{places} bieu_thuc: vòng lặp / a circle: {' → '.join(circle)}")
        return []
    return [formula for code in order for formula in named[code]]


def decimal_of(text: str) -> Decimal | None:
    """A whole or decimal number as an officer types it into a pack; None for anything else."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    said = value.as_tuple()
    return value if isinstance(said.exponent, int) and said.exponent >= -PLACES else None


def allowed(line: Line, column: str, words: tuple[str, ...]) -> str:
    """The fault of a cell that is none of `words`."""
    return f"{line.place} {column}: “{line[column]}”; cho phép / allowed: {', '.join(words)}"


def _expression(line: Line, faults: list[str], *, is_rule: bool) -> Expression | None:
    if line["thieu"] not in ("", *_MISSING):
        faults.append(allowed(line, "thieu", _MISSING))
    if line["thieu"] == "khong" and not line["nguoi_duyet"]:
        faults.append(f"{line.place} nguoi_duyet: thieu = khong cần người duyệt / needs somebody's approval")
    try:
        read = expression.parse(line["bieu_thuc"])
    except ValueError as error:
        faults.append(f"{line.place} bieu_thuc: {error}")
        return None
    if read.is_rule != is_rule or not read.references:
        wanted = "điều kiện / a condition" if is_rule else "một số / a figure"
        faults.append(f"{line.place} bieu_thuc: phải là / must be {wanted}, và nêu chỉ tiêu / and name an indicator")
        return None
    return read


def _needs(same: list[Formula]) -> set[str]:
    """A sum over lower units may name its own indicator; so may the period before."""
    return {
        reference.code
        for formula in same
        for reference in formula.expression.references
        if reference.kind == "now" or (reference.kind == "sum" and reference.code != formula.code)
    }
