"""Two hosts in one process: gateways of one deployment on one database, each with its own folder, line and clock."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from gateway.deploy import connect, create
from gateway.ports import Clock
from gateway.sandbox import Sandbox
from gateway.serving import served
from gateway.wiring import Gateway, Seen, build
from gateway.working import synchronised
from tests.faults.checker import Run
from tests.faults.clients import Partner
from tests.faults.fleet import AGREEMENT, configure
from tests.faults.history import History, every
from tests.faults.proxy import Proxy, address


class Wrong:
    """A host's clock that is `by` off; it may jump at any moment."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.by = timedelta()

    def now(self) -> datetime:
        return self._clock.now() + self.by

    def new_id(self, prefix: str) -> str:
        return self._clock.new_id(prefix)

    def spread(self) -> float:
        return 0.0

    def ticks(self) -> float:
        return self._clock.ticks()


@dataclass
class Host:
    gateway: Gateway
    clock: Wrong
    line: Proxy


@dataclass
class Pair:
    """`partner` speaks to both front doors where they are `open`."""

    hosts: tuple[Host, Host]
    other_side: Sandbox
    history: History
    key: str

    @contextmanager
    def open(self, *hosts: Host) -> Iterator[Partner]:
        """These serve and drain; both where none is named."""
        with ExitStack() as stack:
            urls = [stack.enter_context(served(one.gateway)) for one in hosts or self.hosts]
            partner = Partner(urls, self.key, self.history)
            stack.callback(partner.close)
            yield partner

    def run(self) -> Run:
        journal = self.hosts[1].gateway.journal
        now = datetime.now().astimezone().timestamp()
        return Run(self.history.read(), list(every(journal)), self.other_side.arrivals(), now)


@contextmanager
def pair(folder: Path, database: str) -> Iterator[Pair]:
    with ExitStack() as stack:
        other_side = stack.enter_context(Sandbox.thread(folder / "other-side"))
        other_side.mode(judge_after=0.0)
        there = other_side.national_url
        first = folder / "host-0"
        key = create(first, "thanh-hoa").key_file.read_text("utf-8")
        connect(first, other_side)
        shutil.copytree(first, folder / "host-1")
        hosts = []
        for number in (0, 1):
            line = stack.enter_context(Proxy(address(there)).standing())
            home = folder / f"host-{number}"
            configure(home, f"http://127.0.0.1:{line.port}{urlsplit(there).path}")
            clocks: list[Wrong] = []

            def wrong(clock: Clock, clocks: list[Wrong] = clocks) -> Clock:
                clocks.append(Wrong(clock))
                return clocks[-1]

            gateway = stack.enter_context(build(home, {"GATEWAY_DATABASE_URL": database}, Seen(clock=wrong)))
            hosts.append(Host(gateway, clocks[0], line))
        synchronised(hosts[0].gateway, AGREEMENT, "VPCP-CT")
        history = stack.enter_context(History(folder / "history"))
        yield Pair((hosts[0], hosts[1]), other_side, history, key)
