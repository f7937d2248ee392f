"""POST /v1/reports, answered once it is on disk, beside raw ASGI that only reads the body."""

from __future__ import annotations

import os
import random
import statistics
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from gateway.bench.bare import bare
from gateway.bench.deployment import AGREEMENT, Deployed, serving
from gateway.bench.load import Load, beside, fire
from gateway.bench.measuring import cpu_seconds

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Doors:
    """Servers of one kind, each a process, the load spread over all of them."""

    ports: tuple[int, ...]
    pids: tuple[int, ...]

    @property
    def first(self) -> _Doors:
        return _Doors(self.ports[:1], self.pids[:1])

    def cpu(self) -> float:
        return sum(map(cpu_seconds, self.pids))


def accepting(there: Deployed, rounds: int) -> Figures:
    """Front doors alone, so that nothing is drained beside them: one beside one, as many as cores beside as many."""
    small, large = _load(there, 2048), _load(there, 1_000_000)
    cores = max(2, len(os.sched_getaffinity(0)))
    with ExitStack() as stack:
        raw = [stack.enter_context(bare("door")) for _ in range(cores)]
        fronts = [stack.enter_context(serving(there.home, "--front-only")) for _ in range(cores)]
        all_of = {
            "raw": _Doors(tuple(port for port, _ in raw), tuple(one.pid for _, one in raw)),
            "gateway": _Doors(tuple(_port(url) for url, _ in fronts), tuple(one.pid for _, one in fronts)),
        }
        one_of = {name: doors.first for name, doors in all_of.items()}
        found = _taken(one_of, "2kb", replace(small, connections=64, requests=3000), rounds)
        found |= _taken(one_of, "1mb", replace(large, connections=8, requests=120), rounds)
        found["accept_fronts"] = cores
        found |= _taken(all_of, "2kb_by_all_fronts", replace(small, connections=64, requests=6000), rounds)
        beside_large = (replace(small, requests=500), replace(large, connections=2, requests=100))
        return found | _stall(one_of, *beside_large, rounds)


def _taken(doors: Mapping[str, _Doors], name: str, load: Load, rounds: int) -> Figures:
    """The gateway's rate ÷ that of raw ASGI, and the CPU of both for a report."""
    seen: dict[str, list[tuple[float, float]]] = {door: [] for door in doors}
    for turn in range(rounds + 1):
        for door in random.sample(sorted(doors), len(doors)):
            before = doors[door].cpu()
            told = fire(replace(load, ports=doors[door].ports, run=f"{name}-{turn}"))
            if told["refused"]:
                raise RuntimeError(f"{door}: {told['refused']:.0f} of {load.requests} refused")
            if turn:  # the first one warms
                seen[door].append((told["rate"], (doors[door].cpu() - before) / load.requests))
    rates = {door: statistics.median(rate for rate, _ in told) for door, told in seen.items()}
    cpus = {door: statistics.median(cpu for _, cpu in told) for door, told in seen.items()}
    return {
        f"accept_{name}_per_second": round(rates["gateway"], 1),
        f"accept_{name}_ratio_to_raw_asgi": round(rates["gateway"] / rates["raw"], 3),
        f"accept_{name}_cpu_ms": round(cpus["gateway"] * 1000, 3),
        f"raw_{name}_cpu_ms": round(cpus["raw"] * 1000, 3),
    }


def _stall(doors: Mapping[str, _Doors], small: Load, large: Load, rounds: int) -> Figures:
    """The p99 of small reports while large ones arrive ÷ that of the idle door; of raw ASGI too: the machine's part.

    The p99 is that of five hundred, so that it is not the one worst of them.
    """
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in doors}
    for turn in range(rounds):
        for name in random.sample(sorted(doors), len(doors)):
            quiet = replace(small, ports=doors[name].ports, run=f"idle-{turn}")
            idle = fire(quiet)["p99_ms"]
            with beside(replace(large, ports=doors[name].ports, run=f"large-{turn}")):
                seen[name].append((idle, fire(replace(quiet, run=f"busy-{turn}"))["p99_ms"]))
    ratio = {name: statistics.median(busy / idle for idle, busy in told) for name, told in seen.items()}
    return {
        "accept_p99_idle_ms": round(statistics.median(idle for idle, _ in seen["gateway"]), 2),
        "accept_p99_beside_1mb_ratio": round(ratio["gateway"], 2),
        "raw_p99_beside_1mb_ratio": round(ratio["raw"], 2),
    }


def _load(there: Deployed, length: int) -> Load:
    """One POST over one connection of a report of `length` bytes, wherever it is sent."""
    body = there.home.parent / f"{length}.xml"
    body.write_bytes(b"<x>" + random.Random(1).randbytes(length // 2 - 8).hex().encode() + b"</x>")  # noqa: S311
    headers = (
        f"Authorization: {there.headers['Authorization']}",
        f"Agreement: {AGREEMENT}",
        "Content-Type: application/xml",
        "Idempotency-Key: {key}",
    )
    return Load("127.0.0.1", (), "/v1/reports", headers, str(body), 1, 1, "")


def _port(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port
