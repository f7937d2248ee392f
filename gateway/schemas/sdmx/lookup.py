"""A lookup: rows of source values and target values with validity, as sheets keep them and as SDMX tells them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from gateway.domain.errors import Rejected, problem

_FROM, _TO = "tu_ngay", "den_ngay"

# Sheet of a pack → its source and its target columns. What else a row says travels as annotations.
SHEETS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "chi_tieu": (("nguon", "phan_to", "dvt_nguon"), ("dich", "dvt_dich")),
    "phan_to": (("chieu", "nguon"), ("chieu_dich", "dich")),
    "to_chuc": (("nguon",), ("dich",)),
    "ky": (("che_do", "loai", "ma_nguon"), ("ma_dich",)),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One mapping; both days are inclusive, None is open. `notes` are the columns that are neither side's."""

    source: tuple[str, ...]
    target: tuple[str, ...]
    valid_from: date | None = None
    valid_to: date | None = None
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lookup:
    """Bảng tra of a pack. `source` and `target` name the columns, or the positions where the sender named none."""

    id: str
    agency: str
    version: str
    name: str
    source: tuple[str, ...]
    target: tuple[str, ...]
    rows: tuple[Row, ...]


def of_sheet(sheet: str, lines: Iterable[Mapping[str, str]], agency: str, version: str) -> Lookup:
    """The lookup of a sheet's lines, column → text; `sheet` is one of `SHEETS`.

    Raises `Rejected` (C-005) for a day that does not exist and for validity that ends before it begins.
    """
    source, target = SHEETS[sheet]
    rows = tuple(_row(sheet, number, line, source, target) for number, line in enumerate(lines, start=2))
    return Lookup(sheet, agency, version, sheet, source, target, rows)


def lines_of(lookup: Lookup) -> list[dict[str, str]]:
    """The lines of a sheet again; what stood empty is left out."""
    return [{column: text for column, text in _said(lookup, row) if text} for row in lookup.rows]


def checked(path: str, row: Row, width: tuple[int, int]) -> Row:
    """The row, or `Rejected` (C-005): too few values, or validity that ends before it begins."""
    if (len(row.source), len(row.target)) != width:
        raise wrong(path, f"{len(row.source)} → {len(row.target)}", f"{width[0]} → {width[1]}")
    if row.valid_from and row.valid_to and row.valid_to < row.valid_from:
        raise wrong(path, f"{row.valid_from} > {row.valid_to}", "validFrom ≤ validTo")
    return row


def day(path: str, text: str | None, ends: bool = False) -> date | None:
    """A day, also where it is told as its first second, or as its last one where validity ends.

    Any other hour is refused, for it could not be kept.
    """
    if not text:
        return None
    head, _, clock = text.partition("T")
    told = clock.removesuffix("Z").partition("+")[0].partition(".")[0]
    try:
        if told not in ("", "00:00:00", *(("23:59:59",) if ends else ())):
            raise ValueError(told)
        return date.fromisoformat(head)
    except ValueError:
        raise wrong(path, text, "YYYY-MM-DD") from None


def wrong(path: str, reason: str, expected: str) -> Rejected:
    return Rejected(problem("C-005", path=path, line="-", reason=reason, expected=expected))


def _row(sheet: str, number: int, line: Mapping[str, str], source: tuple[str, ...], target: tuple[str, ...]) -> Row:
    path = f"{sheet}:{number}"
    notes = {k: v for k, v in line.items() if v and k not in (*source, *target, _FROM, _TO)}
    row = Row(
        tuple(line.get(column, "") for column in source),
        tuple(line.get(column, "") for column in target),
        day(path, line.get(_FROM)),
        day(path, line.get(_TO), ends=True),
        notes,
    )
    return checked(path, row, (len(source), len(target)))


def _said(lookup: Lookup, row: Row) -> Iterable[tuple[str, str]]:
    yield from zip(lookup.source, row.source, strict=True)
    yield from zip(lookup.target, row.target, strict=True)
    yield _FROM, row.valid_from.isoformat() if row.valid_from else ""
    yield _TO, row.valid_to.isoformat() if row.valid_to else ""
    yield from row.notes.items()
