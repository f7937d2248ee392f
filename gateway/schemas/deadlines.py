"""The deadlines of a province as machines are told them: verb `deadline ls`, ``GET /v1/deadlines``."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TypedDict

from gateway.domain.calendar import YEARS
from gateway.domain.deadlines import Due, dues
from gateway.domain.errors import Rejected, problem
from gateway.domain.workdays import WorkingDays
from gateway.schemas.province import Province
from gateway.schemas.workdays import OVERLAY, overlay, working_days


class Row(TypedDict):
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
