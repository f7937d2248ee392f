"""Deliver: write down that we are about to send, then send, then write down what is known."""

from __future__ import annotations

from collections.abc import AsyncIterator

from gateway.domain.errors import InDoubt, Rejected, Unavailable, problem
from gateway.domain.exchange import Stage
from gateway.domain.facts import Attempted, Backfilled, Delivered, Discrepant, Fact, Parked, Undelivered
from gateway.domain.parcel import Receipt
from gateway.journey.case import Case
from gateway.ports import Entry


async def deliver(case: Case) -> AsyncIterator[Entry]:
    """Yields `Attempted`, then `Delivered` (or `Backfilled`), or `Undelivered` and raises on.

    `InDoubt` passes through unrecorded: the exchange already stands in doubt since `Attempted`.
    """
    x = case.exchange
    body, channel = case.bytes_of(case.parcel.body), case.channel
    earlier_in_doubt = x.stage is Stage.IN_DOUBT
    yield case.entry(Attempted(x.destination, x.attempts + 1))
    try:
        receipt = await channel.send(case.parcel, body)
    except (Unavailable, Rejected) as error:
        if earlier_in_doubt and isinstance(error, Rejected):  # perhaps of the double: a person looks at it
            yield case.entry(Parked(error.problem))
            return
        if earlier_in_doubt:  # this attempt was not taken; of the one before nothing is known still
            raise InDoubt(*error.problems) from error
        yield case.entry(Undelivered(error.problem))
        raise
    yield case.entry(arrival(case, receipt, recovered=False))


def arrival(case: Case, receipt: Receipt, *, recovered: bool) -> Fact:
    """What a receipt means for this exchange: a delivery, a gap that has been filled, or other content than ours."""
    ours = case.parcel.body.digest
    if receipt.digest is not None and receipt.digest != ours:
        destination = case.exchange.destination
        return Discrepant(problem("G-003", destination=destination, theirs=receipt.digest, ours=ours))
    if case.exchange.paper and case.parcel.backfill:
        return Backfilled(case.exchange.paper, case.parcel.backfill, receipt, recovered)
    return Delivered(receipt, recovered)
