"""The other end of a line, on a real socket: a small HTTP/1.1 server that can also misbehave."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass
class Heard:
    """A request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.split("?")[0]


Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """One event loop per test, with an end to it."""

    async def bounded() -> T:
        return await asyncio.wait_for(coroutine, 20)

    return asyncio.run(bounded())


def says(status: int, body: bytes | str | dict[str, Any], media_type: str = "", **headers: str) -> Answer:
    raw = json.dumps(body).encode() if isinstance(body, dict) else body.encode() if isinstance(body, str) else body
    kind = media_type or ("application/json" if isinstance(body, dict) else "text/plain")
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(raw)}", f"Content-Type: {kind}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write("\r\n".join([*lines, "", ""]).encode() + raw)
        await writer.drain()

    return answer


def breaks_off(after: bytes = b"") -> Answer:
    """Some bytes, then a connection reset."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        if after:
            writer.write(after)
            await writer.drain()
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    return answer


def hangs() -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    return answer


def late(answer: Answer, seconds: float) -> Answer:
    async def answered(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        await answer(writer)

    return answered


def patience(answer: Answer) -> float:
    """Seconds for a whole call: few where the answer never ends, more than any machine needs where it does."""
    return 2.0 if answer.__qualname__.startswith((hangs.__name__, drips.__name__)) else 120.0


def drips(every: float = 0.05) -> Answer:
    """A valid answer of which a byte comes now and then: no single read ever times out."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(every)

    return answer


def garbles(raw: bytes = b"\x16\x03\x01 not HTTP\r\n\r\n") -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        await writer.drain()
        writer.close()

    return answer


@dataclass
class Peer:
    """`answers` by “METHOD /path”: used up one by one, the last one for ever."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)
    url: str = ""

    def __post_init__(self) -> None:
        self._queues = {name: deque(answers) for name, answers in self.answers.items()}
        self._tasks: set[asyncio.Task[Any]] = set()

    def to(self, path: str) -> list[Heard]:
        return [heard for heard in self.heard if heard.path == path]

    async def __aenter__(self) -> Peer:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while not writer.is_closing():
                heard = await self._hear(reader)
                self.heard.append(heard)
                await self._answer(heard)(writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    def _answer(self, heard: Heard) -> Answer:
        queue = self._queues.get(f"{heard.method} {heard.path}")
        if not queue:
            return says(404, "no such page")
        return queue.popleft() if len(queue) > 1 else queue[0]

    async def _hear(self, reader: asyncio.StreamReader) -> Heard:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = head[0].split(" ")
        pairs = (line.split(":", 1) for line in head[1:] if line)
        headers = {name.lower(): value.strip() for name, value in pairs}
        return Heard(method, target, headers, await reader.readexactly(int(headers.get("content-length", 0))))


def deaf_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
