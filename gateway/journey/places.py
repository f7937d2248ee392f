"""The places on a destination's wire: so many exchanges make calls there at once, and no more."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable


class Places:
    """`number` of them; `freed` is called when one has become free that nobody was waiting for."""

    def __init__(self, number: int, freed: Callable[[], None] = lambda: None) -> None:
        self._free = number
        self._freed = freed
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def free(self) -> int:
        return self._free

    def place(self) -> Place:
        """One for who begins; there must be one free."""
        self._free -= 1
        return Place(self, held=True)

    async def _turn(self) -> None:
        """Whoever has waited longest comes first."""
        if self._free:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
        self._freed()


class Place:
    """One exchange's; to take it twice is to take it once, and so is to leave it."""

    def __init__(self, places: Places, *, held: bool) -> None:
        self._places = places
        self._held = held

    async def take(self) -> None:
        if not self._held:
            await self._places._turn()
            self._held = True

    def leave(self) -> None:
        if self._held:
            self._held = False
            self._places._pass_on()
