"""Resolve: every *distinct* key of a report is decided once, by the rules of the language.

A report of a million values has some hundred distinct indicators, breakdowns, units and
organisations. Deciding those in plain Python and joining the answers back costs the same as joining
alone, and keeps the rules readable. Refused: the rules as joins (a tie or a validity then hides in a
join order).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches

from gateway.domain.calendar import Period
from gateway.domain.catalogue import Catalogue
from gateway.mapping.pack import Pack, conditions
from gateway.mapping.sheets import Line
from gateway.mapping.units import Scale, Unit, scale

EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True)
class Answer:
    """What becomes of a key: a target, or the code of what stands against it (or `EXCLUDED`)."""

    target: str = ""
    unit: str = ""
    against: str = ""
    proposal: str = ""
    adds_up: bool = False
    declared_unit: Unit | None = None
    target_unit: Unit | None = None
    breakdown: Mapping[str, str] = field(default_factory=dict)


class Resolver:
    """One pack, one period, one catalogue."""

    def __init__(self, pack: Pack, covers: Period, catalogue: Catalogue | None) -> None:
        self._pack = pack
        self._covers = covers
        self.day = covers.start if pack.settings["as_of"] == "period_start" else covers.end
        self._wanted = {i.code: i for i in catalogue.items if i.valid_on(self.day)} if catalogue else None

    @property
    def carries_period(self) -> bool:
        """Whether the pack takes periods of this regime and kind (kỳ)."""
        return any(
            (line["che_do"], line["loai"]) == (self._covers.regime, self._covers.kind.value) and line.valid_on(self.day)
            for line in self._pack.lines["ky"]
        )

    def indicator(self, code: str, breakdown: Mapping[str, str]) -> Answer:
        """The rule for an indicator with this breakdown: the most specific one wins; ties never compile."""
        if any(self._fits(line, breakdown) for line in self._pack.exclusions.get(code, ())):
            return Answer(against=EXCLUDED)
        lines = self._pack.indicators.get(code)
        if lines is None:
            return Answer(against="M101", proposal=_closest(code, list(self._pack.indicators)))
        valid = [line for line in lines if line.valid_on(self.day)]
        if not valid:
            return Answer(against="M102")
        fitting = [line for line in valid if self._fits(line, breakdown)]
        if not fitting:
            return Answer(against="M201")
        return self._by_rule(max(fitting, key=lambda line: len(conditions(line))), breakdown)

    def scaled(self, rule: Answer, text: str) -> tuple[Scale | None, str, str]:
        """How figures given in unit `text` reach the rule's target: (scale, code against, proposal)."""
        given = self._pack.units.named(text)
        if given is None:
            return None, "M301", _closest(text, self._pack.units.labels())
        if rule.target_unit is None or given.quantity != rule.target_unit.quantity:
            return None, "M302", rule.declared_unit.code if rule.declared_unit else ""
        exact = scale(given, rule.target_unit)
        return (exact, "", "") if exact else (None, "M902", "")

    def organisation(self, code: str) -> Answer:
        """Whose figure it is, on the day that decides."""
        lines = self._pack.organisations.get(code)
        if lines is None:
            return Answer(against="M501", proposal=_closest(code, list(self._pack.organisations)))
        day = self._deciding_day(lines)
        if day is None:
            return Answer(against="M504")
        valid = [line for line in lines if line.valid_on(day)]
        if not valid:
            return Answer(against="M502")
        if len(valid) > 1 or (valid[0]["ty_trong"] == "" and self._is_split(valid[0], lines)):
            return Answer(against="M503")
        return Answer(target=valid[0]["dich"])

    def _by_rule(self, line: Line, breakdown: Mapping[str, str]) -> Answer:
        if line["quan_he"] == "khong_co":
            return Answer(against="M103")
        said = conditions(line)
        carried: dict[str, str] = {}
        for name, value in breakdown.items():
            if not value or name in said:
                continue
            translated = self._breakdown(name, value)
            if translated is None:
                return Answer(against="M201")
            if translated[1] != "_T":
                carried[translated[0]] = translated[1]
        unit = self._pack.units.named(line["dvt_dich"])
        if unit is None or not self._wanted_as(line["dich"], unit):
            return Answer(against="M104")
        declared = self._pack.units.named(line["dvt_nguon"])
        return Answer(line["dich"], unit.code, "", "", line["gop"] == "cong", declared, unit, carried)

    def _fits(self, line: Line, breakdown: Mapping[str, str]) -> bool:
        wanted = conditions(line)
        return line.valid_on(self.day) and all(breakdown.get(name, "") == value for name, value in wanted.items())

    def _breakdown(self, name: str, value: str) -> tuple[str, str] | None:
        for line in self._pack.breakdowns.get((name, value), ()):
            if line.valid_on(self.day):
                return line["chieu_dich"], line["dich"]
        return None

    def _wanted_as(self, code: str, unit: Unit) -> bool:
        if self._wanted is None:
            return True
        item = self._wanted.get(code)
        return item is not None and item.unit in ("", unit.code)

    def _deciding_day(self, lines: list[Line]) -> date | None:
        """The day whose rows count; None where the period straddles a change and nobody may choose."""
        before, after = (
            [line.place for line in lines if line.valid_on(day)] for day in (self._covers.start, self._covers.end)
        )
        if before == after:
            return self.day
        return {"hold": None, "old": self._covers.start, "new": self._covers.end}[self._pack.settings["straddle"]]

    @staticmethod
    def _is_split(chosen: Line, lines: list[Line]) -> bool:
        """A row of empty share beside others of its day is one part of a split."""
        return any(other is not chosen and other.meets(chosen) for other in lines)


def _closest(text: str, known: list[str]) -> str:
    """A proposal for a person; never applied."""
    return next(iter(get_close_matches(text, known, n=1, cutoff=0.75)), "")
