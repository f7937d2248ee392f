"""What the province hands in besides packets: the short JSON form, CSV and a two-sheet workbook.

All become the same head and columns; figures stay as they were written, the mapping reads them.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

from gateway.domain.calendar import period
from gateway.domain.errors import Rejected, problem
from gateway.domain.report import Columns, Report, ReportHead
from gateway.schemas.national import twin
from gateway.schemas.national.model import ReportData
from gateway.schemas.national.wire import wire
from gateway.schemas.values import columns_of
from gateway.schemas.workbooks import sheets

CSV_HEAD = {
    "che_do": "regime", "bieu": "form", "ky": "period", "don_vi": "reporter", "sua_doi": "revision",
    "nguoi_duyet": "approver", "ghi_chu": "note",
}  # fmt: skip
_NEEDED = ("regime", "form", "period", "reporter")
_COLUMNS = ("chi_tieu", "to_chuc", "don_vi_tinh", "gia_tri")
_MOST_DIGITS = 60
# All that is no Char of XML 1.0 section 2.2.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HIGHEST_REVISION = 9999
_DEEPEST = 32


def from_json(payload: bytes) -> tuple[str, Report]:
    """A JSON twin (``{"packet": …}``) or the short form. Raises `Rejected` (C-004, C-005, C-009)."""
    said = from_text(payload)
    if not isinstance(said, dict):
        raise _wrong("$", type(said).__name__, "object")
    if "packet" in said:
        content = twin.read(said).content
        if not isinstance(content, ReportData):
            raise _wrong("$.packet", str(said["packet"]), "report-data")
        return "report-data+json", content.report
    unknown = said.keys() - {*CSV_HEAD.values(), "values"}
    if unknown:
        raise _wrong("$", f"unknown field {', '.join(sorted(unknown))}", ", ".join((*CSV_HEAD.values(), "values")))
    return "short-json", Report(_head(said), columns_of(said.get("values", ()), wire().marks))


def from_csv(payload: bytes) -> tuple[str, Report]:
    """UTF-8 CSV: ``# khoá=giá trị`` lines, a header line, then one value a line."""
    text = _utf8(payload)
    _refuse_unwritable(text, "CSV")
    lines = text.splitlines()
    body_at = next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))
    said = _named_once(list(_pairs(lines[:body_at])))
    try:
        rows = list(csv.reader(io.StringIO("\n".join(lines[body_at:])), strict=True))
    except csv.Error as error:
        raise _wrong("CSV", str(error), "CSV, RFC 4180") from None
    return "csv", Report(_head(said), _table(rows, first_line=body_at + 1, where="dòng "))


def from_workbook(payload: bytes) -> tuple[str, Report]:
    """XLSX with the sheets ``dau_muc`` (khoá, giá trị) and ``so_lieu`` (the CSV's columns)."""
    read = sheets(payload, ("dau_muc", "so_lieu"))
    for name, rows in read.items():
        for cell in (cell for row in rows for cell in row):
            _refuse_unwritable(cell, name)
    head = _named_once([(CSV_HEAD.get(row[0], row[0]), row[1]) for row in read["dau_muc"] if len(row) > 1 and row[0]])
    return "xlsx", Report(_head(head), _table(read["so_lieu"], first_line=1, where="so_lieu!"))


def from_text(payload: bytes) -> Any:
    """JSON as it was written: figures stay text, no name twice, nothing XML could not carry. Raises `Rejected`."""
    try:
        return json.loads(
            _utf8(payload),
            parse_float=str,
            parse_int=_whole,
            parse_constant=_no_constant,
            object_pairs_hook=_once,
            strict=True,
        )
    except json.JSONDecodeError as error:
        raise Rejected(problem("C-009", reason=f"line {error.lineno}: {error.msg}")) from None
    except RecursionError:
        raise Rejected(problem("C-003", what="depth", found="> 900", limit=_DEEPEST)) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A name given twice is refused: two readers would each see another report."""
    said = _named_once(pairs)
    for name, value in pairs:
        _refuse_unwritable(name, name)
        if isinstance(value, str):
            _refuse_unwritable(value, name)
    return said


def _named_once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for name, value in pairs:
        if name in said:
            raise Rejected(problem("C-009", reason=f"“{name}” given twice"))
        said[name] = value
    return said


def _refuse_unwritable(text: str, where: str) -> None:
    """What XML 1.0 has no character for (controls, halves of a pair) cannot go on; said here, not at the end."""
    found = _UNWRITABLE.search(text)
    if found:
        raise _wrong(where, f"U+{ord(found[0]):04X}", "Unicode, TCVN 6909:2001")


def _whole(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise Rejected(problem("C-003", what="digits", found=len(digits), limit=_MOST_DIGITS))
    return int(digits)


def _no_constant(name: str) -> NoReturn:
    raise Rejected(problem("C-009", reason=name))


def _utf8(payload: bytes) -> str:
    try:
        return payload.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        raise Rejected(problem("C-004", reason=f"byte {error.start}")) from None


def _pairs(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(lines, start=1):
        key, equals, value = line.lstrip("# ").partition("=")
        if not equals or key.strip() not in CSV_HEAD:
            raise _wrong(f"dòng {number}", line[:60], " ".join(f"# {name}=" for name in CSV_HEAD))
        yield CSV_HEAD[key.strip()], value.strip()


def _head(said: Mapping[str, Any]) -> ReportHead:
    faults = [
        problem("C-005", path=key, line="-", reason=f"{said.get(key)!r}", expected="text")
        for key in _NEEDED
        if not isinstance(said.get(key), str) or not said[key].strip()
    ]
    revision = said.get("revision", 1)
    revision = _whole(revision) if isinstance(revision, str) and revision.isdecimal() else revision
    if isinstance(revision, bool) or not isinstance(revision, int) or not 1 <= revision <= _HIGHEST_REVISION:
        faults.append(problem("C-005", path="revision", line="-", reason=f"{revision!r}", expected="1 … 9999"))
    for key in ("approver", "note"):
        if not isinstance(said.get(key, ""), str):
            faults.append(problem("C-005", path=key, line="-", reason=f"{said[key]!r}", expected="text"))
    if faults:
        raise Rejected(*faults)
    period(said["period"])
    return ReportHead(
        said["regime"],
        said["form"],
        said["period"],
        said["reporter"],
        revision,
        said.get("approver", ""),
        said.get("note", ""),
    )


def _table(rows: Sequence[Sequence[str]], first_line: int, where: str) -> Columns:
    if not rows or tuple(rows[0][:4]) != _COLUMNS:
        raise _wrong(f"{where}{first_line}", ",".join(rows[0]) if rows else "", ",".join(_COLUMNS))
    dimensions = list(rows[0][4:])
    width = len(rows[0])
    kept = [(first_line + n, row) for n, row in enumerate(rows[1:], start=1) if any(row)]
    ragged = [f"{where}{line}" for line, row in kept if len(row) != width or not all(row[:3])]
    if ragged or not kept:
        raise _wrong(
            ", ".join(ragged[:50]) or where, f"≠ {width}", f"{width} ô, ba ô đầu không trống / three codes filled"
        )
    columns = list(zip(*(row for _, row in kept), strict=True))
    return Columns(
        indicator=columns[0],
        organisation=columns[1],
        unit=columns[2],
        value=columns[3],
        breakdown=dict(zip(dimensions, columns[4:], strict=True)),
        source=[f"{where}{line}" for line, _ in kept],
    )


def _wrong(path: str, reason: str, expected: str) -> Rejected:
    return Rejected(problem("C-005", path=path, line="-", reason=reason, expected=expected))
