"""Running a gateway: with its front door, as a bare worker, or for one errand."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

import uvicorn

from gateway.domain.exchange import Exchange, Stage
from gateway.telling import told
from gateway.web import application
from gateway.wiring import Gateway


def serve(gateway: Gateway, host: str, port: int, announce: Callable[[str], None], *, drains: bool = True) -> None:
    """Serve until SIGINT or SIGTERM; work in hand is finished or left where the journal finds it.

    Without `drains` it is a front door alone: other processes prepare and send.
    """
    listening = socket.create_server((host, port))
    server = uvicorn.Server(_config(gateway))
    gateway.open_door()
    with told(gateway) if drains else nullcontext():
        if drains:
            gateway.start()
        announce(_url(listening))
        server.run(sockets=[listening])


def work(gateway: Gateway) -> None:
    """Drain until SIGINT or SIGTERM."""
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    with told(gateway):
        gateway.start()
        stop.wait()


@contextmanager
def served(gateway: Gateway, port: int = 0) -> Iterator[str]:
    """The front door in a thread of this process; yields its address."""
    listening = socket.create_server(("127.0.0.1", port))
    server = uvicorn.Server(_config(gateway))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="front-door")
    gateway.open_door()
    with told(gateway):
        gateway.start()
        thread.start()
        try:
            yield _url(listening)
        finally:
            server.should_exit = True
            thread.join()


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


def _config(gateway: Gateway) -> uvicorn.Config:
    return uvicorn.Config(application(gateway), log_config=None, access_log=False, lifespan="off", server_header=False)


def _url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://{host}:{port}"
