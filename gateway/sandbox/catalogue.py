"""The national catalogues: indicators (VPCP-CT) from a data file and what was done since; periods (VPCP-KY), computed;
and beside them what is announced by name (`announced`).

Every deed is a version: an indicator added, changed, withdrawn, or put in the place of others. Asked for what changed
since a version, the issuer sends an increment.
"""

from __future__ import annotations

import json
from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from importlib.resources import files

from lxml import etree

from gateway.sandbox.announced import Announcements
from gateway.sandbox.packets import Envelope, bare, leaf, packet
from gateway.sandbox.store import Store

INDICATORS, PERIODS = "VPCP-CT", "VPCP-KY"
_YEARS = range(2023, 2029)
_SINCE = "2026-01-01"
_PERIODS = "2026.1"
_CREATED = f"{_SINCE}T00:00:00+07:00"  # fixed: the same version is the same bytes


class Catalogues:
    """`indicators` is {code: (name, unit)}."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._announced = Announcements(store)
        shipped = json.loads((files("gateway.sandbox") / "data" / "indicators.json").read_text("utf-8"))
        self._deeds: list[dict[str, str]] = json.loads(store.kept("indicators", "[]"))
        self.indicators = {one["code"]: (one["name"], one["unit"]) for one in shipped}
        for deed in self._deeds:
            self._do(deed)
        self.periods = {code: (start, end) for code, start, end, _ in _periods()}

    def add(self, code: str, name: str, unit: str, replaces: str = "", since: str = "") -> str:
        """A new version with one indicator more, or another name or unit for it; the version.

        `replaces`: codes, parted by spaces, that go and whose place it takes. `since`: the day the version holds from.
        """
        return self._done({"code": code, "name": name, "unit": unit, "replaces": replaces, "since": since})

    def withdraw(self, codes: list[str], since: str = "") -> str:
        """A new version without these; the version."""
        return self._done({"withdrawn": " ".join(codes), "since": since})

    @property
    def version(self) -> str:
        return _version(len(self._deeds))

    def packet(self, name: str, partner: str, since: str = "") -> bytes | None:
        """The catalogue packet for the province of the code `partner`; None when there is no such catalogue.

        What changed `since` a version, where that is one of the indicators' and something did.
        """
        if name == INDICATORS:
            number = next((n for n in range(len(self._deeds)) if _version(n) == since), None)
            body = self._whole() if number is None else self._increment(number)
            return self._written(f"{name}-{self.version}", "indicator-catalogue", partner, body)
        if name == PERIODS:
            return self._written(
                f"{name}-{_PERIODS}", "period-catalogue", partner, _body(name, _PERIODS, _period_items())
            )
        return self._announced.packet(name, partner)

    def announce(self, text: str) -> str:
        """A regime, an outline or a KPI set as XML, in place of what was announced so far; its name."""
        return self._announced.announce(text)

    def _written(self, message: str, kind: str, partner: str, body: etree._Element) -> bytes:
        return packet(Envelope(kind, message, _CREATED, (partner, f"000.00.00.{partner}")), body)

    def _done(self, deed: dict[str, str]) -> str:
        self._deeds.append(deed)
        self._store.keep("indicators", json.dumps(self._deeds, ensure_ascii=False))
        self._do(deed)
        return self.version

    def _do(self, deed: dict[str, str]) -> None:
        for gone in f"{deed.get('withdrawn', '')} {deed.get('replaces', '')}".split():
            self.indicators.pop(gone, None)
        if "code" in deed:
            self.indicators[deed["code"]] = (deed["name"], deed["unit"])

    def _whole(self) -> etree._Element:
        items = (self._item(code) for code in sorted(self.indicators))
        return _body(INDICATORS, self.version, items, self._holds_from())

    def _increment(self, number: int) -> etree._Element:
        """What the deeds from `number` on changed."""
        touched = {
            code
            for deed in self._deeds[number:]
            for code in f"{deed.get('code', '')} {deed.get('withdrawn', '')} {deed.get('replaces', '')}".split()
        }
        items = (self._item(code) for code in sorted(touched))
        return _body(INDICATORS, self.version, items, self._holds_from(), base=_version(number))

    def _item(self, code: str) -> tuple[str, dict[str, str]]:
        if code not in self.indicators:
            return "rút", {"code": code, "withdrawn": "true"}
        name, unit = self.indicators[code]
        replaces = next((d["replaces"] for d in self._deeds if d.get("code") == code and d.get("replaces")), "")
        return name, {"code": code, "unit": unit, **({"replaces": replaces} if replaces else {})}

    def _holds_from(self) -> str:
        return next((deed["since"] for deed in reversed(self._deeds) if deed.get("since")), _SINCE)


def _version(deeds: int) -> str:
    return f"2026.{1 + deeds}"


def _body(
    name: str, version: str, items: Iterator[tuple[str, dict[str, str]]], since: str = _SINCE, base: str = ""
) -> etree._Element:
    said = {"name": name, "version": version, "validFrom": since, **({"base": base} if base else {})}
    body = bare("Catalogue", said)
    for title, attributes in items:
        leaf(leaf(body, "Item", "", **attributes), "Name", title)
    return body


def _period_items() -> Iterator[tuple[str, dict[str, str]]]:
    for code, start, end, name in _periods():
        yield name, {"code": code, "regime": code.partition(":")[0], "start": start, "end": end}


def _periods() -> Iterator[tuple[str, str, str, str]]:
    """(code with its regime, first day, last day, name): LICH by the calendar, ND09 from the 15th to the 14th, both
    with days and half-months; NAMHOC school years.
    """
    for regime in ("ND09", "LICH"):
        for year in _YEARS:
            for code, name, first, last in _of_year():
                start, end = _days(regime, year, first, last)
                yield f"{regime}:{year}{code}", start.isoformat(), end.isoformat(), f"{name} năm {year}"
            yield from _short_ones(regime, year)
    for year in _YEARS:
        yield f"NAMHOC:{year}-{year + 1}", f"{year}-09-01", f"{year + 1}-06-15", f"Năm học {year}-{year + 1}"


def _of_year() -> Iterator[tuple[str, str, int, int]]:
    for month in range(1, 13):
        yield f"M{month:02}", f"Tháng {month}", month, month
    for quarter in range(1, 5):
        yield f"Q{quarter}", f"Quý {quarter}", quarter * 3 - 2, quarter * 3
    yield "H1", "6 tháng đầu", 1, 6
    yield "H2", "6 tháng cuối", 7, 12
    yield "-9T", "9 tháng", 1, 9
    yield "", "Cả", 1, 12


def _short_ones(regime: str, year: int) -> Iterator[tuple[str, str, str, str]]:
    """Half-months and days: the same days in both regimes, and still other periods."""
    for month in range(1, 13):
        last = monthrange(year, month)[1]
        for half, start, end in (("A", 1, 14), ("B", 15, last)):
            first, ends = f"{year}-{month:02}-{start:02}", f"{year}-{month:02}-{end:02}"
            yield f"{regime}:{year}M{month:02}{half}", first, ends, f"Kỳ {half} tháng {month} năm {year}"
        for day in range(1, last + 1):
            on = f"{year}-{month:02}-{day:02}"
            yield f"{regime}:{on}", on, on, f"Ngày {day}/{month}/{year}"


def _days(regime: str, year: int, first: int, last: int) -> tuple[date, date]:
    if regime == "LICH":
        return date(year, first, 1), date(year, last, monthrange(year, last)[1])
    start = date(year - 1, 12, 15) if first == 1 else date(year, first - 1, 15)
    return start, date(year, last, 14)
