"""The eleven sheets of a pack as officers keep them: Vietnamese columns, every fault with sheet, row and column."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from gateway.text import folded, nfc

Table = list[list[str]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """`needed` and `optional` columns; `codes` are those in which two spellings of one code are a fault."""

    needed: tuple[str, ...]
    optional: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


# The common last columns of every sheet are in _COMMON.
SHEETS: Mapping[str, Sheet] = {
    "chi_tieu": Sheet(
        ("nguon", "dich", "dvt_nguon", "dvt_dich", "quan_he"),
        ("phan_to", "gop", "bat_buoc", "dung_sai"),
        ("nguon", "dich"),
    ),
    "phan_to": Sheet(("chieu", "nguon", "chieu_dich", "dich"), (), ("chieu", "nguon")),
    "don_vi_tinh": Sheet(("ma", "dai_luong", "tu", "mau"), ("bi_danh",), ("ma",)),
    "ky": Sheet(("che_do", "loai"), ("bat_dau", "ket_thuc", "ma_nguon", "ma_dich", "vi_du")),
    "to_chuc": Sheet(("nguon", "dich"), ("ty_trong", "cap", "thuoc"), ("nguon", "dich")),
    "cong_thuc": Sheet(("dich", "bieu_thuc", "dvt"), ("thieu", "so_le", "dung_sai"), ("dich",)),
    "hang_so": Sheet(("truong", "gia_tri")),
    "bieu_mau": Sheet(
        ("bieu",),
        (
            "trang", "bang", "cot_nhan", "tieu_de", "cot", "nhan", "chi_tieu", "to_chuc", "phan_to", "dvt", "dong_dvt",
            "cot_dvt", "ky",
        ),
    ),
    "kiem_tra": Sheet(("ma", "muc", "bieu_thuc", "thong_bao"), ("thieu",), ("ma",)),
    "loai_tru": Sheet(("chi_tieu", "ly_do"), ("phan_to",), ("chi_tieu",)),
    "vi_du": Sheet(
        ("ten", "chi_tieu", "to_chuc", "ky", "dvt", "gia_tri"),
        ("phan_to", "dich", "phan_to_dich", "to_chuc_dich", "ky_dich", "dvt_dich", "gia_tri_dich", "ma_loi"),
    ),
}  # fmt: skip
_COMMON = ("tu_ngay", "den_ngay", "can_cu", "nguoi_lap", "nguoi_duyet", "trang_thai", "ghi_chu")
_NEEDED_SHEETS = ("chi_tieu", "don_vi_tinh", "ky", "to_chuc")
_STATES = ("", "nhap", "duyet", "ngung")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_FORMULA = re.compile(r"=|#(REF|N/A|DIV/0|VALUE|NAME|NUM|NULL)[!?]?")
_MIDNIGHT = " 00:00:00"  # how a day comes back from a workbook in which somebody typed one


@dataclass(frozen=True, slots=True)
class Line:
    """One row: where it stands, what it says, and the days it is valid (inclusive, None is open)."""

    sheet: str
    number: int
    said: Mapping[str, str]
    valid_from: date | None
    valid_to: date | None

    def __getitem__(self, column: str) -> str:
        return self.said.get(column, "")

    @property
    def place(self) -> str:
        return f"{self.sheet}:{self.number}"

    def valid_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)

    def meets(self, other: Line) -> bool:
        """Whether both are valid on some day."""
        begins = max(self.valid_from or date.min, other.valid_from or date.min)
        return begins <= min(self.valid_to or date.max, other.valid_to or date.max)


@dataclass(slots=True)
class Sheets:
    """Every sheet read, and everything wrong with them."""

    lines: dict[str, list[Line]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def read_sheets(tables: Mapping[str, Table]) -> Sheets:
    """The tables of a pack, header first. Rows of state ``ngung`` (stopped) are left out."""
    found = Sheets({name: [] for name in SHEETS})
    for name, table in tables.items():
        if name not in SHEETS:
            found.faults.append(f"{name}.csv: bảng lạ / unknown sheet; known: {', '.join(SHEETS)}")
            continue
        found.lines[name] = list(_lines(name, table, found.faults))
        found.faults += _spellings(found.lines[name], SHEETS[name].codes)
    found.faults += [
        f"{name}.csv: thiếu hoặc trống / missing or empty" for name in _NEEDED_SHEETS if not found.lines[name]
    ]
    return found


def canonical_sheet(table: Table) -> bytes:
    """Rows sorted below the header, LF: the form a pack's version is the digest of."""
    kept = io.StringIO()
    writer = csv.writer(kept, lineterminator="\n")
    writer.writerows([*table[:1], *sorted(row for row in table[1:] if any(row))])
    return kept.getvalue().encode()


def clean(rows: Sequence[Sequence[str]]) -> Table:
    """NFC, without spaces around a cell; what a pack says does not hang on either."""
    return [[nfc(cell).strip() for cell in row] for row in rows]


def _lines(name: str, table: Table, faults: list[str]) -> Iterator[Line]:
    header = table[0] if table else []
    fault = _header_fault(name, header)
    if fault:
        faults.append(fault)
        return
    for number, row in enumerate(table[1:], start=2):
        if not any(row):
            continue
        if len(row) != len(header):
            faults.append(f"{name}.csv:{number}: {len(row)} ô, đầu bảng có / cells, header has {len(header)}")
            continue
        said = dict(zip(header, row, strict=True))
        wrong = [f"{name}.csv:{number} {column}: {what}" for column, what in _cell_faults(said)]
        faults += wrong
        line = None if wrong else _dated(name, number, said, faults)
        if line is not None and said.get("trang_thai") != "ngung":
            yield line


def _header_fault(name: str, header: list[str]) -> str:
    sheet = SHEETS[name]
    unknown = [column for column in header if column not in (*sheet.needed, *sheet.optional, *_COMMON)]
    missing = [column for column in sheet.needed if column not in header]
    if unknown or missing:
        return f"{name}.csv:1: cột lạ / unknown columns {unknown}, thiếu cột / missing columns {missing}"
    twice = sorted({column for column in header if header.count(column) > 1})
    return f"{name}.csv:1: cột lặp / columns twice {twice}" if twice else ""


def _cell_faults(said: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for column, cell in said.items():
        if _CONTROL.search(cell):
            yield column, "ký tự điều khiển / a control character"
        elif _FORMULA.match(cell):
            yield column, f"công thức hoặc lỗi công thức / a formula or its error: “{cell[:40]}”"
    if said.get("trang_thai", "") not in _STATES:
        yield "trang_thai", f"“{said['trang_thai']}”; cho phép / allowed: nhap, duyet, ngung"


def _dated(sheet: str, number: int, said: dict[str, str], faults: list[str]) -> Line | None:
    days: list[date | None] = []
    for column in ("tu_ngay", "den_ngay"):
        text = said.get(column, "").removesuffix(_MIDNIGHT)
        try:
            days.append(date.fromisoformat(text) if text else None)
        except ValueError as error:
            faults.append(f"{sheet}.csv:{number} {column}: {error}")
            return None
    valid_from, valid_to = days
    if valid_from and valid_to and valid_to < valid_from:
        faults.append(f"{sheet}.csv:{number} den_ngay: {valid_to} trước / before tu_ngay {valid_from}")
        return None
    return Line(sheet, number, said, valid_from, valid_to)


def _spellings(lines: list[Line], columns: tuple[str, ...]) -> Iterator[str]:
    """One code typed two ways (case, spaces, NBSP, tone placement) is a slip, never two codes."""
    for column in columns:
        first: dict[str, Line] = {}
        for line in lines:
            other = first.setdefault(folded(line[column]), line)
            if other[column] != line[column]:
                yield (
                    f"{other.place} và / and {line.place} {column}: “{other[column]}”, “{line[column]}” "
                    "chỉ khác cách gõ / differ in typing only"
                )
