"""POST /v1/reports, answered once it is on disk, beside raw ASGI that only reads the body."""

from __future__ import annotations

import random
import statistics
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gateway.bench.bare import bare
from gateway.bench.deployment import AGREEMENT, Deployed, serving
from gateway.bench.load import Load, beside, fire
from gateway.bench.measuring import cpu_seconds

_SMALL, _CONNECTIONS = 2048, 64
_LARGE, _FEW = 1_000_000, 8

Figures = dict[str, Any]


def accepting(there: Deployed, rounds: int) -> dict[str, Any]:
    """Front doors alone, so that nothing is drained beside them."""
    folder = there.home.parent
    bodies = {}
    for name, length in (("2kb", _SMALL), ("1mb", _LARGE)):
        bodies[name] = folder / f"{name}.xml"
        bodies[name].write_bytes(b"<x>" + random.Random(1).randbytes(length // 2 - 8).hex().encode() + b"</x>")  # noqa: S311
    sizes = {"2kb": (_CONNECTIONS, 3000), "1mb": (_FEW, 120)}
    found: dict[str, Any] = {}
    with bare("door") as (raw, raw_process), serving(there.home, "--front-only") as (url, front):
        doors = {"raw": (f"http://127.0.0.1:{raw}", raw_process.pid), "gateway": (url, front.pid)}
        for size, (connections, requests) in sizes.items():
            seen: dict[str, list[tuple[float, float]]] = {name: [] for name in doors}
            for turn in range(rounds + 1):
                for name in random.sample(sorted(doors), len(doors)):
                    base, pid = doors[name]
                    before = cpu_seconds(pid)
                    load = _load(
                        there, base, bodies[size], f"{size}-{turn}", connections=connections, requests=requests
                    )
                    told = fire(load)
                    if told["refused"]:
                        raise RuntimeError(f"{name}: {told['refused']:.0f} of {requests} refused")
                    if turn:  # the first one warms
                        seen[name].append((told["rate"], (cpu_seconds(pid) - before) / requests))
            rates = {name: statistics.median(rate for rate, _ in told) for name, told in seen.items()}
            cpus = {name: statistics.median(cpu for _, cpu in told) for name, told in seen.items()}
            found |= {
                f"accept_{size}_per_second": round(rates["gateway"], 1),
                f"accept_{size}_ratio_to_raw_asgi": round(rates["gateway"] / rates["raw"], 3),
                f"accept_{size}_cpu_ms": round(cpus["gateway"] * 1000, 3),
                f"raw_{size}_cpu_ms": round(cpus["raw"] * 1000, 3),
            }
        found |= _stall(there, doors, bodies, rounds)
    return found


def _stall(there: Deployed, doors: Mapping[str, tuple[str, int]], bodies: Mapping[str, Path], rounds: int) -> Figures:
    """The p99 of small reports while large ones arrive ÷ that of the idle door; of raw ASGI too: the machine's part.

    The p99 is that of five hundred, so that it is not the one worst of them.
    """
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in doors}
    for turn in range(rounds):
        for name in random.sample(sorted(doors), len(doors)):
            base, _ = doors[name]
            quiet = _load(there, base, bodies["2kb"], f"idle-{turn}", connections=1, requests=500)
            large = _load(there, base, bodies["1mb"], f"large-{turn}", connections=2, requests=100)
            idle = fire(quiet)["p99_ms"]
            with beside(large):
                seen[name].append((idle, fire(replace(quiet, run=f"busy-{turn}"))["p99_ms"]))
    ratio = {name: statistics.median(busy / idle for idle, busy in told) for name, told in seen.items()}
    return {
        "accept_p99_idle_ms": round(statistics.median(idle for idle, _ in seen["gateway"]), 2),
        "accept_p99_beside_1mb_ratio": round(ratio["gateway"], 2),
        "raw_p99_beside_1mb_ratio": round(ratio["raw"], 2),
    }


def _load(there: Deployed, base: str, body: Path, run: str, *, connections: int, requests: int) -> Load:
    place = urlsplit(base)
    headers = (
        f"Authorization: {there.headers['Authorization']}",
        f"Agreement: {AGREEMENT}",
        "Content-Type: application/xml",
        "Idempotency-Key: {key}",
    )
    assert place.hostname is not None
    assert place.port is not None
    return Load(place.hostname, place.port, "/v1/reports", headers, str(body), connections, requests, run)
