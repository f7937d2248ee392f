"""Where a declared table stands in a workbook: its regions, its header, its columns and its labels.

What cannot be found, or could be two things, is refused with what the file has instead (C-020): a form that does not
fit its layout is another form, and half of it is no report.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.domain.errors import Problem, problem
from gateway.mapping.forms.grid import Header, Region, are_years, is_figure, is_numbered, label_text, may_be_figure
from gateway.mapping.forms.layout import Column, Label, Layout, Table
from gateway.schemas.workbooks import Sheet

_MOST_TOLD = 12
_MOST_TRIED = 40  # rows of figures held against a header before it is given up


class Misfit(Exception):
    """Why a table cannot be read; the caller gathers all of them."""

    def __init__(self, sheet: str, what: str, what_en: str, found: str) -> None:
        super().__init__(what_en)
        self._told = {"sheet": sheet, "what": what, "what_en": what_en, "found": found}

    def problem(self, form: str, pack: str) -> Problem:
        return problem("C-020", form=form, pack=pack, **self._told)


@dataclass(frozen=True, slots=True)
class Placed:
    """A table in its region: `first` row of figures, the columns of each declared column, the places of labels."""

    table: Table
    region: Region
    header: Header
    first: int
    columns: tuple[tuple[Column, tuple[int, ...]], ...]
    labels: tuple[int, int] | None  # first and last column of labels; None: what stands before the figures
    before: int  # the columns from here on are no labels

    def label(self, row: int) -> str:
        return label_of(self.region, row, self.labels, self.before)


def regions(layout: Layout, sheets: Sequence[Sheet]) -> Iterator[tuple[Table, list[Region]]]:
    """Every table with the places where it stands; none where the workbook does not have it."""
    starts = [(table, _starts(table, sheets)) for table in layout]
    ends = {(sheet.name, row) for _, found in starts for sheet, row in found}
    for table, found in starts:
        yield table, [Region(sheet, row, _end(sheet, row, ends)) for sheet, row in found]


def placed(table: Table, region: Region) -> Placed:
    """The header ends where every declared column is found over a row of figures. Raises `Misfit`."""
    labels = _label_columns(table, region)
    before = _unit_column(table, region)
    units = [column.unit_line for column in table.columns if column.unit_line]
    why: Misfit | None = None
    for first in _rows_of_figures(region, labels):
        header = Header(region, first, labels[0] if labels else 0, units)
        try:
            columns = _all_columns(table, header, region, labels[1] if labels else -1)
        except Misfit as misfit:
            why = misfit
            continue
        return Placed(table, region, header, first, columns, labels, before)
    raise why or _missing(region, "không có dòng số liệu nào", "no row has figures", _texts(region))


def _rows_of_figures(region: Region, labels: tuple[int, int] | None) -> Iterator[int]:
    """The rows that could be the table's first: with a figure, a mark or an error behind the labels.

    Also without a label: a row of figures that nobody can name must not pass for a part of the header.
    """
    told = 0
    for row in range(region.first, region.last):
        cells = region.sheet.rows[row]
        after = cells[labels[1] + 1 :] if labels else cells
        if any(map(may_be_figure, after)) and not is_numbered(cells) and not are_years(after):
            yield row
            told += 1
            if told == _MOST_TRIED:
                return


def _all_columns(table: Table, header: Header, region: Region, left: int) -> tuple[tuple[Column, tuple[int, ...]], ...]:
    columns = tuple((column, _columns(column, header, region, left)) for column in table.columns)
    places = [at for _, found in columns for at in found]
    twice = next((at for at in places if places.count(at) > 1), None)
    if twice is not None:
        told = header.path(twice)
        raise Misfit(region.sheet.name, f"hai dòng khai cùng nhận cột “{told}”", "two rows declare one column", told)
    return columns


def label_of(region: Region, row: int, labels: tuple[int, int] | None, before: int) -> str:
    """The label of a row: what stands in its columns, or all text before the first figure."""
    cells = region.sheet.rows[row]
    if labels is not None:
        return " ".join(filter(None, map(label_text, cells[labels[0] : labels[1] + 1])))
    said: list[str] = []
    for cell in cells[:before]:
        if is_figure(cell):
            break
        said.append(label_text(cell))
    return " ".join(filter(None, said))


def chosen(labels: Sequence[Label], text: str, section: str) -> list[Label]:
    """The declared labels that fit best: below the right section first, then by how much they say; two are a tie."""
    fitting = [
        label for label in labels
        if label.text.fits(text) and (label.below is None or label.below.fits(section))
    ]  # fmt: skip
    if not fitting:
        return []
    best = max(_strength(label) for label in fitting)
    return [label for label in fitting if _strength(label) == best]


def _strength(label: Label) -> tuple[bool, bool, int]:
    return label.below is not None, label.target.line["bieu"] != "*", label.text.letters


def _starts(table: Table, sheets: Sequence[Sheet]) -> list[tuple[Sheet, int]]:
    found: list[tuple[Sheet, int]] = []
    for sheet in sheets:
        if table.sheet is not None and not table.sheet.fits(sheet.name):
            continue
        whole = Region(sheet, 0, len(sheet.rows))
        if table.title is None:
            found += [(sheet, 0)] if sheet.rows and table.sheet is not None else []
        else:
            rows = dict.fromkeys(row for row, _, text in whole.texts() if table.title.fits(text))
            found += [(sheet, row) for row in rows]
    return found


def _end(sheet: Sheet, row: int, starts: set[tuple[str, int]]) -> int:
    later = [at for name, at in starts if name == sheet.name and at > row]
    return min(later, default=len(sheet.rows))


def _label_columns(table: Table, region: Region) -> tuple[int, int] | None:
    if table.label_head is None:
        return None
    found = region.find(table.label_head)
    if found is None:
        said = table.label_head.said
        raise _missing(region, f"không thấy cột nhãn “{said}”", f"no column of labels “{said}”", _texts(region))
    _, left, _, right = region.area_of(found[0], found[1])
    return left, right


def _unit_column(table: Table, region: Region) -> int:
    """Labels end before a column of units."""
    heads = [column.unit_column for column in table.columns if column.unit_column]
    places = [found[1] for head in heads if (found := region.find(head))]
    return min(places, default=region.width)


def _columns(column: Column, header: Header, region: Region, left: int) -> tuple[int, ...]:
    found = [
        at for at in range(left + 1, region.width)
        if (not column.number or header.number(at) == column.number)
        and (column.header is None or column.header.fits(header.path(at)))
    ]  # fmt: skip
    said = " ".join(filter(None, (column.number, column.header.said if column.header else "")))
    if not found:
        paths = [header.path(at) for at in range(left + 1, region.width)]
        raise _missing(region, f"không thấy cột “{said}”", f"no column “{said}”", paths)
    if len(found) > 1 and not header.one_cell(found):
        paths = [header.path(at) for at in found]
        raise _missing(region, f"nhiều cột cùng khớp “{said}”", f"several columns fit “{said}”", paths)
    return tuple(found)


def _texts(region: Region) -> list[str]:
    return [text for _, _, text in region.texts()]


def _missing(region: Region, what: str, what_en: str, found: Sequence[str]) -> Misfit:
    told = [text[:80] for text in dict.fromkeys(found) if text]
    more = " …" if len(told) > _MOST_TOLD else ""
    return Misfit(region.sheet.name, what, what_en, "; ".join(told[:_MOST_TOLD]) + more)
