"""One destination drained, a slice of it: what is on the wire, and a few leases ahead, so that a place that gets
free is filled at once and not when half of them are."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from gateway.journey.places import Place, Places
from gateway.ports import Lease

_SLICE = 8  # windows; then the bell is asked whether to go on
_OFTEN = 0.1  # seconds: so often it is asked for what is to be prepared, while there was none and others can go


@dataclass(frozen=True, slots=True)
class Hands:
    """What a drain does with; those that return at once run in threads.

    prepare    the pure steps of what is due; how many there were
    claim      at most so many leases for the wire
    walk       one of them, to where it waits or settles, on a place that it holds
    give_back  leases that were not begun
    sound      whether the line has answered last, as the store knows it
    failed     whether it has failed here since this was asked last
    ticks      monotonic seconds
    """

    prepare: Callable[[], int]
    claim: Callable[[int], Sequence[Lease]]
    walk: Callable[[Lease, Place], Coroutine[Any, Any, None]]
    give_back: Callable[[Sequence[Lease]], None]
    sound: Callable[[], bool]
    failed: Callable[[], bool]
    ticks: Callable[[], float]


class Drain:
    """At most `places` are on the wire at once; who writes down what he was told leaves his place to the next, so that
    the wire stays full while the disk works. Half as many as there are places are held ahead, none of them for longer
    than `spare` seconds: by so much a lease has to outlast the longest attempt.

    While the line fails none is. What is held is given back, and the next claim judges anew; and the one message that
    tries a line after its rest must go at once: to give it back untried would be another rest.
    """

    def __init__(self, hands: Hands, *, places: int, spare: float) -> None:
        self._hands = hands
        self._number = places
        self._spare = spare
        self._enough = max(1, places // 4)  # a claim costs the store as much for one as for several
        self._ahead: deque[tuple[float, float, Lease]] = deque()  # ticks before and after it was claimed
        self._changed = asyncio.Event()
        self._places = Places(places, freed=self._changed.set)
        self._walking: set[asyncio.Task[None]] = set()
        self._ended: list[asyncio.Task[None]] = []
        self._fetching: asyncio.Task[None] | None = None
        self._most_held = places // 2
        self._taken = 0
        self._dry = False
        self._none_to_prepare = -math.inf  # ticks, when it was last asked and there was none

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
        self._changed.clear()
        if stale := self._begin():
            await asyncio.to_thread(self._hands.give_back, stale)
        if (
            self._fetching is None
            and not self._dry
            and self._taken < self._number * _SLICE
            and self._wanted() >= self._enough
        ):
            self._fetching = self._task(self._fetch())
        if not (self._walking or self._fetching or self._ended):
            return False
        await self._changed.wait()
        ended, self._ended = self._ended, []
        for task in ended:
            task.result()
        return True

    def _begin(self) -> list[Lease]:
        """Fill the places that are free; the leases that are not to be begun any more."""
        now, stale = self._hands.ticks(), []
        while self._ahead and self._room():
            asked, got, lease = self._ahead.popleft()
            if now - asked > self._spare:
                stale.append(lease)
            else:
                walk = self._hands.walk(_carried_on(lease, now - got), self._places.place())
                self._walking.add(self._task(walk))
        if self._hands.failed():
            stale += [lease for *_, lease in self._ahead]
            self._ahead.clear()
        return stale

    def _task(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        task.add_done_callback(self._end)
        return task

    def _end(self, task: asyncio.Task[None]) -> None:
        self._walking.discard(task)
        if task is self._fetching:
            self._fetching = None
        self._ended.append(task)
        self._changed.set()

    async def _fetch(self) -> None:
        asked, prepared, leases, holding = await asyncio.to_thread(self._fetched)
        self._most_held = self._number // 2 if holding else 0
        self._ahead.extend((asked, self._hands.ticks(), lease) for lease in leases)
        self._taken += prepared + len(leases)

    def _fetched(self) -> tuple[float, int, Sequence[Lease], bool]:
        """One thread for all of it. It looks at the places while others take and leave them: a guess will do."""
        often = self._hands.ticks() - self._none_to_prepare < _OFTEN
        prepared = 0 if often else self._prepare()
        free = self._room() - len(self._ahead)
        holding = free >= self._enough or self._hands.sound()
        asked, wanted = self._hands.ticks(), free + (self._number // 2 if holding and free < self._enough else 0)
        leases = self._hands.claim(wanted) if wanted > 0 else []
        if often and not leases:
            prepared = self._prepare()
        self._dry = wanted > 0 and not (prepared or leases)
        return asked, prepared, leases, holding

    def _prepare(self) -> int:
        prepared = self._hands.prepare()
        self._none_to_prepare = -math.inf if prepared else self._hands.ticks()
        return prepared

    def _room(self) -> int:
        """How many may begin: there is a place for each, and not twice as many are under way as there are places."""
        return max(0, min(self._places.free, 2 * self._number - len(self._walking)))

    def _wanted(self) -> int:
        return self._room() + self._most_held - len(self._ahead)

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
