"""The teller of a running gateway: a thread that tells webhooks what waits in the inbox.

Beside `wiring`, because a gateway is whole without it: only `serving` comes in.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from gateway.adapters.http import HttpLine
from gateway.adapters.tls import trust
from gateway.adapters.webhooks import Hook, Teller, Told
from gateway.domain.errors import GatewayError
from gateway.first_use import told_as
from gateway.ports import Bulletin, Notice
from gateway.wiring import Gateway

_MOST_ANSWERED = 64 * 1024  # bytes; nothing in an answer is read but its status
_PASS = 30 * 60.0  # seconds: the longest pass, twenty events of a minute each, and time to spare

log = logging.getLogger("gateway.webhooks")


def teller_of(gateway: Gateway) -> Teller | None:
    """None where no client has a webhook. Their secrets were looked at when the gateway was built."""
    home = gateway.settings.home
    clients: dict[str, Told] = {}
    for client in gateway.settings.clients:
        hook = client.webhook
        if hook is None:
            continue
        tls = trust(home / hook.ca_file) if hook.ca_file else None
        line = HttpLine(client.id, hook.url, deadline=hook.deadline_seconds, most_answered=_MOST_ANSWERED, tls=tls)
        clients[client.id] = Told(client.agreements, Hook(line, hook.secrets(home, [])))

    def bodies(news: Sequence[Notice | Bulletin]) -> list[tuple[str, bytes]]:
        return told_as(gateway.doors, news)

    return Teller(gateway.inbox.telling, clients, bodies, gateway.doors.clock, _PASS) if clients else None


@contextmanager
def told(gateway: Gateway) -> Iterator[None]:
    """While this lasts, webhooks are told; what is in hand at the end is finished."""
    teller = teller_of(gateway)
    if teller is None:
        yield
        return
    stopping = threading.Event()
    seconds = gateway.settings.work.sweep_seconds
    thread = threading.Thread(target=_tell, args=(teller, stopping, seconds), name="teller", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


def _tell(teller: Teller, stopping: threading.Event, seconds: float) -> None:
    asyncio.run(_telling(teller, stopping, seconds))


async def _telling(teller: Teller, stopping: threading.Event, seconds: float) -> None:
    while not stopping.is_set():
        if not await _once(teller):
            await asyncio.to_thread(stopping.wait, seconds)
    await teller.close()


async def _once(teller: Teller) -> int:
    try:
        return await teller.once()
    except GatewayError as error:  # the store is away: what is due is due still
        log.warning("webhooks wait", extra={"why": error.problem.code})
    except Exception:  # the teller outlives any bug; the inbox has it all
        log.exception("teller stumbled")
    return 0
