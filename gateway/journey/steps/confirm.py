"""Confirm: fetch the receiver's judgement of what it holds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

from gateway.domain.errors import problem
from gateway.domain.facts import Acknowledged, Postponed
from gateway.journey.case import Case
from gateway.ports import Entry

_SOONEST = timedelta(milliseconds=200)
_LATEST = timedelta(minutes=10)


async def confirm(case: Case) -> AsyncIterator[Entry]:
    """Yields `Acknowledged`, or `Postponed` while the receiver is still judging."""
    x = case.exchange
    assert x.receipt is not None
    acknowledgement = await case.channel.confirm(case.parcel, x.receipt)
    if acknowledgement is not None:
        yield case.entry(Acknowledged(acknowledgement))
        return
    # Asked again after a quarter of the time it has waited already: quick answers are seen quickly,
    # slow ones cost few questions.
    pause = min(_LATEST, max(_SOONEST, case.waited / 4))
    why = problem("F-010", destination=x.destination, seconds=round(pause.total_seconds(), 1))
    yield case.entry(Postponed(case.now + pause, why))
