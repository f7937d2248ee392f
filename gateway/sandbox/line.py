"""A listening port whose sockets can be made to misbehave.

The fault is done on the application's own socket. A proxy in front was refused: it would cost every
benchmark a second pass over all bytes, and would have to read HTTP to know which request is a packet.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

TRANSPORT = "sandbox.transport"


class _Line(HttpToolsProtocol):
    """uvicorn's own protocol; the request knows the socket it came by."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"][TRANSPORT] = self.transport


class Port:
    """One address on the loopback, held from the first moment on. Raises `OSError` when it is taken."""

    def __init__(self, number: int) -> None:
        self._held: socket.socket | None = _bound(number)
        self.number: int = self._held.getsockname()[1]
        self._state = ServerState()
        self._server: asyncio.Server | None = None
        self._config: uvicorn.Config | None = None
        self._turning = asyncio.Lock()  # one hand on the door at a time

    def serve(self, app: ASGIApp) -> None:
        """What stands behind the door, from the next `open_door` on."""
        self._config = uvicorn.Config(
            app, http=_Line, ws="none", lifespan="off", log_config=None, access_log=False, timeout_keep_alive=60
        )
        self._config.load()

    async def open_door(self) -> None:
        async with self._turning:
            if self._held is None:
                return
            held, self._held = self._held, None
            self._server = await asyncio.get_running_loop().create_server(self._protocol, sock=held, backlog=2048)

    async def close_door(self) -> None:
        """Refuse new connections and end idle ones. The address stays held, unlistened: nobody else may take it."""
        async with self._turning:
            if self._server is None:
                return
            for door in self._server.sockets:
                asyncio.get_running_loop().remove_reader(door.fileno())
            await asyncio.sleep(0)  # whom the loop is taking in just now is in: once the server is closed asyncio
            await asyncio.sleep(0)  # would drop his line without closing it
            self._server.close()
            self._server = None
            self._held = _bound(self.number)
        for connection in list(self._state.connections):
            connection.shutdown()
        await asyncio.sleep(0)  # an idle line is closed by the loop, a turn or two later: until then
        await asyncio.sleep(0)  # somebody could send along it, and would be cut off instead of refused

    async def stop(self) -> None:
        await self.close_door()
        self.let_go()
        tasks = list(self._state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for connection in list(self._state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)

    def let_go(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None

    def _protocol(self) -> asyncio.Protocol:
        assert self._config is not None
        return _Line(config=self._config, server_state=self._state, app_state={})


def _bound(number: int) -> socket.socket:
    held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", number))
    except OSError:
        held.close()
        raise
    return held


def reset(transport: Any) -> None:
    """End a connection with RST instead of FIN."""
    raw = transport.get_extra_info("socket")
    if raw is not None and raw.fileno() >= 0:
        # Lingering belongs to the connection, not to the descriptor: a copy sets it under any event loop.
        with socket.socket(fileno=os.dup(raw.fileno())) as copy:
            copy.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
