"""Running a gateway without its front door: as a bare worker, or for one errand. Nothing of the web is loaded here."""

from __future__ import annotations

import asyncio
import gc
import signal
import threading

from gateway.domain.exchange import Exchange, Stage
from gateway.telling import told
from gateway.wiring import Gateway

_YOUNG = 10_000  # objects more than at the last collection
_LOOKING = 0.5  # seconds: polars, loaded when it is needed, takes SIGINT over so that it ends no wait without an end


def stay() -> None:
    """This process is there to stay: what is loaded by now is never looked through for garbage again.

    And rarely what comes later: the reports in hand are thousands of objects, none of them garbage, and what is done
    with goes by itself, since it leaves no cycles behind. To look for some at Python's own seven hundred took a tenth
    of the CPU of accepting.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG)


def work(gateway: Gateway) -> None:
    """Drain until SIGINT or SIGTERM."""
    stay()
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    with told(gateway):
        gateway.start()
        while not stop.wait(_LOOKING):
            continue


def synchronised(gateway: Gateway, agreement: str, name: str, since: str = "") -> Exchange:
    """Fetch a catalogue, or what changed `since` a version, and walk its journey here and now, whoever else drains."""

    async def fetched() -> Exchange:
        return await _walked(gateway, await gateway.sync_catalogue(agreement, name, since))

    return asyncio.run(fetched())


def walked(gateway: Gateway, x: Exchange) -> Exchange:
    """Walk what came down as far as it goes by itself."""
    return asyncio.run(_walked(gateway, x))


async def _walked(gateway: Gateway, x: Exchange) -> Exchange:
    while not x.settled and x.stage is not Stage.PARKED:
        await asyncio.to_thread(gateway.runner.prepare, x.destination)
        x = await asyncio.to_thread(gateway.journal.read, x.id)
    return x
