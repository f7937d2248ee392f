"""The doorbell of a gateway, and what a ring at a destination sets going.

Only `wiring`, which puts the house together, comes in.
"""

from __future__ import annotations

from gateway.first_use import redis_bell
from gateway.journey.case import Doors
from gateway.journey.late import LateWord
from gateway.journey.runner import Runner
from gateway.journey.spool import Intake
from gateway.peers import hung_up
from gateway.ports import Doorbell
from gateway.queue import LocalDoorbell
from gateway.schemas.settings import Settings


def bell_of(read: Settings, runner: Runner, doors: Doors, intake: Intake) -> Doorbell:
    async def leave() -> None:
        await hung_up(doors.peers)

    late = LateWord(doors)

    def due() -> list[str]:
        intake.hand_over()
        return [*doors.journal.due(), *late.due()]

    async def drain(destination: str) -> bool:
        await late.look(destination)
        return await runner.drain(destination)

    local = LocalDoorbell(drain, due, leave, sweep_seconds=read.work.sweep_seconds)
    return redis_bell(read.redis_url, local) if read.redis_url else local
