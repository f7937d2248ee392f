"""What both kinds of work do with a lease: set out, write down, stumble, give back."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Sequence
from concurrent.futures import Future

from gateway.domain.errors import NotFound, Overtaken, Unavailable
from gateway.domain.exchange import Exchange
from gateway.domain.facts import Retained, Stumbled
from gateway.journey.case import Case, Doors, Memory
from gateway.journey.steps import Step
from gateway.journey.trouble import Outcome, stumbled
from gateway.ports import Entry, Journal, Lease

log = logging.getLogger("gateway.journey")


def case_of(doors: Doors, lease: Lease, memory: Memory) -> Case:
    taken_up = (lease.at, doors.clock.ticks()) if lease.at else None
    return Case(lease.exchange, doors, memory, alone=lease.alone, taken_up=taken_up)


def recording(doors: Doors, x: Exchange, entries: Sequence[Entry], lease: Lease, outcome: Outcome) -> Future[Exchange]:
    if not entries:
        nothing: Future[Exchange] = Future()
        nothing.set_result(x)
        return nothing
    return doors.journal.appending(x, entries, lease=lease, births=outcome.births, line=outcome.line)


def only_held_since(journal: Journal, x: Exchange) -> Exchange | None:
    """`x` as it stands now, where only a legal hold was laid on it meanwhile: what was said of it is still true."""
    now = journal.read(x.id)
    return now if all(isinstance(one.fact, Retained) for one in journal.history(x.id)[x.seq :]) else None


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
