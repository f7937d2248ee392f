"""Resolve: every *distinct* key of a run is decided once, by the rules of the language.

A report of a million values has some hundred distinct indicators, breakdowns, units and organisations. Deciding those
in plain Python and joining the answers back costs the same as joining alone, and keeps the rules readable. Refused:
the rules as joins (a tie or a validity then hides in a join order).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches
from fractions import Fraction
from functools import cached_property

from gateway.domain.calendar import Period
from gateway.domain.catalogue import Catalogue
from gateway.mapping.compiling import conditions, specificity
from gateway.mapping.figures import PLACES, WHOLE
from gateway.mapping.organisations import ADMINISTRATIVE, share_of, system
from gateway.mapping.pack import Pack
from gateway.mapping.sheets import Line
from gateway.mapping.units import Scale, Unit, scale
from gateway.text import folded

EXCLUDED = "excluded"
TOTAL = "_T"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What becomes of an indicator with its breakdown: a target, or the code of what stands against it.

    `broken` is the target's breakdown as ``DIM=VALUE;…``; `lines` are the rows of the pack that say so.
    """

    target: str = ""
    against: str = ""
    what: str = ""  # the object of the conflict, where it is not the indicator
    proposal: str = ""
    collapse: str = ""
    declared: Unit | None = None
    unit: Unit | None = None
    broken: str = ""
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Destination:
    """One organisation a value goes to, with the share of it (tỷ trọng)."""

    organisation: str
    share: Fraction
    line: Line
    parts: int = 0


@dataclass(frozen=True, slots=True)
class Placing:
    """Where the values of an organisation go. `parts` is how many organisations make up the target when this one is
    only a part of it, 0 when it is the whole of it; of one that was split, each destination has its own."""

    to: tuple[Destination, ...] = ()
    against: str = ""
    proposal: str = ""
    system: str = ""
    is_part: bool = False
    parts: int = 0


@dataclass(frozen=True, slots=True)
class Scaling:
    """How figures of a unit reach the ruling's target. `differs`: the unit is not the one declared (M303)."""

    scale: Scale = field(default_factory=lambda: Scale(1, 0))
    against: str = ""
    proposal: str = ""
    unit: Unit | None = None
    differs: bool = False


class Resolver:
    """One pack, one period, one catalogue."""

    def __init__(self, pack: Pack, covers: Period, catalogue: Catalogue | None) -> None:
        self.pack = pack
        self.covers = covers
        self.day = covers.start if pack.settings["as_of"] == "period_start" else covers.end
        self._wanted = {i.code: i for i in catalogue.items if i.valid_on(self.day)} if catalogue else None
        self._valid: dict[str, list[tuple[Line, dict[str, str]]]] = {}
        self._carried: dict[tuple[object, ...], Ruling | tuple[str, frozenset[str], tuple[Line, ...]]] = {}

    @cached_property
    def period_line(self) -> Line | None:
        """The row of ky that carries periods of this regime and kind; None where there is none (M402)."""
        kind = (self.covers.regime, self.covers.kind.value)
        lines = (line for line in self.pack.lines["ky"] if (line["che_do"], line["loai"]) == kind)
        return next((line for line in lines if line.valid_on(self.day)), None)

    def indicator(self, code: str, breakdown: Mapping[str, str]) -> Ruling:
        """The most specific row for an indicator with this breakdown wins; ties never compile."""
        excluded = [line for line in self.pack.exclusions.get(code, ()) if self._fits(line, breakdown)]
        if excluded:
            return Ruling(against=EXCLUDED, lines=tuple(excluded))
        if code not in self.pack.indicators:
            return Ruling(against="M101", proposal=self._closest(code, self.pack.indicators))
        if code not in self._valid:
            lines = sorted(self.pack.indicators[code], key=specificity, reverse=True)
            self._valid[code] = [(line, conditions(line)) for line in lines if line.valid_on(self.day)]
        if not self._valid[code]:
            return Ruling(against="M102")
        fitting = next((line for line, said in self._valid[code] if _meets(said, breakdown)), None)
        if fitting is None:
            named = ";".join(f"{name}={value}" for name, value in breakdown.items() if value)
            return Ruling(against="M201", what=f"{code} {named}".strip())
        return self._by_line(fitting, breakdown)

    def scaling(self, declared: Unit, unit: Unit, text: str) -> Scaling:
        """How figures given in the unit written as `text`, and declared to be in `declared`, come to be in `unit`."""
        given = self.pack.units.named(text)
        if given is None:
            return Scaling(against="M301", proposal=self._closest(text, self.pack.units.labels()))
        if declared.quantity != given.quantity:
            return Scaling(against="M302")
        exact = scale(given, unit)
        if exact is None or exact.shift > PLACES or exact.whole > WHOLE:
            return Scaling(against="M902")
        return Scaling(exact, unit=given, differs=given.code != declared.code)

    def organisation(self, code: str) -> Placing:
        """Where the figures of an organisation go in this period."""
        lines = self.pack.organisations.get(code)
        if lines is None:
            return Placing(against="M501", proposal=self._closest(code, self.pack.organisations))
        day, straddles = self._deciding_day(lines)
        if day is None:
            return Placing(against="M504")
        valid = [line for line in lines if line.valid_on(day)]
        if not valid:
            return Placing(against="M502")
        to: list[Destination] = []
        for line in valid:
            share = share_of(line)
            if share is None:
                return Placing(against="M503")
            to.append(Destination(line["dich"], share, line))
        return self._placed(code, tuple(to), day, restated=straddles)

    def wants(self, code: str, unit: Unit) -> bool:
        """Whether the catalogue in force has this target in this unit."""
        if self._wanted is None:
            return True
        item = self._wanted.get(code)
        return item is not None and item.unit in ("", unit.code)

    def required(self) -> list[str]:
        """The targets that the pack calls required at this day (bắt buộc)."""
        lines = self.pack.lines["chi_tieu"]
        return sorted({line["dich"] for line in lines if line["bat_buoc"] == "co" and line.valid_on(self.day)})

    def _placed(self, code: str, to: tuple[Destination, ...], day: date, *, restated: bool) -> Placing:
        """An administrative unit merged into another is a part of it: then all the parts are needed (M505)."""
        kind = system(code)
        if kind != ADMINISTRATIVE:
            return Placing(to, system=kind)
        if len(to) > 1:  # a part of it is as much a part of what each target is made of
            made = tuple(replace(one, parts=len(set(self._joined(one.organisation, day)))) for one in to)
            return Placing(made, system=kind, is_part=True)
        target = to[0].organisation
        parts = set(self._joined(target, day))
        if parts == {code} and code == target:
            return Placing(to, system=kind)
        merged = code != target or (restated and self.pack.settings["straddle"] == "restate")
        return Placing(to, system=kind, is_part=True, parts=len(parts) if merged else 0)

    def _by_line(self, line: Line, breakdown: Mapping[str, str]) -> Ruling:
        if line["quan_he"] == "khong_co":
            return Ruling(against="M103", lines=(line,))
        said = conditions(line)
        key = (*said, None, *breakdown.values())
        carried = self._carried.get(key)
        if carried is None:
            carried = self._carried[key] = self._carry({n: v for n, v in breakdown.items() if n not in said})
        if isinstance(carried, Ruling):
            return carried
        broken, dimensions, used = carried
        unit, declared = self.pack.units.named(line["dvt_dich"]), self.pack.units.named(line["dvt_nguon"])
        if unit is None or not self.wants(line["dich"], unit):
            return Ruling(against="M104", lines=(line, *used))
        if not self._takes(line["dich"], dimensions):
            return Ruling(against="M202", what=f"{line['dich']} {broken}")
        return Ruling(line["dich"], "", "", "", line["gop"], declared, unit, broken, (line, *used))

    def _carry(self, breakdown: Mapping[str, str]) -> Ruling | tuple[str, frozenset[str], tuple[Line, ...]]:
        """The target's breakdown, its dimensions, and the rows of phan_to that say so; or M201."""
        carried: dict[str, str] = {}
        used: list[Line] = []
        for name, value in breakdown.items():
            translated = self._breakdown(name, value)
            if translated is None:
                if not value:
                    continue
                known = [other for dimension, other in self.pack.breakdowns if dimension == name]
                return Ruling(against="M201", what=f"{name}={value}", proposal=self._closest(value, known))
            used.append(translated)
            if translated["dich"] != TOTAL:
                carried[translated["chieu_dich"]] = translated["dich"]
        broken = ";".join(f"{name}={value}" for name, value in sorted(carried.items()))
        return broken, frozenset(carried), tuple(used)

    def _takes(self, code: str, dimensions: frozenset[str]) -> bool:
        """Whether the catalogue's entry takes these dimensions; an entry that names none takes every one."""
        item = self._wanted.get(code) if self._wanted else None
        named = item.attributes.get("phan_to", "") if item else ""
        return not named or dimensions <= set(named.split(";"))

    def _fits(self, line: Line, breakdown: Mapping[str, str]) -> bool:
        return line.valid_on(self.day) and _meets(conditions(line), breakdown)

    def _breakdown(self, name: str, value: str) -> Line | None:
        return next((line for line in self.pack.breakdowns.get((name, value), ()) if line.valid_on(self.day)), None)

    def _deciding_day(self, lines: list[Line]) -> tuple[date | None, bool]:
        """The day whose rows count and whether the period straddles a change; None where nobody may choose."""
        before, after = (
            [line.place for line in lines if line.valid_on(day)] for day in (self.covers.start, self.covers.end)
        )
        if before == after and not self._changed_around(lines):
            return self.day, False
        choices = {"hold": None, "old": self.covers.start, "new": self.covers.end, "restate": self.covers.end}
        return choices[self.pack.settings["straddle"]], True

    def _changed_around(self, lines: list[Line]) -> bool:
        """Whether the organisations these lead to gain or lose a part within the period.

        79 is 79 before and after; what it covers is not the same.
        """
        targets = {line["dich"] for line in lines if line.valid_on(self.day)}
        return any(
            self._joined(target, self.covers.start) != self._joined(target, self.covers.end) for target in targets
        )

    def _joined(self, target: str, day: date) -> list[str]:
        return sorted(
            line["nguon"]
            for line in self.pack.joined.get(target, ())
            if line.valid_on(day) and system(line["nguon"]) == ADMINISTRATIVE
        )

    def _closest(self, text: str, known: Iterable[str]) -> str:
        """A proposal for a person; never applied."""
        codes = list(known)
        same = self.pack.spelt.get(folded(text))
        if same in codes:
            return str(same)
        return next(iter(get_close_matches(text, codes, n=1, cutoff=0.75)), "")


def _meets(said: Mapping[str, str], breakdown: Mapping[str, str]) -> bool:
    """Whether a breakdown meets the conditions of a row; ``*`` takes every value but the total."""
    return all(
        breakdown.get(name, "") == value or (value == "*" and breakdown.get(name, "") != "")
        for name, value in said.items()
    )
