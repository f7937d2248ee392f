"""The real scale-out deployment: `gateway serve` × n and `gateway work` × m, each a process with a folder of its own,
one PostgreSQL server, one Redis and the other side, with a faulty line before each of the three.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from gateway.deploy import connect, create
from gateway.sandbox import Sandbox
from gateway.wiring import Gateway, build
from gateway.working import synchronised
from tests.faults.checker import Run
from tests.faults.history import History, every
from tests.faults.proxy import Proxy, address
from tests.faults.stores import PostgresServer, RedisServer, free_port, until

AGREEMENT = "ktxh-thang"
PACK = "kt-xh-tinh"
LEASE = 3.0
DEADLINE = 1.5
_PATIENCE = 240.0
_BEGUN = "begun\n"
NOTHING_ELSE: Mapping[str, str] = {}


@dataclass
class Member:
    """One process of the deployment. It is begun again under the same address and in the same folder."""

    name: str
    home: Path
    environment: Mapping[str, str]
    port: int | None = None  # of one that serves
    front_only: bool = False
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def log(self) -> Path:
        return self.home / "log"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def begin(self) -> None:
        """Start it; `ready` tells when it runs."""
        with self.log.open("a") as log:
            log.write(_BEGUN)
        verb = ["work"] if self.port is None else ["serve", "--port", str(self.port)]
        alone = ["--front-only"] if self.front_only else []
        command = [sys.executable, "-m", "gateway", *verb, *alone, "--home", str(self.home)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=self.environment)

    def send(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        self.send(signal.SIGKILL)
        self.ended()

    def ended(self, patience: float = 240) -> int:
        assert self.process is not None
        return self.process.wait(patience)

    def ready(self) -> bool:
        """Its log says that it runs."""
        return self.alive and "✓" in self.log.read_text("utf-8").rpartition(_BEGUN)[2]


@dataclass
class Fleet:
    """`folder` is thrown away afterwards. The lines are where trouble is made: `to_other_side`, `to_store`, `to_bell`."""

    folder: Path
    other_side: Sandbox
    store: PostgresServer
    bell: RedisServer
    to_other_side: Proxy
    to_store: Proxy
    to_bell: Proxy
    key: str
    serving: list[Member]
    working: list[Member]

    @property
    def members(self) -> list[Member]:
        return [*self.serving, *self.working]

    def start(self) -> None:
        """Every member up that is not, as a supervisor sees to it: one begun without a store ends, and is begun again."""
        until(self._all_up, "every member runs", _PATIENCE, every=0.25)

    def _all_up(self) -> bool:
        for one in self.members:
            if not one.alive:
                one.begin()
        return all(one.ready() for one in self.members)

    @contextmanager
    def errand(self) -> Iterator[Gateway]:
        """A look into the journal that no faulty line is in the way of; nothing is drained here."""
        with build(self.folder / "errand", {"GATEWAY_DATABASE_URL": self.store.url()}) as gateway:
            yield gateway

    def heal(self) -> None:
        """Everything that was broken stands again; what was killed is begun again."""
        for line in (self.to_other_side, self.to_store, self.to_bell):
            line.clear()
        self.other_side.clear()
        self.bell.empty()
        for one in self.members:
            if one.alive:
                one.send(signal.SIGCONT)
        self.start()

    def at_rest(self) -> bool:
        """Nothing is owed that no person holds, and nothing waits in a spool."""
        spools = (spool for one in self.members for spool in (one.home / "var" / "spool").glob("intake*.ledger"))
        if any(spool.stat().st_size for spool in spools):
            return False
        with self.store.connected() as c:
            row = c.execute("SELECT count(*) FROM exchange WHERE stage = ANY(%s)", [_MOVING]).fetchone()
        return row is not None and row[0] == 0

    def run(self, history: History, led: Mapping[str, str] | None = None) -> Run:
        """What there is to judge."""
        with self.errand() as gateway:
            kept = list(every(gateway.journal))
        return Run(history.read(), kept, self.other_side.arrivals(), self.store.now(), led or {})

    def last_words(self) -> str:
        """The ends of every member's log, for whoever has to find out."""
        return "\n".join(f"── {one.name}\n{one.log.read_text('utf-8')[-1500:]}" for one in self.members)


_MOVING = ["accepted", "validated", "verified", "translated", "packaged", "in_doubt", "delivered", "acknowledged"]


@contextmanager
def fleet(
    folder: Path, *, serving: int = 2, working: int = 2, store: Mapping[str, str] = NOTHING_ELSE
) -> Iterator[Fleet]:
    """A healthy fleet, its catalogue in force; of those that serve, only the first one drains as well.

    `store`: settings of its PostgreSQL.
    """
    with ExitStack() as stack:
        enter = stack.enter_context
        other_side = enter(Sandbox.process(folder / "other-side"))
        other_side.mode(judge_after=0.05)
        database, bell = enter(PostgresServer().standing(**store)), enter(RedisServer(folder).standing())
        there = other_side.national_url
        lines = [
            enter(Proxy(at).standing())
            for at in (address(there), ("127.0.0.1", database.port), ("127.0.0.1", bell.port))
        ]
        to_other_side, to_store, to_bell = lines
        errand = folder / "errand"
        made = create(errand, "thanh-hoa")
        connect(errand, other_side)
        configure(errand, f"http://127.0.0.1:{to_other_side.port}{urlsplit(there).path}")
        environment = {
            **os.environ,
            "GATEWAY_DATABASE_URL": database.url(to_store.port),
            "GATEWAY_REDIS_URL": bell.url(to_bell.port),
        }
        names = [*(f"serve-{n}" for n in range(serving)), *(f"work-{n}" for n in range(working))]
        fronts, members = names[1:serving], []
        for name in names:
            shutil.copytree(errand, folder / name)
            port = free_port() if name.startswith("serve") else None
            members.append(Member(name, folder / name, environment, port, front_only=name in fronts))
        key = made.key_file.read_text("utf-8")
        one = Fleet(
            folder,
            other_side,
            database,
            bell,
            to_other_side,
            to_store,
            to_bell,
            key,
            members[:serving],
            members[serving:],
        )
        with one.errand() as gateway:
            synchronised(gateway, AGREEMENT, "VPCP-CT")
        stack.callback(_end, one)
        one.start()
        yield one


def configure(home: Path, national_url: str) -> None:
    """Where the other side is, and seconds in place of minutes; nothing else differs."""
    (home / "local.toml").write_text(
        f"[work]\nlease_seconds = {LEASE}\nsweep_seconds = 1\n"
        f'[partners.quoc-gia]\nurl = "{national_url}"\ndeadline_seconds = {DEADLINE}\n'
        f"[partners.truc-van-ban]\ndeadline_seconds = {DEADLINE}\n"
        f"[agreements.{AGREEMENT}]\nsettles_after_seconds = 6\n",
        "utf-8",
    )


def _end(one: Fleet) -> None:
    for member in one.members:
        if member.alive:
            member.send(signal.SIGCONT)
            member.kill()
