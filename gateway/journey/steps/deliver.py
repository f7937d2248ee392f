"""Deliver: write down that we are about to send, then send, then write down what is known."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from gateway.domain.errors import InDoubt, Rejected, Unavailable, problem
from gateway.domain.exchange import Stage
from gateway.domain.facts import Attempted, Backfilled, Delivered, Discrepant, Fact, Parked, Refused, Undelivered
from gateway.domain.parcel import Blob, Parcel, Receipt
from gateway.journey.case import Case
from gateway.journey.enclosing import other_parts
from gateway.journey.handover import kept_for_the_desk
from gateway.journey.lanes import overtaken
from gateway.ports import Entry

_TOLD = 5


async def deliver(case: Case) -> AsyncIterator[Entry]:
    """Yields `Attempted`, then `Delivered` (or `Backfilled`), or `Undelivered` and raises on.

    `InDoubt` passes through unrecorded: the exchange already stands in doubt since `Attempted`.
    """
    x = case.exchange
    if (kept := kept_for_the_desk(case.doors, x)) is not None:
        yield kept
        return
    if not case.alone and x.head is not None and x.stage is Stage.PACKAGED:
        # Asked again right before the wire: of two that were read at the same time, neither saw the other.
        [late] = await asyncio.to_thread(overtaken, case.doors, (x, x.head))
        if late:
            yield case.entry(Refused("gateway", tuple(late)))
            return
    parcel, channel = case.parcel, case.channel
    body, *beside = _bytes(case) if _at_hand(case) else await asyncio.to_thread(_bytes, case)
    earlier_in_doubt = x.stage is Stage.IN_DOUBT
    begun = case.doors.clock.ticks()
    yield case.entry(Attempted(x.destination, x.attempts + 1))
    try:
        case.not_late(begun)
        receipt = await (channel.send(parcel, body, beside) if beside else channel.send(parcel, body))
    except (Unavailable, Rejected) as error:
        if earlier_in_doubt and isinstance(error, Rejected):  # perhaps of the double: a person looks at it
            yield case.entry(Parked(error.problem))
            return
        if earlier_in_doubt:  # this attempt was not taken; of the one before nothing is known still
            raise InDoubt(*error.problems) from error
        yield case.entry(Undelivered(error.problem))
        raise
    yield case.entry(arrival(case, receipt, recovered=False))


def _bytes(case: Case) -> list[bytes]:
    """What goes over the wire: the packet of the figures, and of a composite its other parts in order."""
    return [case.bytes_of(part) for part in _parts(case.parcel)]


def _at_hand(case: Case) -> bool:
    """Whether the store need not be asked."""
    return all(part.digest in case.memory.bytes for part in _parts(case.parcel))


def _parts(parcel: Parcel) -> list[Blob]:
    return [parcel.body, *([parcel.narrative] if parcel.narrative else []), *(file.content for file in parcel.files)]


def arrival(case: Case, receipt: Receipt, *, recovered: bool) -> Fact:
    """What a receipt means for this exchange: a delivery, a gap that has been filled, or other content than ours."""
    ours = case.parcel.body.digest
    if receipt.digest is not None and receipt.digest != ours:
        destination = case.exchange.destination
        return Discrepant(problem("G-003", destination=destination, theirs=receipt.digest, ours=ours))
    found = other_parts(case.parcel, receipt.parts)
    if found:
        return Discrepant(problem("G-004", destination=case.exchange.destination, found="; ".join(found[:_TOLD])))
    if case.exchange.paper and case.parcel.backfill:
        return Backfilled(case.exchange.paper, case.parcel.backfill, receipt, recovered)
    return Delivered(receipt, recovered)
