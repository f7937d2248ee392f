"""Errors, and formulas that were never computed, in the parts of an XLSX (ECMA-376 part 1, 18.3.1.4, 18.18.11)."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence

from gateway.schemas.cells.limits import NEVER_COMPUTED

_BOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_CELL = re.compile(rb"<c\s([^>]*[^/>])>(.*?)</c>", re.DOTALL)
_PLACE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_VALUE = re.compile(rb"<v\b[^>]*>([^<]+)</v>")
_LONGEST = 20


def wrongs(payload: bytes, names: Sequence[str]) -> dict[str, dict[tuple[int, int], str]]:
    """By sheet name, then by row and column; `names` in the workbook's own order."""
    found: dict[str, dict[tuple[int, int], str]] = {}
    with zipfile.ZipFile(io.BytesIO(payload)) as packed:
        for name, part in _parts(packed, names):
            content = packed.read(part)
            if b't="e"' in content or b"<f" in content:
                found[name] = dict(_of_part(content))
    return found


def _parts(packed: zipfile.ZipFile, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Sheet names with the names of their parts; nothing for a workbook of another make."""
    there = set(packed.namelist())
    if not {_BOOK, _RELATIONS} <= there:
        return
    targets = {}
    for relation in re.findall(rb"<Relationship\b[^>]*>", packed.read(_RELATIONS)):
        said = dict(re.findall(rb'\b(Id|Target)="([^"]*)"', relation))
        targets[said.get(b"Id", b"")] = said.get(b"Target", b"").decode("utf-8", "replace")
    sheets = re.findall(rb"<(?:\w+:)?sheet\s[^>]*>", packed.read(_BOOK))
    ids = [(re.findall(rb'\b\w+:id="([^"]*)"', sheet) or [b""])[0] for sheet in sheets]
    for name, relation_id in zip(names, ids, strict=False):
        target = targets.get(relation_id, "")
        part = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        if part in there:
            yield name, part


def _of_part(content: bytes) -> Iterator[tuple[tuple[int, int], str]]:
    for said, inside in _CELL.findall(content):
        is_error = b't="e"' in said
        if not is_error and b"<f" not in inside:
            continue
        place, value = _PLACE.search(said), _VALUE.search(inside)
        if place is None or (value is not None and not is_error):
            continue
        text = value[1].decode("utf-8", "replace")[:_LONGEST] if value else NEVER_COMPUTED
        yield (int(place[2]) - 1, _column(place[1])), text


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
