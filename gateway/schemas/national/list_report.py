"""Packet 5, số liệu báo cáo danh sách."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import chain
from typing import cast

from gateway.domain.listing import CellType, ListColumn, ListReport
from gateway.safexml import Element
from gateway.schemas.national import head
from gateway.schemas.national.canonical import element
from gateway.schemas.national.constraints import Breach, refuse, repeated

_SHAPES = {
    "decimal": re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,20})?"),
    "integer": re.compile(r"-?[0-9]{1,30}"),
    "date": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
}


def written(report: ListReport) -> str:
    """The ListReport element."""
    codes = [column.code for column in report.columns]
    return element(
        "ListReport",
        (
            head.written(report.head, report.backfill),
            element("Columns", map(_column, report.columns)),
            element(
                "Rows",
                (_row(number, codes, row) for number, row in enumerate(report.rows, start=1)),
                count=str(len(report.rows)),
                nil=None if report.rows else "true",
            ),
        ),
    )


def read(body: Element) -> ListReport:
    """From a body that its schema has passed. Raises `Rejected` (C-005 the period, C-022)."""
    found = head.named(body)
    said, backfill = head.sound(found, "ListReport")
    columns = tuple(map(_read_column, found["Columns"]))
    refuse(chain(_of_columns(columns), _of_the_wire(columns, found["Rows"])), "ListReport", body)
    places = {column.code: place for place, column in enumerate(columns)}
    report = ListReport(said, columns, tuple(_read_row(places, row) for row in found["Rows"]), backfill)
    refuse(breaches(report), "ListReport", body)
    return report


def breaches(report: ListReport) -> Iterator[Breach]:
    """Constraints of packet 5 that this list does not keep."""
    columns = report.columns
    yield from _of_columns(columns)
    for number, row in enumerate(report.rows, start=1):
        for column, cell in zip(columns, row, strict=True):
            if column.required and not cell:
                yield Breach("list-cell-required", f"Rows/Row[{number}]", column.code)
            elif cell and not _fits(cell, column.type):
                yield Breach("list-cell-type", f"Rows/Row[{number}]", f"{column.code} ({column.type}): {cell[:60]}")
    keys = [place for place, column in enumerate(columns) if column.key]
    if keys:
        told = [" | ".join(row[place] for place in keys) for row in report.rows]
        yield from repeated("list-key-once", told, "Rows/Row[{}]")


def _of_columns(columns: tuple[ListColumn, ...]) -> Iterator[Breach]:
    yield from repeated("list-column-once", [c.code for c in columns], "Columns/Column[{}]/@code")
    for number, column in enumerate(columns, start=1):
        if column.key and not column.required:
            yield Breach("list-key-required", f"Columns/Column[{number}]", column.code)


def _of_the_wire(columns: tuple[ListColumn, ...], rows: Element) -> Iterator[Breach]:
    """What values no longer show: counted, numbered, in which cell."""
    if int(rows.get("count", "")) != len(rows):
        yield Breach("list-count", "Rows/@count", f"{rows.get('count')} ≠ {len(rows)}")
    if (rows.get("nil") in ("true", "1")) == bool(len(rows)):
        yield Breach("list-nil", "Rows", str(len(rows)))
    known = {column.code for column in columns}
    for number, row in enumerate(rows, start=1):
        path = f"Rows/Row[{number}]"
        if row.get("number", "").lstrip("0") != str(number):
            yield Breach("list-number", f"{path}/@number", row.get("number", ""))
        cells = [cell.get("column", "") for cell in row]
        if len(set(cells)) < len(cells):
            yield from repeated("list-cell-once", cells, path + "/Cell[{}]")
        for place, code in enumerate(cells, start=1):
            if code not in known:
                yield Breach("list-cell-column", f"{path}/Cell[{place}]", code)


def _fits(cell: str, kind: CellType) -> bool:
    if kind == "text":
        return True
    if not _SHAPES[kind].fullmatch(cell):
        return False
    if kind == "date":
        try:
            date.fromisoformat(cell)
        except ValueError:
            return False
    return True


def _column(c: ListColumn) -> str:
    return element(
        "Column",
        (element("Name", c.name),),
        code=c.code,
        key="true" if c.key else None,
        required="true" if c.required else None,
        type=c.type,
    )


def _read_column(e: Element) -> ListColumn:
    return ListColumn(
        code=e.get("code", ""),
        type=cast(CellType, e.get("type", "")),
        name=e[0].text or "",
        required=e.get("required") in ("true", "1"),
        key=e.get("key") in ("true", "1"),
    )


def _row(number: int, codes: list[str], row: tuple[str, ...]) -> str:
    cells = (element("Cell", cell, column=code) for code, cell in zip(codes, row, strict=True) if cell)
    return element("Row", cells, number=str(number))


def _read_row(places: dict[str, int], row: Element) -> tuple[str, ...]:
    cells = [""] * len(places)
    for cell in row:
        cells[places[cell.get("column", "")]] = cell.text or ""
    return tuple(cells)
