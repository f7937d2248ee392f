"""Formulas printed in a header (``4=5+6``), held against every row below it.

A difference of one unit is a rounding and only told; a larger one stands in the form as it was published.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

_FORMULA = re.compile(r"\(?(\d{1,2})\)?=((?:[+-]?\(?\d{1,2}\)?)(?:[+-]\(?\d{1,2}\)?)*)")
_TERM = re.compile(r"([+-]?)\(?(\d{1,2})\)?")
_ROUNDING = 1


@dataclass(frozen=True, slots=True)
class Printed:
    """One column said to be the sum of others, each with its sign."""

    text: str
    column: int
    terms: tuple[tuple[int, int], ...]  # sign, column


@dataclass(slots=True)
class Tally:
    """Rows by outcome; a rule that was not evaluated did not pass."""

    passed: int = 0
    rounded: tuple[int, ...] = ()
    failed: tuple[int, ...] = ()
    not_evaluated: int = 0


def formulas(printed: Mapping[int, str]) -> list[Printed]:
    """The formulas among printed column numbers; one that names a number no column has is none."""
    columns = {match[1]: column for column, text in printed.items() if (match := re.match(r"\(?(\d{1,2})\)?", text))}
    found = []
    for column, text in printed.items():
        match = _FORMULA.fullmatch(re.sub(r"\s", "", text))
        if match is None:
            continue
        terms = [(-1 if sign == "-" else 1, columns.get(number)) for sign, number in _TERM.findall(match[2])]
        if all(at is not None for _, at in terms):
            found.append(Printed(text, column, tuple((sign, at) for sign, at in terms if at is not None)))
    return found


def checked(rule: Printed, rows: Sequence[tuple[int, Mapping[int, Decimal]]]) -> Tally:
    """`rows`: the number of each row with its figures by column."""
    tally = Tally()
    for row, figures in rows:
        if not {rule.column, *(column for _, column in rule.terms)} <= figures.keys():
            tally.not_evaluated += 1
            continue
        off = abs(figures[rule.column] - sum(sign * figures[column] for sign, column in rule.terms))
        if off > _ROUNDING:
            tally.failed += (row,)
        elif off:
            tally.rounded += (row,)
        else:
            tally.passed += 1
    return tally
