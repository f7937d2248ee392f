"""What a switch does at once: doors shut and opened, tokens made worthless, what hangs cut off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from gateway.sandbox.faulty import Faulty
from gateway.sandbox.line import Port
from gateway.sandbox.switches import Fault, Side, Switches


class Doors:
    def __init__(
        self, switches: Switches, ports: Mapping[Side, Port], sides: Sequence[Faulty], expire: Callable[[], None]
    ) -> None:
        self._switches = switches
        self._ports = ports
        self._sides = sides
        self._expire = expire
        self._later: set[asyncio.Task[None]] = set()

    @property
    def answering(self) -> int:
        """Requests that have come in and are not answered to their end."""
        return sum(side.answering for side in self._sides)

    async def begin(self, fault: Fault) -> None:
        if fault.name == "expire_tokens" and fault.left is None:
            self._expire()
        if fault.name == "refuse":
            await self._follow()
            if fault.seconds is not None:
                self._end_later(fault, fault.seconds)

    async def heal(self) -> None:
        for side in self._sides:
            side.release()
        await self._follow()

    async def _follow(self) -> None:
        for side, port in self._ports.items():
            if self._switches.refusing(side):
                await port.close_door()
            else:
                await port.open_door()

    def _end_later(self, fault: Fault, seconds: float) -> None:
        task = asyncio.ensure_future(self._end(fault, seconds))
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def _end(self, fault: Fault, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._switches.end(fault)
        await self._follow()
