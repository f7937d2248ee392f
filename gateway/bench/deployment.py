"""A served gateway as a process of its own, with the other side in another: what is measured is the
gateway's process alone."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from gateway.clock import SystemClock
from gateway.deploy import connect, create, discard
from gateway.domain.exchange import Kind
from gateway.mapping.approval import approve
from gateway.ports import Query
from gateway.sandbox import Sandbox
from gateway.wiring import build
from gateway.working import synchronised

AGREEMENT = "ktxh-ky-so"
_PATIENCE = 300.0


@dataclass
class Running:
    """A gateway under test. `desk` speaks to its front door with a client's key."""

    home: Path
    process: subprocess.Popen[str]
    other_side: Sandbox
    desk: httpx.Client

    def counts(self) -> dict[str, int]:
        """Exchanges by stage, as /metrics shows them."""
        found: dict[str, int] = {}
        for line in self.desk.get("/metrics").text.splitlines():
            if line.startswith("gateway_exchanges{"):
                label, value = line.rsplit(" ", 1)
                found[label.split('stage="')[1].split('"')[0]] = int(float(value))
        return found

    def store_pid(self) -> int:
        """The process of its embedded PostgreSQL."""
        return _store_pid(self.home)

    def parcels(self, most: int) -> list[bytes]:
        """The bytes of the newest packets that went out."""
        with build(self.home, {}) as errand:
            journal = errand.journal
            found = journal.find(Query(kinds=(Kind.OUTBOUND,), limit=most))
            return [journal.bytes_of(x.parcel.body.digest) for x in found if x.parcel]

    def until(self, true: Callable[[], bool], what: str) -> None:
        last = time.monotonic() + _PATIENCE
        waiting = threading.Event()
        while not true():
            if time.monotonic() > last or self.process.poll() is not None:
                raise TimeoutError(what)
            waiting.wait(0.25)  # asking costs the gateway CPU, too


@dataclass
class Deployed:
    """A fresh deployment beside the other side; nothing runs there yet."""

    home: Path
    other_side: Sandbox
    key: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}", "Agreement": AGREEMENT}

    def store_pid(self) -> int:
        """The process of its embedded PostgreSQL."""
        return _store_pid(self.home)

    @contextmanager
    def towards(self, port: int, *lines: str) -> Iterator[None]:
        """Its national partner is the bare receiver at `port` for a while; `lines` stand before what is declared."""
        local = self.home / "local.toml"
        before = local.read_text("utf-8")
        told = before.replace(self.other_side.national_url, f"http://127.0.0.1:{port}")
        local.write_text("".join(f"{line}\n" for line in lines) + told, "utf-8")
        try:
            yield
        finally:
            local.write_text(before, "utf-8")


@contextmanager
def deployed(organisations: Iterable[str] = ()) -> Iterator[Deployed]:
    """Its catalogues are synchronised; gone afterwards.

    `organisations` are added to its mapping pack under their own codes.
    """
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gateway-bench-")))
        other_side = stack.enter_context(Sandbox.process(home / "other-side"))
        deployment = home / "deployment"
        stack.callback(discard, deployment)
        created = create(deployment, "thanh-hoa")
        connect(deployment, other_side)
        with (deployment / "packs" / "kt-xh-tinh" / "to_chuc.csv").open("a", encoding="utf-8") as sheet:
            sheet.writelines(f"{code},{code},1,,,,\n" for code in organisations)
        approve(deployment / "packs" / "kt-xh-tinh", "đo tốc độ", SystemClock().now())  # it is another version now
        with build(deployment, {}) as errand:
            synchronised(errand, AGREEMENT, "VPCP-CT")
        yield Deployed(deployment, other_side, created.key_file.read_text("utf-8"))


@contextmanager
def serving(home: Path, *words: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """``gateway serve`` on the deployment in `home`: its address and its process.

    What it tells of every fact on stderr goes nowhere: a pipe nobody reads would stop it.
    """
    command = [sys.executable, "-m", "gateway", "serve", "--json", "--home", str(home), "--port", "0", *words]
    process = subprocess.Popen(  # noqa: S603  # our own module
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=dict(os.environ)
    )
    try:
        assert process.stdout is not None
        yield next(line.split('"')[3] for line in process.stdout if '"url"' in line), process
    finally:
        _end(process)


@contextmanager
def running(organisations: Iterable[str] = ()) -> Iterator[Running]:
    """A fresh deployment, served."""
    with ExitStack() as stack:
        fresh = stack.enter_context(deployed(organisations))
        url, process = stack.enter_context(serving(fresh.home))
        desk = stack.enter_context(httpx.Client(base_url=url, headers=fresh.headers, timeout=60))
        yield Running(fresh.home, process, fresh.other_side, desk)


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.wait(30)
    if process.stdout is not None:
        process.stdout.close()


def _store_pid(home: Path) -> int:
    folder = home / "var" / "postgres"
    pointer = folder / "place"
    place = Path(pointer.read_text("utf-8")) if pointer.is_file() else folder / "server"
    return int((place / "data" / "postmaster.pid").read_text("utf-8").split("\n", 1)[0])
