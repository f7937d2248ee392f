"""Walks any exchange along its timetable, from wherever it stands, in any process, after any crash.

Two kinds of work on one timetable. *Prepare* is CPU: pure steps, their facts in one transaction.
*Drain* is waiting: wire steps, each fact durable before the step goes on.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import cast

from gateway.domain.errors import GatewayError, NotFound, Overtaken, Unavailable
from gateway.domain.exchange import Exchange, Kind, Stage
from gateway.domain.facts import (
    Acknowledged,
    Arrived,
    Discrepant,
    DocumentAccepted,
    DocumentRejected,
    Recalled,
    Reconciled,
    Stumbled,
)
from gateway.journey import document, inbound, outbound
from gateway.journey.case import Case, Doors
from gateway.journey.draining import Drain, Hands
from gateway.journey.lanes import correct, supersede_older
from gateway.journey.steps import PureStep, Step, WireStep
from gateway.journey.steps.translate import translate, translate_ahead
from gateway.journey.steps.validate import validate, validate_ahead
from gateway.journey.trouble import RECEIPTS, Outcome, around, outcome_of, still_true, stumbled
from gateway.ports import Entry, Lease

TIMETABLES: Mapping[Kind, Mapping[Stage, Step]] = {
    Kind.OUTBOUND: outbound.TIMETABLE,
    Kind.DOCUMENT: document.TIMETABLE,
    Kind.INBOUND: inbound.TIMETABLE,
}

# Pure steps that cost much less for several exchanges at once than for each.
AHEAD: Mapping[Step, Callable[[Sequence[Case]], None]] = {validate: validate_ahead, translate: translate_ahead}

# Facts that only an answer can give; to wait for a person or a document says nothing about the line.
_ANSWERS = (
    *RECEIPTS, Acknowledged, Reconciled, Discrepant, Arrived, DocumentAccepted, DocumentRejected, Recalled,
)  # fmt: skip

_HELD_AHEAD = 0.1  # of a lease: so much longer it is held, and so long it may wait to be begun

log = logging.getLogger("gateway.journey")


def on_a_wire(step: Step) -> bool:
    return inspect.isasyncgenfunction(step)


def stages(*, wire: bool) -> tuple[Stage, ...]:
    """The stages at which a wire step, or a pure one, comes next; of any timetable."""
    found = {stage for table in TIMETABLES.values() for stage, step in table.items() if on_a_wire(step) is wire}
    return tuple(stage for stage in Stage if stage in found)


@dataclass(slots=True)
class _Walk:
    """One exchange on its pure steps, before they are written down; `step` is None where they end."""

    lease: Lease
    case: Case
    step: Step | None
    entries: list[Entry] = field(default_factory=list)
    outcome: Outcome = field(default_factory=Outcome)


class Runner:
    """`worker` names this process in leases; `batch` and `seconds` bound what one claim takes.

    A lease outlives the longest attempt: an attempt's total deadline stays below `seconds`.
    """

    def __init__(
        self, doors: Doors, worker: str, ring: Callable[[str], None], *, batch: int = 16, seconds: float = 60
    ) -> None:
        self._doors = doors
        self._worker = worker
        self._ring = ring
        self._batch = batch
        self._seconds = seconds
        self._pure = stages(wire=False)
        self._wire = stages(wire=True)
        self._failed: set[str] = set()  # destinations, until their drain has asked

    async def drain(self, destination: str) -> bool:
        """Take what is due for `destination`, a slice of it. True when something was found: come again.

        Up to `batch` exchanges are on the wire at once; while they wait, the next ones are prepared and claimed.
        """
        self._has_failed(destination)  # what failed before this drain held nothing ahead here
        hands = Hands(
            prepare=partial(self.prepare, destination),
            claim=partial(self._claim, destination, self._wire, wire=True),
            walk=self.walk,
            give_back=lambda leases: self._give_back(*leases),
            sound=lambda: not self._doors.journal.line(destination).failures,
            failed=partial(self._has_failed, destination),
            ticks=self._doors.clock.ticks,
        )
        return await Drain(hands, places=self._batch, spare=self._seconds * _HELD_AHEAD).run()

    def prepare(self, destination: str) -> int:
        """Walk the pure steps of what is due, first things first; how many there were."""
        leases = self._claim(destination, self._pure, self._batch)
        if not leases:
            return 0
        walks = [self._set_out(lease) for lease in leases]
        while going := [walk for walk in walks if walk.step is not None]:
            self._ahead(going)
            for walk in going:  # one to its end, or its next step for several, before the other: publish, then compare
                self._advance(walk)
                while walk.step is not None and walk.step not in AHEAD:
                    self._advance(walk)
        asked = [(one, self._recording(one.lease.exchange, one.entries, one.lease, one.outcome)) for one in walks]
        try:
            recorded = [self._recorded(one, recording) for one, recording in asked]
            supersede_older(self._doors, *(x for x in recorded if x is not None))
        except Unavailable as error:
            log.info("order given up", extra={"destination": destination, "why": error.problem.code})
        finally:
            self._give_back(*leases)
        return len(leases)

    def _has_failed(self, destination: str) -> bool:
        """Whether it has, since this was asked last."""
        failed = destination in self._failed
        self._failed.discard(destination)
        return failed

    def _claim(self, destination: str, at: Sequence[Stage], limit: int, *, wire: bool = False) -> list[Lease]:
        seconds = self._seconds * (1 + _HELD_AHEAD) if wire else self._seconds
        return self._doors.journal.claim(destination, self._worker, at, limit, seconds, wire=wire)

    def _case(self, lease: Lease) -> Case:
        taken_up = (lease.at, self._doors.clock.ticks()) if lease.at else None
        return Case(lease.exchange, self._doors, alone=lease.alone, taken_up=taken_up)

    def _set_out(self, lease: Lease) -> _Walk:
        return _Walk(lease, self._case(lease), self._next_pure(lease.exchange))

    def _ahead(self, going: Sequence[_Walk]) -> None:
        """What costs less done for several at once. An answer is kept for each; a failure is each one's own to meet."""
        for step, ahead in AHEAD.items():
            cases = [walk.case for walk in going if walk.step is step]
            if len(cases) > 1:
                try:
                    ahead(cases)
                except Exception as error:  # whatever it is, the step meets it again, and answers for it
                    log.info("not done ahead", extra={"step": getattr(step, "__name__", "?"), "why": str(error)})

    def _advance(self, walk: _Walk) -> None:
        step = walk.step
        try:
            for entry in cast(PureStep, step)(walk.case):
                walk.case = walk.case.foreseen(entry)
                walk.entries.append(entry)
            walk.step = self._next_pure(walk.case.exchange)
        except GatewayError as error:
            walk.step, walk.outcome = None, outcome_of(walk.case, error, on_a_wire=False)
        except Exception:  # a bug of ours must not take the others down; it is written down instead
            walk.step, walk.outcome = None, self._stumble(walk.case, step)
        walk.entries += walk.outcome.entries

    def _recorded(self, one: _Walk, recording: Future[Exchange]) -> Exchange | None:
        """What it walked, once that is written down; None where it was not, or not all of it."""
        try:
            try:
                return recording.result()
            except GatewayError:
                raise
            except Exception:  # a fact that cannot be written down: a bug like any other, and this exchange's alone
                self._record_to_the_fault(one.lease.exchange, one.entries, one.lease)
        except (Overtaken, Unavailable) as error:
            log.info("prepare given up", extra={"exchange": one.lease.exchange.id, "why": error.problem.code})
        return None

    def _record_to_the_fault(self, x: Exchange, entries: list[Entry], lease: Lease) -> None:
        """The facts before the one that cannot be written down, and a stumble in its place."""
        for entry in entries:
            try:
                x = self._recording(x, [entry], lease, Outcome()).result()
            except GatewayError:
                raise
            except Exception:  # found
                told = self._stumble(Case(x, self._doors), self._next(x))
                self._recording(x, list(told.entries), lease, told).result()
                return

    async def walk(self, lease: Lease) -> None:
        """Walk the wire steps of one leased exchange until it waits, settles or is overtaken."""
        case = self._case(lease)
        try:
            if lease.resting is not None:
                case = await self._told(case, lease, around(case, lease.resting))
            step = self._next(case.exchange) if lease.resting is None else None
            while step is not None and on_a_wire(step):
                if case.exchange.stage is Stage.ACKNOWLEDGED:
                    # Before the last step, not after it: a process killed in between comes by here again.
                    case = case.at(await asyncio.to_thread(correct, self._doors, case.exchange))
                    if (step := self._next(case.exchange)) is None:
                        break
                case = await self._take(step, case, lease)
                step = None if case.exchange.due else self._next(case.exchange)
        except (Overtaken, Unavailable) as error:
            log.info("drain given up", extra={"exchange": case.exchange.id, "why": error.problem.code})
        finally:
            if not case.exchange.settled:  # a lease ends with the work it is on
                await asyncio.to_thread(self._give_back, lease)

    async def _take(self, step: Step, case: Case, lease: Lease) -> Case:
        """One wire step; every fact it yields is recorded before it is resumed."""
        try:
            async for entry in cast(WireStep, step)(case):
                case = case.at(await self._record_from_wire(case.exchange, entry, lease))
            return case
        except Overtaken:
            raise
        except GatewayError as error:
            outcome = await asyncio.to_thread(self._outcome, case, step, error)
        except Exception:  # as in prepare: written down, three times at most
            outcome = self._stumble(case, step)
        if case.exchange.settled:
            return case  # its end is told; what went wrong afterwards changes nothing
        return await self._told(case, lease, outcome)

    async def _told(self, case: Case, lease: Lease, outcome: Outcome) -> Case:
        if outcome.line is False:
            self._failed.add(case.exchange.destination)
        recording = self._recording(case.exchange, list(outcome.entries), lease, outcome)
        recorded = await asyncio.wrap_future(recording)
        for born in outcome.births:
            self._ring(born.opening.destination)
        return case.at(recorded)

    def _outcome(self, case: Case, step: Step, error: GatewayError) -> Outcome:
        try:
            return outcome_of(case, error, on_a_wire=True)
        except Unavailable:  # the store is away: whoever claims it next judges
            raise
        except Exception:  # the way out of trouble has bugs like any other
            return self._stumble(case, step)

    async def _record_from_wire(self, x: Exchange, entry: Entry, lease: Lease) -> Exchange:
        line = True if isinstance(entry.fact, _ANSWERS) else None
        try:
            return await asyncio.wrap_future(self._recording(x, [entry], lease, Outcome(line=line)))
        except Overtaken:
            now = await asyncio.to_thread(self._doors.journal.read, x.id)
            if not still_true(entry.fact, x, now):
                raise
            return await asyncio.wrap_future(self._doors.journal.appending(now, [entry], line=line))

    def _recording(self, x: Exchange, entries: list[Entry], lease: Lease, outcome: Outcome) -> Future[Exchange]:
        if not entries:
            nothing: Future[Exchange] = Future()
            nothing.set_result(x)
            return nothing
        return self._doors.journal.appending(x, entries, lease=lease, births=outcome.births, line=outcome.line)

    def _give_back(self, *leases: Lease) -> None:
        try:
            self._doors.journal.release(*leases)
        except (Overtaken, NotFound, Unavailable):
            return  # it runs out by itself

    def _stumble(self, case: Case, step: Step | None) -> Outcome:
        name = getattr(step, "__name__", "?")
        trace = traceback.format_exc(limit=-6)
        log.exception("stumbled", extra={"exchange": case.exchange.id, "step": name})
        return stumbled(case, Stumbled(name, trace))

    def _next_pure(self, x: Exchange) -> Step | None:
        step = self._next(x)
        return None if step is None or on_a_wire(step) else step

    def _next(self, x: Exchange) -> Step | None:
        return TIMETABLES[x.kind].get(x.stage)
