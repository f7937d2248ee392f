"""The working days of Vietnam: what the library `holidays` knows, corrected by an overlay with document numbers.

Swaps are announced by the Government's Office for one year at a time, often late; the library follows months
later. ``ngay-nghi.toml`` is where operations writes such a day down, never without the number of its document.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from gateway.domain.errors import Misconfigured, Problem, Rejected, problem
from gateway.domain.workdays import OFFICE_HOURS, Hours, WorkingDays
from gateway.schemas.declarations import faults_of

OVERLAY = "ngay-nghi.toml"
_MOST = 300  # years at once


class DayText(BaseModel):
    """One day that differs from the library; `default` is how an undecided one counts meanwhile."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    on: date
    state: Literal["off", "worked", "undecided"]
    document: str = Field(pattern=r"^\d+[/-]\S+$")
    issued: date
    note: str = Field(min_length=1)
    default: Literal["off", "worked"] | None = None

    @model_validator(mode="after")
    def _undecided_days_say_how_they_count(self) -> DayText:
        if (self.state == "undecided") != (self.default is not None):
            raise ValueError("default stands with undecided, and only there")
        return self

    @property
    def counts(self) -> str:
        """How it counts: off or worked."""
        return self.default or self.state


class OverlayFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    day: tuple[DayText, ...] = ()


@dataclass(frozen=True, slots=True)
class Overlay:
    """`days` by date; what a later one says of a day takes the place of what an earlier one said."""

    days: Mapping[date, DayText]

    @property
    def off(self) -> Mapping[date, DayText]:
        return {on: day for on, day in self.days.items() if day.counts == "off"}

    @property
    def worked(self) -> Mapping[date, DayText]:
        return {on: day for on, day in self.days.items() if day.counts == "worked"}

    @property
    def undecided(self) -> Mapping[date, DayText]:
        return {on: day for on, day in self.days.items() if day.state == "undecided"}

    def under(self, days: Iterable[DayText]) -> Overlay:
        """With `days` laid over it."""
        return Overlay({**self.days, **{day.on: day for day in days}})


def overlay(path: Path) -> Overlay:
    """The corrections in `path`. Raises `Misconfigured` (F-005) with every fault."""
    try:
        read = OverlayFile.model_validate(tomllib.loads(path.read_text("utf-8")))
    except ValidationError as error:
        raise Misconfigured(*faults_of(path.name, error)) from None
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(problem("F-005", file=path.name, key="-", reason=error)) from None
    faults = list(_twice(path.name, read))
    if faults:
        raise Misconfigured(*faults)
    return Overlay({day.on: day for day in read.day})


def working_days(
    years: range, corrections: Overlay | None = None, hours: Mapping[int, tuple[Hours, ...]] = OFFICE_HOURS
) -> WorkingDays:
    """The working days of `years` (at most three hundred); without `corrections`, under the shipped overlay."""
    if len(years) > _MOST:
        raise ValueError(f"{len(years)} years at once")
    import holidays  # noqa: PLC0415  # of all countries: a tenth of a second that most processes never need

    over = corrections or shipped_overlay()
    known = holidays.country_holidays("VN", years=years)
    off, worked = over.off.keys(), over.worked.keys()
    return WorkingDays(
        off=(frozenset(known) - worked) | off,
        worked=(frozenset(known.weekend_workdays) - off) | worked,
        undecided={day: said.note for day, said in over.undecided.items()},
        hours=hours,
    )


def day_text(**said: Any) -> DayText:
    """One day as operations set it. Raises `Rejected` (C-005) with every fault: no document, no such state, …"""
    try:
        return DayText.model_validate(said)
    except ValidationError as error:
        raise Rejected(*(_misread(fault.details) for fault in faults_of("day", error))) from None


def _misread(fault: Mapping[str, str]) -> Problem:
    wanted = "--document 12729/VPCP-KGVX --issued 2025-12-25, off|worked|undecided"
    return problem("C-005", path=fault["key"] or "day", line="-", reason=fault["reason"], expected=wanted)


def shipped_overlay() -> Overlay:
    """The overlay that travels with the package."""
    with as_file(files("gateway.profiles") / OVERLAY) as path:
        return overlay(path)


def _twice(file: str, read: OverlayFile) -> Iterator[Problem]:
    seen: set[date] = set()
    for day in read.day:
        if day.on in seen:
            yield problem("F-005", file=file, key=day.on.isoformat(), reason="said twice")
        seen.add(day.on)
