"""Anchors: how a row of ``bieu_mau`` names a text of the form, however it was typed.

``*`` stands for any text, ``|`` parts alternatives, ``{dvt}`` is where the unit of measure stands, ``{Y}``, ``{M}`` and
``{Q}`` where year, month and quarter do. Case, spaces, NBSP, i/y and tone placement do not count. Refused: regular
expressions. Officers own these rows, and one slow expression would stop every report of the form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gateway.domain.calendar import Period
from gateway.text import folded

_HOLES = {"dvt": r"(?P<dvt>.+?)", "Y": r"(?P<Y>\d{4})", "M": r"(?P<M>\d{1,2})", "Q": r"(?P<Q>[1-4]|iv|i{1,3})"}
_HOLE = re.compile(r"\{([^{}]*)\}")
_WORDS = re.compile(r"\w+|\W")
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}
_LONGEST = 600  # letters of a text that an anchor is held against


@dataclass(frozen=True, slots=True)
class Anchor:
    """`letters` is how much of it is literal: of two anchors that fit, the one that says more wins."""

    said: str
    letters: int
    shapes: tuple[re.Pattern[str], ...]

    def fits(self, text: str) -> bool:
        return self.found(text) is not None

    def found(self, text: str) -> dict[str, str] | None:
        """What stands in the holes (as folded text); None where the text is another."""
        if len(text) > _LONGEST:
            return None
        plain = folded(text)
        match = next((match for shape in self.shapes if (match := shape.fullmatch(plain))), None)
        if match is None:
            return None
        return {name: _ROMAN.get(value, value) for name, value in match.groupdict().items() if value}


def anchor(said: str) -> Anchor | None:
    """The anchor; None for an empty cell. Raises `ValueError` for a hole nobody knows."""
    parts = [part for part in said.split("|") if part.strip()]
    if not parts:
        return None
    literal = min(len(re.sub(r"[*\s]", "", _HOLE.sub("", part))) for part in parts)
    return Anchor(said, literal, tuple(map(_shape, parts)))


def unfolded(text: str, part: str) -> str:
    """The words of `text` whose fold is `part`: the unit as the form writes it."""
    words = _WORDS.findall(text)
    for first in range(len(words)):
        for last in range(first + 1, len(words) + 1):
            said = "".join(words[first:last])
            if folded(said) == part:
                return said.strip()
    return part


def numbers(covers: Period) -> dict[str, str]:
    """What ``{Y}``, ``{M}``, ``{Q}`` of a header stand for in a period, and ``{Y-1}``, ``{M-1}`` before them.

    Month and quarter are those of the period's last day.
    """
    day = covers.end
    said = {"Y": day.year, "M": day.month, "Q": (day.month + 2) // 3, "Y-1": day.year - 1}
    return {name: str(number) for name, number in {**said, "M-1": (day.month - 2) % 12 + 1}.items()}


def filled(said: str, known: Mapping[str, str]) -> str:
    """`said` with the period's numbers in its holes."""
    return _HOLE.sub(lambda hole: known.get(hole[1], hole[0]), said)


def strange_holes(said: str) -> Iterable[str]:
    known = {*_HOLES, "Y-1", "M-1"}
    return [hole for hole in _HOLE.findall(said) if hole not in known]


def _shape(part: str) -> re.Pattern[str]:
    """Between stars the leftmost fit is taken for good, so that no text makes the search long."""
    pieces = part.strip().split("*")
    inside = [_piece(piece) for piece in pieces]
    if len(inside) == 1:
        return re.compile(inside[0])
    middle = "".join(f"(?>.*?{piece})" for piece in inside[1:-1] if piece)
    return re.compile(f"{inside[0]}{middle}.*?{inside[-1]}" if inside[-1] else f"{inside[0]}{middle}.*")


def _piece(piece: str) -> str:
    shape = ""
    at = 0
    for hole in _HOLE.finditer(piece):
        if hole[1] not in _HOLES:
            raise ValueError(hole[0])
        shape += _literal(piece[at : hole.start()]) + _HOLES[hole[1]]
        at = hole.end()
    return shape + _literal(piece[at:])


def _literal(text: str) -> str:
    """Folded, the spaces at its ends kept: they part words inside a pattern."""
    inner = folded(text)
    before = r"\ ?" if text[:1].isspace() else ""
    after = r"\ ?" if text[-1:].isspace() and inner else ""
    return f"{before}{re.escape(inner)}{after}"
