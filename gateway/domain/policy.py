"""What happens after trouble: wait, go as a document, or stop for a person. Pure; time comes in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gateway.domain.agreement import Agreement, FallbackTerms
from gateway.domain.errors import Problem
from gateway.domain.exchange import Exchange, Kind, Stage

REST_AFTER = 3  # failures in a row: one or two are accidents
SHORTEST_REST = timedelta(seconds=5)
LONGEST_REST = timedelta(seconds=30)

_SHORTEST = timedelta(seconds=2)
_LONGEST = timedelta(minutes=10)
_PART_OF_TIME_LEFT = 10
_SOON = timedelta(days=1)
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Line:
    """Evidence about one destination, from every worker: failures since the last success.

    After several failures it rests until `rest_until`; then one message tries it for all.
    """

    failures: int = 0
    since: datetime | None = None
    rest_until: datetime | None = None

    def failed(self, at: datetime) -> Line:
        """With one more failure. Rests double, so that a dead line costs little and a live one is found soon."""
        failures = self.failures + 1
        rest = SHORTEST_REST * float(1 << min(failures - REST_AFTER, 10)) if failures >= REST_AFTER else None
        return Line(failures, self.since or at, at + min(LONGEST_REST, rest) if rest else self.rest_until)


def in_turn(free: Iterable[Exchange], now: datetime) -> list[Exchange]:
    """What goes first of what may go: the live before the replayed, what is due within a day, in fair shares of
    the agreements, then by deadline and age."""
    oldest = sorted(free, key=_order)
    shares: Counter[str] = Counter()
    turns: list[tuple[bool, bool, int, datetime, int, Exchange]] = []
    for x in oldest:
        shares[x.agreement] += 1
        later = (x.deadline or _NEVER) > now + _SOON
        turns.append((x.replayed, later, shares[x.agreement], x.deadline or _NEVER, x.ordinal, x))
    return [x for *_, x in sorted(turns, key=lambda turn: turn[:5])]


def _order(x: Exchange) -> tuple[bool, datetime, int]:
    return x.replayed, x.deadline or _NEVER, x.ordinal


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


def may_divert(x: Exchange, agreement: Agreement, line: Line, now: datetime, *, deadline: datetime | None) -> bool:
    """Whether the report goes as a document: the line is out, its deadline lies inside the margin, the agreement
    has the duty, and nothing of it is in doubt. A composite does not: its words and files would stay behind."""
    terms = agreement.fallback
    if x.submission is not None and x.submission.composite:
        return False
    if terms is None or deadline is None or x.paper or x.kind is not Kind.OUTBOUND or x.stage is not Stage.PACKAGED:
        return False
    return is_outage(line, terms, now) and deadline - now <= terms.margin


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

    It is diverted when it may be. Otherwise it waits: exponentially, with full jitter (`spread` in [0, 1) drawn
    by the caller), sooner near the deadline, never before `retry_after`.
    """
    if agreement.fallback and may_divert(x, agreement, line, now, deadline=deadline):
        return Divert(agreement.fallback)
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
