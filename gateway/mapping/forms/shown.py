"""The unit of a figure as the form shows it: in the column's header, over the table, or in a column of units."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.mapping.forms.anchors import unfolded
from gateway.mapping.forms.grid import Ditto
from gateway.mapping.forms.layout import Column
from gateway.mapping.forms.tables import Placed
from gateway.mapping.units import Units

_PARTING = (";", ",", " và ", "\n")
_HOLE = "{dvt}"


class ShownUnits:
    """The units of one table's columns, asked row by row from top to bottom."""

    def __init__(self, placed: Placed, units: Units) -> None:
        self._placed = placed
        self._units = units
        self._above = [_above(placed, column, places[0]) for column, places in placed.columns]
        self.columns = [unit_column(placed, column) for column, _ in placed.columns]
        self._beside = {at for at in self.columns if at is not None}
        self._dittos = Ditto()
        self._chosen: dict[tuple[int, str], str] = {}
        self._same = None if self._beside else self._row({})

    def of(self, row: int) -> list[str]:
        """By declared column."""
        if self._same is not None:  # nothing stands beside the figures, so every row's units are those of the header
            return self._same
        return self._row({at: self._dittos.read(at, self._placed.region.sheet.at(row, at)) for at in self._beside})

    def _row(self, read: Mapping[int, str]) -> list[str]:
        return [
            self._choose(number, above if at is None else read[at])
            for number, (above, at) in enumerate(zip(self._above, self.columns, strict=True))
        ]

    def _choose(self, number: int, shown: str) -> str:
        if (number, shown) not in self._chosen:
            self._chosen[number, shown] = self._unit(self._placed.columns[number][0], shown)
        return self._chosen[number, shown]

    def _unit(self, column: Column, shown: str) -> str:
        """The form's own unit; of several the one that measures what was declared; without any the declared one.

        A column whose unit the form has to show, and does not, has none: nobody guesses it.
        """
        if not shown:
            must_show = column.unit_line or column.unit_column or (column.header and _HOLE in column.header.said)
            return "" if must_show else column.unit
        declared = self._units.named(column.unit)
        if declared is None or self._units.named(shown) is not None:
            return shown
        known = [(part, self._units.named(part)) for part in _parts(shown)]
        fitting = [part for part, unit in known if unit is not None and unit.quantity == declared.quantity]
        return fitting[0] if len(fitting) == 1 else shown


def unit_column(placed: Placed, column: Column) -> int | None:
    """Where the units of a column stand, row by row; None where they do not."""
    found = placed.region.find(column.unit_column, placed.first) if column.unit_column else None
    return found[1] if found else None


def _above(placed: Placed, column: Column, at: int) -> str:
    header = placed.header.path(at)
    found = column.header.found(header) if column.header else None
    if found and "dvt" in found:
        return _bare(unfolded(header, found["dvt"]))
    above = placed.region.find(column.unit_line, placed.first) if column.unit_line else None
    if above is None or column.unit_line is None:
        return ""
    held = column.unit_line.found(above[2]) or {}
    return _bare(unfolded(above[2], held["dvt"]) if "dvt" in held else above[2].rpartition(":")[2])


def _bare(unit: str) -> str:
    return unit.strip().strip(".:;").strip().removeprefix("(").removesuffix(")").strip()


def _parts(shown: str) -> list[str]:
    parts = [shown]
    for mark in _PARTING:
        parts = [piece for part in parts for piece in part.split(mark)]
    return [part.strip() for part in parts if part.strip()]
