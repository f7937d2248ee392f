"""Inquire: ask the receiver what became of what we sent, before anything is sent again."""

from __future__ import annotations

from collections.abc import AsyncIterator

from gateway.domain.agreement import WhenUnaskable
from gateway.domain.errors import problem
from gateway.domain.facts import Parked, Postponed, Undelivered
from gateway.domain.parcel import Receipt, Unknown
from gateway.journey.case import Case
from gateway.journey.steps.deliver import arrival, deliver
from gateway.ports import Entry


async def inquire(case: Case) -> AsyncIterator[Entry]:
    """Yields the recovered receipt, or `Undelivered`, or what the agreement says of silence.

    “Never saw it” is believed only once the attempt has had time to settle: bytes of a request we
    gave up may still be on their way into the receiver's store.
    """
    x = case.exchange
    assert x.since is not None
    answer = await case.channel.inquire(case.parcel)
    if isinstance(answer, Receipt):
        yield case.entry(arrival(case, answer, recovered=True))
    elif answer is Unknown.NOT_THERE:
        settled = x.since + case.agreement.settles_after
        why = problem("G-001", destination=x.destination, reason="not there yet")
        yield case.entry(Undelivered(why) if case.now >= settled else Postponed(settled, why))
    elif x.resend_allowed or case.agreement.when_unaskable is WhenUnaskable.RESEND:
        async for entry in deliver(case):
            yield entry
    else:
        yield case.entry(Parked(problem("G-002", destination=x.destination)))
