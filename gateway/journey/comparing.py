"""Values of ours and of theirs, each paired with the other at its place: same, differs, only ours, only theirs.

Two lines are the same exactly where the journey's own reconciliation finds no difference: `lines_of` and `lines_said`
tell like figures alike, and here they are only paired. Nothing is dropped, and nothing counts twice.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gateway.domain.part import Figure, Place
from gateway.journey.steps.reconcile import Line


class Match(StrEnum):
    """What came of one value; the value is what JSON shows."""

    SAME = "same"  # khớp
    DIFFERS = "differs"  # lệch
    ONLY_OURS = "only_ours"  # bên kia không có
    ONLY_THEIRS = "only_theirs"  # bên này không gửi


@dataclass(frozen=True, slots=True)
class Pair:
    """One place, and the figure with its unit that each side has there; None where a side has none."""

    place: Place
    ours: Figure | None
    theirs: Figure | None

    @property
    def match(self) -> Match:
        if self.ours is None:
            return Match.ONLY_THEIRS
        if self.theirs is None:
            return Match.ONLY_OURS
        return Match.SAME if self.ours == self.theirs else Match.DIFFERS


@dataclass(frozen=True, slots=True)
class Balance:
    """compared = same + differs + only ours: every value of ours once. What only they have stands beside it."""

    same: int = 0
    differs: int = 0
    only_ours: int = 0
    only_theirs: int = 0

    @property
    def compared(self) -> int:
        return self.same + self.differs + self.only_ours

    @property
    def agrees(self) -> bool:
        return self.same == self.compared and not self.only_theirs

    def __add__(self, other: Balance) -> Balance:
        return Balance(
            self.same + other.same,
            self.differs + other.differs,
            self.only_ours + other.only_ours,
            self.only_theirs + other.only_theirs,
        )


def balance(pairs: Iterable[Pair]) -> Balance:
    """How many of `pairs` came out how."""
    found = Counter(pair.match for pair in pairs)
    return Balance(**{match.value: found[match] for match in Match})


def paired(ours: Sequence[Line], theirs: Iterable[Line]) -> list[Pair]:
    """Every line of `ours` in its order, then what only they have in theirs.

    A value that one side has twice counts twice. What is left over at one place on both sides differs.
    """
    left = Counter(theirs)
    is_same = [_taken(left, line) for line in ours]
    foreign: dict[Place, deque[Figure]] = {}
    for line in left.elements():
        foreign.setdefault(_place(line), deque()).append(_figure(line))
    pairs = []
    for line, same in zip(ours, is_same, strict=True):
        place, figure = _place(line), _figure(line)
        others = foreign.get(place)
        pairs.append(Pair(place, figure, figure if same else others.popleft() if others else None))
    return pairs + [Pair(place, None, figure) for place, figures in foreign.items() for figure in figures]


def _taken(left: Counter[Line], line: Line) -> bool:
    if not left[line]:
        return False
    left[line] -= 1
    return True


def _place(line: Line) -> Place:
    indicator, organisation, breakdown, _, _ = line
    return Place(indicator, organisation, breakdown)


def _figure(line: Line) -> Figure:
    _, _, _, unit, value = line
    return value, unit
