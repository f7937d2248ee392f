"""The doorbell of one process: a thread with an event loop, one drain at a time for each destination."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Sequence

from gateway.domain.errors import GatewayError

log = logging.getLogger("gateway.queue")

Drain = Callable[[str], Awaitable[bool]]


class LocalDoorbell:
    """`drain(destination)` works once and says whether to come again; `due()` names destinations with work.

    `leave()` runs on the loop when it stops, to close what was opened there.
    """

    def __init__(
        self,
        drain: Drain,
        due: Callable[[], Sequence[str]],
        leave: Callable[[], Awaitable[None]],
        *,
        sweep_seconds: float,
    ) -> None:
        self._drain = drain
        self._due = due
        self._leave = leave
        self._sweep_seconds = sweep_seconds
        self._started = threading.Lock()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._rung: dict[str, asyncio.Event] = {}
        self._drains: set[asyncio.Task[None]] = set()

    def ring(self, destination: str) -> None:
        """Lost when nobody is at home: the sweep finds the work."""
        loop = self._loop
        if loop is None:
            return
        try:
            loop.call_soon_threadsafe(self._note, destination)
        except RuntimeError:  # the loop has just been closed
            return

    def start(self) -> None:
        with self._started:
            if self._thread is not None:
                return
            ready = threading.Event()
            self._thread = threading.Thread(target=self._live, args=(ready,), name="doorbell", daemon=True)
            self._thread.start()
            ready.wait()

    def stop(self) -> None:
        """Finish what is in hand, then go. What a kill cuts off instead is found by its lease."""
        with self._started:
            thread, self._thread = self._thread, None
        loop, stopping = self._loop, self._stopping
        if thread is None or loop is None or stopping is None:
            return
        loop.call_soon_threadsafe(stopping.set)
        thread.join()

    def _live(self, ready: threading.Event) -> None:
        asyncio.run(self._answer(ready))

    async def _answer(self, ready: threading.Event) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        ready.set()
        while not self._stopping.is_set():
            await self._sweep()
            try:
                await asyncio.wait_for(self._stopping.wait(), self._sweep_seconds)
            except TimeoutError:
                continue
        self._loop = None
        for rung in self._rung.values():
            rung.set()
        if self._drains:
            await asyncio.wait(self._drains)
        self._rung.clear()
        await self._leave()

    async def _sweep(self) -> None:
        try:
            destinations = await asyncio.to_thread(self._due)
        except GatewayError as error:  # the store is away: the next sweep asks again
            log.warning("sweep failed", extra={"why": error.problem.code})
            return
        except Exception:  # the bell outlives any bug
            log.exception("sweep stumbled")
            return
        for destination in destinations:
            self._note(destination)

    def _note(self, destination: str) -> None:
        if destination not in self._rung:
            self._rung[destination] = asyncio.Event()
            task = asyncio.create_task(self._serve(destination), name=f"drain {destination}")
            self._drains.add(task)
            task.add_done_callback(self._drains.discard)
        self._rung[destination].set()

    async def _serve(self, destination: str) -> None:
        """Drain whenever rung; many rings while draining are one."""
        rung = self._rung[destination]
        while self._loop is not None:
            await rung.wait()
            rung.clear()
            while self._loop is not None and await self._once(destination):
                continue

    async def _once(self, destination: str) -> bool:
        try:
            return await self._drain(destination)
        except GatewayError as error:
            log.warning("drain failed", extra={"destination": destination, "why": error.problem.code})
        except Exception:  # the bell outlives any bug; the exchange itself keeps its own account of it
            log.exception("drain stumbled", extra={"destination": destination})
        return False
