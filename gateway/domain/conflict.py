"""The same key with other content: which content each time, and when."""

from __future__ import annotations

from gateway.domain.calendar import clock_face
from gateway.domain.errors import Conflict, problem
from gateway.domain.exchange import Exchange


def conflict(before: Exchange, now: Exchange) -> Conflict:
    """What to raise (C-008) when `now` asks for the key under which `before` stands."""
    at, now_at = (clock_face(x.opened_at) if x.opened_at else "–" for x in (before, now))
    told = {"before": before.content, "at": at, "now": now.content, "now_at": now_at}
    return Conflict(problem("C-008", key=now.key, **told))
