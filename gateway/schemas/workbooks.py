"""Cells of a foreign workbook, read in a process of its own.

A few kilobytes can name a cell at the sheet's far corner or a billion shared texts, and the reader then asks for more
memory than there is: it aborts, and whatever process it runs in with it. So it runs where only it can die, under a
limit of memory and of time. Refused: to look for such cells first, which would be a second reader to keep right.
"""

from __future__ import annotations

import io
import json
import resource
import subprocess
import sys
import zipfile
from collections.abc import Sequence

from python_calamine import CalamineError, CalamineWorkbook

from gateway.domain.errors import Rejected, problem

_MOST_UNPACKED = 256 * 1024 * 1024
_MOST_MEMORY = 2 * 1024 * 1024 * 1024  # address space, of which a healthy workbook of 256 MB needs a half
_MOST_SECONDS = 30
_UNREADABLE = 3

Rows = list[list[str]]


def sheets(payload: bytes, names: Sequence[str]) -> dict[str, Rows]:
    """The named sheets' cells as text. Raises `Rejected`: C-003 over a bound, C-005 no such workbook."""
    _refuse_zip_bomb(payload)
    command = [sys.executable, "-m", "gateway.schemas.workbooks", *names]
    try:
        done = subprocess.run(command, input=payload, capture_output=True, check=False, timeout=_MOST_SECONDS)  # noqa: S603  # our own module
    except subprocess.TimeoutExpired:
        raise _over("seconds", _MOST_SECONDS) from None
    if done.returncode == _UNREADABLE:
        raise _wrong(done.stdout.decode("utf-8", "replace"), ", ".join(names))
    if done.returncode != 0:
        raise _over("memory", _MOST_MEMORY)
    read: dict[str, Rows] = json.loads(done.stdout)
    return read


def _refuse_zip_bomb(payload: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as packed:
            unpacked = sum(entry.file_size for entry in packed.infolist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise _wrong(str(error), "XLSX") from None
    if unpacked > _MOST_UNPACKED:
        raise Rejected(problem("C-003", what="bytes unpacked", found=unpacked, limit=_MOST_UNPACKED))


def _over(what: str, limit: int) -> Rejected:
    return Rejected(problem("C-003", what=what, found=f"> {limit}", limit=limit))


def _wrong(reason: str, expected: str) -> Rejected:
    return Rejected(problem("C-005", path="XLSX", line="-", reason=reason, expected=expected))


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _read(names: Sequence[str]) -> int:
    """In the child: cells of standard input as one JSON document, or why there are none."""
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
        read = {name: book.get_sheet_by_name(name).to_python() for name in names}
    except CalamineError as error:
        sys.stdout.write(str(error))
        return _UNREADABLE
    json.dump({name: [[_cell(cell) for cell in row] for row in rows] for name, rows in read.items()}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(_read(sys.argv[1:]))
