"""Whose doing it is that a report is late: it has arrived when its receipt was given, whatever is said of it later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.exchange import Stage
from gateway.domain.parcel import Answer, Parcel, Receipt
from gateway.journey.inventory import filing_of, lateness
from tests.journey.scene import EVENING, House
from tests.journey.wires import NATIONAL, Receiver


class Undated:
    """A receiver that does not say when it received."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver

    def __getattr__(self, name: str) -> Any:
        return getattr(self._receiver, name)

    async def send(self, parcel: Parcel, body: bytes, beside: Sequence[bytes] = ()) -> Receipt:
        return replace(await self._receiver.send(parcel, body, beside), received_at=None)


@pytest.fixture
def evening(tmp_path: Path) -> Iterator[House]:
    """The last one before a deadline."""
    house = House(tmp_path / "ledger", at=EVENING)
    house.channels[NATIONAL] = Undated(house.receiver)
    yield house
    house.close()


def test_what_was_judged_after_its_deadline_came_in_time_all_the_same(evening: House) -> None:
    evening.receiver.judgement = None
    x = evening.until(evening.hand_in(), Stage.DELIVERED)
    delivered = filing_of(evening.doors, x).arrived
    evening.later(hours=12)
    evening.receiver.judgement = Answer.ACCEPTED
    judged = evening.until(x, Stage.RECONCILED)

    assert judged.changed_at != delivered
    assert filing_of(evening.doors, judged).arrived == delivered == EVENING
    assert lateness(evening.doors, judged, evening.clock.now()) is None
