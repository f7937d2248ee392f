"""The gate before a partner's line: no faster than was agreed, all workers together, and closed while they ask so.

Moments come from the store in slices (`ports.Allowance`), so that no row is locked for every message; within this
process whoever comes first goes first. Where nothing was agreed the gate is open, and only their 429 closes it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from weakref import WeakKeyDictionary

from gateway.domain.errors import Unavailable, problem
from gateway.domain.rate import Rate, Slice
from gateway.ports import Allowance, Clock

_LOOK_AGAIN = 0.05  # seconds, for a seat
_LONGER = 5.0  # seconds a seat is held beyond the longest call


class Gate:
    """`longest`: seconds that a call may take."""

    def __init__(self, destination: str, rate: Rate, allowance: Allowance, clock: Clock, longest: float) -> None:
        self._destination = destination
        self._rate = rate
        self._allowance = allowance
        self._clock = clock
        self._longest = longest
        self._slice: Slice | None = None
        self._seats = 0
        self._sitting = 0
        self._waiting = 0
        # A lock belongs to the loop it was first waited on; those are few, and one does nearly all.
        self._locks: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()

    @asynccontextmanager
    async def passed(self, until: float) -> AsyncIterator[None]:
        """Around one call, once it may go out. Raises `Unavailable` (F-013) when that is not before `until`, by the
        loop's time: nothing went out, and the time at which to come again is known."""
        if self._rate.concurrent is not None:
            await self._seat(self._rate.concurrent, until)
        try:
            if self._rate.interval:
                await self._moment(until)
            yield
        finally:
            if self._rate.concurrent is not None:
                await self._stand_up(self._rate.concurrent)

    async def close(self, seconds: float) -> None:
        """They ask for a rest: every worker keeps it."""
        with suppress(Unavailable):  # the store is away: this worker's own policy waits all the same
            await asyncio.to_thread(self._allowance.rest, self._destination, seconds)

    async def _moment(self, until: float) -> None:
        loop = asyncio.get_running_loop()
        async with self._lock():
            found = self._slice.next(loop.time()) if self._slice else None
            if found is None:
                count = self._rate.at_once
                began = loop.time()
                wait = await asyncio.to_thread(self._allowance.moments, self._destination, self._rate.interval, count)
                # From the asking on, not from the answer: slow answers must not make the next slice overlap.
                found = Slice(max(began + wait, loop.time()), self._rate.interval, count)
            self._slice = found
            if found.at >= until:
                raise self._full(found.at - loop.time())
            self._slice = found.used()
        await asyncio.sleep(found.at - loop.time())

    async def _seat(self, most: int, until: float) -> None:
        loop = asyncio.get_running_loop()
        self._waiting += 1
        try:
            while True:
                async with self._lock():
                    if self._sitting >= self._seats:
                        await self._ask(most)
                    if self._sitting < self._seats:
                        self._sitting += 1
                        return
                if loop.time() + _LOOK_AGAIN >= until:
                    raise self._full(1.0)
                await asyncio.sleep(_LOOK_AGAIN)
        finally:
            self._waiting -= 1

    async def _stand_up(self, most: int) -> None:
        self._sitting -= 1
        if not (self._sitting or self._waiting):
            async with self._lock():
                if not (self._sitting or self._waiting):
                    # After the call: what it brought must not be lost over a seat, which ends by itself.
                    with suppress(Unavailable):
                        await self._ask(most)

    async def _ask(self, most: int) -> None:
        wanted = self._sitting + self._waiting
        seconds = self._longest + _LONGER
        self._seats = await asyncio.to_thread(
            self._allowance.seats, self._destination, wanted, most, self._sitting, seconds
        )

    def _lock(self) -> asyncio.Lock:
        return self._locks.setdefault(asyncio.get_running_loop(), asyncio.Lock())

    def _full(self, wait: float) -> Unavailable:
        told = problem("F-013", destination=self._destination, seconds=round(wait, 1))
        return Unavailable(told, until=self._clock.now() + timedelta(seconds=max(wait, 0.1)))
