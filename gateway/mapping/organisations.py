"""Organisations (đơn vị) across mergers and splits: shares, parts, and two systems of codes that never mix.

An administrative code followed the seat in 2025, an agency code the name: neither is ever derived from the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from gateway.domain.ids import is_agency_code, is_old_agency_code
from gateway.mapping.sheets import Line

ADMINISTRATIVE = "hanh_chinh"
AGENCY = "co_quan"
OTHER = "khac"
# QĐ 19/2025/QĐ-TTg: 2 and 5 digits; 3 for districts before 1/7/2025.
_ADMINISTRATIVE = re.compile(r"\d{2}|\d{3}|\d{5}")


def system(code: str) -> str:
    """Which system of codes this one belongs to, by its shape."""
    if _ADMINISTRATIVE.fullmatch(code):
        return ADMINISTRATIVE
    return AGENCY if is_agency_code(code) or is_old_agency_code(code) else OTHER


def share_of(line: Line) -> Fraction | None:
    """The share (tỷ trọng) of a row; None where it is not known. Without the column, a row is the whole."""
    if "ty_trong" not in line.said:
        return Fraction(1)
    return Fraction(line["ty_trong"]) if line["ty_trong"] else None


def faults(lines: list[Line]) -> Iterator[str]:
    """Shares that are none or do not add up, and targets in two systems of codes."""
    sources: dict[str, list[Line]] = {}
    sound = True
    for line in lines:
        sources.setdefault(line["nguon"], []).append(line)
        if line["ty_trong"] and not re.fullmatch(r"1|0\.\d{1,10}", line["ty_trong"]):
            sound = False
            yield f"{line.place} ty_trong: “{line['ty_trong']}”; trống, 1 hoặc / empty, 1 or 0.xxxx"
    if sound:
        for source, same in sources.items():
            yield from _sums(source, same)
    yield from _one_system(lines)


def _sums(source: str, same: list[Line]) -> Iterator[str]:
    """On every day, the known shares of one source make 1."""
    for first in same:
        together = [line for line in same if first.valid_from is None or line.valid_on(first.valid_from)]
        together = [line for line in together if line.meets(first)]
        shares = [share_of(line) for line in together]
        known = [share for share in shares if share is not None]
        if len(known) == len(shares) and sum(known) != 1:
            places = ", ".join(line.place for line in together)
            total = f"{float(sum(known)):g}"
            yield f"{places} ty_trong: tỷ trọng của / shares of “{source}” cộng lại / add up to {total} ≠ 1"
            return


def _one_system(lines: list[Line]) -> Iterator[str]:
    first: dict[str, Line] = {}
    for line in lines:
        first.setdefault(system(line["dich"]), line)
    mixed = [first[name] for name in (ADMINISTRATIVE, AGENCY) if name in first]
    if len(mixed) > 1:
        yield (
            f"{mixed[0].place} và / and {mixed[1].place} dich: mã đơn vị hành chính và mã định danh cơ quan không dùng "
            f"lẫn / administrative and agency codes do not mix: “{mixed[0]['dich']}”, “{mixed[1]['dich']}”"
        )
