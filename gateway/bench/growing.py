"""The journal alone: many facts written at once beside one by one, and a full journal beside a young one, by turns."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from gateway.bench.deployment import Deployed, deployed
from gateway.bench.filling import Tell, fill, size
from gateway.bench.measuring import tree_cpu_seconds
from gateway.bench.model import PACKAGED, SETTLED, Model
from gateway.domain.exchange import Stage
from gateway.domain.facts import Superseded
from gateway.ports import Entry
from gateway.upkeep import upkeep
from gateway.wiring import Gateway, build

_FEW = 1000
_IN_FLIGHT = 16
_EACH = 200


def writing(there: Deployed, gateway: Gateway, model: Model, rounds: int, facts: int = 300) -> dict[str, Any]:
    """CPU of this process and of PostgreSQL for one opened exchange: each waited for, or many on their way."""
    store = there.store_pid()

    def used() -> float:
        return time.process_time() + tree_cpu_seconds(store)

    alone, together = [], []
    for _ in range(rounds):
        births = [model.birth(SETTLED) for _ in range(facts * 2)]
        began = used()
        for birth in births[:facts]:
            gateway.journal.open(birth)
        alone.append(used() - began)
        began = used()
        for opened in [gateway.journal.opening(birth) for birth in births[facts:]]:
            opened.result()
        together.append(used() - began)
    one, many = statistics.median(alone) / facts, statistics.median(together) / facts
    return {
        "write_alone_cpu_ms": round(one * 1000, 3),
        "write_together_cpu_ms": round(many * 1000, 3),
        "write_together_ratio_to_alone": round(many / one, 3),
    }


@dataclass
class Grown:
    """A deployment's journal with all that was put into it; `model` stands in it."""

    there: Deployed
    gateway: Gateway
    model: Model
    connection: Any
    rows: int = 1
    queued: int = 0

    def settled(self, rows: int, tell: Tell) -> None:
        """Settled exchanges up to `rows`."""
        fill(self.connection, self.model.exchange, rows - self.rows, tell)
        self.rows = rows

    def owed(self, many: int, tell: Tell) -> None:
        """So many more wait for the wire, and the bytes they send are there."""
        waiting, _ = self.gateway.journal.open(self._whole())
        fill(self.connection, waiting, many - 1, tell)
        self.queued += many

    def _whole(self) -> Any:
        birth = self.model.birth(PACKAGED)
        first, *others = birth.entries
        return replace(birth, entries=(replace(first, bytes=(self.model.body,)), *others))


@contextmanager
def grown() -> Iterator[Grown]:
    with ExitStack() as stack:
        there = stack.enter_context(deployed())
        gateway = stack.enter_context(build(there.home, {}))
        connection = stack.enter_context(upkeep(there.home, {}).connected())
        yield Grown(there, gateway, Model.of(there, gateway), connection)


def growing(few: Grown, many: Grown, steps: Sequence[int], rounds: int, tell: Tell) -> dict[str, Any]:
    """What is accepted and settled costs at each of `steps`, beside a thousand: both journals by turns."""
    few.settled(_FEW, tell)
    found: dict[str, Any] = {}
    for rows in steps:
        before, empty = many.rows, size(many.connection)
        many.settled(rows, tell)
        each = (size(many.connection) - empty) / (rows - before)
        costs = _by_turns({"few": few, "many": many}, rounds)
        found |= {
            f"bytes_per_exchange_up_to_{rows}": round(each),
            f"accept_ms_beside_{_FEW}": round(costs["few"].accept * 1000, 3),
            f"accept_ratio_{rows}_to_{_FEW}": round(costs["many"].accept / costs["few"].accept, 2),
            f"settle_ms_beside_{_FEW}": round(costs["few"].settle * 1000, 3),
            f"settle_ratio_{rows}_to_{_FEW}": round(costs["many"].settle / costs["few"].settle, 2),
            f"accept_and_settle_postgres_cpu_ratio_{rows}_to_{_FEW}": round(costs["many"].cpu / costs["few"].cpu, 2),
        }
    return found


def claiming(many: Grown) -> dict[str, Any]:
    """The first claim before the wire, with everything that is queued there."""
    journal, destination = many.gateway.journal, many.model.exchange.destination
    began = time.monotonic()
    leases = journal.claim(destination, "bench", (Stage.PACKAGED,), _IN_FLIGHT, 60, wire=True)
    seconds = time.monotonic() - began
    if len(leases) != _IN_FLIGHT:
        raise RuntimeError(f"{len(leases)} claimed")
    journal.release(*leases)
    return {f"first_claim_of_{_IN_FLIGHT}_beside_{many.queued}_queued_ms": round(seconds * 1000, 1)}


@dataclass(frozen=True, slots=True)
class _Cost:
    """Seconds for one exchange: opened; settled; and what the database's processes used for both."""

    accept: float
    settle: float
    cpu: float


def _by_turns(journals: dict[str, Grown], rounds: int) -> dict[str, _Cost]:
    seen: dict[str, list[_Cost]] = {name: [] for name in journals}
    for turn in range(rounds + 1):
        for name in random.sample(sorted(journals), len(journals)):
            cost = _cost(journals[name])
            if turn:  # the first one warms
                seen[name].append(cost)
    return {
        name: _Cost(*(statistics.median(getattr(one, part) for one in told) for part in _Cost.__slots__))
        for name, told in seen.items()
    }


def _cost(there: Grown) -> _Cost:
    journal, model = there.gateway.journal, there.model
    births = [model.birth(PACKAGED) for _ in range(_EACH)]
    used, began = tree_cpu_seconds(there.there.store_pid()), time.monotonic()
    opened = [one.result()[0] for one in [journal.opening(birth) for birth in births]]
    between = time.monotonic()
    settled = [journal.appending(x, [Entry(Superseded(x.id), model.at)]) for x in opened]
    for one in settled:
        one.result()
    ended, used = time.monotonic(), tree_cpu_seconds(there.there.store_pid()) - used
    return _Cost((between - began) / _EACH, (ended - between) / _EACH, used / _EACH)
