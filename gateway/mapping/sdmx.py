"""The lookups of a pack as an SDMX structure message, and lookups of other tools taken into a pack.

Four sheets travel (`SHEETS`); what SDMX has no place for (units, formulas, checks, forms) stays at home, so that a
message is always taken onto a pack that has the rest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from gateway.mapping.sheets import Table
from gateway.schemas.sdmx import message, structure
from gateway.schemas.sdmx.lookup import SHEETS, Lookup, lines_of, of_sheet, wrong

_NO_ID = re.compile(r"[^A-Za-z0-9_@$-]+")
_DAYS = ("tu_ngay", "den_ngay")
_MIDNIGHT = " 00:00:00"  # how a spreadsheet writes a day


def written(pack: Mapping[str, str], version: int, tables: Mapping[str, Table], prepared: datetime) -> bytes:
    """The lookups of a pack in SDMX-JSON 2.0; `pack` are its settings, `version` its approval, 0 while it has none.

    Raises `Rejected` (C-005) for a day that does not exist.
    """
    agency = _NO_ID.sub("-", pack.get("source.system", "")) or "GATEWAY"
    numbered = f"{version}.0.0" if version else "0.0.0-draft"
    lookups = [of_sheet(sheet, _lines(tables[sheet]), agency, numbered) for sheet in SHEETS if tables.get(sheet)]
    return message.written(lookups, _NO_ID.sub("-", pack["pack"]), agency, prepared)


def taken(payload: bytes, tables: Mapping[str, Table], sheet: str = "") -> dict[str, Table]:
    """`tables` with each sheet that the message has in place of the old one: SDMX-JSON 2.0, SDMX-ML 3.0 or 2.1.

    `sheet` is the one meant by a message of one lookup under another name. Columns that a message does not name are
    those of the sheet, in their order. Raises `Rejected` as the readers do, and (C-005) for a lookup of no sheet.
    """
    lookups = (structure if payload.lstrip()[:1] == b"<" else message).read(payload)
    if not lookups or (sheet and len(lookups) > 1):
        raise wrong("RepresentationMap", str(len(lookups)), "1" if sheet else "≥ 1")
    found = dict(tables)
    for one in lookups:
        name = sheet or one.id
        if name not in SHEETS:
            raise wrong("RepresentationMap/@id", f"“{one.id}”", " | ".join(SHEETS))
        found[name] = _table(_named(one, name), tables.get(name, []))
    return found


def _lines(table: Table) -> list[dict[str, str]]:
    lines = [dict(zip(table[0], row, strict=False)) for row in table[1:] if any(row)]
    return [
        {key: text.removesuffix(_MIDNIGHT) if key in _DAYS else text for key, text in line.items()} for line in lines
    ]


def _named(lookup: Lookup, sheet: str) -> Lookup:
    """Under the sheet's own columns, where the message has none or those of another house."""
    source, target = SHEETS[sheet]
    if set(lookup.source) <= set(source) and set(lookup.target) <= set(target):
        return lookup
    width = len(lookup.source), len(lookup.target)
    if width[0] > len(source) or width[1] > len(target):
        raise wrong(f"RepresentationMap[@id={lookup.id}]", f"{width[0]} → {width[1]}", f"{len(source)} → {len(target)}")
    names = source[: width[0]], target[: width[1]]
    return Lookup(lookup.id, lookup.agency, lookup.version, lookup.name, *names, lookup.rows)


def _table(lookup: Lookup, old: Table) -> Table:
    """Under the header that the sheet has, and behind it what the message says besides."""
    lines = lines_of(lookup)
    header = list(dict.fromkeys([*(old[0] if old else ()), *(column for line in lines for column in line)]))
    return [header, *([line.get(column, "") for column in header] for line in lines)]
