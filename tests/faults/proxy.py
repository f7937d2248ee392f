"""A small TCP proxy for trouble on the line: between the gateway and the other side, PostgreSQL or Redis.

It stands in a thread of the test's process. What it does now it does to every connection, also to those a pool
keeps open; `times` bounds how many connections are ended by it. Bytes are read at once and passed on when they
may, so that what one side sent is still on its way after that side has gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

Way = Literal["up", "down"]  # up: from who connects to the target
_PIECE = 1 << 16
_PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Manner:
    """What the line does.

    pass              nothing is wrong
    latency           every piece comes `seconds` late
    drip              one byte each `seconds`, in direction `way`
    hang              nothing passes in direction `way` (None: in neither) until another manner is told; then all of it
    reset             ended with RST as soon as something is asked
    cut               ended with RST once `size` bytes have passed in direction `way`
    cut_reply         the question arrives, the answer is thrown away and the line ended
    """

    name: Literal["pass", "latency", "drip", "hang", "reset", "cut", "cut_reply"] = "pass"
    seconds: float = 0.0
    way: Way | None = None
    size: int = 0


_PASS = Manner()
_ENDING = ("reset", "cut", "cut_reply")


class Proxy:
    """A door at `port` to `target`; `tls` is what it shows to who connects (the target hears plain bytes)."""

    def __init__(self, target: tuple[str, int], *, tls: ssl.SSLContext | None = None) -> None:
        self.target = target
        self._tls = tls
        self._manner = _PASS
        self._left: int | None = None
        self._changed: asyncio.Event | None = None
        self._links: set[_Link] = set()
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._held: socket.socket | None = _bound(0)
        self.port: int = self._held.getsockname()[1]
        self.ended = 0  # connections ended by a manner

    # ── the hand on the line, from any thread ────────────────────────────────────────────────────
    def begin(self, manner: Manner, times: int | None = None) -> None:
        self._do(self._begin(manner, times))

    def clear(self) -> None:
        """Everything passes again, the door is open, what was kept back goes on."""
        self._do(self._clear())

    def refuse(self) -> None:
        """New connections are refused, those there are end with RST."""
        self._do(self._refuse())

    def cut(self) -> None:
        """End every connection now; new ones are taken."""
        self._do(self._cut())

    @contextmanager
    def doing(self, manner: Manner, times: int | None = None) -> Iterator[None]:
        self.begin(manner, times)
        try:
            yield
        finally:
            self.clear()

    @contextmanager
    def standing(self) -> Iterator[Proxy]:
        """While it stands."""
        thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        thread.start()
        self._do(self._open())
        try:
            yield self
        finally:
            self._do(self._end())
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join(_PATIENCE)
            self._loop.close()

    def _do(self, what: object) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(_PATIENCE)  # type: ignore[arg-type]

    # ── on the loop ──────────────────────────────────────────────────────────────────────────────
    async def _begin(self, manner: Manner, times: int | None) -> None:
        self._manner, self._left = manner, times
        for link in self._links:
            link.passed = {"up": 0, "down": 0}
        self._tell()

    async def _clear(self) -> None:
        self._manner, self._left = _PASS, None
        self._tell()
        await self._open()

    async def _refuse(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            for door in server.sockets:
                self._loop.remove_reader(door.fileno())
            await asyncio.sleep(0)  # whom the loop is taking in just now is in, and hears it from `_linked`:
            await asyncio.sleep(0)  # of a server that is closed asyncio would drop his line without closing it
            server.close()
            self._held = _bound(self.port)
        await self._cut()

    async def _cut(self) -> None:
        for link in list(self._links):
            link.reset()

    async def _open(self) -> None:
        if self._held is not None:
            held, self._held = self._held, None
            self._server = await asyncio.start_server(self._linked, sock=held, ssl=self._tls, backlog=512)

    async def _end(self) -> None:
        await self._refuse()
        if self._held is not None:
            self._held.close()
        self._manner = _PASS
        self._tell()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if others:  # their lines are gone: they end by themselves
            await asyncio.wait(others, timeout=_PATIENCE / 2)

    def _tell(self) -> None:
        changed, self._changed = self._changed, None
        if changed is not None:
            changed.set()

    async def change(self) -> None:
        """Until another manner is told."""
        if self._changed is None:
            self._changed = asyncio.Event()
        await self._changed.wait()

    def manner(self) -> Manner:
        """What is done now; one that has had its times is over."""
        return _PASS if self._left == 0 and self._manner.name in _ENDING else self._manner

    def counted(self) -> None:
        self.ended += 1
        if self._left is not None:
            self._left -= 1

    async def _linked(self, near: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        if self._server is None:  # shut while this one was coming in
            _reset(near_out)
            return
        link = _Link(self, near_out)
        self._links.add(link)
        try:
            far, far_out = await asyncio.open_connection(*self.target)
            link.connected(far_out)
            await asyncio.gather(link.pump("up", near, far_out), link.pump("down", far, near_out))
        except OSError:
            link.reset()
        finally:
            self._links.discard(link)
            link.close()


class _Link:
    """One connection, both ways."""

    def __init__(self, proxy: Proxy, near: asyncio.StreamWriter) -> None:
        self._proxy = proxy
        self._ends = [near]
        self._over = False
        self.passed: dict[Way, int] = {"up": 0, "down": 0}

    def connected(self, far: asyncio.StreamWriter) -> None:
        self._ends.append(far)
        if self._over:  # ended while it was being connected
            _reset(far)

    def reset(self) -> None:
        self._over = True
        for end in self._ends:
            _reset(end)

    def close(self) -> None:
        for end in self._ends:
            end.close()

    async def pump(self, way: Way, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        pieces: asyncio.Queue[bytes] = asyncio.Queue()
        reading = asyncio.ensure_future(_read(source, pieces))
        try:
            while not self._over and (piece := await pieces.get()):
                await self._pass_on(way, piece, sink)
            if not self._over and sink.can_write_eof():
                sink.write_eof()
        except OSError:
            return  # the other end has gone; what was told to this one is another pump's matter
        finally:
            reading.cancel()

    async def _pass_on(self, way: Way, piece: bytes, sink: asyncio.StreamWriter) -> None:
        manner = self._proxy.manner()
        while manner.name == "hang" and manner.way in (None, way):
            await self._proxy.change()
            manner = self._proxy.manner()
        if manner.name == "latency":
            await asyncio.sleep(manner.seconds)
        if manner.name == "drip" and manner.way in (None, way):
            for at in range(len(piece)):
                if self._proxy.manner() is not manner:
                    piece = piece[at:]
                    break
                sink.write(piece[at : at + 1])
                await sink.drain()
                await asyncio.sleep(manner.seconds)
            else:
                return
        elif manner.name in _ENDING and (kept := self._last_bytes(manner, way, piece)) is not None:
            sink.write(kept)
            with contextlib.suppress(OSError):
                await sink.drain()
            self._proxy.counted()
            self.reset()
            return
        self.passed[way] += len(piece)
        sink.write(piece)
        await sink.drain()

    def _last_bytes(self, manner: Manner, way: Way, piece: bytes) -> bytes | None:
        """What still passes before the line is ended; None when it is not ended here."""
        if manner.name == "reset":
            return b"" if way == "up" else None
        if manner.name == "cut_reply":
            return b"" if way == "down" else None
        left = manner.size - self.passed[way]
        return piece[: max(0, left)] if way == (manner.way or "up") and left < len(piece) else None


async def _read(source: asyncio.StreamReader, pieces: asyncio.Queue[bytes]) -> None:
    try:
        while piece := await source.read(_PIECE):
            pieces.put_nowait(piece)
    except OSError:
        pass
    pieces.put_nowait(b"")


def address(url: str) -> tuple[str, int]:
    """Host and port of an address that names both."""
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    return parts.hostname, parts.port


def any_manner(lot: random.Random) -> Manner:
    """One drawn by lot; each bounded in time by whoever draws it."""
    way: Way = lot.choice(("up", "down"))
    return lot.choice(
        (
            Manner("latency", seconds=lot.uniform(0.01, 0.2)),
            Manner("drip", seconds=lot.uniform(0.001, 0.02), way=way),
            Manner("hang", way=lot.choice((way, None))),
            Manner("reset"),
            Manner("cut", size=lot.randint(0, 4000), way=way),
            Manner("cut_reply"),
        )
    )


def _reset(end: asyncio.StreamWriter) -> None:
    raw = end.get_extra_info("socket")
    if raw is not None and raw.fileno() >= 0:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    end.transport.abort()


def _bound(number: int) -> socket.socket:
    """The address held, unlistened: nobody else takes it while the door is shut."""
    held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", number))
    return held
