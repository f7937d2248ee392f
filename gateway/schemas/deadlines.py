"""The calendar of a deployment: its regulation and agreements, and what operations set in the register since.

What the register says counts from the moment it is written; nothing is deployed again for a day off, an opened
intake or maintenance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Literal, TypeVar

from gateway.domain.agreement import Agreement
from gateway.domain.calendar import VIETNAM, YEARS, Period, PeriodKind, deadline, periods_of
from gateway.domain.deadlines import Due, Window, due_of, dues
from gateway.domain.errors import Rejected, problem
from gateway.domain.forms import FormVersion
from gateway.domain.incident import Incident
from gateway.domain.maintenance import Maintenance, earliest_start, under_way
from gateway.domain.obligations import Stop
from gateway.domain.record import restore
from gateway.domain.register import Deed, Sheet
from gateway.domain.workdays import OFFICE_HOURS, Level, WorkingDays
from gateway.ports import Register
from gateway.schemas.province import Province
from gateway.schemas.workdays import OVERLAY, DayText, Overlay, overlay, shipped_overlay, working_days

T = TypeVar("T")
_ANYBODY = "đơn vị chủ trì báo cáo / the lead unit"
_REACH = 2  # years a deadline may lie behind its period


class DeclaredDeadlines:
    """`ports.Deadlines`: by the regulation where the agreement follows one of its regimes, else as was agreed.

    Safe between threads. `regulation` is None where the deployment declares none, `register` where nobody can set
    anything (the desk across the street, a profile that is only read).
    """

    def __init__(self, home: Path, regulation: Province | None, register: Register | None = None) -> None:
        self._home = home
        self._regulation = regulation
        self._register = register
        self._regimes = {regime.id: regime for regime in regulation.regimes()} if regulation else {}
        self._declared = regulation.recorded_windows() if regulation else ()
        self._days: tuple[Mapping[str, Deed], dict[tuple[int, int], WorkingDays]] = ({}, {})
        self._forms: tuple[Mapping[str, Deed], Mapping[str, Sequence[FormVersion]]] = ({}, {})

    # ── when reports are due ─────────────────────────────────────────────────────────────────────
    def of(self, agreement: Agreement, covers: Period) -> Due | None:
        followed = agreement.schedule
        if followed is None:
            return _agreed(agreement, covers)
        regime = self._regimes.get(followed.regime)
        if regime is None:
            return None
        return due_of(regime, followed.stage, covers, self.days(covers.end, covers.end), self.windows())

    def owed(self, agreement: Agreement, first: date, last: date) -> list[Due]:
        years = range(max(first.year - _REACH, YEARS[0]), min(last.year + 1, YEARS[-1]) + 1)
        found = (
            self.of(agreement, p)
            for calendar, kind in agreement.owes
            for year in years
            for p in periods_of(calendar, PeriodKind(kind), year)
        )
        return sorted((due for due in found if due and first <= _day(due) <= last), key=lambda due: due.deadline)

    def listed(self, first: date, last: date) -> list[Due]:
        """Every deadline of every regime of the province, both days inclusive, by time."""
        days, windows = self.days(first, last), self.windows()
        found = (due for regime in self._regimes.values() for due in dues(regime, first, last, days, windows))
        return sorted(found, key=lambda due: due.deadline)

    def days(self, first: date, last: date) -> WorkingDays:
        """The working days around `first` and `last`. Raises `Rejected` (C-005) for a span that cannot be."""
        years = _years(first, last)
        set_by_hand = self._standing(Sheet.DAY)
        if self._days[0] is not set_by_hand:  # the register hands out another mapping once it changed
            self._days = (set_by_hand, {})
        kept = self._days[1]
        if years not in kept:  # reading the holidays of a year costs more than all that is asked of them
            hours = self._regulation.office_hours.hours() if self._regulation else OFFICE_HOURS
            kept[years] = working_days(range(*years), self.overlay(), hours)
        return kept[years]

    def overlay(self) -> Overlay:
        """What differs from the library: the file's days, and over them those that operations set."""
        return self._written.under(DayText.model_validate(deed.after) for deed in self._standing(Sheet.DAY).values())

    @cached_property
    def _written(self) -> Overlay:
        own = self._home / OVERLAY
        return overlay(own) if own.is_file() else shipped_overlay()

    # ── when the intake is open ──────────────────────────────────────────────────────────────────
    def windows(self) -> tuple[Window, ...]:
        """Those of the regulation's file and of the register, by their closing."""
        found = (*self._declared, *self._restored(Window, Sheet.WINDOW))
        return tuple(sorted(found, key=lambda window: window.closes))

    def window(self, agreement: Agreement, covers: Period, at: datetime) -> Window | None:
        """The recorded window that decides at `at`: the one that is open, else the next, else the last."""
        if agreement.schedule is None:
            return None
        place = (agreement.schedule.regime, covers.name, agreement.schedule.stage)
        found = [window for window in self.windows() if window.place == place]
        return next((window for window in found if not window.is_over(at)), found[-1] if found else None)

    def opener(self) -> str:
        if self._regulation is None:
            return _ANYBODY
        return (self._regulation.aggregator or self._regulation.operator).name

    # ── which forms are in use ───────────────────────────────────────────────────────────────────
    def versions(self, form: str) -> Sequence[FormVersion]:
        standing = self._standing(Sheet.FORM)
        if self._forms[0] is not standing:
            found: dict[str, list[FormVersion]] = {}
            for one in self._restored(FormVersion, Sheet.FORM):
                found.setdefault(one.form, []).append(one)
            self._forms = (standing, found)
        return self._forms[1].get(form, ())

    # ── when nothing is sent, and whose doing it was ─────────────────────────────────────────────
    def rest(self, destination: str, at: datetime) -> Maintenance | None:
        return under_way(self.maintenance(), destination, at)

    def stops(self, destination: str) -> list[Stop]:
        lines = [one.stop for one in self.incidents() if one.destination in ("", destination)]
        return lines + [one.stop for one in self.maintenance() if one.destination in ("", destination)]

    def maintenance(self) -> list[Maintenance]:
        return self._restored(Maintenance, Sheet.MAINTENANCE)

    def incidents(self) -> list[Incident]:
        return self._restored(Incident, Sheet.INCIDENT)

    def notice(self) -> Level | None:
        """How long before maintenance it is told, where the regulation says so."""
        found = self._regulation.service.maintenance_notice if self._regulation else None
        return found.level() if found else None

    def earliest(self, now: datetime) -> datetime:
        """When maintenance told at `now` may begin."""
        return earliest_start(now, self.notice(), self.days(_date(now), _date(now) + timedelta(days=62)))

    def promises(self) -> dict[str, Level]:
        """The clocks that run for an incident, by name: support, recovery."""
        service = self._regulation.service if self._regulation else None
        levels = {"support": service.support, "recovery": service.recovery} if service else {}
        return {name: text.level() for name, text in levels.items() if text}

    def form_promise(self, step: Literal["form_build", "form_test"], at: datetime) -> datetime | None:
        """Until when a form asked for, or tested from, `at` is due; None where the regulation promises nothing."""
        found = getattr(self._regulation.service, step) if self._regulation else None
        days = self.days(_date(at), _date(at) + timedelta(days=31))
        return found.level().end(at, days) if found else None

    def _standing(self, sheet: Sheet) -> Mapping[str, Deed]:
        return self._register.standing(sheet) if self._register else _NOTHING

    def _restored(self, shape: type[T], sheet: Sheet) -> list[T]:
        return [restore(shape, deed.after) for deed in self._standing(sheet).values()]


_NOTHING: Mapping[str, Deed] = {}


def deadlines(of: Province, first: date, last: date, days: WorkingDays) -> list[Due]:
    """Every deadline of every regime of a province as its file has them, both days inclusive, by time."""
    windows = of.recorded_windows()
    found = (due for regime in of.regimes() for due in dues(regime, first, last, days, windows))
    return sorted(found, key=lambda due: due.deadline)


def days_of(home: Path, of: Province, first: date, last: date) -> WorkingDays:
    """The working days around `first` and `last`, under the deployment's own overlay where it has one.

    Raises `Rejected` (C-005) for a span that ends before it begins or leaves the years we know.
    """
    own = overlay(home / OVERLAY) if (home / OVERLAY).is_file() else None
    return working_days(range(*_years(first, last)), own, of.office_hours.hours())


def _years(first: date, last: date) -> tuple[int, int]:
    wrong = "it ends before it begins" if last < first else _outside(first) or _outside(last)
    if wrong:
        said = f"{first}…{last}: {wrong}"
        raise Rejected(problem("C-005", path="from, to", line="-", reason=said, expected="2025-01-01…2025-12-31"))
    return first.year - 1, last.year + 2


def _agreed(agreement: Agreement, covers: Period) -> Due | None:
    rule = agreement.deadlines.get(covers.kind)
    if rule is None:
        return None
    return Due(covers, "", covers.cut_off, deadline(covers, rule), rule.inclusive, None, rule.legal_basis)


def _day(due: Due) -> date:
    return due.deadline.date()


def _date(at: datetime) -> date:
    return at.astimezone(VIETNAM).date()


def _outside(day: date) -> str:
    return "" if day.year in YEARS else f"year {day.year} is outside {YEARS[0]}–{YEARS[-1]}"
