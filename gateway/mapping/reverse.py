"""From the nation's terms to the province's: where one row leads to a target and back, and nowhere else.

A target that several rows lead to has several sources, and all are named; nobody picks one (M106).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from gateway.domain.account import Account
from gateway.domain.calendar import period
from gateway.domain.report import Columns, Report
from gateway.mapping.compiling import conditions
from gateway.mapping.conflicts import Conflict
from gateway.mapping.figures import MARKS
from gateway.mapping.organisations import system
from gateway.mapping.pack import Pack
from gateway.mapping.resolve import TOTAL, Resolver
from gateway.mapping.sheets import Line
from gateway.mapping.units import scale

_FIGURE = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")
_GONE = "M105"
_AMBIGUOUS = "M106"


@dataclass(frozen=True, slots=True)
class Unmapped:
    """The province's values; row i of `columns` came from row `rows[i]` of the report."""

    columns: Columns
    rows: tuple[int, ...]
    conflicts: tuple[Conflict, ...]
    account: Account


def unmap(pack: Pack, report: Report) -> Unmapped:
    """A national report in the province's terms; what has no source or several is held and named."""
    back = _Back(pack, Resolver(pack, period(report.head.period), None))
    kept: list[tuple[str, str, str, str, Mapping[str, str]]] = []
    rows: list[int] = []
    against: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for row, (code, place, value, broken) in enumerate(_values(report.columns)):
        found = back.value(code, place, report.columns.unit[row], value, broken)
        if isinstance(found, Conflict):
            against[found.code, found.what, found.proposal].append(row)
            continue
        kept.append(found)
        rows.append(row)
    conflicts = tuple(Conflict(code, what, tuple(held), tip) for (code, what, tip), held in sorted(against.items()))
    received = len(report.columns)
    return Unmapped(_columns(kept), tuple(rows), conflicts, Account(received, len(rows), received - len(rows), 0))


def candidates(pack: Pack, resolver: Resolver, code: str) -> list[Line]:
    """Every row valid in the period that leads to a target."""
    return [line for line in pack.targets.get(code, ()) if line.valid_on(resolver.day)]


class _Back:
    """Decides each distinct key once."""

    def __init__(self, pack: Pack, resolver: Resolver) -> None:
        self._pack, self._resolver = pack, resolver
        self._indicators: dict[tuple[str, tuple[tuple[str, str], ...]], Conflict | tuple[Line, dict[str, str]]] = {}

    def value(
        self, code: str, place: str, unit: str, value: str, broken: Mapping[str, str]
    ) -> Conflict | tuple[str, str, str, str, Mapping[str, str]]:
        key = (code, tuple(sorted(broken.items())))
        if key not in self._indicators:
            self._indicators[key] = self._indicator(code, broken)
        found = self._indicators[key]
        if isinstance(found, Conflict):
            return found
        line, dimensions = found
        organisation = self._organisation(place)
        if isinstance(organisation, Conflict):
            return organisation
        figure = self._figure(line, unit, value)
        return figure if isinstance(figure, Conflict) else (
            line["nguon"], organisation, line["dvt_nguon"], figure, dimensions
        )  # fmt: skip

    def _indicator(self, code: str, broken: Mapping[str, str]) -> Conflict | tuple[Line, dict[str, str]]:
        lines = candidates(self._pack, self._resolver, code)
        if not lines:
            return Conflict(_GONE, code)
        if len(lines) > 1:
            said = "; ".join(f"{line['nguon']} {line['phan_to']}".strip() for line in lines)
            return Conflict(_AMBIGUOUS, code, proposal=said)
        dimensions = dict(conditions(lines[0]))
        if "*" in dimensions.values():
            return Conflict(_AMBIGUOUS, code, proposal=lines[0]["phan_to"])
        for name, value in broken.items():
            sources = self._breakdown(name, value)
            if len(sources) != 1:
                tip = "; ".join(f"{line['chieu']}={line['nguon']}" for line in sources)
                return Conflict(_AMBIGUOUS if sources else "M201", f"{name}={value}", proposal=tip)
            dimensions[sources[0]["chieu"]] = sources[0]["nguon"]
        return lines[0], dimensions

    def _breakdown(self, name: str, value: str) -> list[Line]:
        day = self._resolver.day
        lines = self._pack.lines["phan_to"]
        return [line for line in lines if (line["chieu_dich"], line["dich"]) == (name, value) and line.valid_on(day)]

    def _organisation(self, place: str) -> Conflict | str:
        """The one source of the same system of codes; an agency's code is another name, not another source."""
        day = self._resolver.day
        lines = [line for line in self._pack.joined.get(place, ()) if line.valid_on(day)]
        sources = sorted({line["nguon"] for line in lines if system(line["nguon"]) == system(place)})
        if not sources:
            return Conflict("M501", place)
        whole = self._resolver.organisation(sources[0])
        if len(sources) > 1 or whole.against or len(whole.to) != 1:
            return Conflict(_AMBIGUOUS, place, proposal="; ".join(sources))
        return sources[0]

    def _figure(self, line: Line, unit: str, value: str) -> Conflict | str:
        given, declared = self._pack.units.named(unit), self._pack.units.named(line["dvt_nguon"])
        if given is None or declared is None:
            return Conflict("M301", unit)
        if given.quantity != declared.quantity:
            return Conflict("M302", unit)
        exact = scale(given, declared)
        if value in MARKS:
            return value
        if exact is None:
            return Conflict("M902", value)
        if not _FIGURE.fullmatch(value):
            return Conflict("M901", value)
        return _times(value, exact.times, exact.shift)


def _times(value: str, times: int, shift: int) -> str:
    """A canonical figure × times, then the point `shift` places to the left: whole numbers only."""
    sign, digits, exponent = Decimal(value).as_tuple()
    whole = int("".join(map(str, digits))) * times
    places = shift - int(exponent)
    text = str(whole).zfill(max(places, 0) + 1) + "0" * max(-places, 0)
    if places > 0:
        text = f"{text[:-places]}.{text[-places:]}".rstrip("0").rstrip(".")
    return f"-{text}" if sign and whole else text


def _values(columns: Columns) -> Iterator[tuple[str, str, str, dict[str, str]]]:
    names = sorted(columns.breakdown)
    for n in range(len(columns)):
        broken = {name: columns.breakdown[name][n] for name in names}
        said = {name: value for name, value in broken.items() if value not in ("", TOTAL)}
        yield columns.indicator[n], columns.organisation[n], columns.value[n], said


def _columns(kept: list[tuple[str, str, str, str, Mapping[str, str]]]) -> Columns:
    names = sorted({name for *_, dimensions in kept for name in dimensions})
    return Columns(
        [one[0] for one in kept],
        [one[1] for one in kept],
        [one[2] for one in kept],
        [one[3] for one in kept],
        {name: [one[4].get(name, "") for one in kept] for name in names},
    )
