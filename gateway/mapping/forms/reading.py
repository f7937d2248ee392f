"""A placed table becomes values: every figure with its indicator, its organisation, its unit and its cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gateway.mapping.forms.found import UNCLEAR, Reading
from gateway.mapping.forms.grid import is_figure, is_footnote, place
from gateway.mapping.forms.layout import Label, Table, Target
from gateway.mapping.forms.sections import Sections
from gateway.mapping.forms.shown import ShownUnits
from gateway.mapping.forms.tables import Placed, chosen
from gateway.mapping.forms.telling import check_printed, compare_period, tell_unasked, tell_unmet
from gateway.mapping.units import Units
from gateway.schemas.workbooks import Cell, Wrong, digits, written

_NO_LABEL = "(không nhãn)"
_MOST_KEPT = 10_000
_WHOLE: dict[str, str] = {}  # the breakdown of most figures; nobody writes into it


class TableReader:
    """Reads placed tables into one `Reading`.

    `reporter` is whose figures they are where neither column nor label says so; `known` the numbers of the period.
    """

    def __init__(self, into: Reading, units: Units, convention: str, reporter: str, known: Mapping[str, str]) -> None:
        self._into = into
        self._units = units
        self._comma = convention == "vietnamese"
        self._reporter = reporter
        self._known = known

    def read(self, placed: Placed) -> None:
        compare_period(placed, self._known, self._into)
        shown, sections, labels = ShownUnits(placed, self._units), Sections(placed), _Labels(placed.table)
        wanted = [places for _, places in placed.columns]
        for row in range(placed.first, placed.region.last):
            units, section = shown.of(row), sections.of(row)
            text, filled = placed.label(row), placed.region.sheet.rows[row]
            cells = [_picked(filled, places) for places in wanted]
            found = labels.of(text, section)
            target = found[0].target if len(found) == 1 else self._unknown(placed, row, text, cells, found)
            if target is None:
                continue
            if target.taken:
                self._row(placed, row, target, cells, units, is_known=len(found) == 1)
            else:
                self._leave_out(target, sum(cell is not None for _, cell in cells))
        tell_unmet(placed, labels.met, self._into)
        tell_unasked(placed, shown.columns, self._into)
        check_printed(placed, self._into)

    def _row(
        self,
        placed: Placed,
        row: int,
        target: Target,
        cells: Sequence[tuple[int, Cell]],
        units: Sequence[str],
        *,
        is_known: bool,
    ) -> None:
        """A row nobody declared says what it says, no more: its empty cells are no figures."""
        sheet, figure = placed.region.sheet.name, self._figure
        for (column, _), (at, cell), unit in zip(placed.columns, cells, units, strict=True):
            if not column.target.taken:
                self._leave_out(column.target, cell is not None)
            elif cell is not None or is_known:
                self._take(column.target, target, figure(cell), unit, source := place(sheet, row, at))
                if type(cell) is Wrong:
                    self._into.tell("M901", f"“{cell.text}”", [source])

    def _leave_out(self, target: Target, count: int) -> None:
        self._into.leave_out(target.line.place, target.line["ghi_chu"], count)

    def _unknown(
        self, placed: Placed, row: int, text: str, cells: Sequence[tuple[int, Cell]], found: Sequence[Label]
    ) -> Target | None:
        """A row that nobody declared, or that two rows do; None where it has no figures: a heading or a note.

        Its label goes on as it stands, in the place of what labels name here: the pack holds it.
        """
        if all(cell is None for _, cell in cells):
            return None
        at = place(placed.region.sheet.name, row, 0)
        said = text or f"{_NO_LABEL} {at}"
        if found:
            self._into.tell("M501", f"“{said}”", [at], UNCLEAR)
        return _as_it_stands(placed.table, said)

    def _take(self, column: Target, row: Target, figure: str, unit: str, source: str) -> None:
        values = self._into.values
        values.indicator.append(row.indicator or column.indicator)
        values.organisation.append(row.organisation or column.organisation or self._reporter)
        values.unit.append(unit)
        values.value.append(figure)
        broken = column.breakdown or row.breakdown
        values.breakdown.append({**column.breakdown, **row.breakdown} if broken else _WHOLE)
        values.source.append(source)

    def _figure(self, cell: Cell) -> str:
        """A number in the pack's own writing; text stays as it was typed, for the pack's convention to read."""
        if type(cell) is float:  # nearly all: one question in place of six
            text = digits(cell)
            return text.replace(".", ",") if self._comma else text
        if isinstance(cell, str):
            return cell.strip()
        text = written(cell)
        return text.replace(".", ",") if self._comma and is_figure(cell) else text


class _Labels:
    """The declared labels of a table: each distinct text is decided once."""

    def __init__(self, table: Table) -> None:
        self._labels = table.labels
        self._decided: dict[tuple[str, str], list[Label]] = {}
        self.met: set[int] = set()

    def of(self, text: str, section: str) -> list[Label]:
        found = self._decided.get((text, section))
        if found is None:
            found = chosen(self._labels, text, section)
            self.met |= {id(label) for label in found}
            if len(self._decided) < _MOST_KEPT:
                self._decided[text, section] = found
        return found


def _as_it_stands(table: Table, text: str) -> Target:
    line = table.columns[0].target.line
    if table.about == "chi_tieu":
        return Target(line, text, "", {})
    if table.about == "to_chuc":
        return Target(line, "", text, {})
    return Target(line, "", "", {table.about: text})


def _picked(cells: Sequence[Cell], places: Sequence[int]) -> tuple[int, Cell]:
    """The cell of a row among the columns under one merged header: the filled one that is no footnote mark.

    Two filled ones are no figure: both are shown, and nothing reads them.
    """
    if len(places) == 1:  # nearly always
        at = places[0]
        cell = cells[at] if at < len(cells) else None
        return at, cell if type(cell) is float or _says_something(cell) else None
    filled = [(at, cells[at]) for at in places if at < len(cells) and _says_something(cells[at])]
    filled = [(at, cell) for at, cell in filled if not is_footnote(cell)] or filled
    if len(filled) > 1:
        return filled[0][0], " | ".join(written(cell) for _, cell in filled)
    return filled[0] if filled else (places[0], None)


def _says_something(cell: Cell) -> bool:
    return cell is not None and not (isinstance(cell, str) and not cell.strip())
