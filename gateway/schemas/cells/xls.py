"""The child that reads values of an XLS: ``python -m gateway.schemas.cells.xls``, as `values` has it.

Errors are looked for in the records BoolErr and Formula ([MS-XLS] 2.4.24, 2.4.127, 2.5.133).
"""

from __future__ import annotations

import io
import struct
import sys
from collections.abc import Iterator, Sequence

from xlrd.compdoc import CompDoc, CompDocError

from gateway.schemas.cells import values

_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_FORMULA, _BOOLERR, _BOF, _EOF, _BOUNDSHEET = 0x0006, 0x0205, 0x0809, 0x000A, 0x0085


def wrongs(payload: bytes, _: Sequence[str]) -> dict[str, dict[tuple[int, int], str]]:
    """By sheet name, then by row and column. Raises `ValueError` for what is no compound document."""
    try:
        document = CompDoc(payload, logfile=io.StringIO())
        streams = (document.get_named_stream(name) for name in ("Workbook", "Book"))
        stream = next(filter(None, streams), b"")
    except (CompDocError, AssertionError, IndexError, TypeError) as error:
        raise ValueError(f"OLE2: {error}") from None
    return {name: dict(_of_sheet(stream, start)) for name, start in _sheets(stream)}


def _sheets(stream: bytes) -> Iterator[tuple[str, int]]:
    """The names of the sheets and where each begins (BoundSheet8, 2.4.28)."""
    for kind, body in _records(stream, 0):
        if kind == _BOUNDSHEET and len(body) >= 8:
            length, wide = body[6], body[7] & 1
            name = body[8 : 8 + length * (1 + wide)]
            yield name.decode("utf-16-le" if wide else "latin-1", "replace"), struct.unpack_from("<I", body)[0]


def _of_sheet(stream: bytes, start: int) -> Iterator[tuple[tuple[int, int], str]]:
    for kind, body in _records(stream, start):
        if kind == _BOOLERR and len(body) >= 8 and body[7] == 1:
            code = body[6]
        elif kind == _FORMULA and len(body) >= 14 and body[12:14] == b"\xff\xff" and body[6] == 2:
            code = body[8]
        else:
            continue
        row, column = struct.unpack_from("<HH", body)
        yield (row, column), _ERRORS.get(code, "#ERR!")


def _records(stream: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """The records from `start` to the end of that substream; those of charts within it are left out."""
    depth = 0
    while start + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, start)
        depth += (kind == _BOF) - (kind == _EOF)
        if depth <= 0:
            return
        if depth == 1:
            yield kind, stream[start + 4 : start + 4 + length]
        start += 4 + length


if __name__ == "__main__":
    sys.exit(values.main(sys.argv[1:], wrongs))
