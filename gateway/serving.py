"""Running a gateway with its front door; `working` runs one without."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from gateway.domain.errors import GatewayError
from gateway.telling import told
from gateway.web import application
from gateway.wiring import Gateway
from gateway.working import stay

log = logging.getLogger("gateway")

_LEAVING = 6  # seconds: longer than any answer takes; who is in the middle of a report by then hands it in again


def serve(gateway: Gateway, host: str, port: int, announce: Callable[[str], None], *, drains: bool = True) -> None:
    """Serve until SIGINT or SIGTERM; work in hand is finished or left where the journal finds it.

    Without `drains` it is a front door alone: other processes prepare and send.
    """
    listening = socket.create_server((host, port))
    server = uvicorn.Server(_config(gateway))
    with _opened(gateway, drains=drains):
        stay()
        announce(_url(listening))
        server.run(sockets=[listening])


@contextmanager
def served(gateway: Gateway, port: int = 0, *, drains: bool = True) -> Iterator[str]:
    """The front door in a thread of this process; yields its address."""
    listening = socket.create_server(("127.0.0.1", port))
    server = uvicorn.Server(_config(gateway))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="front-door")
    with _opened(gateway, drains=drains):
        thread.start()
        try:
            yield _url(listening)
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def _opened(gateway: Gateway, *, drains: bool) -> Iterator[None]:
    """The door open; behind it either all that a gateway does, or its spool handed over and nothing else."""
    gateway.open_door()
    if drains:
        with told(gateway):
            gateway.start()
            yield
        return
    stopping = threading.Event()
    thread = threading.Thread(target=_hand_over, args=(gateway, stopping), name="spool", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        gateway.intake.leave()
        thread.join()


def _hand_over(gateway: Gateway, stopping: threading.Event) -> None:
    while not stopping.wait(gateway.settings.work.sweep_seconds):
        try:
            gateway.hand_over()
        except GatewayError as error:  # the store is away: what waits, waits on
            log.warning("spool waits", extra={"why": error.problem.code})
        except Exception:  # the door outlives any bug; the spool has it all
            log.exception("spool stumbled")


def _config(gateway: Gateway) -> uvicorn.Config:
    return uvicorn.Config(
        application(gateway), log_config=None, access_log=False, lifespan="off", server_header=False,
        timeout_graceful_shutdown=_LEAVING,
    )  # fmt: skip


def _url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://{host}:{port}"
