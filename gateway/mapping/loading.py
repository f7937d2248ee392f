"""From files to a pack: every sheet read, every fault found, the version taken."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

from gateway.domain.errors import Misconfigured, problem
from gateway.domain.ids import digest_of
from gateway.mapping import compiling
from gateway.mapping.book import SETTINGS_FILE, read_folder
from gateway.mapping.declared import settings_of
from gateway.mapping.forms import layout
from gateway.mapping.pack import Pack
from gateway.mapping.sheets import Table, canonical_sheet, read_sheets
from gateway.mapping.units import Units


def load(folder: Path) -> Pack:
    """The pack in `folder`. Raises `Misconfigured` (D-002) with every fault."""
    faults: list[str] = []
    settings, tables = read_folder(folder, faults)
    return build(folder.name, settings, tables, faults)


def build(name: str, settings: str, tables: Mapping[str, Table], faults: Iterable[str] = ()) -> Pack:
    """A pack of tables as read. Raises `Misconfigured` (D-002) with every fault, `faults` among them."""
    said, found = settings_of(settings)
    sheets = read_sheets(tables)
    units = Units(sheets.lines["don_vi_tinh"])
    compiled = compiling.compiled(sheets.lines, units)
    indicators = [line["nguon"] for line in sheets.lines["chi_tieu"]]
    forms = layout.faults(sheets.lines["bieu_mau"], indicators)
    everything = [*faults, *found, *sheets.faults, *units.faults, *compiled.faults, *forms]
    if everything:
        raise Misconfigured(*(problem("D-002", pack=name, reason=fault) for fault in everything))
    content = kept(settings, tables)
    return Pack(
        name=said["pack"],
        digest=digest_of(content),
        content=content,
        settings=said,
        lines={sheet: tuple(lines) for sheet, lines in sheets.lines.items()},
        units=units,
        formulas=compiled.formulas,
        rules=compiled.rules,
        warnings=tuple(compiled.warnings),
    )


def kept(settings: str, tables: Mapping[str, Table]) -> bytes:
    """A pack as the journal keeps it: settings and sheets in canonical form, each behind its name and length.

    The SHA-256 of these bytes is the version.
    """
    parts = {f"{name}.csv": canonical_sheet(table) for name, table in tables.items() if any(map(any, table[1:]))}
    parts[SETTINGS_FILE] = settings.strip().encode()
    return b"".join(f"{name}\0{len(content)}\0".encode() + content for name, content in sorted(parts.items()))


def recalled(content: bytes) -> tuple[str, dict[str, Table]]:
    """Settings and tables of what `kept` made."""
    settings, tables = "", dict[str, Table]()
    while content:
        name, length, content = content.split(b"\0", 2)
        part, content = content[: int(length)].decode(), content[int(length) :]
        if name.decode() == SETTINGS_FILE:
            settings = f"{part}\n"
        else:
            tables[name.decode().removesuffix(".csv")] = list(csv.reader(io.StringIO(part, newline=""), strict=True))
    return settings, tables


def rebuilt(content: bytes) -> Pack:
    """The pack that `kept` was made of. Raises `Misconfigured` (D-002) where today's rules refuse it."""
    settings, tables = recalled(content)
    return build("-", settings, tables)
