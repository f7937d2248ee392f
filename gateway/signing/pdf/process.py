"""The reading processes, kept and used again: starting one costs more than reading a file.

A file that takes too long or too much memory kills its process and nothing else; the next file gets a new one.
Refused: reading in a thread, which nothing can stop; a process for each file, which is half a second each.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, TypeVar

from gateway.domain.record import plain
from gateway.signing.pdf.pipe import FILES, READY, SECONDS, put, taken
from gateway.signing.pdf.told import Reading, Rules, reading_of

LONGEST = 30.0  # seconds on the clock, whatever else the machine does; the processor's own are bound by the worker
_AT_ONCE = 2
_FILES = 100  # then it is replaced: what a library leaks must not add up
_START_SECONDS = 60.0

T = TypeVar("T")


@dataclass
class _Kept:
    process: subprocess.Popen[bytes]
    files: int = 0


class PdfReaders:
    """Safe between threads. `longest` for each file; at most `at_once` processes, started when first wanted."""

    def __init__(self, longest: float = LONGEST, at_once: int = _AT_ONCE) -> None:
        self._longest = longest
        self._free = threading.Semaphore(at_once)
        self._idle: list[_Kept] = []
        self._lock = threading.Lock()
        weakref.finalize(self, _end_all, self._idle)

    def read(self, data: bytes, rules: Rules) -> Reading:
        """What is told of the file; a fault where it takes too much, never an error."""
        told = self._asked(json.dumps(plain(rules)).encode(), data, _told)
        return told or Reading(fault=f"more than {SECONDS} seconds, or more memory than allowed")

    def files(self, data: bytes) -> list[tuple[str, bytes]]:
        """(name, content) of each data file in a PDF; nothing where none can be read, or that takes too much."""
        return self._asked(FILES, data, _files) or []

    def _asked(self, wanted: bytes, data: bytes, answer: Callable[[IO[bytes]], T | None]) -> T | None:
        """None where the process did not live to tell."""
        with self._free:
            kept = self._taken()
            found = _asked(kept.process, wanted, data, self._longest, answer)
            kept.files += 1
            if found is None or kept.files >= _FILES:
                _end(kept.process)
            else:
                with self._lock:
                    self._idle.append(kept)
        return found

    def close(self) -> None:
        with self._lock:
            _end_all(self._idle)

    def _taken(self) -> _Kept:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return _Kept(_started())


def _started() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "gateway.signing.pdf.worker"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # noqa: S603  # our own module
    assert process.stdout is not None
    with _Deadline(process, _START_SECONDS):
        process.stdout.read(len(READY))
    return process


def _asked(
    process: subprocess.Popen[bytes],
    wanted: bytes,
    data: bytes,
    seconds: float,
    answer: Callable[[IO[bytes]], T | None],
) -> T | None:
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        with _Deadline(process, seconds):
            put(process.stdin, wanted)
            put(process.stdin, data)
            return answer(process.stdout)
    except OSError:  # it is gone
        return None


def _told(stream: IO[bytes]) -> Reading | None:
    said = taken(stream)
    return reading_of(json.loads(said)) if said is not None else None


def _files(stream: IO[bytes]) -> list[tuple[str, bytes]] | None:
    count = taken(stream)
    found: list[tuple[str, bytes]] = []
    for _ in range(int(count or b"0")):
        name, content = taken(stream), taken(stream)
        if name is None or content is None:
            return None
        found.append((name.decode(), content))
    return found if count is not None else None


class _Deadline:
    """Kills the process when time is up: its pipes then end, and whoever reads them goes on."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        self._timer = threading.Timer(seconds, process.kill)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except OSError:  # what could not be written any more
                continue
    process.wait()


def _end_all(idle: list[_Kept]) -> None:
    while idle:
        _end(idle.pop().process)
