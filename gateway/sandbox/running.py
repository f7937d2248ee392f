"""Starting and ending the other side: as a process of its own, or in a thread of this one."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

from gateway.sandbox.client import Client
from gateway.sandbox.serving import served

_PATIENCE = 30.0


class Sandbox(Client):
    """A running other side, and the hand on its switches."""

    @classmethod
    @contextmanager
    def process(cls, folder: Path, port: int = 0) -> Iterator[Self]:
        """Its own process, ended by SIGTERM. What it took stays in `folder`."""
        command = [sys.executable, "-m", "gateway.sandbox", str(folder), "--port", str(port)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:  # noqa: S603  # our own module
            try:
                yield from cls._connected(_first_line(child))
            finally:
                child.terminate()
                _ended(child)

    @classmethod
    @contextmanager
    def thread(cls, folder: Path | None = None, port: int = 0) -> Iterator[Self]:
        """A thread of this process; without `folder` nothing is kept."""
        with ExitStack() as stack:
            if folder is None:
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sandbox-")))
            running = _Running(folder, port)
            stack.callback(running.stop)
            yield from cls._connected(running.start())

    def wait(self) -> None:
        """Until Ctrl-C or SIGTERM, also where a shell has started us in the background and with SIGINT ignored."""
        ended = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: ended.set())
        ended.wait()

    @classmethod
    def _connected(cls, control_url: str) -> Iterator[Self]:
        with cls(control_url) as hand:
            yield hand


class _Running:
    """One event loop in one thread."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self._port = port
        self._ready = threading.Event()
        self._control_url = ""
        self._error: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="sandbox", daemon=True)

    def start(self) -> str:
        """The control port's address. Raises what kept it from starting."""
        self._thread.start()
        if not self._ready.wait(_PATIENCE):
            raise TimeoutError("the sandbox does not start")
        if self._error is not None:
            raise self._error
        return self._control_url

    def stop(self) -> None:
        if self._loop is not None and self._ended is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(_PATIENCE)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except OSError as error:
            self._error = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        async with served(self._folder, self._port) as addresses:
            self._control_url = addresses["control_url"]
            self._ready.set()
            await self._ended.wait()


def _first_line(child: subprocess.Popen[str]) -> str:
    """The control port's address, from the one line the program prints."""
    assert child.stdout is not None
    line = child.stdout.readline()
    if not line:
        raise RuntimeError(f"the sandbox ended at once with {child.wait(_PATIENCE)}")
    address: str = json.loads(line)["control_url"]
    return address


def _ended(child: subprocess.Popen[str]) -> None:
    try:
        child.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        child.kill()
