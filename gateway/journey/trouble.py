"""What a step's error becomes: facts, a linked document, evidence about the line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from gateway.domain.calendar import clock_face
from gateway.domain.errors import GatewayError, InDoubt, Problem, Rejected, Unavailable, problem
from gateway.domain.exchange import Exchange, Kind, Opening, Stage, too_many_stumbles
from gateway.domain.facts import (
    Backfilled,
    Delivered,
    Diverted,
    Fact,
    Parked,
    Postponed,
    Refused,
    Sent,
    Stumbled,
    Undelivered,
)
from gateway.domain.ids import digest_of
from gateway.domain.policy import Divert, Line, after_trouble, may_divert, pause
from gateway.journey.case import Case
from gateway.ports import Birth, Entry

# What the receiver told us is true whoever holds the lease by now.
RECEIPTS = (Delivered, Backfilled, Sent)
_NOT_YET_DELIVERED = frozenset({Stage.PACKAGED, Stage.DIVERTED, Stage.READY, Stage.IN_DOUBT})
_BEFORE_ASKING = timedelta(seconds=1)
_LONGEST = timedelta(minutes=10)
_JUST_TRIED = frozenset({Stage.PACKAGED, Stage.DIVERTED, Stage.READY})  # certainly not taken: the refusal was of it


@dataclass(frozen=True, slots=True)
class Outcome:
    """What to record beside the step's own facts."""

    entries: tuple[Entry, ...] = ()
    births: tuple[Birth, ...] = ()
    line: bool | None = None


def outcome_of(case: Case, error: GatewayError, *, on_a_wire: bool) -> Outcome:
    """The facts that follow from `error` at this point of the way."""
    why = error.problem
    line = False if on_a_wire and why.code in ("A-001", "A-002", "A-003", "G-001") else None
    match error:
        case Rejected() if on_a_wire and case.exchange.stage not in _JUST_TRIED:
            return Outcome((case.entry(Parked(why)),), line=True)  # a question was refused, not the report
        case Rejected():
            by = case.exchange.destination if on_a_wire else "gateway"
            return Outcome((case.entry(Refused(by, error.problems)),), line=True if on_a_wire else None)
        case InDoubt():
            until = case.now + max(_BEFORE_ASKING, _pause(case))
            return Outcome((case.entry(Postponed(until, why)),), line=line)
        case Unavailable() if case.exchange.stage is Stage.PACKAGED and error.until is None:
            return _after_trouble(case, error, line)
        case Unavailable():
            # An end that was told beforehand is kept to: no trouble of the line, and no guess.
            until = error.until or case.now + _pause(case, error.retry_after)
            return Outcome((case.entry(Postponed(until, why)),), line=line)
        case _:
            return Outcome((case.entry(Parked(why)),))


def stumbled(case: Case, fact: Stumbled) -> Outcome:
    """A bug of ours: tried again, and after the third time kept for a person."""
    entry = case.entry(fact)
    if not too_many_stumbles(case.foreseen(entry).exchange):
        later = case.now + _pause(case)
        why = problem("F-004", step=fact.step, reason="thử lại / again")
        return Outcome((entry, case.entry(Postponed(later, why))))
    last = fact.trace.strip().rsplit("\n", 1)[-1]
    return Outcome((entry, case.entry(Parked(problem("F-004", step=fact.step, reason=last)))))


def divert(case: Case, why: Problem) -> Outcome:
    """The report goes as a document from here: both exchanges change in one transaction."""
    x, doors, agreed = case.exchange, case.doors, case.agreement
    terms = agreed.fallback
    assert terms is not None
    assert x.parcel is not None
    packet = case.bytes_of(x.parcel.body)
    prepared, files = doors.scribe.prepare(x, agreed, case.translated(), packet, case.now)
    opening = Opening(
        id=doors.clock.new_id("vb"),
        kind=Kind.DOCUMENT,
        agreement=agreed.id,
        key=f"document:{x.id}",
        content=digest_of(packet),
        destination=terms.route,
        parent=x.id,
    )
    birth = Birth(opening, (case.entry(prepared, *files),))
    return Outcome((case.entry(Diverted(opening.id, why)),), (birth,))


def around(case: Case, line: Line) -> Outcome:
    """The line rests, and the report may go around it: as a document, or once the trouble has lasted long enough."""
    x, now = case.exchange, case.now
    why = problem("A-001", destination=x.destination, reason=f"{line.failures} ×, {clock_face(line.since or now)}")
    agreed, deadline = case.agreement, case.deadline
    if may_divert(x, agreed, line, now, deadline=deadline):
        return divert(case, why)
    since = (line.since or now) + (agreed.fallback.outage_after if agreed.fallback else _LONGEST)
    until = max(now + _BEFORE_ASKING, min(since, line.rest_until or since))
    return Outcome((case.entry(Postponed(until, why)),))


def _after_trouble(case: Case, error: Unavailable, line: bool | None) -> Outcome:
    x, doors = case.exchange, case.doors
    evidence = doors.journal.line(x.destination)
    if line is False:
        evidence = evidence.failed(case.now)  # of this very attempt
    chosen = after_trouble(
        x,
        case.agreement,
        evidence,
        case.now,
        deadline=case.deadline,
        spread=doors.clock.spread(),
        retry_after=error.retry_after,
    )
    if isinstance(chosen, Divert):
        diverted = divert(case, error.problem)
        return Outcome(diverted.entries, diverted.births, line)
    return Outcome((case.entry(Postponed(chosen.until, error.problem)),), line=line)


def _pause(case: Case, retry_after: float | None = None) -> timedelta:
    x = case.exchange
    least = pause(max(x.attempts, x.stumbles), case.now, case.deadline, case.doors.clock.spread(), retry_after)
    # What waits without attempts comes less and less often too, but not past its deadline.
    left = case.deadline - case.now if case.deadline and case.deadline > case.now else _LONGEST * 10
    return max(least, min(_LONGEST, left / 10, case.waited / 4))


def still_true(fact: Fact, then: Exchange, now: Exchange) -> bool:
    """Whether what one attempt was told still says something about the exchange as it stands now.

    A receipt is for the parcel, whatever became of the attempt; “not taken” is for this attempt only.
    """
    if isinstance(fact, Undelivered):
        return now.stage is Stage.IN_DOUBT and now.attempts == then.attempts
    stage = now.before if now.stage is Stage.PARKED else now.stage
    same = (now.parcel, now.ready) == (then.parcel, then.ready)
    return isinstance(fact, RECEIPTS) and stage in _NOT_YET_DELIVERED and same
