"""What there is to compare with: a server that only reads a body, and a receiver that only answers.

Each a process of its own: ``python -m gateway.bench.bare door`` · ``… receiver MILLISECONDS FOLDER [telling]``.
"""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

STATUS, STATEMENT = "status.xml", "statement.json"


@contextmanager
def bare(*words: str) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """One of them, and its port."""
    command = [sys.executable, "-m", "gateway.bench.bare", *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603  # our own module
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline()), process
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


async def door(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Raw ASGI: the body is read, and that is all."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        continue
    await send({"type": "http.response.start", "status": 202, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"{}"})


class Receiver(asyncio.Protocol):
    """The national system's REST interface without anything behind it; every answer takes `delay` seconds."""

    def __init__(self, delay: float, status: bytes, statement: bytes, arrived: Callable[[], object]) -> None:
        self._delay = delay
        self._status = status
        self._statement = statement
        self._arrived = arrived
        self._buffer = b""
        # Every packet gets the number that the one status speaks of: an answer about another one counts for nothing.
        self._reference = status.partition(b'reference="')[2].partition(b'"')[0].decode()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end]
            length = head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]
            whole = end + 4 + int(length or 0)
            if len(self._buffer) < whole:
                return
            self._buffer = self._buffer[whole:]
            path = head.split(b" ", 2)[1]
            if path.endswith(b"/packets"):
                self._arrived()
            asyncio.get_running_loop().call_later(self._delay, self._answer, path)

    def _answer(self, path: bytes) -> None:
        kind, body = b"application/json", self._packet()
        if path.endswith(b"/status"):
            kind, body = b"application/xml", self._status
        elif path.endswith(b"/statement"):
            body = self._statement
        elif b"/login" in path:
            body = json.dumps({"code": 200, "message": "ok", "data": {"token": "t", "expiresIn": 3600}}).encode()
        self._transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: " + kind + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        )

    def _packet(self) -> bytes:
        return json.dumps({"code": 200, "message": "ok", "data": {"docId": self._reference}}).encode()


def _serve_door() -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    config = uvicorn.Config(door, log_config=None, access_log=False, lifespan="off", server_header=False)
    uvicorn.Server(config).run(sockets=[listening])


def _tell() -> None:
    sys.stdout.write("\n")
    sys.stdout.flush()


async def _serve_receiver(delay: float, folder: Path, arrived: Callable[[], object]) -> None:
    status, statement = (folder / STATUS).read_bytes(), (folder / STATEMENT).read_bytes()
    server = await asyncio.get_running_loop().create_server(
        lambda: Receiver(delay, status, statement, arrived), "127.0.0.1", 0, backlog=512
    )
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    if sys.argv[1] == "door":
        _serve_door()
    else:
        tells = _tell if "telling" in sys.argv[4:] else lambda: None
        asyncio.run(_serve_receiver(float(sys.argv[2]) / 1000, Path(sys.argv[3]), tells))
