"""Files that want to do harm, made small and sent whole."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Mapping

import xlsxwriter

from gateway.clock import SystemClock
from gateway.ports import Header
from gateway.schemas.packets import PacketReader, PacketWriter
from tests.api.house import as_json, new_reporter


def packet(payload: bytes | None = None) -> bytes:
    """A report as a national packet."""
    _, report = PacketReader().read(payload or as_json(), "application/json")
    now = SystemClock().now()
    header = Header("xml-1", "report-data", now, "H56", "000.00.00.H56", "H56", "000.00.00.H56")
    return PacketWriter().write(header, report, None)


def doctype(inside: bytes, used: bytes = b"&a;") -> bytes:
    return b'<?xml version="1.0"?><!DOCTYPE Packet [' + inside + b"]><Packet>" + used + b"</Packet>"


def billion_laughs() -> bytes:
    lines = b'<!ENTITY l0 "ha">' + b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    return doctype(lines, b"&l9;")


def quadratic() -> bytes:
    return doctype(b'<!ENTITY a "' + b"x" * 100_000 + b'">', b"&a;" * 20_000)


def external() -> bytes:
    return doctype(b'<!ENTITY a SYSTEM "file:///etc/passwd">')


def deep(levels: int) -> bytes:
    return b"<a>" * levels + b"</a>" * levels


def many(nodes: int) -> bytes:
    return b"<a>" + b"<b/>" * nodes + b"</a>"


def workbook(head: Mapping[str, str] | None = None, cells: Mapping[str, str] | None = None) -> bytes:
    """A workbook of two sheets; `cells` are set on top, where they are."""
    kept = io.BytesIO()
    book = xlsxwriter.Workbook(kept, {"in_memory": True})
    said = {"che_do": "KTXH-THANG", "bieu": "01/KTXH", "ky": "LICH:2024M09", "don_vi": new_reporter(), **(head or {})}
    first, second = book.add_worksheet("dau_muc"), book.add_worksheet("so_lieu")
    for row, (key, value) in enumerate(said.items()):
        first.write_row(row, 0, [key, value])
    for row, line in enumerate([["chi_tieu", "to_chuc", "don_vi_tinh", "gia_tri"], ["T0101", "38", "%", "12.15"]]):
        second.write_row(row, 0, line)
    for place, text in (cells or {}).items():
        second.write_string(place, text)
    book.close()
    return kept.getvalue()


def zip_bomb(megabytes: int = 300) -> bytes:
    """The sheet's place filled with nothing, very much of it."""
    kept = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook())) as good,
        zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as bad,
    ):
        for name in good.namelist():
            if not name.endswith("sheet2.xml"):
                bad.writestr(name, good.read(name))
        with bad.open("xl/worksheets/sheet2.xml", "w") as sheet:
            sheet.write(b"<worksheet><sheetData>")
            for _ in range(megabytes):
                sheet.write(b" " * (1 << 20))
    return kept.getvalue()


def lying_zip_bomb() -> bytes:
    """As above, and both directories of the archive say that it is small."""
    honest = zip_bomb()
    size = struct.pack("<I", 300 * (1 << 20) + len(b"<worksheet><sheetData>"))
    assert honest.count(size) >= 1
    return honest.replace(size, struct.pack("<I", 1000))


def csv(*lines: str, **head: str) -> bytes:
    said = {"che_do": "KTXH-THANG", "bieu": "01/KTXH", "ky": "LICH:2024M09", "don_vi": new_reporter(), **head}
    top = [f"# {key}={value}" for key, value in said.items()]
    return "\n".join([*top, "chi_tieu,to_chuc,don_vi_tinh,gia_tri", *lines, ""]).encode()


def nested_json(levels: int) -> bytes:
    return b'{"regime":' + b"[" * levels + b"]" * levels + b"}"


def with_value(text: str) -> bytes:
    """The report with its figure replaced by raw JSON."""
    whole = json.loads(as_json())
    whole["values"][0]["value"] = "HERE"
    return json.dumps(whole).replace('"HERE"', text).encode()
