"""Deliver: write down that we are about to send, then send, then write down what is known."""

from __future__ import annotations

from collections.abc import AsyncIterator

from gateway.domain.errors import Rejected, Unavailable
from gateway.domain.facts import Attempted, Backfilled, Delivered, Fact, Undelivered
from gateway.domain.parcel import Receipt
from gateway.journey.case import Case
from gateway.ports import Entry


async def deliver(case: Case) -> AsyncIterator[Entry]:
    """Yields `Attempted`, then `Delivered` (or `Backfilled`), or `Undelivered` and raises on.

    `InDoubt` passes through unrecorded: the exchange already stands in doubt since `Attempted`.
    """
    x = case.exchange
    body = case.bytes_of(case.parcel.body)
    yield case.entry(Attempted(x.destination, x.attempts + 1))
    try:
        receipt = await case.channel.send(case.parcel, body)
    except (Unavailable, Rejected) as error:
        yield case.entry(Undelivered(error.problem))
        raise
    yield case.entry(arrival(case, receipt, recovered=False))


def arrival(case: Case, receipt: Receipt, *, recovered: bool) -> Fact:
    """What a receipt means for this exchange: a delivery, or a gap that has been filled."""
    if case.exchange.paper and case.parcel.backfill:
        return Backfilled(case.exchange.paper, case.parcel.backfill, receipt, recovered)
    return Delivered(receipt, recovered)
