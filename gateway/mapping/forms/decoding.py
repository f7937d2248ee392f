"""Legacy text in a workbook becomes Unicode before anything is looked for in it, and every change is told."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

from gateway.domain.errors import Rejected
from gateway.legacy_text import UNICODE, guessed, hints, of_runs
from gateway.mapping.forms.found import Reading
from gateway.mapping.forms.grid import place
from gateway.schemas.workbooks import Sheet, Text, Texts, texts

_NOTHING = Texts([], ())


def decode(payload: bytes, sheets: Sequence[Sheet]) -> Texts:
    """What was changed in `sheets`, which were read from `payload`; fonts are only asked where text looks legacy.

    Fonts cost many times what values cost. Where they cannot be read within their limits, each sheet's content decides.
    """
    if not any(isinstance(cell, str) and hints(cell) for sheet in sheets for row in sheet.rows for cell in row):
        return _NOTHING
    try:
        found = texts(payload)
    except Rejected:
        found = _by_content(sheets)
    by_name = {sheet.name: sheet for sheet in sheets}
    changed = [text for text in found.cells if text.kind != UNICODE and _is_there(by_name.get(text.sheet), text)]
    for text in changed:
        by_name[text.sheet].rows[text.row][text.column] = text.text
    return Texts(changed, found.ambiguous)


def tell(decoded: Texts, used: Container[str], into: Reading) -> list[dict[str, Any]]:
    """Conflicts for the sheets that were used (M903, M904), and every one of their changes."""
    grouped: dict[tuple[str, str], list[str]] = {}
    changes = [text for text in decoded.cells if text.sheet in used]
    for text in changes:
        grouped.setdefault((text.sheet, text.kind), []).append(place(text.sheet, text.row, text.column))
    for (sheet, kind), cells in grouped.items():
        into.tell("M903", f"{sheet}: {kind}", cells)
    for name in decoded.ambiguous:
        if name in used:
            into.tell("M904", f"“{name}”", [])
    return [
        {"cell": place(text.sheet, text.row, text.column), "raw": text.raw, "text": text.text, "kind": text.kind}
        for text in changes
    ]


def _by_content(sheets: Sequence[Sheet]) -> Texts:
    cells: list[Text] = []
    ambiguous: list[str] = []
    for sheet in sheets:
        said = [(r, c, cell) for r, row in enumerate(sheet.rows) for c, cell in enumerate(row) if isinstance(cell, str)]
        guess = guessed(text for _, _, text in said)
        ambiguous += [sheet.name] if guess.ambiguous else []
        for row, column, text in said:
            cells.append(Text(sheet.name, row, column, text, *of_runs([(text, "")], guess), ""))
    return Texts(cells, tuple(ambiguous))


def _is_there(sheet: Sheet | None, text: Any) -> bool:
    return sheet is not None and isinstance(sheet.at(text.row, text.column), str)
