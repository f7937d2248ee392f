"""A deployment with the other side beside it, for processes that are killed."""

from __future__ import annotations

import asyncio
import multiprocessing
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pytest

from gateway.deploy import connect, create
from gateway.domain.exchange import Exchange
from gateway.domain.facts import Recorded
from gateway.ports import Query
from gateway.sandbox import Sandbox
from gateway.sandbox.store import Store
from gateway.schemas.packets import PacketReader
from gateway.wiring import Gateway, build
from tests.faults.scenarios import AGREEMENT
from tests.faults.walking import Walk, begun_again

# A server that has everything imported, so that a gateway's process costs a fork, not a start.
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["tests.faults.walking"])
_PATIENCE = 300


@dataclass(frozen=True, slots=True)
class Bench:
    """Where gateways are killed, and what the other side says of it."""

    told: Walk
    other_side: Sandbox
    other_side_folder: Path

    def run(self, scenario: str, point: str) -> int | None:
        """Play `scenario` in a process of its own, to its end or to `point`; its exit code, -9 when it was killed."""
        told = replace(self.told, scenario=scenario, point=point)
        process = _PROCESSES.Process(target=begun_again, args=(asdict(told),))
        process.start()
        process.join(_PATIENCE)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise TimeoutError(f"{scenario} does not end after {point}")
        return process.exitcode

    def opened(self) -> Gateway:
        return build(self.told.home, {"GATEWAY_DATABASE_URL": self.told.database})

    def beside(self) -> list[list[bytes]]:
        """What lay beside the figures of each arrival: the words' packet, then every file."""
        store = Store(self.other_side_folder)
        try:
            return [[part.content for part in store.enclosed(arrival.number)] for arrival in store.arrivals()]
        finally:
            store.close()

    def histories(self) -> list[tuple[Exchange, list[Recorded]]]:
        """Every exchange there is, with all its facts."""
        with self.opened() as gateway:
            return [(x, gateway.journal.history(x.id)) for x in gateway.journal.find(Query(limit=200))]


@pytest.fixture
def bench(tmp_path: Path, database: str) -> Iterator[Bench]:
    with Sandbox.thread(tmp_path / "other-side") as other_side:
        other_side.mode(judge_after=0.05, office_after=0.05)
        home = tmp_path / "deployment"
        create(home, "thanh-hoa")
        connect(home, other_side)
        _quicken(home)
        told = Walk(home, database, other_side.control_url, "", "never:")
        one = Bench(told, other_side, tmp_path / "other-side")
        with one.opened() as gateway:
            asyncio.run(_furnish(gateway))
        yield one


def _quicken(home: Path) -> None:
    """Leases, incidents and settling times of seconds, not of minutes; nothing else differs."""
    local = tomllib.loads((home / "local.toml").read_text("utf-8"))
    addresses = {name: partner["url"] for name, partner in local["partners"].items()}
    partners = [f'[partners.{name}]\nurl = "{url}"\ndeadline_seconds = 2\n' for name, url in addresses.items()]
    told = (
        "[work]\nlease_seconds = 3\n",
        *partners,
        f"[agreements.{AGREEMENT}]\nsettles_after_seconds = 4\n",
        f'[agreements.{AGREEMENT}.composite]\nlegal_basis = "Đồng Tháp, 17.2"\n',
        f'[agreements.{AGREEMENT}.fallback]\noutage_seconds = 0.5\noutage_failures = 2\npolicy = ""\nannex_policy = ""\n',
    )
    (home / "local.toml").write_text("\n".join(told), "utf-8")


async def _furnish(gateway: Gateway) -> None:
    """The catalogue in force, without an exchange of its own in the journal."""
    source = gateway.doors.peers.sources["quoc-gia"]
    catalogue = PacketReader().read_catalogue(await source.fetch("VPCP-CT"))
    gateway.doors.catalogues.publish(catalogue, "furnished")
    await gateway.hang_up()
