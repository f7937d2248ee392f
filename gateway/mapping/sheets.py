"""The sheets of a pack as officers keep them: CSV, Vietnamese column names, every fault with its line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from gateway.text import nfc

# Sheet → (needed columns, optional columns). The common last columns of every sheet are in _COMMON.
SHEETS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "chi_tieu": (("nguon", "dich", "dvt_nguon", "dvt_dich", "quan_he"), ("phan_to", "gop", "bat_buoc")),
    "phan_to": (("chieu", "nguon", "chieu_dich", "dich"), ()),
    "don_vi_tinh": (("ma", "dai_luong", "tu", "mau"), ("bi_danh",)),
    "ky": (("che_do", "loai"), ()),
    "to_chuc": (("nguon", "dich"), ("ty_trong",)),
    "hang_so": (("truong", "gia_tri"), ()),
    "loai_tru": (("chi_tieu", "ly_do"), ("phan_to",)),
}
_COMMON = ("tu_ngay", "den_ngay", "can_cu", "nguoi_lap", "nguoi_duyet", "trang_thai", "ghi_chu")
_NEEDED_SHEETS = frozenset({"chi_tieu", "don_vi_tinh", "ky", "to_chuc"})


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


def read_sheets(folder: Path) -> Sheets:
    """The CSV files of a pack's folder. Rows of state ``ngung`` (stopped) are left out."""
    found = Sheets({name: [] for name in SHEETS})
    for path in sorted(folder.glob("*.csv")):
        if path.stem not in SHEETS:
            found.faults.append(f"{path.name}: unknown sheet; known: {', '.join(SHEETS)}")
            continue
        found.lines[path.stem] = list(_lines(path, found.faults))
    found.faults += [f"{name}.csv: missing or empty" for name in sorted(_NEEDED_SHEETS) if not found.lines[name]]
    return found


def canonical_sheet(text: str) -> bytes:
    """NFC and LF, rows sorted below the header: the form a pack's version is the digest of."""
    rows = list(csv.reader(io.StringIO(nfc(text.removeprefix("\ufeff")))))
    kept = io.StringIO()
    writer = csv.writer(kept, lineterminator="\n")
    writer.writerows([*rows[:1], *sorted(rows[1:])])
    return kept.getvalue().encode()


def _lines(path: Path, faults: list[str]) -> Iterator[Line]:
    needed, optional = SHEETS[path.stem]
    try:
        rows = list(csv.reader(io.StringIO(nfc(path.read_text("utf-8-sig"))), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        faults.append(f"{path.name}: {error}")
        return
    header = [name.strip() for name in rows[0]] if rows else []
    unknown = [name for name in header if name not in (*needed, *optional, *_COMMON)]
    missing = [name for name in needed if name not in header]
    if unknown or missing:
        faults.append(f"{path.name}: unknown columns {unknown}, missing columns {missing}")
        return
    for number, row in enumerate(rows[1:], start=2):
        if not any(row):
            continue
        if len(row) != len(header):
            faults.append(f"{path.name}:{number}: {len(row)} cells, header has {len(header)}")
            continue
        said = {name: cell.strip() for name, cell in zip(header, row, strict=True)}
        line = _dated(path.stem, number, said, faults)
        if line is not None and said.get("trang_thai") != "ngung":
            yield line


def _dated(sheet: str, number: int, said: Mapping[str, str], faults: list[str]) -> Line | None:
    try:
        valid_from, valid_to = (
            date.fromisoformat(said[key]) if said.get(key) else None for key in ("tu_ngay", "den_ngay")
        )
    except ValueError as error:
        faults.append(f"{sheet}.csv:{number}: {error}")
        return None
    if valid_from and valid_to and valid_to < valid_from:
        faults.append(f"{sheet}.csv:{number}: den_ngay {valid_to} before tu_ngay {valid_from}")
        return None
    return Line(sheet, number, said, valid_from, valid_to)
