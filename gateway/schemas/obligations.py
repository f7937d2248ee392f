"""Deadlines and what is owed for them, as machines are told: verb `deadline ls`, ``GET /v1/deadlines``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict

from gateway.domain.deadlines import Due
from gateway.domain.obligations import CAUSE_WORDS, STANDING_WORDS, Cause, Standing
from gateway.journey.inventory import Owed


class OwedShown(BaseModel):
    """Nghĩa vụ báo cáo: one form that one unit owes for the deadline, and how it stands.

    `exchange` is the report that answers it, `filed_at` when the receiver had it, by whichever road; `cause` whose
    doing it is where it is late, and only `unit` counts against the unit. `seconds_left` is negative once it passed.
    """

    model_config = ConfigDict(frozen=True)

    agreement: str
    unit: str
    form: str
    standing: Standing
    standing_vi: str
    cause: Cause | None
    cause_vi: str | None
    exchange: str | None
    document: str | None
    filed_at: datetime | None
    seconds_left: int

    @classmethod
    def of(cls, owed: Owed, now: datetime) -> Self:
        return cls(
            agreement=owed.agreement,
            unit=owed.unit,
            form=owed.form,
            standing=owed.standing,
            standing_vi=STANDING_WORDS[owed.standing],
            cause=owed.cause,
            cause_vi=CAUSE_WORDS[owed.cause] if owed.cause else None,
            exchange=owed.exchange,
            document=owed.document,
            filed_at=owed.filed_at,
            seconds_left=round(owed.due.left(now).total_seconds()),
        )


class Row(BaseModel):
    """`regime` is the calendar of the period, `deadline` the last admissible instant, `rolled_from` what it was.

    `owed` is what the caller's own agreements owe for it.
    """

    regime: str
    period: str
    stage: str
    start: str
    end: str
    deadline: str
    inclusive: bool
    rolled_from: str | None
    rule: str
    owed: list[OwedShown] = []


def row(due: Due, owed: Sequence[OwedShown] = ()) -> Row:
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
        owed=list(owed),
    )


def rows(listed: Iterable[Due], owed: Iterable[Owed], now: datetime) -> list[Row]:
    """The deadlines listed, by time, each with what is owed for it; and those that only an agreement knows."""
    found: dict[Due, list[OwedShown]] = {due: [] for due in listed}
    for one in owed:
        found.setdefault(one.due, []).append(OwedShown.of(one, now))
    return [row(due, owing) for due, owing in sorted(found.items(), key=lambda each: each[0].deadline)]
