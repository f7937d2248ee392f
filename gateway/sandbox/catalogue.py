"""The national catalogues: indicators (VPCP-CT) from a data file and what was added; periods (VPCP-KY), computed."""

from __future__ import annotations

import json
from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from importlib.resources import files

from gateway.sandbox.packets import Envelope, bare, leaf, packet
from gateway.sandbox.store import Store

INDICATORS, PERIODS = "VPCP-CT", "VPCP-KY"
_YEARS = range(2023, 2029)
_SINCE = "2026-01-01"
_CREATED = f"{_SINCE}T00:00:00+07:00"  # fixed: the same version is the same bytes
_RECEIVER = ("H56", "000.00.00.H56")


class Catalogues:
    """`indicators` is {code: (name, unit)}."""

    def __init__(self, store: Store) -> None:
        self._store = store
        shipped = json.loads((files("gateway.sandbox") / "data" / "indicators.json").read_text("utf-8"))
        self._added: list[dict[str, str]] = json.loads(store.kept("indicators", "[]"))
        self.indicators = {one["code"]: (one["name"], one["unit"]) for one in [*shipped, *self._added]}
        self.periods = {code: (start, end) for code, start, end, _ in _periods()}

    def add(self, code: str, name: str, unit: str) -> str:
        """A new version with one indicator more, or another name or unit for it; the version."""
        self._added.append({"code": code, "name": name, "unit": unit})
        self._store.keep("indicators", json.dumps(self._added, ensure_ascii=False))
        self.indicators[code] = (name, unit)
        return self.version

    @property
    def version(self) -> str:
        return f"2026.{1 + len(self._added)}"

    def packet(self, name: str) -> bytes | None:
        """The catalogue packet; None when there is no such catalogue."""
        if name == INDICATORS:
            return self._written(name, "indicator-catalogue", self.version, self._indicator_items())
        if name == PERIODS:
            return self._written(name, "period-catalogue", "2026.1", _period_items())
        return None

    def _written(self, name: str, kind: str, version: str, items: Iterator[tuple[str, dict[str, str]]]) -> bytes:
        body = bare("Catalogue", {"name": name, "version": version, "validFrom": _SINCE})
        for title, attributes in items:
            leaf(leaf(body, "Item", "", **attributes), "Name", title)
        return packet(Envelope(kind, f"{name}-{version}", _CREATED, _RECEIVER), body)

    def _indicator_items(self) -> Iterator[tuple[str, dict[str, str]]]:
        for code, (name, unit) in sorted(self.indicators.items()):
            yield name, {"code": code, "unit": unit}


def _period_items() -> Iterator[tuple[str, dict[str, str]]]:
    for code, start, end, name in _periods():
        yield name, {"code": code, "regime": code.partition(":")[0], "start": start, "end": end}


def _periods() -> Iterator[tuple[str, str, str, str]]:
    """(code with its regime, first day, last day, name): LICH by the calendar, ND09 from the 15th to the 14th."""
    for regime in ("ND09", "LICH"):
        for year in _YEARS:
            for code, name, first, last in _of_year():
                start, end = _days(regime, year, first, last)
                yield f"{regime}:{year}{code}", start.isoformat(), end.isoformat(), f"{name} năm {year}"


def _of_year() -> Iterator[tuple[str, str, int, int]]:
    for month in range(1, 13):
        yield f"M{month:02}", f"Tháng {month}", month, month
    for quarter in range(1, 5):
        yield f"Q{quarter}", f"Quý {quarter}", quarter * 3 - 2, quarter * 3
    yield "H1", "6 tháng đầu", 1, 6
    yield "H2", "6 tháng cuối", 7, 12
    yield "-9T", "9 tháng", 1, 9
    yield "", "Cả", 1, 12


def _days(regime: str, year: int, first: int, last: int) -> tuple[date, date]:
    if regime == "LICH":
        return date(year, first, 1), date(year, last, monthrange(year, last)[1])
    start = date(year - 1, 12, 15) if first == 1 else date(year, first - 1, 15)
    return start, date(year, last, 14)
