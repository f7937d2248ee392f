"""Eight workers beside one, eight on the wire at once in each, towards a receiver that takes 200 ms for an answer.

Processes of their own, which share nothing but the database. The rate is that between the first and the last fifth
of what arrives, so that neither the start nor the end of a run counts.
"""

from __future__ import annotations

import random
import statistics
import subprocess
import time
from contextlib import ExitStack
from typing import Any

from gateway.bench.bare import bare
from gateway.bench.deployment import Deployed
from gateway.bench.measuring import cpu_seconds
from gateway.bench.model import PACKAGED, Model
from gateway.bench.restarting import worker
from gateway.domain.exchange import Stage
from gateway.ports import Query
from gateway.wiring import Gateway

_CROWD, _IN_FLIGHT, _ANSWER_MS = 8, 8, 200
_TURNS_EACH = 12  # so many reports, one after the other, for each place on the wire


def crowded(there: Deployed, gateway: Gateway, model: Model, rounds: int) -> dict[str, Any]:
    """Reports a second of eight workers ÷ of one, by turns, and CPU for each report."""
    seen: dict[int, list[tuple[float, float]]] = {1: [], _CROWD: []}
    for _ in range(rounds):
        for workers in random.sample(sorted(seen), len(seen)):
            seen[workers].append(_rate(there, gateway, model, workers))
    rate = {workers: statistics.median(told for told, _ in found) for workers, found in seen.items()}
    cpu = {workers: statistics.median(used for _, used in found) for workers, found in seen.items()}
    return {
        f"one_worker_{_ANSWER_MS}ms_per_second": round(rate[1], 1),
        f"{_CROWD}_workers_{_ANSWER_MS}ms_per_second": round(rate[_CROWD], 1),
        f"{_CROWD}_workers_ratio_to_one": round(rate[_CROWD] / rate[1], 2),
        "one_worker_cpu_ms": round(cpu[1] * 1000, 1),
        f"{_CROWD}_workers_cpu_ms": round(cpu[_CROWD] * 1000, 1),
    }


def _rate(there: Deployed, gateway: Gateway, model: Model, workers: int) -> tuple[float, float]:
    """Reports a second, and CPU seconds of the workers for each report."""
    reports = workers * _IN_FLIGHT * _TURNS_EACH
    with ExitStack() as stack:
        port, receiver = stack.enter_context(bare("receiver", str(_ANSWER_MS), str(model.folder), "telling"))
        stack.enter_context(there.towards(port, "[work]", f"batch = {_IN_FLIGHT}"))
        processes = [stack.enter_context(worker(there.home)) for _ in range(workers)]
        for process in processes:
            assert process.stdout is not None
            process.stdout.readline()
        births = [model.birth(PACKAGED) for _ in range(reports)]
        used = sum(cpu_seconds(process.pid) for process in processes)
        for opened in [gateway.journal.opening(birth) for birth in births]:
            opened.result()
        times = _arrivals(receiver, reports)
        _until_settled(gateway)
        used = sum(cpu_seconds(process.pid) for process in processes) - used
    fifth = reports // 5
    return (reports - 2 * fifth) / (times[-fifth - 1] - times[fifth - 1]), used / reports


def _arrivals(receiver: subprocess.Popen[str], reports: int) -> list[float]:
    assert receiver.stdout is not None
    found = []
    for _ in range(reports):
        receiver.stdout.readline()
        found.append(time.monotonic())
    return found


def _until_settled(gateway: Gateway) -> None:
    going = (Stage.PACKAGED, Stage.IN_DOUBT, Stage.DELIVERED, Stage.ACKNOWLEDGED)
    while gateway.journal.find(Query(stages=going, limit=1)):
        time.sleep(0.05)  # the figures are taken by then: only what the processes used is counted to the end
