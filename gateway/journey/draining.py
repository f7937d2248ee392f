"""One destination drained, a slice of it: what is on the wire, and a few leases ahead, so that a place that gets
free is filled at once and not when half of them are."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from gateway.ports import Lease

_SLICE = 8  # windows; then the bell is asked whether to go on


@dataclass(frozen=True, slots=True)
class Hands:
    """What a drain does with; those that return at once run in threads.

    prepare    the pure steps of what is due; how many there were
    claim      at most so many leases for the wire
    walk       one of them, to where it waits or settles
    give_back  leases that were not begun
    sound      whether the line has answered last, as the store knows it
    failed     whether it has failed here since this was asked last
    ticks      monotonic seconds
    """

    prepare: Callable[[], int]
    claim: Callable[[int], Sequence[Lease]]
    walk: Callable[[Lease], Coroutine[Any, Any, None]]
    give_back: Callable[[Sequence[Lease]], None]
    sound: Callable[[], bool]
    failed: Callable[[], bool]
    ticks: Callable[[], float]


class Drain:
    """At most `places` walk at once. Half as many are held ahead, none of them for longer than `spare` seconds: by
    so much a lease has to outlast the longest attempt.

    While the line fails none is. What is held is given back, and the next claim judges anew; and the one message that
    tries a line after its rest must go at once: to give it back untried would be another rest.
    """

    def __init__(self, hands: Hands, *, places: int, spare: float) -> None:
        self._hands = hands
        self._places = places
        self._spare = spare
        self._enough = max(1, places // 4)  # a claim costs the store as much for one as for several
        self._ahead: deque[tuple[float, float, Lease]] = deque()  # ticks before and after it was claimed
        self._walking: set[asyncio.Task[None]] = set()
        self._fetching: asyncio.Task[None] | None = None
        self._most_held = places // 2
        self._taken = 0
        self._dry = False

    async def run(self) -> bool:
        """Until nothing more is due, or the slice is through. True when something was found: come again."""
        try:
            while await self._moving():
                continue
        except (Exception, asyncio.CancelledError):
            await self._put_down()
            raise
        return self._taken > 0

    @property
    def held(self) -> int:
        """How many leases wait to be begun."""
        return len(self._ahead)

    async def _moving(self) -> bool:
        await self._begin()
        if (
            self._fetching is None
            and not self._dry
            and self._taken < self._places * _SLICE
            and self._wanted() >= self._enough
        ):
            self._fetching = asyncio.create_task(self._fetch())
        waiting = self._walking | ({self._fetching} if self._fetching else set())
        if not waiting:
            return False
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        self._walking -= done
        if self._fetching in done:
            self._fetching = None
        await asyncio.gather(*done)
        return True

    async def _begin(self) -> None:
        now, stale = self._hands.ticks(), []
        while self._ahead and len(self._walking) < self._places:
            asked, got, lease = self._ahead.popleft()
            if now - asked > self._spare:
                stale.append(lease)
            else:
                self._walking.add(asyncio.create_task(self._hands.walk(_carried_on(lease, now - got))))
        if self._hands.failed():
            stale += [lease for *_, lease in self._ahead]
            self._ahead.clear()
        if stale:
            await asyncio.to_thread(self._hands.give_back, stale)

    async def _fetch(self) -> None:
        prepared = await asyncio.to_thread(self._hands.prepare)
        free = self._places - len(self._walking) - len(self._ahead)
        holding = free >= self._enough or await asyncio.to_thread(self._hands.sound)
        self._most_held = self._places // 2 if holding else 0
        asked, wanted = self._hands.ticks(), free if free >= self._enough else self._wanted()
        leases = await asyncio.to_thread(self._hands.claim, wanted) if wanted > 0 else []
        self._ahead.extend((asked, self._hands.ticks(), lease) for lease in leases)
        self._taken += prepared + len(leases)
        self._dry = wanted > 0 and not (prepared or leases)

    def _wanted(self) -> int:
        return self._places + self._most_held - len(self._walking) - len(self._ahead)

    async def _put_down(self) -> None:
        if self._fetching is not None:
            await asyncio.wait({self._fetching})
        if self._ahead:
            left = [lease for *_, lease in self._ahead]
            self._ahead.clear()
            await asyncio.to_thread(self._hands.give_back, left)


def _carried_on(lease: Lease, seconds: float) -> Lease:
    """As if it had been claimed now: what it says of the time is the time of the claim."""
    return replace(lease, at=lease.at + timedelta(seconds=seconds)) if lease.at and seconds else lease
