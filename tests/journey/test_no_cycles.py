"""A serving process looks for garbage rarely (`gateway.working.stay`), because what is done with goes by itself."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from dataclasses import replace

import pytest

from gateway.domain.errors import Rejected
from gateway.domain.exchange import Stage
from gateway.journey.spool import Intake
from tests.journey.scene import House, incoming


@pytest.fixture
def uncollected() -> Iterator[None]:
    """Nothing is collected meanwhile, and what is then is kept to be looked at."""
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        yield
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


def test_a_report_taken_walked_or_refused_leaves_no_cycles_behind(house: House, uncollected: None) -> None:
    intake = Intake(house.doors)

    async def handed_in() -> None:
        await asyncio.gather(*(intake.take(incoming(f"k{number}", revision=number)) for number in range(1, 6)))
        with pytest.raises(Rejected):
            await intake.take(replace(incoming(), key=""))

    asyncio.run(handed_in())
    house.until(house.hand_in("walked", revision=9), Stage.RECONCILED)
    gc.collect()

    assert [kept for kept in gc.garbage if type(kept).__module__.startswith("gateway.")] == []
