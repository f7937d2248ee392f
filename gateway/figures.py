"""What this process has done since it began, counted as its facts are recorded. The journal counts what stands.

Labels are declared names only (agreements, partners, outcomes): no id ever becomes one.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.domain.exchange import Exchange
from gateway.domain.facts import Accepted, Acknowledged, Attempted, Backfilled, Delivered, Sent, Undelivered
from gateway.ports import Entry

BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)  # seconds
_ENDINGS = (Delivered, Backfilled, Sent, Undelivered)
_OUTCOMES = frozenset(
    {
        "Accepted", "Delivered", "Undelivered", "Backfilled", "Acknowledged", "Refused", "Diverted", "Parked",
        "Reconciled", "Discrepant", "Sent", "Stumbled", "Superseded", "Corrected", "Cancelled", "Recovered",
    }
)  # fmt: skip


@dataclass
class Spread:
    """How many took how long: one more count than there are bounds."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    total: float = 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.total += seconds


class Figures:
    """Safe between threads. `outcomes`: by agreement, destination and fact (an answer by what it was)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._outcomes: Counter[tuple[str, str, str]] = Counter()
        self._replayed: Counter[str] = Counter()
        self._deliveries: dict[str, Spread] = {}

    def hear(self, before: Exchange | None, after: Exchange, entries: Sequence[Entry]) -> None:
        """What was just recorded."""
        began = before.since if before is not None and "Attempted" in before.progress else None
        with self._lock:
            for entry in entries:
                fact, name = entry.fact, type(entry.fact).__name__
                if isinstance(fact, Acknowledged):
                    name = f"Acknowledged.{fact.acknowledgement.answer.value}"
                if name.partition(".")[0] in _OUTCOMES:
                    self._outcomes[after.agreement, after.destination, name] += 1
                if isinstance(fact, Accepted) and fact.submission.replay_of is not None:
                    self._replayed[after.agreement] += 1
                if isinstance(fact, Attempted):
                    began = entry.at
                elif isinstance(fact, _ENDINGS) and began is not None:
                    spread = self._deliveries.setdefault(after.destination, Spread())
                    spread.add(max(0.0, (entry.at - began).total_seconds()))

    def outcomes(self) -> dict[tuple[str, str, str], int]:
        with self._lock:
            return dict(self._outcomes)

    def replayed(self) -> dict[str, int]:
        with self._lock:
            return dict(self._replayed)

    def deliveries(self) -> dict[str, Spread]:
        with self._lock:
            return {name: Spread(list(one.counts), one.total) for name, one in self._deliveries.items()}
