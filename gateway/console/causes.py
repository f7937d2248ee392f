"""What stands in the way of an exchange, as problems: the same for its row and for its own page."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.console.stages import Mood, look
from gateway.domain import facts as f
from gateway.domain.exchange import Exchange, Stage
from gateway.domain.problems import Owner, Problem, problem

# A trouble that is kept in the exchange after these is over: the stage itself says how it ended.
_TROUBLED = frozenset(
    {
        Stage.ACCEPTED,
        Stage.VALIDATED,
        Stage.VERIFIED,
        Stage.TRANSLATED,
        Stage.PACKAGED,
        Stage.IN_DOUBT,
        Stage.DELIVERED,
        Stage.DIVERTED,
        Stage.BACKFILLED,
        Stage.PARKED,
        Stage.NUMBERED,
        Stage.READY,
        Stage.SENT,
        Stage.ARRIVED,
        Stage.FETCHED,
        Stage.COMPARED,
    }
)


def causes(x: Exchange, history: Sequence[f.Recorded] = ()) -> tuple[Problem, ...]:
    """Every problem that explains the stage. `history` adds what only the facts know."""
    if x.stage is Stage.REFUSED:
        return x.reasons
    if x.stage in (Stage.RETURNED, Stage.PARTLY_ACCEPTED) and x.acknowledgement:
        return (_sent_back(x),)
    if x.stage is Stage.DOCUMENT_REJECTED:
        return tuple(_document_rejected(link.fact) for link in history if isinstance(link.fact, f.DocumentRejected))
    return (x.trouble,) if x.trouble and x.stage in _TROUBLED else ()


def mood_of_cause(x: Exchange, found: Problem) -> Mood:
    """As grave as the stage; calm where the software is on it by itself."""
    mood = look(x).mood
    if mood in (Mood.BAD, Mood.HOLD, Mood.DOUBT):
        return mood
    return Mood.WAY if found.owner is Owner.GATEWAY else Mood.HOLD


def _sent_back(x: Exchange) -> Problem:
    assert x.acknowledgement is not None
    tally, reasons = x.acknowledgement.tally, "; ".join(x.acknowledgement.reasons)
    if x.stage is Stage.RETURNED:
        return problem("E-001", reason=reasons or "–")
    return problem("E-002", rejected=tally.rejected, received=tally.received, reason=reasons or "–")


def _document_rejected(fact: f.DocumentRejected) -> Problem:
    return problem("E-001", reason=f"{fact.recipient}: {fact.why}")
