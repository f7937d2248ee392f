"""A mapping pack (gói ánh xạ): eleven sheets and ``pack.yaml``, compiled once; its version is its content.

`gateway/mapping/loading.py` reads one, and finds every fault before any data is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from gateway.mapping.formulas import Formula, Rule
from gateway.mapping.sheets import Line
from gateway.mapping.units import Units
from gateway.text import folded


@dataclass(frozen=True)
class Pack:
    """`digest` is the SHA-256 of `content`, the canonical sheets and settings: equal packs are equal files.

    `formulas` stand in an order in which each comes after what it needs. `warnings` stop nothing.
    """

    name: str
    digest: str
    content: bytes = field(repr=False)
    settings: Mapping[str, str]
    lines: Mapping[str, tuple[Line, ...]]
    units: Units
    formulas: tuple[Formula, ...]
    rules: tuple[Rule, ...]
    warnings: tuple[str, ...]

    @cached_property
    def indicators(self) -> dict[str, list[Line]]:
        return grouped(self.lines["chi_tieu"], "nguon")

    @cached_property
    def targets(self) -> dict[str, list[Line]]:
        """The rows of chi_tieu by the code they lead to."""
        return grouped((line for line in self.lines["chi_tieu"] if line["dich"]), "dich")

    @cached_property
    def organisations(self) -> dict[str, list[Line]]:
        return grouped(self.lines["to_chuc"], "nguon")

    @cached_property
    def joined(self) -> dict[str, list[Line]]:
        """The rows of to_chuc by the organisation they lead to."""
        return grouped(self.lines["to_chuc"], "dich")

    @cached_property
    def breakdowns(self) -> dict[tuple[str, str], list[Line]]:
        found: dict[tuple[str, str], list[Line]] = {}
        for line in self.lines["phan_to"]:
            found.setdefault((line["chieu"], line["nguon"]), []).append(line)
        return found

    @cached_property
    def exclusions(self) -> dict[str, list[Line]]:
        return grouped(self.lines["loai_tru"], "chi_tieu")

    @cached_property
    def spelt(self) -> dict[str, str]:
        """Source codes by their fold, to propose the one that was meant."""
        return {folded(code): code for code in (*self.indicators, *self.organisations)}


def grouped(lines: Iterable[Line], column: str) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(line[column], []).append(line)
    return found
