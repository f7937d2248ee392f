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
from typing import cast

from gateway.domain.errors import GatewayError, NotFound, Overtaken, Unavailable
from gateway.domain.exchange import Exchange, Kind, Stage
from gateway.domain.facts import (
    Acknowledged,
    Arrived,
    Backfilled,
    Delivered,
    Discrepant,
    DocumentAccepted,
    DocumentRejected,
    Fact,
    Recalled,
    Reconciled,
    Sent,
    Stumbled,
    Undelivered,
)
from gateway.journey import document, inbound, outbound
from gateway.journey.case import Case, Doors
from gateway.journey.lanes import correct, supersede_older
from gateway.journey.steps import PureStep, Step, WireStep
from gateway.journey.trouble import Outcome, outcome_of, stumbled
from gateway.ports import Entry, Lease

TIMETABLES: Mapping[Kind, Mapping[Stage, Step]] = {
    Kind.OUTBOUND: outbound.TIMETABLE,
    Kind.DOCUMENT: document.TIMETABLE,
    Kind.INBOUND: inbound.TIMETABLE,
}

# What the receiver told us is true whoever holds the lease by now.
_RECEIPTS = (Delivered, Backfilled, Sent)
_NOT_YET_DELIVERED = frozenset({Stage.PACKAGED, Stage.DIVERTED, Stage.READY, Stage.IN_DOUBT})

# Facts that only an answer can give; to wait for a person or a document says nothing about the line.
_ANSWERS = (
    *_RECEIPTS, Acknowledged, Reconciled, Discrepant, Arrived, DocumentAccepted, DocumentRejected, Recalled,
)  # fmt: skip

log = logging.getLogger("gateway.journey")


def on_a_wire(step: Step) -> bool:
    return inspect.isasyncgenfunction(step)


def stages(*, wire: bool) -> tuple[Stage, ...]:
    """The stages at which a wire step, or a pure one, comes next; of any timetable."""
    found = {stage for table in TIMETABLES.values() for stage, step in table.items() if on_a_wire(step) is wire}
    return tuple(stage for stage in Stage if stage in found)


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

    async def drain(self, destination: str) -> bool:
        """Take what is due for `destination` once. True when something was found: come again."""
        prepared = await asyncio.to_thread(self.prepare, destination)
        leases = await asyncio.to_thread(self._claim, destination, self._wire)
        await asyncio.gather(*(self.walk(lease) for lease in leases))
        return bool(prepared or leases)

    def prepare(self, destination: str) -> int:
        """Walk the pure steps of what is due, oldest first; how many there were."""
        leases = self._claim(destination, self._pure)
        for lease in leases:
            self._prepare_one(lease)
        return len(leases)

    def _claim(self, destination: str, at: Sequence[Stage]) -> list[Lease]:
        return self._doors.journal.claim(destination, self._worker, at, self._batch, self._seconds)

    def _prepare_one(self, lease: Lease) -> None:
        case = Case(lease.exchange, self._doors)
        entries: list[Entry] = []
        outcome = Outcome()
        step = self._next(case.exchange)
        try:
            while step is not None and not on_a_wire(step):
                for entry in cast(PureStep, step)(case):
                    case = case.foreseen(entry)
                    entries.append(entry)
                step = self._next(case.exchange)
        except GatewayError as error:
            outcome = outcome_of(case, error, on_a_wire=False)
        except Exception:  # a bug of ours must not take the others down; it is written down instead
            outcome = self._stumble(case, step)
        try:
            self._record_prepared(lease.exchange, [*entries, *outcome.entries], lease, outcome)
            supersede_older(self._doors, case.exchange)
        except (Overtaken, Unavailable) as error:
            log.info("prepare given up", extra={"exchange": case.exchange.id, "why": error.problem.code})
        finally:
            self._give_back(lease)

    def _record_prepared(self, x: Exchange, entries: list[Entry], lease: Lease, outcome: Outcome) -> None:
        try:
            self._record(x, entries, lease, outcome)
        except GatewayError:
            raise
        except Exception:  # a fact that cannot be written down: a bug like any other, and this exchange's alone
            self._record_to_the_fault(x, entries, lease)

    def _record_to_the_fault(self, x: Exchange, entries: list[Entry], lease: Lease) -> None:
        """The facts before the one that cannot be written down, and a stumble in its place."""
        for entry in entries:
            try:
                x = self._record(x, [entry], lease, Outcome())
            except GatewayError:
                raise
            except Exception:  # found
                told = self._stumble(Case(x, self._doors), self._next(x))
                self._record(x, list(told.entries), lease, told)
                return

    async def walk(self, lease: Lease) -> None:
        """Walk the wire steps of one leased exchange until it waits, settles or is overtaken."""
        case = Case(lease.exchange, self._doors)
        step = self._next(case.exchange)
        try:
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
                case = case.at(await asyncio.to_thread(self._record_from_wire, case.exchange, entry, lease))
            return case
        except Overtaken:
            raise
        except GatewayError as error:
            outcome = await asyncio.to_thread(self._outcome, case, step, error)
        except Exception:  # as in prepare: written down, three times at most
            outcome = self._stumble(case, step)
        if case.exchange.settled:
            return case  # its end is told; what went wrong afterwards changes nothing
        recorded = await asyncio.to_thread(self._record, case.exchange, list(outcome.entries), lease, outcome)
        return case.at(recorded)

    def _outcome(self, case: Case, step: Step, error: GatewayError) -> Outcome:
        try:
            return outcome_of(case, error, on_a_wire=True)
        except Exception:  # the way out of trouble has bugs like any other
            return self._stumble(case, step)

    def _record_from_wire(self, x: Exchange, entry: Entry, lease: Lease) -> Exchange:
        line = True if isinstance(entry.fact, _ANSWERS) else None
        outcome = Outcome(line=line)
        try:
            return self._record(x, [entry], lease, outcome)
        except Overtaken:
            now = self._doors.journal.read(x.id)
            if not _still_true(entry.fact, x, now):
                raise
            return self._doors.journal.append(now, [entry], line=line)

    def _record(self, x: Exchange, entries: list[Entry], lease: Lease, outcome: Outcome) -> Exchange:
        if not entries:
            return x
        recorded = self._doors.journal.append(x, entries, lease=lease, births=outcome.births, line=outcome.line)
        for born in outcome.births:
            self._ring(born.opening.destination)
        return recorded

    def _give_back(self, lease: Lease) -> None:
        try:
            self._doors.journal.release(lease)
        except (Overtaken, NotFound, Unavailable):
            return  # it runs out by itself

    def _stumble(self, case: Case, step: Step | None) -> Outcome:
        name = getattr(step, "__name__", "?")
        trace = traceback.format_exc(limit=-6)
        log.exception("stumbled", extra={"exchange": case.exchange.id, "step": name})
        return stumbled(case, Stumbled(name, trace))

    def _next(self, x: Exchange) -> Step | None:
        return TIMETABLES[x.kind].get(x.stage)


def _still_true(fact: Fact, then: Exchange, now: Exchange) -> bool:
    """Whether what one attempt was told still says something about the exchange as it stands now.

    A receipt is for the parcel, whatever became of the attempt; “not taken” is for this attempt only.
    """
    if isinstance(fact, Undelivered):
        return now.stage is Stage.IN_DOUBT and now.attempts == then.attempts
    stage = now.before if now.stage is Stage.PARKED else now.stage
    same = (now.parcel, now.ready) == (then.parcel, then.ready)
    return isinstance(fact, _RECEIPTS) and stage in _NOT_YET_DELIVERED and same
