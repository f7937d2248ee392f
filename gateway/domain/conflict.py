"""What stands under a name already: a key with other content, a number that another document was given."""

from __future__ import annotations

from gateway.domain.calendar import clock_face
from gateway.domain.errors import Conflict, problem
from gateway.domain.exchange import Exchange
from gateway.domain.facts import Numbered


def conflict(before: Exchange, now: Exchange) -> Conflict:
    """What to raise (C-008) when `now` asks for the key under which `before` stands."""
    at, now_at = (clock_face(x.opened_at) if x.opened_at else "–" for x in (before, now))
    told = {"before": before.content, "at": at, "now": now.content, "now_at": now_at}
    return Conflict(problem("C-008", key=now.key, **told))


def taken(holder: Exchange, wanted: Numbered) -> Conflict:
    """What to raise (F-105) when `wanted` is the number that `holder` was given."""
    given = holder.numbered
    told = {
        "number": wanted.number,
        "notation": wanted.notation,
        "year": wanted.issued[:4],
        "subject": holder.prepared.subject if holder.prepared else "–",
        "by": given.by if given else "–",
    }
    return Conflict(problem("F-105", document=holder.id, **told))
