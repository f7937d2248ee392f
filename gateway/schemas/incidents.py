"""An incident as machines and the desk are told it, with the clocks that the regulation lets run for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from gateway.domain.incident import Incident, timer
from gateway.domain.obligations import CAUSE_WORDS, Cause
from gateway.domain.record import plain
from gateway.schemas.deadlines import DeclaredDeadlines


class ClockShown(BaseModel):
    """`name` is support (Đồng Tháp 20.1) or recovery (20.2); `seconds_left` are office hours' where the clock is so."""

    name: str
    until: datetime
    seconds_left: int
    overdue: bool
    article: str


class RiskShown(BaseModel):
    exchange: str
    report: str
    stage: str
    deadline: datetime | None


class IncidentShown(BaseModel):
    """Sự cố: `began` and `ended` of the trouble, `opened` and `closed` of its record."""

    model_config = ConfigDict(frozen=True)

    id: str
    destination: str
    cause: Cause
    cause_vi: str
    what: str
    began: datetime
    opened: datetime
    opened_by: str
    evidence: dict[str, Any]
    at_risk: list[RiskShown]
    promised: datetime | None
    ended: datetime | None
    closed: datetime | None
    closed_by: str
    outcome: str
    late: list[RiskShown]
    clocks: list[ClockShown]

    @classmethod
    def of(cls, incident: Incident, calendar: DeclaredDeadlines, now: datetime) -> Self:
        told = plain(incident)
        told.pop("promised_at")
        return cls(**told, cause_vi=CAUSE_WORDS[incident.cause], clocks=_clocks(incident, calendar, now))


def _clocks(incident: Incident, calendar: DeclaredDeadlines, now: datetime) -> list[ClockShown]:
    promises = calendar.promises()
    days = calendar.days(incident.opened.date(), now.date()) if promises else None
    found = []
    for name, level in promises.items():
        assert days is not None
        runs = timer(incident, level, days, now)
        seconds = round(runs.left.total_seconds())
        shown = ClockShown(
            name=name, until=runs.until, seconds_left=seconds, overdue=runs.overdue, article=f"Điều {level.article}"
        )
        found.append(shown)
    return found
