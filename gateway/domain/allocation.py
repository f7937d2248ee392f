"""Allocation (phân bổ, giao chỉ tiêu): which unit reports which national indicators and fills in which forms.

Thanh Hóa art. 12.1 and 14.1.c, Đồng Tháp art. 6.4. One allocation of one catalogue stands for each unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from gateway.domain.catalogue import Catalogue, on_day
from gateway.domain.problems import Text


@dataclass(frozen=True, slots=True)
class Allocation:
    """`unit` is an agency or administrative code; both days inclusive, None is open."""

    catalogue: str
    unit: str
    name: str
    indicators: tuple[str, ...]
    forms: tuple[str, ...]
    valid_from: date
    valid_to: date | None = None
    version: str = ""  # of the catalogue it was held against

    @property
    def subject(self) -> str:
        return f"{self.catalogue}/{self.unit}"

    def valid_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Assigned:
    """Of a day: indicators that nobody was given, and those that several units were (code, units)."""

    nobody: tuple[str, ...]
    several: tuple[tuple[str, ...], ...]


def faults(allocation: Allocation, catalogue: Catalogue, forms: Iterable[str]) -> Iterator[Text]:
    """What cannot be in it; `forms` are in use on its first day."""
    a = allocation
    known, usable = on_day(catalogue.items, a.valid_from), set(forms)
    if not (a.indicators or a.forms):
        yield Text("không có chỉ tiêu, biểu mẫu nào", "it names no indicator and no form")
    if a.valid_to is not None and a.valid_to < a.valid_from:
        yield Text(f"kết thúc {a.valid_to} trước khi bắt đầu", f"it ends on {a.valid_to}, before it begins")
    for code in _missing(a.indicators, known):
        yield Text(
            f"chỉ tiêu {code} không có trong {catalogue.name} bản {catalogue.version} ngày {a.valid_from}",
            f"indicator {code} is not in {catalogue.name} {catalogue.version} on {a.valid_from}",
        )
    for form in _missing(a.forms, usable):
        yield Text(f"biểu mẫu {form} chưa đưa vào sử dụng", f"form {form} is not in use")


def assigned(catalogue: Catalogue, allocations: Sequence[Allocation], day: date) -> Assigned:
    """Whether every indicator of the catalogue has its unit on `day`."""
    units: dict[str, list[str]] = {code: [] for code in on_day(catalogue.items, day)}
    for one in allocations:
        if one.catalogue == catalogue.name and one.valid_on(day):
            for code in units.keys() & set(one.indicators):
                units[code].append(one.unit)
    return Assigned(
        nobody=tuple(sorted(code for code, given in units.items() if not given)),
        several=tuple((code, *sorted(given)) for code, given in sorted(units.items()) if len(given) > 1),
    )


def _missing(codes: Iterable[str], known: Iterable[str]) -> list[str]:
    return sorted(set(codes).difference(known))
