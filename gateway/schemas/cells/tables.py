"""The child that reads the texts of a CSV: ``python -m gateway.schemas.cells.tables memory seconds encoding``.

What is no UTF-8 is taken byte by byte, as a table of before Unicode holds its letters.
"""

from __future__ import annotations

import csv
import io
import json
import sys

from gateway.schemas.cells.limits import UNREADABLE, limit
from gateway.schemas.cells.told import Texts, told


def main(arguments: list[str]) -> int:
    limit(*map(int, arguments[:2]))
    payload = sys.stdin.buffer.read()
    try:
        text = payload.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = payload.decode("latin-1")
    cells: Texts = []
    try:
        for row, line in enumerate(csv.reader(io.StringIO(text, newline=""))):
            cells += [(row, column, [(cell, "")]) for column, cell in enumerate(line) if cell.strip()]
    except csv.Error as error:
        sys.stdout.write(str(error))
        return UNREADABLE
    json.dump(told([("", cells)], arguments[2]), sys.stdout, ensure_ascii=False, separators=(",", ":"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
