"""The wire steps of one leased exchange: each fact durable before anything is done that cannot be done again.

A question that may be asked again is asked while the answer before it is still being written down.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import cast

from gateway.domain.errors import GatewayError, Overtaken, Unavailable
from gateway.domain.exchange import Exchange, Stage
from gateway.domain.facts import (
    Acknowledged,
    Arrived,
    Attempted,
    Backfilled,
    Delivered,
    Discrepant,
    DocumentAccepted,
    DocumentRejected,
    Recalled,
    Reconciled,
    Undelivered,
)
from gateway.journey.case import Case, Doors, Memory
from gateway.journey.hearing import hearing
from gateway.journey.lanes import correct
from gateway.journey.leased import case_of, give_back, only_held_since, recording, stumble
from gateway.journey.places import Place
from gateway.journey.steps import Step, WireStep
from gateway.journey.timetables import QUESTIONS, next_step, on_a_wire
from gateway.journey.trouble import RECEIPTS, Outcome, around, outcome_of, still_true
from gateway.ports import Entry, Lease

# Facts that only an answer can give; to wait for a person or a document says nothing about the line.
_ANSWERS = (
    *RECEIPTS, Acknowledged, Reconciled, Discrepant, Arrived, DocumentAccepted, DocumentRejected, Recalled,
)  # fmt: skip
_SOON = 0.5  # seconds: so long a judgement waits for the statement that mostly comes right behind it

log = logging.getLogger("gateway.journey")


@dataclass(slots=True)
class _Behind:
    """What was told and is not known to be on disk; `writing` is None while it waits for what comes next."""

    entry: Entry
    writing: Future[Exchange] | None = None
    soon: asyncio.TimerHandle | None = None


class Walk:
    """One lease on its wire steps, until the exchange waits, settles or is overtaken.

    ring     told the destinations of what was opened beside it
    failed   told the destination whose line has failed
    place    where its calls are made. It is left while an answer is waited for to be on disk, but not between
             `Attempted` and the call that it announces: that one must begin

    A receipt is written at once, for until then a process that is killed leaves the report in doubt; what the receiver
    makes of it is asked meanwhile. A judgement that accepts is written together with the statement asked for next, or
    soon: lost, it is asked for again. Refused: to wait for the disk between any two calls; half of the wire stood
    empty then.
    """

    def __init__(
        self, doors: Doors, lease: Lease, place: Place, ring: Callable[[str], None], failed: Callable[[str], None]
    ) -> None:
        self._doors = doors
        self._lease = lease
        self._place = place
        self._ring = ring
        self._failed = failed
        self._stands = lease.exchange  # on disk; a case may be one fact ahead of it
        self._behind: _Behind | None = None

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
                    case = await self._corrected(case)
                    if (step := next_step(case.exchange)) is None:
                        break
                await self._place.take()
                case = await self._take(step, case)
                step = None if case.exchange.due else next_step(case.exchange)
        except (Overtaken, Unavailable) as error:
            log.info("drain given up", extra={"exchange": case.exchange.id, "why": error.problem.code})
        finally:
            self._place.leave()
            with suppress(Exception):  # whoever claims it next meets it again; the lease is given back all the same
                case = await self._on_disk(case)
            if not case.exchange.settled:  # a lease ends with the work it is on
                await asyncio.to_thread(give_back, self._doors, self._lease)

    async def _take(self, step: Step, case: Case) -> Case:
        """One wire step; every fact it yields is recorded before it is resumed, or on its way to be."""
        try:
            async for entry in cast(WireStep, step)(case):
                case = await self._gone_on(case, entry)
            return case
        except Overtaken:
            raise
        except Exception as error:
            self._place.leave()
            case, outcome = await self._trouble(case, step, error)
        if case.exchange.settled:
            return case  # its end is told; what went wrong afterwards changes nothing
        try:
            return await self._told(case, outcome)
        except GatewayError:
            raise
        except Exception:  # the words of the trouble cannot be written down
            return await self._told(case.at(self._stands), stumble(case, step))

    async def _trouble(self, case: Case, step: Step, error: Exception) -> tuple[Case, Outcome]:
        """Where it stands after `error`, and what follows; a bug is written down as in prepare, three times at most."""
        outcome = None if isinstance(error, GatewayError) else stumble(case, step)
        try:
            case = await self._on_disk(case)
        except GatewayError:
            raise
        except Exception:  # what was told before cannot be written down
            case = case.at(self._stands)
            outcome = stumble(case, step)
        if outcome is None:
            assert isinstance(error, GatewayError)
            outcome = await asyncio.to_thread(self._outcome, case, step, error)
        return case, outcome

    async def _gone_on(self, case: Case, entry: Entry) -> Case:
        if isinstance(entry.fact, Delivered | Backfilled):
            case = await self._on_disk(case)
            self._behind = _Behind(entry)
            self._begin(self._behind)
            return case.foreseen(entry)
        if self._has_company(case, entry):
            case = await self._on_disk(case)
            self._behind = behind = _Behind(entry)
            behind.soon = asyncio.get_running_loop().call_later(_SOON, self._begin, behind)
            await self._place.take()
            return case.foreseen(entry)
        if not isinstance(entry.fact, Attempted):
            self._place.leave()
        case = await self._recorded(case, entry)
        if not (case.exchange.due or isinstance(entry.fact, Undelivered)) and next_step(case.exchange):
            await self._place.take()
        return case

    def _has_company(self, case: Case, entry: Entry) -> bool:
        """Whether it may wait for the next answer: nobody else has a word in its order, and what comes next asks."""
        if not isinstance(entry.fact, Acknowledged) or not self._lease.alone:
            return False
        return next_step(case.foreseen(entry).exchange) in QUESTIONS

    async def _recorded(self, case: Case, entry: Entry) -> Case:
        """With `entry` on disk, and with it what has waited for it."""
        before = self._company()
        if before is None:
            case = await self._on_disk(case)
            self._stands = await self._record(self._stands, entry)
            return case.at(self._stands)
        try:
            self._stands = await self._written(self._stands, [before, entry], Outcome(line=True))
        except GatewayError:
            raise
        except Exception:  # one of the two cannot be written down: what the sender waits for is
            self._stands = await self._written(self._stands, [before], Outcome(line=True))
            raise
        return case.at(self._stands)

    def _company(self) -> Entry | None:
        """What has waited for the next answer, and waits for it no more."""
        behind = self._behind
        if behind is None or behind.writing is not None:
            return None
        self._behind = None
        if behind.soon is not None:
            behind.soon.cancel()
        return behind.entry

    def _begin(self, behind: _Behind) -> None:
        behind.writing = recording(self._doors, self._stands, [behind.entry], self._lease, Outcome(line=True))

    async def _on_disk(self, case: Case) -> Case:
        """As it stands on disk, with all that was told.

        Raises `Overtaken` where others moved it on meanwhile: what was asked ahead was not asked of what stands now.
        """
        behind = self._behind
        if behind is None:
            return case.at(self._stands)
        if behind.soon is not None:
            behind.soon.cancel()
        if behind.writing is None:
            self._begin(behind)
        assert behind.writing is not None
        if not behind.writing.done():
            self._place.leave()
        before = self._stands
        try:
            self._stands = await self._heard(before, behind.entry, hearing(behind.writing))
        finally:
            if behind.writing.done():  # who is cut off before waits once more, and keeps the lease until then
                self._behind = None
        if self._stands.seq != before.seq + 1:
            raise Overtaken(before.id)
        return case.at(self._stands)

    async def _corrected(self, case: Case) -> Case:
        case = await self._on_disk(case)
        self._stands = await asyncio.to_thread(correct, self._doors, case.exchange)
        return case.at(self._stands)

    async def _told(self, case: Case, outcome: Outcome) -> Case:
        if outcome.line is False:
            self._failed(case.exchange.destination)
        try:
            self._stands = await self._written(case.exchange, outcome.entries, outcome)
        except Overtaken:
            held = await asyncio.to_thread(only_held_since, self._doors.journal, case.exchange)
            if held is None:
                raise
            self._stands = await self._written(held, outcome.entries, outcome)  # a pause they asked for is kept
        for born in outcome.births:
            self._ring(born.opening.destination)
        return case.at(self._stands)

    def _outcome(self, case: Case, step: Step, error: GatewayError) -> Outcome:
        try:
            return outcome_of(case, error, on_a_wire=True)
        except Unavailable:  # the store is away: whoever claims it next judges
            raise
        except Exception:  # the way out of trouble has bugs like any other
            return stumble(case, step)

    async def _record(self, x: Exchange, entry: Entry) -> Exchange:
        line = True if isinstance(entry.fact, _ANSWERS) else None
        return await self._heard(x, entry, self._written(x, [entry], Outcome(line=line)))

    async def _heard(self, x: Exchange, entry: Entry, writing: Awaitable[Exchange]) -> Exchange:
        """Once it is on disk: also where the lease is gone by then, if it is true whoever holds it."""
        try:
            return await writing
        except Overtaken:
            now = await asyncio.to_thread(self._doors.journal.read, x.id)
            if not still_true(entry.fact, x, now):
                raise
            line = True if isinstance(entry.fact, _ANSWERS) else None
            return await hearing(self._doors.journal.appending(now, [entry], line=line))

    async def _written(self, x: Exchange, entries: Sequence[Entry], outcome: Outcome) -> Exchange:
        """Once it is on disk. Where a report that was alone in its lane is so no longer, its order is judged first."""
        try:
            return await hearing(recording(self._doors, x, entries, self._lease, outcome))
        except Overtaken:
            ends_here = x.stage is Stage.ACKNOWLEDGED or isinstance(entries[0].fact, Acknowledged)
            if not (ends_here and self._lease.alone):
                raise
        self._lease = replace(self._lease, alone=False)
        if x.stage is not Stage.ACKNOWLEDGED:
            x = await hearing(recording(self._doors, x, entries[:1], self._lease, outcome))
            entries = entries[1:]
        judged = await asyncio.to_thread(correct, self._doors, x)
        if judged.stage is not Stage.ACKNOWLEDGED:
            return judged
        return await hearing(recording(self._doors, judged, entries, self._lease, outcome))
