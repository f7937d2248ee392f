"""An incident (sự cố kỹ thuật), pure: what happened to one line, what proves it, who did what, which reports it puts
at risk, and the clocks that run from the moment it was recorded.

Đồng Tháp art. 20.1: answered within two working hours, or the time of completion is told; 20.2: recovered within four
hours. Read by whoever writes the record of the incident (biên bản).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.domain.obligations import Cause, Stop
from gateway.domain.workdays import Level, WorkingDays


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the journal knew of the line when the incident was recorded; `problem` is the last trouble's code."""

    failures: int = 0
    since: datetime | None = None
    problem: str = ""
    words: str = ""  # what the person adds: a ticket's number, whom they rang


@dataclass(frozen=True, slots=True)
class AtRisk:
    """A report that waits for this line. `report` names it across its revisions (``regime|form|unit|period``)."""

    exchange: str
    report: str
    stage: str
    deadline: datetime | None


@dataclass(frozen=True, slots=True)
class Incident:
    """`began` and `ended`: the trouble itself; `opened` and `closed`: when people wrote it down.

    `promised` is the time of completion that was told to the units, where it takes longer than the clock allows.
    """

    id: str
    destination: str
    cause: Cause
    what: str
    began: datetime
    opened: datetime
    opened_by: str
    evidence: Evidence = Evidence()
    at_risk: tuple[AtRisk, ...] = ()
    promised: datetime | None = None
    promised_at: datetime | None = None
    ended: datetime | None = None
    closed: datetime | None = None
    closed_by: str = ""
    outcome: str = ""
    late: tuple[AtRisk, ...] = ()  # what was still waiting, its deadline past, when it was closed

    @property
    def is_open(self) -> bool:
        return self.closed is None

    @property
    def stop(self) -> Stop:
        """What it means for reports that were due meanwhile."""
        return Stop(self.cause, self.began, self.ended)

    def told_until(self, until: datetime, now: datetime) -> Incident:
        """With the time of completion told to the units."""
        return replace(self, promised=until, promised_at=now)

    def closed_with(
        self, outcome: str, by: str, now: datetime, ended: datetime, late: tuple[AtRisk, ...] = ()
    ) -> Incident:
        return replace(self, closed=now, closed_by=by, outcome=outcome, ended=ended, late=late)


@dataclass(frozen=True, slots=True)
class Timer:
    """One promise of service: by when, how much of it is left, and whether it was kept in time."""

    until: datetime
    left: timedelta
    overdue: bool


def timer(incident: Incident, level: Level, days: WorkingDays, now: datetime) -> Timer:
    """The clock of `level` for `incident`: it runs in office hours where the level says so, and stops at closing.

    A time of completion that was told before the clock ran out takes the clock's place (art. 20.1, second sentence).
    """
    until = level.end(incident.opened, days)
    if incident.promised and incident.promised_at and incident.promised_at <= until:
        until = incident.promised
    at = incident.closed or now
    in_office_hours = level.unit == "working_hours"
    left = days.between(at, until) if in_office_hours else max(until - at, timedelta())
    return Timer(until, left, overdue=at > until)
