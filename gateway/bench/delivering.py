"""Packaged → reconciled, beside the bare loop of the same three calls by the same client."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gateway.bench.bare import bare
from gateway.bench.deployment import Deployed
from gateway.bench.model import PACKAGED, Model, drained
from gateway.domain.exchange import Stage
from gateway.wiring import Gateway, build
from gateway.working import stay

_IN_FLIGHT = 16


def delivering(there: Deployed, model: Model, rounds: int, deliveries: int) -> dict[str, Any]:
    """In this process, so that both loops share interpreter, client and receiver."""
    found: dict[str, Any] = {}
    stay()  # as a worker does
    for delay in (0, 20, 200):
        most = deliveries if delay < 200 else max(_IN_FLIGHT * 4, deliveries // 4)
        with bare("receiver", str(delay), str(model.folder)) as (port, _), _towards(there, port) as ours:
            loops = {
                "bare": lambda n, o=ours: _bare_loop(o, model, n),
                "engine": lambda n, o=ours: _drained(o, model, n),
            }
            seen: dict[str, list[tuple[float, float]]] = {name: [] for name in loops}
            for turn in range(rounds + 1):
                for name in random.sample(sorted(loops), len(loops)):
                    rate, cpu = loops[name](most if turn else _IN_FLIGHT)
                    if turn:
                        seen[name].append((rate, cpu))
        rates = {name: statistics.median(rate for rate, _ in told) for name, told in seen.items()}
        cpus = {name: statistics.median(cpu for _, cpu in told) for name, told in seen.items()}
        found |= {
            f"deliver_{delay}ms_per_second": round(rates["engine"], 1),
            f"deliver_{delay}ms_ratio_to_bare_loop": round(rates["engine"] / rates["bare"], 3),
            f"deliver_{delay}ms_cpu_ms": round(cpus["engine"] * 1000, 2),
            f"bare_{delay}ms_cpu_ms": round(cpus["bare"] * 1000, 2),
        }
    return found


@contextmanager
def _towards(there: Deployed, port: int) -> Iterator[Gateway]:
    """A gateway at rest whose national partner is the bare receiver at `port`."""
    with there.towards(port), build(there.home, {}) as gateway:
        yield gateway


def _drained(gateway: Gateway, model: Model, deliveries: int) -> tuple[float, float]:
    """Packaged reports to the end; per second, and CPU seconds each."""
    births = [model.birth(PACKAGED) for _ in range(deliveries)]
    opened = [gateway.journal.opening(birth) for birth in births]
    last = [each.result() for each in opened][-1][0]
    began, used = time.monotonic(), time.process_time()
    asyncio.run(drained(gateway, last.destination))
    wall, cpu = time.monotonic() - began, time.process_time() - used
    if gateway.journal.read(last.id).stage is not Stage.RECONCILED:
        raise RuntimeError(f"not at its end: {gateway.journal.read(last.id).stage}")
    return deliveries / wall, cpu / deliveries


def _bare_loop(gateway: Gateway, model: Model, deliveries: int) -> tuple[float, float]:
    began, used = time.monotonic(), time.process_time()
    asyncio.run(_calls(gateway, model, deliveries))
    return deliveries / (time.monotonic() - began), (time.process_time() - used) / deliveries


async def _calls(gateway: Gateway, model: Model, deliveries: int) -> None:
    channel = gateway.doors.peers.channels[model.exchange.destination]
    parcel = model.exchange.parcel
    assert parcel is not None
    turns = asyncio.Semaphore(_IN_FLIGHT)

    async def one() -> None:
        async with turns:
            receipt = await channel.send(parcel, model.body)
            await channel.confirm(parcel, receipt)
            await channel.statement(parcel, receipt)

    await asyncio.gather(*(one() for _ in range(deliveries)))
    await gateway.hang_up()
