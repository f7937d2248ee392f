"""Units of measure (đơn vị tính) and the exact ratio between two of one quantity."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from gateway.mapping.sheets import Line
from gateway.text import folded


@dataclass(frozen=True, slots=True)
class Unit:
    """`quantity` (đại lượng) decides what converts; money of two currencies is two quantities."""

    code: str
    quantity: str
    size: Fraction


@dataclass(frozen=True, slots=True)
class Scale:
    """Exact multiplication: × `times`, then the decimal point `shift` places to the left."""

    times: int
    shift: int

    @property
    def factor(self) -> Decimal:
        return Decimal(self.times).scaleb(-self.shift)

    @property
    def whole(self) -> int:
        """How many digits before the point a figure can gain."""
        return self.factor.adjusted() + 1 if self.factor > 1 else 0


class Units:
    """Every unit by code, and by alias however it is typed."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self.faults: list[str] = []
        self._by_code: dict[str, Unit] = {}
        self._by_label: dict[str, Unit] = {}
        self._lines: dict[str, Line] = {}
        for line in lines:
            self._add(line)

    def __contains__(self, code: str) -> bool:
        return code in self._by_code

    def named(self, text: str) -> Unit | None:
        """The unit with this code or alias."""
        return self._by_code.get(text) or self._by_label.get(folded(text))

    def lines_of(self, text: str, unit: Unit | None) -> list[Line]:
        """The rows that convert figures written in `text` into `unit`; none where nothing is converted."""
        given = self.named(text)
        if given is None or unit is None or given.code == unit.code:
            return []
        return [self._lines[given.code], self._lines[unit.code]]

    def size_of(self, code: str) -> Fraction:
        return self._by_code[code].size

    def labels(self) -> list[str]:
        return [*self._by_code, *self._by_label]

    def _add(self, line: Line) -> None:
        try:
            size = Fraction(int(line["tu"]), int(line["mau"]))
        except (ValueError, ZeroDivisionError):
            self.faults.append(f"{line.place}: tu/mau must be whole numbers, mau not 0")
            return
        if size <= 0 or line["ma"] in self._by_code:
            self.faults.append(f"{line.place}: unit “{line['ma']}” twice, or its ratio is not positive")
            return
        unit = Unit(line["ma"], line["dai_luong"], size)
        self._by_code[unit.code] = unit
        self._lines[unit.code] = line
        for alias in filter(None, (part.strip() for part in line["bi_danh"].split("|"))):
            if self._by_label.setdefault(folded(alias), unit) is not unit:
                self.faults.append(f"{line.place}: alias “{alias}” belongs to two units")


@lru_cache(maxsize=4096)
def scale(one: Unit, other: Unit) -> Scale | None:
    """How a figure in `one` becomes a figure in `other`; None when no finite decimal says it."""
    ratio = one.size / other.size
    shift = 0
    rest = ratio.denominator
    for prime in (2, 5):
        power = 0
        while rest % prime == 0:
            rest, power = rest // prime, power + 1
        shift = max(shift, power)
    return Scale(int(ratio * 10**shift), shift) if rest == 1 else None
