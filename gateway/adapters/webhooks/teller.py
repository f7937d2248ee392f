"""Tells each client's webhook what waits for it, again and again until it answers or the client took note itself."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gateway.adapters.webhooks.hook import Hook
from gateway.domain.errors import GatewayError, Unavailable
from gateway.ports import Bulletin, Clock, Notice, Telling, Untold

RETRIES = (5.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0)
"""Seconds after the first failed attempt, the second, …; the last for ever after: it waits in the inbox meanwhile."""

_AT_ONCE = 20

log = logging.getLogger("gateway.webhooks")

Body = tuple[str, bytes]  # an event's id, and the event


@dataclass(frozen=True, slots=True)
class Told:
    """A client that is told: which agreements are its own, and its webhook."""

    agreements: Sequence[str]
    hook: Hook


class Teller:
    """`bodies` makes the events, in the order of the news; `seconds` is longer than one pass over them may take."""

    def __init__(
        self,
        telling: Telling,
        clients: Mapping[str, Told],
        bodies: Callable[[Sequence[Notice | Bulletin]], list[Body]],
        clock: Clock,
        seconds: float,
    ) -> None:
        self._telling = telling
        self._clients = clients
        self._bodies = bodies
        self._clock = clock
        self._seconds = seconds

    async def once(self) -> int:
        """Tell everybody what is due; how many events were answered. A client that is away keeps no other waiting."""
        return sum(await asyncio.gather(*(self._client(name, told) for name, told in self._clients.items())))

    async def close(self) -> None:
        for told in self._clients.values():
            await told.hook.close()

    async def _client(self, name: str, told: Told) -> int:
        claimed = await asyncio.to_thread(self._telling.untold, name, told.agreements, _AT_ONCE, self._seconds)
        events = await asyncio.to_thread(self._bodies, [one.news for one in claimed])
        for number, (event, body) in enumerate(events):
            try:
                await told.hook.tell(event, body, self._clock.now())
            except GatewayError as error:
                await asyncio.to_thread(self._put_off, name, claimed[number:], error)
                return number
            await asyncio.to_thread(self._telling.told, name, event)
        return len(claimed)

    def _put_off(self, name: str, rest: Sequence[Untold], error: GatewayError) -> None:
        """The one that failed by its own count; those behind it a little: it may have been this event alone."""
        failed, *others = rest
        wait = RETRIES[min(failed.attempts, len(RETRIES)) - 1]
        if isinstance(error, Unavailable) and error.retry_after:
            wait = max(wait, error.retry_after)
        told = {"client": name, "event": failed.news.id, "attempts": failed.attempts, "why": error.problem.code}
        log.warning("webhook not answered", extra=told)
        self._telling.postpone(name, failed.news.id, wait)
        for one in others:
            self._telling.postpone(name, one.news.id, RETRIES[0], tried=False)
