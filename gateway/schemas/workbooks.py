"""Cells of a foreign workbook, XLSX or XLS, read in a process of its own.

A few kilobytes can name a cell at the sheet's far corner or a billion shared texts, and the reader then asks for more
memory than there is: it aborts, and whatever process it runs in with it. So it runs where only it can die, under a
limit of memory and of time. Refused: to look for such cells first, which would be a second reader to keep right.
"""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from gateway.domain.errors import Rejected, problem
from gateway.schemas.cells.limits import LOCKED, OLE, TOO_LARGE, UNREADABLE

_MOST_UNPACKED = 256 * 1024 * 1024
_MOST_PART = 160 * 1024 * 1024  # of one part: the values' reader keeps a part whole
_MOST_MEMORY = 448 * 1024 * 1024  # address space of the child
_MOST_CELLS = 2_000_000  # of the rectangles that hold the sheets' cells
_MOST_SECONDS = {"values": 2, "xls": 2, "fonts": 3, "tables": 2}  # of CPU, by child
_PATIENCE = 20  # seconds by the clock, where the machine is busy with other work
_LONGEST_REASON = 200
_ZIP = b"PK\x03\x04"
_HOUSE = str(Path(__file__).parents[2])
_WHOLE = 10**15
_DIGITS = 15  # what a spreadsheet keeps of a number (ECMA-376 part 1, 18.17.5.2); what stands behind is noise

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLS = "application/vnd.ms-excel"

Rows = list[list[str]]


@dataclass(frozen=True, slots=True)
class Wrong:
    """A cell without a value: an error (``#REF!``), or ``=``: a formula that was never computed."""

    text: str


Cell = str | int | float | bool | Wrong | None
Area = tuple[int, int, int, int]  # top, left, bottom, right; all inclusive


@dataclass(slots=True)
class Sheet:
    """Rows of cells, each row cut behind its last filled cell; rows and columns count from 0."""

    name: str
    rows: list[list[Cell]]
    merged: tuple[Area, ...]

    def at(self, row: int, column: int) -> Cell:
        cells = self.rows[row] if row < len(self.rows) else []
        return cells[column] if column < len(cells) else None


def is_workbook(media_type: str) -> bool:
    return media_type.partition(";")[0].strip().lower() in (XLSX, XLS)


def workbook(payload: bytes, names: Sequence[str] = ()) -> list[Sheet]:
    """The named sheets, all of them where none is named.

    Raises `Rejected`: C-003 over a bound, C-005 no workbook or no such sheet, C-019 locked by a password.
    """
    child = "xls" if payload.startswith(OLE) else "values"
    read = json.loads(_child(child, payload, (str(_MOST_CELLS), *names)), object_hook=_wrong_or_said)
    return [Sheet(said["name"], said["rows"], tuple(map(tuple, said["merged"]))) for said in read["sheets"]]


def sheets(payload: bytes, names: Sequence[str]) -> dict[str, Rows]:
    """The named sheets' cells as text, a table's rows all of one length. Raises as `workbook`."""
    return {sheet.name: _squared(sheet) for sheet in workbook(payload, names)}


@dataclass(frozen=True, slots=True)
class Text:
    """A text cell as it was and as it is read; `kind` as ``gateway text decode`` shows it, `fonts` joined by ``|``."""

    sheet: str
    row: int
    column: int
    raw: str
    text: str
    kind: str
    fonts: str


@dataclass(frozen=True, slots=True)
class Texts:
    """Every text cell of a workbook; `ambiguous` names sheets whose content more than one encoding would read."""

    cells: list[Text]
    ambiguous: tuple[str, ...]


def texts(payload: bytes) -> Texts:
    """The workbook's text by its fonts. Raises as `workbook`."""
    read = json.loads(_child("fonts", payload, ()))
    return Texts([Text(*said) for said in read["texts"]], tuple(read["ambiguous"]))


def texts_of_csv(payload: bytes, encoding: str = "") -> Texts:
    """The same for a table of commas; its sheet has no name. `encoding` is what an officer says it is written in."""
    read = json.loads(_limited("tables", payload, (encoding,)))
    return Texts([Text(*said) for said in read["texts"]], tuple(read["ambiguous"]))


def written(cell: Cell) -> str:
    """A cell as text: a number in digits, at most the fifteen significant ones a spreadsheet keeps."""
    if type(cell) is float:  # most of them
        return digits(cell)
    if cell is None:
        return ""
    if isinstance(cell, Wrong):
        return cell.text
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    return str(cell)


def digits(number: float) -> str:
    """As `written` has it; what is no number is its name (``inf``, ``nan``)."""
    if number.is_integer() and abs(number) < _WHOLE:
        return str(int(number))
    shortest = repr(number)
    if len(shortest) <= _DIGITS + 1 and "e" not in shortest:  # the fifteen digits and a point: most figures
        return shortest
    text = f"{Decimal(f'{number:.{_DIGITS}g}'):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _wrong_or_said(said: dict[str, Any]) -> Any:
    """Of the few objects that a child tells, a cell without a value; all other cells are as JSON has them."""
    return Wrong(said["wrong"]) if "wrong" in said else said


def _squared(sheet: Sheet) -> Rows:
    width = max(map(len, sheet.rows), default=0)
    return [[written(cell).strip() for cell in row] + [""] * (width - len(row)) for row in sheet.rows]


def _child(child: str, payload: bytes, arguments: Sequence[str]) -> bytes:
    """What the child writes about a workbook that is no bomb."""
    _refuse_bomb(payload)
    return _limited(child, payload, arguments)


def _limited(child: str, payload: bytes, arguments: Sequence[str]) -> bytes:
    """What the child writes. ``-S``: without the installation's start-up files, which cost more than the reading."""
    limits = (str(_MOST_MEMORY), str(_MOST_SECONDS[child]))
    command = [sys.executable, "-S", "-P", "-m", f"gateway.schemas.cells.{child}", *limits, *arguments]
    found = {"PYTHONPATH": os.pathsep.join((_HOUSE, *filter(None, sys.path))), "PYTHONUTF8": "1"}
    try:
        done = subprocess.run(  # noqa: S603  # our own file
            command, input=payload, capture_output=True, check=False, timeout=_PATIENCE, env=found
        )
    except subprocess.TimeoutExpired:
        raise _over("seconds", _PATIENCE) from None
    if done.returncode == UNREADABLE:
        raise _wrong(done.stdout.decode("utf-8", "replace"))
    if done.returncode == LOCKED:
        raise Rejected(problem("C-019"))
    if done.returncode == TOO_LARGE:
        raise _over("cells", _MOST_CELLS)
    if done.returncode == -signal.SIGXCPU:
        raise _over("seconds", _MOST_SECONDS[child])
    if done.returncode == 1 and b"MemoryError" not in done.stderr:  # what a reader raised that nobody foresaw
        raise _wrong(done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2][:_LONGEST_REASON])
    if done.returncode != 0:
        raise _over("memory", _MOST_MEMORY)
    return done.stdout


def _refuse_bomb(payload: bytes) -> None:
    if payload.startswith(OLE):
        return  # nothing in it is packed
    if not payload.startswith(_ZIP):
        raise _wrong("neither XLSX nor XLS")
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as packed:
            sizes = [entry.file_size for entry in packed.infolist()]
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise _wrong(str(error)) from None
    if sum(sizes) > _MOST_UNPACKED:
        raise _over("bytes unpacked", _MOST_UNPACKED)
    if max(sizes, default=0) > _MOST_PART:
        raise _over("bytes of a part unpacked", _MOST_PART)


def _over(what: str, limit: int) -> Rejected:
    return Rejected(problem("C-003", what=what, found=f"> {limit}", limit=limit))


def _wrong(reason: str) -> Rejected:
    return Rejected(problem("C-005", path="XLSX", line="-", reason=reason or "unreadable", expected="XLSX, XLS"))
