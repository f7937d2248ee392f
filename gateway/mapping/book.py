"""A pack as a folder of CSV files or as one workbook: the same tables, to and fro without loss.

A cell that a spreadsheet would run as a formula is written with an apostrophe before it in CSV and as text in a
workbook; read again, it is what it was.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from gateway import safexml
from gateway.domain.errors import Misconfigured, Rejected, problem
from gateway.mapping.sheets import SHEETS, Table, clean
from gateway.schemas.workbooks import sheets as cells_of

SETTINGS_FILE = "pack.yaml"
_SETTINGS_SHEET = "pack"
_STARTS_A_FORMULA = ("=", "+", "@", "-", "\t", "\r", "'")
_MOST_BYTES = 32 * 1024 * 1024


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; figures and the mark ``-`` stay as they are."""
    if not cell.startswith(_STARTS_A_FORMULA) or cell == "-" or _is_figure(cell):
        return cell
    return f"'{cell}"


def unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_STARTS_A_FORMULA) else cell


def as_csv(rows: Sequence[Sequence[str]]) -> str:
    """UTF-8 text of a table, every cell guarded."""
    kept = io.StringIO()
    csv.writer(kept, lineterminator="\n").writerows([guarded(cell) for cell in row] for row in rows)
    return kept.getvalue()


def from_csv(text: str) -> Table:
    """Raises `csv.Error` for what is no table."""
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    return clean([[unguarded(cell) for cell in row] for row in rows])


def read_folder(folder: Path, faults: list[str]) -> tuple[str, dict[str, Table]]:
    """The text of pack.yaml, and the tables by name; what cannot be read is added to `faults`."""
    tables: dict[str, Table] = {}
    settings = ""
    try:
        settings = _bounded(folder / SETTINGS_FILE)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        faults.append(f"{SETTINGS_FILE}: {error}")
    for path in sorted(folder.glob("*.csv")):
        try:
            tables[path.stem] = from_csv(_bounded(path))
        except (OSError, UnicodeDecodeError, csv.Error, ValueError) as error:
            faults.append(f"{path.name}: {error}")
    return settings, tables


def write_folder(folder: Path, settings: str, tables: Mapping[str, Table]) -> None:
    """Into a new or an empty folder. Raises `Misconfigured` (F-005) where something stands already."""
    if folder.exists() and any(folder.iterdir()):
        raise Misconfigured(problem("F-005", file=folder, key="-", reason="not empty"))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SETTINGS_FILE).write_text(settings, "utf-8")
    for name, table in tables.items():
        (folder / f"{name}.csv").write_text(as_csv(table), "utf-8")


def read_workbook(payload: bytes) -> tuple[str, dict[str, Table]]:
    """As `read_folder`. Raises `Rejected` (C-003, C-005) for what is no workbook or none of a pack."""
    names = _sheet_names(payload)
    if _SETTINGS_SHEET not in names:
        raise _wrong(f"sheets {', '.join(names)}", f"{_SETTINGS_SHEET}, {', '.join(SHEETS)}")
    read = cells_of(payload, names)
    settings = "\n".join(row[0] if row else "" for row in read.pop(_SETTINGS_SHEET)).strip() + "\n"
    return settings, {name: _trimmed(clean(rows)) for name, rows in read.items() if rows}


def workbook(settings: str, tables: Mapping[str, Table]) -> bytes:
    """Every cell as text, so that 0601 stays 0601 under an officer's hands."""
    import xlsxwriter  # noqa: PLC0415  # who maps writes no workbook

    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as book:
        text = book.add_format({"num_format": "@"})
        bold = book.add_format({"num_format": "@", "bold": True})
        sheet = book.add_worksheet(_SETTINGS_SHEET)
        # One cell: readers of workbooks take the spaces before a line away, and YAML lives by them.
        sheet.write_string(0, 0, settings.strip(), book.add_format({"num_format": "@", "text_wrap": True}))
        sheet.set_column(0, 0, 100)
        for name in (*SHEETS, *sorted(tables.keys() - SHEETS.keys())):
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, 30, 16, text)
            for number, row in enumerate(tables.get(name, ())):
                for column, cell in enumerate(row):
                    sheet.write_string(number, column, cell, text if number else bold)
    return kept.getvalue()


def _trimmed(table: Table) -> Table:
    """Without the empty rows and columns that formatting leaves behind."""
    width = max((n for row in table for n, cell in enumerate(row, start=1) if cell), default=0)
    rows = [(row + [""] * width)[:width] for row in table]
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


def _bounded(path: Path) -> str:
    """Raises `ValueError` for a file no pack has."""
    if path.stat().st_size > _MOST_BYTES:
        raise ValueError(f"{path.stat().st_size} bytes, most {_MOST_BYTES}")
    return path.read_bytes().decode("utf-8-sig")


def _sheet_names(payload: bytes) -> list[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as packed:
            entry = packed.getinfo("xl/workbook.xml")
            if entry.file_size > _MOST_BYTES:
                raise Rejected(problem("C-003", what="bytes unpacked", found=entry.file_size, limit=_MOST_BYTES))
            listed = packed.read(entry)
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise _wrong(str(error), "XLSX") from None
    root = safexml.parse(listed)
    return [str(element.get("name")) for element in root.iter("{*}sheet")]


def _is_figure(cell: str) -> bool:
    return cell[:1] in "-+" and cell[1:2].isdigit() and all(letter in "0123456789.,%" for letter in cell[1:])


def _wrong(reason: str, expected: str) -> Rejected:
    return Rejected(problem("C-005", path="XLSX", line="-", reason=reason, expected=expected))
