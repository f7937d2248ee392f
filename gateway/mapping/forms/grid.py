"""A sheet as a table of headers, labels and figures: merged cells, printed column numbers, ditto marks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property

from gateway.mapping.forms.anchors import Anchor
from gateway.schemas.workbooks import Area, Cell, Sheet, Wrong, written

_PRINTED = re.compile(r"\(?(\d{1,2})\)?(?:\s*=.*)?|[A-Z]")  # 4 · (4) · 4=5+6 · A
_FOOTNOTE = re.compile(r"\(\d{1,2}\)|\(?\*+\)?")
_WRITTEN = re.compile(r"\s*(?:[-+−]?\d[\d\s.,]*|[-–…xX]|\.\.\.)\s*")
_YEARS = range(1900, 2101)
_DITTO = frozenset({'"', "''", "”", "“", "〃", "´´", "-nt-", "nt", "như trên"})
_FEWEST_PRINTED = 3
_HIGHEST_PRINTED = 99


def place(sheet: str, row: int, column: int) -> str:
    """``Sheet1!C7``: a cell as a spreadsheet shows it."""
    return f"{sheet}!{_letters(column)}{row + 1}"


@cache
def _letters(column: int) -> str:
    letters = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def label_text(cell: Cell) -> str:
    """A cell as a label: without the spaces, hyphens and line breaks of its layout."""
    return "" if isinstance(cell, Wrong | None) else " ".join(written(cell).split())


def is_figure(cell: Cell) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def may_be_figure(cell: Cell) -> bool:
    """A number, text that begins as one, a mark or an error: what stands in a row of figures, not in a header."""
    return is_figure(cell) or isinstance(cell, Wrong) or (isinstance(cell, str) and bool(_WRITTEN.fullmatch(cell)))


def are_years(cells: list[Cell]) -> bool:
    """``2023  2024``: years under a header's words are no figures."""
    said = [cell for cell in cells if may_be_figure(cell)]
    return all(is_figure(cell) and isinstance(cell, int | float) and cell in _YEARS for cell in said)


def is_footnote(cell: Cell) -> bool:
    """``(1)``: a mark beside a figure, in a column of its own under one header with it."""
    return isinstance(cell, str) and _FOOTNOTE.fullmatch(cell.strip()) is not None


def is_numbered(cells: list[Cell]) -> bool:
    """Whether a row prints the numbers of its columns: ``A  B  1  2  3  4=5+6  5``."""
    said = [text for cell in cells if (text := label_text(cell))]
    return len(said) >= _FEWEST_PRINTED and all(map(_is_printed, said))


@dataclass(frozen=True)
class Region:
    """The rows `first` … `last` (exclusive) of a sheet in which one table stands."""

    sheet: Sheet
    first: int
    last: int

    @cached_property
    def width(self) -> int:
        return max((len(row) for row in self.sheet.rows[self.first : self.last]), default=0)

    @cached_property
    def areas(self) -> list[Area]:
        return [area for area in self.sheet.merged if area[0] < self.last and area[2] >= self.first]

    def texts(self, last: int | None = None) -> Iterator[tuple[int, int, str]]:
        """Every text of the region, or of its rows before `last`."""
        for row in range(self.first, self.last if last is None else last):
            for column, cell in enumerate(self.sheet.rows[row]):
                if isinstance(cell, str) and cell.strip():
                    yield row, column, label_text(cell)

    def find(self, wanted: Anchor, last: int | None = None) -> tuple[int, int, str] | None:
        return next((found for found in self.texts(last) if wanted.fits(found[2])), None)

    def area_of(self, row: int, column: int) -> Area:
        """The merged cell that holds a place; the place alone where none does."""
        for area in self.areas:
            if area[0] <= row <= area[2] and area[1] <= column <= area[3]:
                return area
        return row, column, row, column

    def printed(self, last: int) -> dict[int, str]:
        """The printed column numbers, ``4`` or ``4=5+6``, by column; from the lowest row of them before `last`."""
        for row in range(last - 1, self.first - 1, -1):
            cells = self.sheet.rows[row]
            if is_numbered(cells):
                return {at: label_text(cell) for at, cell in enumerate(cells) if label_text(cell)} | {-1: str(row)}
        return {}


class Header:
    """What stands above a table's first row of figures."""

    def __init__(self, region: Region, last: int, label_column: int, units: list[Anchor]) -> None:
        self._region = region
        self._units = units
        self._label_column = label_column
        self.last = last
        printed = region.printed(last)
        self._number_row = int(printed.pop(-1, "-1"))
        self.printed = printed
        areas = [area for area in region.areas if area[0] < last and area[2] >= region.first]
        self._areas = [area for area in areas if not area[1] <= label_column < area[3]]  # a title lies over the labels
        self._titles = [area for area in areas if area[1] <= label_column < area[3]]

    def number(self, column: int) -> str:
        """``4`` of a column headed ``4=5+6`` or ``(4)``."""
        match = _PRINTED.fullmatch(self.printed.get(column, ""))
        return match[1] or match[0] if match else ""

    def path(self, column: int) -> str:
        """The texts over a column from top to bottom, as one line; a merged cell counts for all it covers."""
        said: list[str] = []
        seen: set[tuple[int, int]] = set()
        for row in range(self._region.first, self.last):
            at = self._origin(row, column)
            if row == self._number_row or at is None or at in seen:
                continue
            seen.add(at)
            text = label_text(self._region.sheet.at(*at))
            if text and not any(unit.fits(text) for unit in self._units):
                said.append(text)
        return " ".join(said)

    def one_cell(self, columns: list[int]) -> bool:
        """Whether one merged header cell covers all of the columns and nothing parts them below it."""
        over = [a for a in self._areas if a[1] <= columns[0] and columns[-1] <= a[3]]
        paths = {self.path(column) for column in columns}
        return bool(over) and len(paths) == 1

    def _origin(self, row: int, column: int) -> tuple[int, int] | None:
        for top, left, bottom, right in self._titles:
            if top <= row <= bottom and left <= column <= right:
                return None
        for top, left, bottom, right in self._areas:
            if top <= row <= bottom and left <= column <= right:
                return top, left
        return row, column


class Ditto:
    """A column of units in which ``"`` stands for what is above it."""

    def __init__(self) -> None:
        self._above: dict[int, str] = {}

    def read(self, column: int, cell: Cell) -> str:
        """The unit of a row; empty where nothing stands above a ditto mark, or nothing at all."""
        text = label_text(cell)
        if text.casefold() in _DITTO:
            return self._above.get(column, "")
        if text:
            self._above[column] = text
        return text


def _is_printed(text: str) -> bool:
    match = _PRINTED.fullmatch(text)
    return match is not None and (match[1] is None or int(match[1]) <= _HIGHEST_PRINTED)
