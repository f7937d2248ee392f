"""What a document route was measured at, and the agreement with the margin that follows from it."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta

from gateway.domain.agreement import Agreement, FallbackTerms
from gateway.domain.exchange import Exchange, Kind
from gateway.domain.facts import Sent
from gateway.domain.route import margin
from gateway.ports import Clock, Journal, Query

_LOOKED_AT = 30  # the last documents of a route
_GOOD_FOR = timedelta(minutes=10)


class RouteTimes:
    """The margin of each route, measured again every ten minutes. Safe between threads."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock
        self._lock = threading.Lock()
        self._measured: dict[str, tuple[datetime, list[timedelta]]] = {}

    def widened(self, agreed: Agreement) -> Agreement:
        """`agreed` with the margin its document route needs; itself where what was agreed is enough."""
        terms = agreed.fallback
        if terms is None:
            return agreed
        needed = margin(terms.margin, self._of(terms))
        return agreed if needed == terms.margin else replace(agreed, fallback=replace(terms, margin=needed))

    def _of(self, terms: FallbackTerms) -> list[timedelta]:
        now = self._clock.now()
        with self._lock:
            known = self._measured.get(terms.route)
            if known is None or now - known[0] >= _GOOD_FOR:
                known = self._measured[terms.route] = (now, self._measure(terms.route))
            return known[1]

    def _measure(self, route: str) -> list[timedelta]:
        documents = self._journal.find(Query(kinds=(Kind.DOCUMENT,), destination=route, limit=_LOOKED_AT))
        taken = (self._taken(x) for x in documents if Sent.__name__ in x.progress)
        return [time for time in taken if time is not None]

    def _taken(self, x: Exchange) -> timedelta | None:
        """From the document's making to its sending: number, signatures and the axis."""
        sent = next((link.at for link in self._journal.history(x.id) if isinstance(link.fact, Sent)), None)
        return sent - x.opened_at if sent and x.opened_at else None
