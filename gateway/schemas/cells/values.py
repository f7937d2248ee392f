"""The child that reads values: ``python -m gateway.schemas.cells.values memory seconds cells [sheet …]``.

An XLS is read by ``gateway.schemas.cells.xls``: its library costs a child as much as a form of 50,000 cells does.

The library for values tells neither errors nor formulas that were never computed from empty cells, so both are looked
for in the file itself: a figure that is ``#REF!`` must not look like one that was left out.

    {"sheets": [{"name", "rows": [[cell, …], …], "merged": [[top, left, bottom, right], …]}, …]}

A cell is null (empty), a text, a number, true or false, or ``{"wrong": "#REF!"}``. Rows and columns count from 0.
"""

from __future__ import annotations

import io
import json
import struct
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from gateway.schemas.cells import xlsx
from gateway.schemas.cells.limits import LOCKED, OLE, TOO_LARGE, UNREADABLE, limit

Wrongs = Callable[[bytes, Sequence[str]], dict[str, dict[tuple[int, int], str]]]
_ROWS = 500  # told at once: the whole sheet as one text would be kept twice


def main(arguments: list[str], wrongs_of: Wrongs = xlsx.wrongs) -> int:
    limit(*map(int, arguments[:2]))
    payload = sys.stdin.buffer.read()
    try:
        read = list(_sheets(payload, arguments[3:], int(arguments[2]), wrongs_of))
    except PasswordError:
        return LOCKED
    except (OverflowError, MemoryError):
        return TOO_LARGE
    except (CalamineError, ValueError, LookupError, struct.error) as error:
        if payload.startswith(OLE) and "EncryptedPackage".encode("utf-16-le") in payload:
            return LOCKED
        sys.stdout.write(" ".join(str(error).split())[:200])
        return UNREADABLE
    _tell(read)
    return 0


def _tell(read: list[dict[str, Any]]) -> None:
    """Row by row through the encoder in C: `json.dump` asks the one in Python, one word at a time."""
    told = json.JSONEncoder(separators=(",", ":")).encode
    write = sys.stdout.write
    write('{"sheets":[')
    for number, sheet in enumerate(read):
        rows = sheet.pop("rows")
        write("," if number else "")
        write(told(sheet)[:-1] + ',"rows":[')
        for start in range(0, len(rows), _ROWS):
            write("," if start else "")
            write(told(rows[start : start + _ROWS])[1:-1])
        write("]}")
    write("]}")


def _sheets(payload: bytes, wanted: list[str], most: int, wrongs_of: Wrongs) -> Iterator[dict[str, Any]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(payload))
    wrongs = wrongs_of(payload, book.sheet_names)
    left = most
    for name in wanted or book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        left -= sheet.total_height * sheet.total_width
        if left < 0:
            raise OverflowError
        rows = [[cell if type(cell) is float else _cell(cell) for cell in _trimmed(row)] for row in _rows(sheet)]
        for (row, column), text in wrongs.get(name, {}).items():
            _put(rows, row, column, text)
        merged = [[*first, *last] for first, last in sheet.merged_cell_ranges or ()]
        yield {"name": name, "rows": rows, "merged": merged}


def _rows(sheet: CalamineSheet) -> list[list[Any]]:
    if sheet.start is None:
        return []
    rows: list[list[Any]] = sheet.to_python(skip_empty_area=False)
    return rows


def _trimmed(row: list[Any]) -> list[Any]:
    """Without the empty cells at the end, which formatting leaves behind by the hundred."""
    last = len(row)
    while last and row[last - 1] == "":
        last -= 1
    return row[:last]


def _cell(value: Any) -> Any:
    if value == "":
        return None
    return value if isinstance(value, str | float | int) else str(value)  # days and times as text


def _put(rows: list[list[Any]], row: int, column: int, text: str) -> None:
    if row >= 1 << 20 or column >= 1 << 14:
        return
    rows.extend([] for _ in range(row - len(rows) + 1))
    cells = rows[row]
    cells.extend([None] * (column - len(cells) + 1))
    if cells[column] is None:
        cells[column] = {"wrong": text}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
