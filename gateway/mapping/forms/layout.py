"""Layouts: the rows of ``bieu_mau`` as tables with columns and labels, and everything wrong with the rows.

Three kinds of row, told apart by what they fill:

    a table   neither ``tieu_de``, ``cot`` nor ``nhan``: where the table, its labels, its units and its period stand
    a column  ``tieu_de`` (header text, top to bottom) or ``cot`` (the printed number): which indicator stands there
    a label   ``nhan``: which organisation, breakdown or indicator a row is about; ``A > B``: B below A

What a table row says may stand on its column rows instead. ``bieu = *`` is for every form. A column or a label that
leads nowhere is left out on purpose, and says why in ``ghi_chu``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from gateway.mapping.forms.anchors import Anchor, anchor, filled, strange_holes
from gateway.mapping.sheets import Line

EVERY_FORM = "*"
NONE = "-"  # a column for which what the table row says does not hold
_OF_TABLE = ("cot_nhan", "dong_dvt", "cot_dvt", "ky")
_ANCHORS = ("trang", "bang", "cot_nhan", "tieu_de", "nhan", "dong_dvt", "cot_dvt", "ky")
_KEY = ("bieu", "trang", "bang", "tieu_de", "cot", "nhan")
_BELOW = " > "


@dataclass(frozen=True, slots=True)
class Target:
    """What a column or a label is about; `taken` is False where it is left out on purpose."""

    line: Line
    indicator: str
    organisation: str
    breakdown: Mapping[str, str]

    @property
    def taken(self) -> bool:
        return bool(self.indicator or self.organisation or self.breakdown)


@dataclass(frozen=True, slots=True)
class Column:
    target: Target
    header: Anchor | None
    number: str
    unit: str
    unit_line: Anchor | None
    unit_column: Anchor | None


@dataclass(frozen=True, slots=True)
class Label:
    target: Target
    text: Anchor
    below: Anchor | None


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    sheet: Anchor | None
    title: Anchor | None
    label_head: Anchor | None
    period: Anchor | None
    columns: tuple[Column, ...]
    labels: tuple[Label, ...]

    @property
    def about(self) -> str:
        """What its labels name, and so what an unknown label stands for: ``chi_tieu``, ``to_chuc`` or a dimension."""
        everywhere = [label.target for label in self.labels if label.target.taken]
        taken = [target for target in everywhere if target.line["bieu"] != EVERY_FORM] or everywhere
        if any(target.indicator for target in taken):
            return "chi_tieu"
        if any(target.organisation for target in taken):
            return "to_chuc"
        return next((name for target in taken for name in target.breakdown), "to_chuc")


Layout = tuple[Table, ...]


def layouts(lines: Sequence[Line], day: date, known: Mapping[str, str]) -> dict[str, Layout]:
    """The layouts valid on `day`, by form; `known` are the numbers of the period."""
    valid = [line for line in lines if line.valid_on(day)]
    forms = sorted({line["bieu"] for line in valid} - {EVERY_FORM})
    return {form: tuple(_tables(form, valid, known)) for form in forms}


def faults(lines: Sequence[Line], indicators: Iterable[str]) -> Iterator[str]:
    """What is wrong with the rows, each with its place."""
    known = set(indicators)
    for line in lines:
        yield from (f"{line.place}: {what}" for what in _row_faults(line, known))
    keyed: dict[tuple[str, ...], list[Line]] = {}
    for line in lines:
        keyed.setdefault(tuple(line[name] for name in _KEY), []).append(line)
    for same in keyed.values():
        for one, other in combinations(same, 2):
            if one.meets(other):
                yield f"{one.place} và / and {other.place}: cùng neo, cùng lúc có hiệu lực / one anchor, valid at once"
    yield from _disagreements(lines)


def _row_faults(line: Line, indicators: set[str]) -> Iterator[str]:
    is_column, is_label = bool(line["tieu_de"] or line["cot"]), bool(line["nhan"])
    if is_column and is_label:
        yield "vừa là cột vừa là dòng / both a column and a label"
    if (is_column or is_label) and not (line["chi_tieu"] or line["to_chuc"] or line["phan_to"] or line["ghi_chu"]):
        yield "bỏ qua thì phải nêu lý do ở ghi_chu / left out without a reason in ghi_chu"
    if not (is_column or is_label or any(line[name] for name in ("trang", "bang", *_OF_TABLE))):
        yield "dòng không khai gì / it declares nothing"
    if line["chi_tieu"] and line["chi_tieu"] not in indicators:
        yield f"chi_tieu “{line['chi_tieu']}” không có trong bảng chi_tieu / is not in sheet chi_tieu"
    if line["phan_to"] and not _breakdown(line["phan_to"]):
        yield f"phan_to “{line['phan_to']}”: chiều=giá trị;…"
    for name in _ANCHORS:
        for hole in strange_holes(line[name]):
            yield f"{name}: {{{hole}}}; {{Y}} {{M}} {{Q}} {{Y-1}} {{M-1}} {{dvt}}"


def _disagreements(lines: Sequence[Line]) -> Iterator[str]:
    """Rows of one table that say two things of it."""
    for name in ("cot_nhan", "ky"):
        first: dict[tuple[str, str, str], Line] = {}
        for line in (line for line in lines if line[name] and not line["nhan"]):
            other = first.setdefault((line["bieu"], line["trang"], line["bang"]), line)
            if other[name] != line[name] and other.meets(line):
                yield f"{other.place} và / and {line.place} {name}: “{other[name]}”, “{line[name]}”"


def _tables(form: str, lines: Sequence[Line], known: Mapping[str, str]) -> Iterator[Table]:
    own = [line for line in lines if line["bieu"] in (form, EVERY_FORM)]
    grouped: dict[tuple[str, str], list[Line]] = {}
    for line in own:
        if not line["nhan"] and line["bieu"] == form:
            grouped.setdefault((line["trang"], line["bang"]), []).append(line)
    for (sheet, title), rows in grouped.items():
        columns = [line for line in rows if line["tieu_de"] or line["cot"]]
        if not columns:
            continue
        said = {name: next((line[name] for line in rows if line[name]), "") for name in _OF_TABLE}
        head = next((line for line in rows if not (line["tieu_de"] or line["cot"])), None)
        shared = {name: head[name] if head else "" for name in ("dong_dvt", "cot_dvt")}
        labels = [line for line in own if line["nhan"] and line["trang"] in ("", sheet) and line["bang"] in ("", title)]
        yield Table(
            name=title or sheet or form,
            sheet=anchor(sheet),
            title=anchor(title),
            label_head=anchor(said["cot_nhan"]),
            period=anchor(said["ky"]),
            columns=tuple(_column(line, shared, known) for line in columns),
            labels=tuple(_label(line) for line in labels),
        )


def _column(line: Line, shared: Mapping[str, str], known: Mapping[str, str]) -> Column:
    units = {name: "" if line[name] == NONE else line[name] or shared[name] for name in shared}
    return Column(
        target=_target(line),
        header=anchor(filled(line["tieu_de"], known)),
        number=line["cot"],
        unit=line["dvt"],
        unit_line=anchor(units["dong_dvt"]),
        unit_column=anchor(units["cot_dvt"]),
    )


def _label(line: Line) -> Label:
    above, _, text = line["nhan"].rpartition(_BELOW)
    found = anchor(text)
    assert found is not None
    return Label(_target(line), found, anchor(above))


def _target(line: Line) -> Target:
    return Target(line, line["chi_tieu"], line["to_chuc"], _breakdown(line["phan_to"]))


def _breakdown(said: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in said.split(";") if part.strip()]
    return {name.strip(): value.strip() for name, equals, value in pairs if equals and name.strip() and value.strip()}
