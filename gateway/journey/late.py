"""What offices say of a document after its end: nobody waits for it any more, so it is looked for now and then.

A document that was taken in may be returned or given back since, and its report is not entered then (`backfill`).
"""

from __future__ import annotations

import logging

from gateway.domain.errors import GatewayError
from gateway.journey.case import Doors, keep_off
from gateway.journey.statuses import place

_EVERY = 300.0  # seconds

log = logging.getLogger("gateway.journey")


class LateWord:
    """One for each process; that several look does no harm, a status is counted once."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._looked = dict.fromkeys(doors.peers.routes, doors.clock.ticks())
        self._left: dict[str, frozenset[str]] = {}

    def due(self) -> list[str]:
        """The routes that nobody here has looked at for a while."""
        now = self._doors.clock.ticks()
        return [route for route, looked in self._looked.items() if now - looked >= _EVERY]

    async def look(self, route: str) -> None:
        """Once it is due. What stays there unclaimed is named once; a route that does not answer is asked later."""
        if route not in self.due():
            return
        self._looked[route] = self._doors.clock.ticks()
        try:
            keep_off(self._doors, route)
            waiting = await self._doors.peers.routes[route].statuses()
            there = frozenset(status.axis_id for status in waiting)
            if there == self._left.get(route, frozenset()):
                return
            found = await place(self._doors, route, waiting, ended=True)
        except GatewayError as error:
            log.warning("late statuses wait", extra={"destination": route, "why": error.problem.code})
            return
        self._left[route] = there - {status.axis_id for status in found.taken}
        for _, why in found.unclaimed:
            log.warning("status unclaimed", extra={"destination": route, "why": why.code})
