"""Imports every module of both houses with the world watched, and prints what moved: one line each.

A program of its own, because modules that other tests imported would not be imported again.
"""

from __future__ import annotations

import importlib
import logging
import os
import signal
import sys
import sysconfig
import threading
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Any

import dramatiq.broker
import prometheus_client

from tests.house.tree import HOUSES, ROOT, modules

_STANDARD = (sysconfig.get_path("stdlib"), "<frozen ")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_MOVES = {
    "_thread.start_new_thread", "os.exec", "os.fork", "os.forkpty", "os.mkdir", "os.posix_spawn",
    "os.remove", "os.rename", "os.rmdir", "os.system", "shutil.copyfile", "shutil.rmtree", "socket.bind",
    "socket.connect", "socket.getaddrinfo", "sqlite3.connect", "subprocess.Popen",
}  # fmt: skip
_SETTINGS = {"os.putenv", "os.unsetenv"}  # polars tunes its own allocator so


def main() -> None:
    seen: list[str] = []
    before = _registered()
    _watch(seen)
    for module in modules():
        importlib.import_module(module.name)
    seen += [f"{name} changed" for name, value in _registered().items() if value != before[name]]
    sys.stdout.write("".join(f"{line}\n" for line in seen))


def _watch(seen: list[str]) -> None:
    def heard(event: str, given: tuple[Any, ...]) -> None:
        if event in _MOVES:
            seen.append(f"{event} {given[:2]}")
        elif event in _SETTINGS and (place := _our_line(sys._getframe(1))):
            seen.append(f"{place} sets the environment: {given[0]!r}")
        elif event == "open":
            path, mode, flags = given
            if (isinstance(mode, str) and set(mode) & set("wax+")) or flags & _WRITING:
                seen.append(f"opens for writing {path}")
            elif place := _our_line(sys._getframe(1)):
                seen.append(f"{place} reads {path}")

    class Watched(type(os.environ)):  # type: ignore[misc]  # the one type an environment has
        def __getitem__(self, key: str) -> str:
            if place := _our_line(sys._getframe(1)):
                seen.append(f"{place} reads the environment: {key}")
            value: str = super().__getitem__(key)
            return value

    os.environ.__class__ = Watched
    sys.addaudithook(heard)


def _our_line(frame: FrameType | None) -> str | None:
    """Where in our houses this was asked, unless a library or the import machinery asked for itself."""
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith("<frozen importlib"):
            return None
        if name.startswith(tuple(f"{ROOT / house}{os.sep}" for house in HOUSES)):
            return f"{Path(name).relative_to(ROOT)}:{frame.f_lineno}"
        if "site-packages" in name or not name.startswith(_STANDARD):
            return None
        frame = frame.f_back
    return None


def _registered() -> Mapping[str, object]:
    """What a process has only one of."""
    return {
        "the log's handlers": list(logging.getLogger().handlers),
        "the log's level": logging.getLogger().level,
        "the global broker": dramatiq.broker.global_broker,
        "the global metrics": sorted(family.name for family in prometheus_client.REGISTRY.collect()),
        "handlers of signals": [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)],
        "the excepthook": sys.excepthook,
        "threads": threading.enumerate(),
        "the working folder": Path.cwd(),
    }


if __name__ == "__main__":
    main()
