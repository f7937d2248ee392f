"""The deadlines of a province as machines are told them: verb `deadline ls`, ``GET /v1/deadlines``."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pydantic import BaseModel

from gateway.domain.agreement import Agreement
from gateway.domain.calendar import YEARS, Period, deadline
from gateway.domain.deadlines import Due, due_of, dues
from gateway.domain.errors import Rejected, problem
from gateway.domain.workdays import WorkingDays
from gateway.schemas.province import Province
from gateway.schemas.workdays import OVERLAY, overlay, working_days


class DeclaredDeadlines:
    """`ports.Deadlines`: by the regulation where the agreement follows one of its regimes, else as was agreed.

    Safe between threads. `regulation` is None where the deployment declares none.
    """

    def __init__(self, home: Path, regulation: Province | None) -> None:
        self._home = home
        self._regulation = regulation
        self._regimes = {regime.id: regime for regime in regulation.regimes()} if regulation else {}
        self._windows = regulation.recorded_windows() if regulation else ()
        self._days: dict[int, WorkingDays] = {}

    def of(self, agreement: Agreement, covers: Period) -> Due | None:
        followed = agreement.schedule
        if followed is None:
            return _agreed(agreement, covers)
        regime = self._regimes.get(followed.regime)
        return due_of(regime, followed.stage, covers, self._around(covers.end), self._windows) if regime else None

    def _around(self, day: date) -> WorkingDays:
        assert self._regulation is not None
        if day.year not in self._days:  # reading the holidays of a year costs more than all that is asked of them
            self._days[day.year] = days_of(self._home, self._regulation, day, day)
        return self._days[day.year]


def _agreed(agreement: Agreement, covers: Period) -> Due | None:
    rule = agreement.deadlines.get(covers.kind)
    if rule is None:
        return None
    return Due(covers, "", covers.cut_off, deadline(covers, rule), rule.inclusive, None, rule.legal_basis)


class Row(BaseModel):
    """`regime` is the calendar of the period, `deadline` the last admissible instant, `rolled_from` what it was."""

    regime: str
    period: str
    stage: str
    start: str
    end: str
    deadline: str
    inclusive: bool
    rolled_from: str | None
    rule: str


def days_of(home: Path, of: Province, first: date, last: date) -> WorkingDays:
    """The working days around `first` and `last`, under the deployment's own overlay where it has one.

    Raises `Rejected` (C-005) for a span that ends before it begins or leaves the years we know.
    """
    wrong = "it ends before it begins" if last < first else _outside(first) or _outside(last)
    if wrong:
        said = f"{first}…{last}: {wrong}"
        raise Rejected(problem("C-005", path="from, to", line="-", reason=said, expected="2025-01-01…2025-12-31"))
    own = overlay(home / OVERLAY) if (home / OVERLAY).is_file() else None
    return working_days(range(first.year - 1, last.year + 2), own, of.office_hours.hours())


def deadlines(of: Province, first: date, last: date, days: WorkingDays) -> list[Due]:
    """Every deadline of every regime of a province, both days inclusive, by time."""
    windows = of.recorded_windows()
    found = (due for regime in of.regimes() for due in dues(regime, first, last, days, windows))
    return sorted(found, key=lambda due: due.deadline)


def row(due: Due) -> Row:
    """One deadline as JSON shows it."""
    return Row(
        regime=due.period.regime,
        period=due.period.code,
        stage=due.stage,
        start=due.period.start.isoformat(),
        end=due.period.end.isoformat(),
        deadline=due.deadline.isoformat(),
        inclusive=due.inclusive,
        rolled_from=due.rolled_from.isoformat() if due.rolled_from else None,
        rule=due.rule,
    )


def _outside(day: date) -> str:
    return "" if day.year in YEARS else f"year {day.year} is outside {YEARS[0]}–{YEARS[-1]}"
