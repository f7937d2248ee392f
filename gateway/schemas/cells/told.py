"""Texts with their fonts become texts in Unicode: what the children tell of a workbook or a table.

    {"ambiguous": ["Sheet1"], "texts": [[sheet, row, column, raw, text, kind, "font|font"], …]}

`ambiguous` names the sheets whose content more than one encoding would read. Rows and columns count from 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.legacy_text import Guess, guessed, of_font, of_runs

Runs = list[tuple[str, str]]  # text, font
Texts = list[tuple[int, int, Runs]]  # row, column


def told(sheets: Sequence[tuple[str, Texts]], encoding: str = "") -> dict[str, Any]:
    """`encoding`: what an officer says of texts without fonts; empty: each sheet's content is asked."""
    ambiguous: list[str] = []
    texts: list[list[Any]] = []
    for name, cells in sheets:
        asked = (text for _, _, runs in cells for text, font in runs if not of_font(font))
        guess = Guess(encoding) if encoding else guessed(asked)
        if guess.ambiguous:
            ambiguous.append(name)
        for row, column, runs in cells:
            text, kind = of_runs(runs, guess)
            fonts = "|".join(dict.fromkeys(font for part, font in runs if part))
            texts.append([name, row, column, "".join(part for part, _ in runs), text, kind, fonts])
    return {"ambiguous": ambiguous, "texts": texts}
