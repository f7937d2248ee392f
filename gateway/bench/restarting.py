"""A worker started on a long queue, beside one started on a short one: how soon the first report goes out, and how
much memory the first hundred took. Their databases stand already."""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gateway.bench.bare import bare
from gateway.bench.growing import Grown
from gateway.bench.measuring import peak_megabytes

_A_WHILE = 100  # deliveries
_ANSWER_MS = "20"


def restarting(few: Grown, many: Grown, rounds: int) -> dict[str, Any]:
    """Seconds from the start of the process to its first report at the receiver; both queues by turns."""
    journals = {"few": few, "many": many}
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in journals}
    for turn in range(rounds + 1):
        for name in random.sample(sorted(journals), len(journals)):
            told = _started(journals[name])
            if turn:  # the first one warms
                seen[name].append(told)
    first = {name: statistics.median(seconds for seconds, _ in told) for name, told in seen.items()}
    peak = {name: statistics.median(megabytes for _, megabytes in told) for name, told in seen.items()}
    return {
        f"restart_with_{few.queued}_queued_first_delivery_s": round(first["few"], 2),
        f"restart_with_{many.queued}_queued_first_delivery_s": round(first["many"], 2),
        "restart_first_delivery_ratio": round(first["many"] / first["few"], 2),
        "restart_first_delivery_later_by_s": round(first["many"] - first["few"], 2),
        f"restart_with_{many.queued}_queued_peak_mb": round(peak["many"]),
        "restart_peak_memory_ratio": round(peak["many"] / peak["few"], 2),
    }


def _started(there: Grown) -> tuple[float, float]:
    """Seconds to the first report, megabytes at the hundredth."""
    folder = str(there.model.folder)
    with bare("receiver", _ANSWER_MS, folder, "telling") as (port, receiver), there.there.towards(port):
        began = time.monotonic()
        with worker(there.there.home) as process:
            assert receiver.stdout is not None
            receiver.stdout.readline()
            first = time.monotonic() - began
            for _ in range(_A_WHILE):
                receiver.stdout.readline()
            return first, peak_megabytes(process.pid)


@contextmanager
def worker(home: Path) -> Iterator[subprocess.Popen[str]]:
    """``gateway work`` on the deployment in `home`, which says on stdout when it stands; asked to go at the end."""
    command = [sys.executable, "-m", "gateway", "work", "--json", "--home", str(home)]
    process = subprocess.Popen(  # noqa: S603  # our own module
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=dict(os.environ)
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(120)
        if process.stdout is not None:
            process.stdout.close()
