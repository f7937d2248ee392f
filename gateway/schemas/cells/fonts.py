"""The child that reads texts by their fonts: ``python -m gateway.schemas.cells.fonts memory seconds``.

Only asked where text looks legacy: fonts cost many times what values cost. What it tells stands in `told`.
"""

from __future__ import annotations

import io
import itertools
import json
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import openpyxl
import xlrd
from openpyxl.cell.rich_text import CellRichText, TextBlock

from gateway.schemas.cells.limits import LOCKED, OLE, TOO_LARGE, UNREADABLE, limit
from gateway.schemas.cells.told import Runs, Texts, told

_BROKEN = (ValueError, LookupError, TypeError, AttributeError, AssertionError, OSError, KeyError)


def main(arguments: list[str]) -> int:
    limit(*map(int, arguments[:2]))
    payload = sys.stdin.buffer.read()
    warnings.simplefilter("ignore")  # of openpyxl, about what it leaves out
    try:
        sheets = list(_of_xls(payload) if payload.startswith(OLE) else _of_xlsx(payload))
    except MemoryError:
        return TOO_LARGE
    except (xlrd.XLRDError, *_BROKEN) as error:
        sys.stdout.write(" ".join(str(error).split())[:200])
        return LOCKED if "encrypted" in str(error) else UNREADABLE
    json.dump(told(sheets), sys.stdout, ensure_ascii=False, separators=(",", ":"))
    return 0


def _of_xls(payload: bytes) -> Iterator[tuple[str, Texts]]:
    book = xlrd.open_workbook(file_contents=payload, formatting_info=True, logfile=io.StringIO())
    for sheet in book.sheets():
        cells: Texts = []
        for row in range(sheet.nrows):
            for column, kind in enumerate(sheet.row_types(row)):
                if kind == xlrd.XL_CELL_TEXT and sheet.cell_value(row, column).strip():
                    cells.append((row, column, _runs(book, sheet, row, column)))
        yield sheet.name, cells


def _runs(book: Any, sheet: Any, row: int, column: int) -> Runs:
    text: str = sheet.cell_value(row, column)
    first = book.xf_list[sheet.cell_xf_index(row, column)].font_index
    changes = [(0, first), *sheet.rich_text_runlist_map.get((row, column), ()), (len(text), first)]
    runs = []
    for (start, font), (end, _) in itertools.pairwise(changes):
        if text[start:end]:
            runs.append((text[start:end], str(book.font_list[font].name)))
    return runs


def _of_xlsx(payload: bytes) -> Iterator[tuple[str, Texts]]:
    book = openpyxl.load_workbook(io.BytesIO(payload), read_only=True, rich_text=True, data_only=True)
    for sheet in book.worksheets:
        cells: Texts = []
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str | CellRichText) and str(cell.value).strip():
                    cells.append((cell.row - 1, cell.column - 1, _parts(cell)))
        yield sheet.title, cells


def _parts(cell: Any) -> Runs:
    font = cell.font.name or "" if cell.font else ""
    if not isinstance(cell.value, CellRichText):
        return [(cell.value, font)]
    return [
        (part.text, part.font.rFont or font) if isinstance(part, TextBlock) else (str(part), font)
        for part in cell.value
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
