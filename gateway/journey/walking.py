"""The wire steps of one leased exchange: each fact durable before the step goes on."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import cast

from gateway.domain.errors import GatewayError, NotFound, Overtaken, Unavailable
from gateway.domain.exchange import Exchange, Stage
from gateway.domain.facts import (
    Acknowledged,
    Arrived,
    Attempted,
    Discrepant,
    DocumentAccepted,
    DocumentRejected,
    Recalled,
    Reconciled,
    Stumbled,
    Undelivered,
)
from gateway.journey.case import Case, Doors, Memory
from gateway.journey.lanes import correct
from gateway.journey.places import Place
from gateway.journey.steps import Step, WireStep
from gateway.journey.timetables import next_step, on_a_wire
from gateway.journey.trouble import RECEIPTS, Outcome, around, outcome_of, still_true, stumbled
from gateway.ports import Entry, Lease

# Facts that only an answer can give; to wait for a person or a document says nothing about the line.
_ANSWERS = (
    *RECEIPTS, Acknowledged, Reconciled, Discrepant, Arrived, DocumentAccepted, DocumentRejected, Recalled,
)  # fmt: skip

log = logging.getLogger("gateway.journey")


class Walk:
    """One lease on its wire steps, until the exchange waits, settles or is overtaken.

    ring     told the destinations of what was opened beside it
    failed   told the destination whose line has failed
    place    where its calls are made. It is left while an answer is written down, but not between `Attempted` and
             the call that it announces: that one must begin
    """

    def __init__(
        self, doors: Doors, lease: Lease, place: Place, ring: Callable[[str], None], failed: Callable[[str], None]
    ) -> None:
        self._doors = doors
        self._lease = lease
        self._place = place
        self._ring = ring
        self._failed = failed

    async def run(self, memory: Memory) -> None:
        case, resting = case_of(self._doors, self._lease, memory), self._lease.resting
        try:
            if resting is not None:
                case = await self._told(case, around(case, resting))
            step = next_step(case.exchange) if resting is None else None
            while step is not None and on_a_wire(step):
                if case.exchange.stage is Stage.ACKNOWLEDGED and not self._lease.alone:
                    # Before the last step, not after it: a process killed in between comes by here again.
                    self._place.leave()
                    case = case.at(await asyncio.to_thread(correct, self._doors, case.exchange))
                    if (step := next_step(case.exchange)) is None:
                        break
                await self._place.take()
                case = await self._take(step, case)
                step = None if case.exchange.due else next_step(case.exchange)
        except (Overtaken, Unavailable) as error:
            log.info("drain given up", extra={"exchange": case.exchange.id, "why": error.problem.code})
        finally:
            self._place.leave()
            if not case.exchange.settled:  # a lease ends with the work it is on
                await asyncio.to_thread(give_back, self._doors, self._lease)

    async def _take(self, step: Step, case: Case) -> Case:
        """One wire step; every fact it yields is recorded before it is resumed."""
        try:
            async for entry in cast(WireStep, step)(case):
                if not isinstance(entry.fact, Attempted):
                    self._place.leave()
                case = case.at(await self._record(case.exchange, entry))
                if not (case.exchange.due or isinstance(entry.fact, Undelivered)) and next_step(case.exchange):
                    await self._place.take()
            return case
        except Overtaken:
            raise
        except GatewayError as error:
            self._place.leave()
            outcome = await asyncio.to_thread(self._outcome, case, step, error)
        except Exception:  # as in prepare: written down, three times at most
            self._place.leave()
            outcome = stumble(case, step)
        if case.exchange.settled:
            return case  # its end is told; what went wrong afterwards changes nothing
        return await self._told(case, outcome)

    async def _told(self, case: Case, outcome: Outcome) -> Case:
        if outcome.line is False:
            self._failed(case.exchange.destination)
        recorded = await self._written(case.exchange, list(outcome.entries), outcome)
        for born in outcome.births:
            self._ring(born.opening.destination)
        return case.at(recorded)

    def _outcome(self, case: Case, step: Step, error: GatewayError) -> Outcome:
        try:
            return outcome_of(case, error, on_a_wire=True)
        except Unavailable:  # the store is away: whoever claims it next judges
            raise
        except Exception:  # the way out of trouble has bugs like any other
            return stumble(case, step)

    async def _record(self, x: Exchange, entry: Entry) -> Exchange:
        line = True if isinstance(entry.fact, _ANSWERS) else None
        try:
            return await self._written(x, [entry], Outcome(line=line))
        except Overtaken:
            now = await asyncio.to_thread(self._doors.journal.read, x.id)
            if not still_true(entry.fact, x, now):
                raise
            return await asyncio.wrap_future(self._doors.journal.appending(now, [entry], line=line))

    async def _written(self, x: Exchange, entries: list[Entry], outcome: Outcome) -> Exchange:
        """Once it is on disk. Where a report that was alone in its lane is so no longer, its order is judged first."""
        try:
            return await asyncio.wrap_future(recording(self._doors, x, entries, self._lease, outcome))
        except Overtaken:
            if x.stage is not Stage.ACKNOWLEDGED or not self._lease.alone:
                raise
        self._lease = replace(self._lease, alone=False)
        judged = await asyncio.to_thread(correct, self._doors, x)
        if judged.stage is not Stage.ACKNOWLEDGED:
            return judged
        return await asyncio.wrap_future(recording(self._doors, judged, entries, self._lease, outcome))


def case_of(doors: Doors, lease: Lease, memory: Memory) -> Case:
    taken_up = (lease.at, doors.clock.ticks()) if lease.at else None
    return Case(lease.exchange, doors, memory, alone=lease.alone, taken_up=taken_up)


def recording(doors: Doors, x: Exchange, entries: list[Entry], lease: Lease, outcome: Outcome) -> Future[Exchange]:
    if not entries:
        nothing: Future[Exchange] = Future()
        nothing.set_result(x)
        return nothing
    return doors.journal.appending(x, entries, lease=lease, births=outcome.births, line=outcome.line)


def give_back(doors: Doors, *leases: Lease) -> None:
    try:
        doors.journal.release(*leases)
    except (Overtaken, NotFound, Unavailable):
        return  # it runs out by itself


def stumble(case: Case, step: Step | None) -> Outcome:
    name = getattr(step, "__name__", "?")
    trace = traceback.format_exc(limit=-6)
    log.exception("stumbled", extra={"exchange": case.exchange.id, "step": name})
    return stumbled(case, Stumbled(name, trace))
