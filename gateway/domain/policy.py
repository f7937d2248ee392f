"""What happens after trouble: wait, go as a document, or stop for a person. Pure; time comes in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.domain.agreement import Agreement, FallbackTerms
from gateway.domain.errors import Problem
from gateway.domain.exchange import Exchange, Kind, Stage

_SHORTEST = timedelta(seconds=2)
_LONGEST = timedelta(minutes=10)
_PART_OF_TIME_LEFT = 10


@dataclass(frozen=True, slots=True)
class Line:
    """Evidence about one destination, from every worker: failures since the last success."""

    failures: int = 0
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    until: datetime


@dataclass(frozen=True, slots=True)
class Divert:
    terms: FallbackTerms


@dataclass(frozen=True, slots=True)
class Stop:
    why: Problem


def is_outage(line: Line, terms: FallbackTerms, now: datetime) -> bool:
    """An incident is trouble that lasts, not one error (Thanh Hóa 10.3, Đồng Tháp 11.2)."""
    return line.since is not None and line.failures >= terms.outage_failures and now - line.since >= terms.outage_after


def after_trouble(
    x: Exchange,
    agreement: Agreement,
    line: Line,
    now: datetime,
    *,
    deadline: datetime | None,
    spread: float,
    retry_after: float | None = None,
) -> Wait | Divert:
    """What to do with a report that was certainly not taken.

    It is diverted only when the line is out, the deadline lies inside the margin, the agreement
    has the duty, and nothing of it is in doubt. Otherwise it waits: exponentially, with full jitter
    (`spread` in [0, 1) drawn by the caller), sooner near the deadline, never before `retry_after`.
    """
    terms = agreement.fallback
    may = terms and deadline and x.kind is Kind.OUTBOUND and x.stage is Stage.PACKAGED and not x.paper
    if terms and deadline and may and is_outage(line, terms, now) and deadline - now <= terms.margin:
        return Divert(terms)
    return Wait(now + pause(x.attempts, now, deadline, spread, retry_after))


def pause(
    attempts: int, now: datetime, deadline: datetime | None, spread: float, retry_after: float | None = None
) -> timedelta:
    """How long to wait before attempt `attempts` + 1."""
    ceiling = min(_LONGEST, _SHORTEST * float(1 << min(attempts, 10)))
    if deadline is not None and deadline > now:
        ceiling = min(ceiling, max(_SHORTEST, (deadline - now) / _PART_OF_TIME_LEFT))
    asked = timedelta(seconds=retry_after or 0)
    return max(asked, ceiling / 2 + ceiling / 2 * spread)
