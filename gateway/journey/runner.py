"""Walks any exchange along its timetable, from wherever it stands, in any process, after any crash.

Two kinds of work on one timetable. *Prepare* is CPU: pure steps, their facts in one transaction.
*Drain* is waiting: wire steps, each fact durable before anything is done that cannot be done again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import cast

from gateway.domain.errors import GatewayError, Overtaken, Unavailable
from gateway.domain.exchange import Exchange, Stage
from gateway.domain.parcel import Blob
from gateway.journey.case import Case, Doors, Memory
from gateway.journey.draining import Drain, Hands
from gateway.journey.lanes import supersede_older
from gateway.journey.leased import case_of, give_back, recording, stumble
from gateway.journey.places import Place, Places
from gateway.journey.steps import PureStep, Step
from gateway.journey.timetables import AHEAD, next_pure, next_step, stages
from gateway.journey.trouble import Outcome, outcome_of
from gateway.journey.walking import Walk
from gateway.ports import Entry, Lease

_HELD_AHEAD = 0.1  # of a lease: so much longer it is held, and so long it may wait to be begun

_BROUGHT = 64 * 1024  # bytes: what is larger is read when it is sent

log = logging.getLogger("gateway.journey")


@dataclass(slots=True)
class _Prepared:
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
        self._brought: dict[str, Memory] = {}  # by exchange, until it is begun

    async def drain(self, destination: str) -> bool:
        """Take what is due for `destination`, a slice of it. True when something was found: come again.

        Up to `batch` exchanges are on the wire at once; while they wait, the next ones are prepared and claimed.
        """
        self._has_failed(destination)  # what failed before this drain held nothing ahead here
        hands = Hands(
            prepare=partial(self.prepare, destination),
            claim=partial(self._claim, destination),
            walk=self.walk,
            give_back=self._put_back,
            sound=lambda: not self._doors.journal.line(destination).failures,
            failed=partial(self._has_failed, destination),
            ticks=self._doors.clock.ticks,
        )
        return await Drain(hands, places=self._batch, spare=self._seconds * _HELD_AHEAD).run()

    def prepare(self, destination: str) -> int:
        """Walk the pure steps of what is due, first things first; how many there were."""
        leases = self._doors.journal.claim(destination, self._worker, self._pure, self._batch, self._seconds)
        if not leases:
            return 0
        walks = [self._set_out(lease) for lease in leases]
        while going := [walk for walk in walks if walk.step is not None]:
            self._ahead(going)
            for walk in going:  # one to its end, or its next step for several, before the other: publish, then compare
                self._advance(walk)
                while walk.step is not None and walk.step not in AHEAD:
                    self._advance(walk)
        asked = [recording(self._doors, one.lease.exchange, one.entries, one.lease, one.outcome) for one in walks]
        try:
            recorded = [self._recorded(one, answer) for one, answer in zip(walks, asked, strict=True)]
            supersede_older(self._doors, *(x for x in recorded if x is not None))
        except Unavailable as error:
            log.info("order given up", extra={"destination": destination, "why": error.problem.code})
        finally:
            give_back(self._doors, *leases)
        return len(leases)

    def _has_failed(self, destination: str) -> bool:
        """Whether it has, since this was asked last."""
        failed = destination in self._failed
        self._failed.discard(destination)
        return failed

    def _claim(self, destination: str, limit: int) -> list[Lease]:
        """Leases for the wire, and with them what their walks will read: on the loop nobody waits for the store."""
        seconds = self._seconds * (1 + _HELD_AHEAD)
        leases = self._doors.journal.claim(destination, self._worker, self._wire, limit, seconds, wire=True)
        self._bring([lease.exchange for lease in leases])
        return leases

    def _bring(self, claimed: Sequence[Exchange]) -> None:
        """What is sent, and what the receiver's statement is compared with, where it is small: one question for all."""
        wanted = {x.id: [part.digest for part in _read_by(x) if part.size <= _BROUGHT] for x in claimed}
        try:
            found = self._doors.journal.bytes_of_many([*{digest for each in wanted.values() for digest in each}])
        except Unavailable:
            return  # whoever walks it meets it again, and answers for it
        for name, digests in wanted.items():
            self._brought[name] = Memory(bytes={digest: found[digest] for digest in digests if digest in found})

    def _put_back(self, leases: Sequence[Lease]) -> None:
        for lease in leases:
            self._brought.pop(lease.exchange.id, None)
        give_back(self._doors, *leases)

    def _set_out(self, lease: Lease) -> _Prepared:
        return _Prepared(lease, case_of(self._doors, lease, Memory()), next_pure(lease.exchange))

    def _ahead(self, going: Sequence[_Prepared]) -> None:
        """What costs less done for several at once. An answer is kept for each; a failure is each one's own to meet."""
        for step, ahead in AHEAD.items():
            cases = [walk.case for walk in going if walk.step is step]
            if len(cases) > 1:
                try:
                    ahead(cases)
                except Exception as error:  # whatever it is, the step meets it again, and answers for it
                    log.info("not done ahead", extra={"step": getattr(step, "__name__", "?"), "why": str(error)})

    def _advance(self, walk: _Prepared) -> None:
        step = walk.step
        try:
            for entry in cast(PureStep, step)(walk.case):
                walk.case = walk.case.foreseen(entry)
                walk.entries.append(entry)
            walk.step = next_pure(walk.case.exchange)
        except GatewayError as error:
            walk.step, walk.outcome = None, outcome_of(walk.case, error, on_a_wire=False)
        except Exception:  # a bug of ours must not take the others down; it is written down instead
            walk.step, walk.outcome = None, stumble(walk.case, step)
        walk.entries += walk.outcome.entries

    def _recorded(self, one: _Prepared, recording: Future[Exchange]) -> Exchange | None:
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
                x = recording(self._doors, x, [entry], lease, Outcome()).result()
            except GatewayError:
                raise
            except Exception:  # found
                told = stumble(Case(x, self._doors), next_step(x))
                recording(self._doors, x, list(told.entries), lease, told).result()
                return

    async def walk(self, lease: Lease, place: Place | None = None) -> None:
        """Walk the wire steps of one leased exchange until it waits, settles or is overtaken."""
        memory = self._brought.pop(lease.exchange.id, None) or Memory()
        walk = Walk(self._doors, lease, place or Places(1).place(), self._ring, self._failed.add)
        await walk.run(memory)


def _read_by(x: Exchange) -> list[Blob]:
    """What the wire steps of a report read."""
    sent = [x.parcel.body] if x.parcel and x.stage is Stage.PACKAGED else []
    return [*sent, x.document] if x.document and x.parcel else sent
