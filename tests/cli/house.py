"""Hands that type verbs, in this process or as one of their own, and what they are told."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from gateway.cli.main import main
from gateway.domain.exchange import Exchange, Stage
from gateway.sandbox import Sandbox
from gateway.wiring import Gateway, build
from tests.api.house import THANG, as_json, until

PATIENCE = 60.0
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Told:
    """What a verb said, and how it ended."""

    code: int
    stdout: bytes
    err: str

    @property
    def out(self) -> str:
        return self.stdout.decode("utf-8")

    @property
    def document(self) -> Any:
        """The one JSON document on stdout; anything beside it is a fault."""
        return json.loads(self.stdout)

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


def run(*words: str) -> Told:
    """The verb in this process."""
    out, err = _caught(), _caught()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main(words)
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0
    return Told(code, _bytes(out), _bytes(err).decode("utf-8"))


def process(*words: str, cwd: Path | None = None, **environment: str) -> Told:
    """The verb as a process, as a script sees it."""
    done = subprocess.run(
        _command(words), check=False, capture_output=True, timeout=PATIENCE, cwd=cwd, env=_environment(environment)
    )
    return Told(done.returncode, done.stdout, done.stderr.decode("utf-8"))


@contextmanager
def started(*words: str, cwd: Path | None = None, **environment: str) -> Iterator[Running]:
    """The verb as a process that runs on; killed at the end when nobody ended it."""
    child = subprocess.Popen(
        _command(words),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        env=_environment(environment),
    )
    with child:
        try:
            yield Running(child)
        finally:
            child.kill()


@dataclass(frozen=True, slots=True)
class Running:
    child: subprocess.Popen[str]

    def said(self, word: str) -> str:
        """The line of stderr with `word` in it, waited for."""
        assert self.child.stderr is not None
        return _line_with(self.child, self.child.stderr, word)

    def ended_by(self, number: signal.Signals) -> Told:
        """Send the signal and wait: the exit code, and what had not been read yet."""
        self.child.send_signal(number)
        out, err = self.child.communicate(timeout=PATIENCE)
        return Told(self.child.returncode, out.encode(), err)


def _line_with(child: subprocess.Popen[str], stream: Any, word: str) -> str:
    overdue = threading.Timer(PATIENCE, child.kill)  # the end of the stream ends the reading below
    overdue.start()
    try:
        heard = []
        for line in stream:
            heard.append(line)
            if word in line:
                return str(line)
        raise AssertionError(f"“{word}” was never said; instead: {''.join(heard)}")
    finally:
        overdue.cancel()


@dataclass(frozen=True, slots=True)
class Office:
    """A deployment with the other side beside it; nothing is drained unless a test does."""

    home: Path
    database: str
    other_side: Sandbox
    other_side_folder: Path

    def run(self, *words: str) -> Told:
        return run(*words, "--home", str(self.home))

    def file(self, content: bytes, suffix: str = ".json") -> str:
        """A file somebody wants to hand in."""
        path = self.home.parent / f"{uuid4().hex}{suffix}"
        path.write_bytes(content)
        return str(path)

    def submitted(self, content: bytes | None = None) -> str:
        """The id of a report handed in: one of a unit of its own, when none is given."""
        told = self.run("submit", self.file(content or as_json()), "--as", THANG, "--json")
        assert told.code == 0, told.err
        return str(told.document["id"])

    def stage(self, exchange: str) -> str:
        return str(self.run("show", exchange, "--json").document["stage"])

    @contextmanager
    def opened(self) -> Iterator[Gateway]:
        with build(self.home, {}) as gateway:
            yield gateway

    def prepare(self, destination: str = "quoc-gia") -> None:
        """Everything that needs no wire."""
        with self.opened() as gateway:
            gateway.runner.prepare(destination)

    def at_rest(self) -> None:
        """What others handed in is done with: a fault set now meets what is handed in next."""
        with self.opened() as gateway:
            asyncio.run(_walk(gateway, lambda: not gateway.journal.due()))

    def walked(self, exchange: str, *stages: Stage) -> Exchange:
        """The exchange once it stands at one of `stages`; every destination is drained until then."""
        with self.opened() as gateway:
            asyncio.run(_walk(gateway, lambda: gateway.journal.read(exchange).stage in stages))
            return gateway.journal.read(exchange)


async def _walk(gateway: Gateway, there: Callable[[], bool]) -> None:
    last = time.monotonic() + PATIENCE
    while not await asyncio.to_thread(there):
        assert time.monotonic() < last, "it does not come there"
        for destination in gateway.declarations.partners:
            await gateway.runner.drain(destination)
    await gateway.hang_up()


def _caught() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)


def _bytes(caught: io.TextIOWrapper) -> bytes:
    assert isinstance(caught.buffer, io.BytesIO)
    return caught.buffer.getvalue()


def _command(words: tuple[str, ...]) -> list[str]:
    return [sys.executable, "-m", "gateway", *words]


def _environment(more: dict[str, str]) -> dict[str, str]:
    """Ours, without what points at somebody's deployment; the checkout first, whatever the folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


__all__ = ["PATIENCE", "ROOT", "Office", "Running", "Told", "process", "run", "started", "until"]
