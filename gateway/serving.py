"""Running a gateway with its front door; `working` runs one without."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

import uvicorn

from gateway.telling import told
from gateway.web import application
from gateway.wiring import Gateway
from gateway.working import stay

_LEAVING = 6  # seconds: longer than any answer takes; who is in the middle of a report by then hands it in again


def serve(gateway: Gateway, host: str, port: int, announce: Callable[[str], None], *, drains: bool = True) -> None:
    """Serve until SIGINT or SIGTERM; work in hand is finished or left where the journal finds it.

    Without `drains` it is a front door alone: other processes prepare and send.
    """
    listening = socket.create_server((host, port))
    server = uvicorn.Server(_config(gateway))
    gateway.open_door()
    stay()
    with told(gateway) if drains else nullcontext():
        if drains:
            gateway.start()
        announce(_url(listening))
        server.run(sockets=[listening])


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


def _config(gateway: Gateway) -> uvicorn.Config:
    return uvicorn.Config(
        application(gateway), log_config=None, access_log=False, lifespan="off", server_header=False,
        timeout_graceful_shutdown=_LEAVING,
    )  # fmt: skip


def _url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://{host}:{port}"
