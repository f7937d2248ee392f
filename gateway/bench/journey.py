"""accept → receipt for 2 KB signed reports, beside the bare loop of the same HTTP calls.

The gateway is a process of its own; CPU is the kernel's account of that process, of its PostgreSQL
apart. The bare loop makes the same calls to the same other side (send, status, statement) with the
same client library, and does nothing else.
"""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from gateway.bench.deployment import Running, running
from gateway.bench.measuring import children, cpu_seconds, peak_megabytes, tree_cpu_seconds
from gateway.bench.reports import signed, signers, small

_CLIENTS = 8
_DONE = ("reconciled", "partly_accepted", "returned", "superseded", "refused")


def measure(reports: int) -> dict[str, Any]:
    """CPU milliseconds per report and reports per second, gateway and bare loop."""
    with running() as gateway:
        sample = small(sorted((gateway.home / "samples").glob("*.json"))[0].read_bytes())
        by = signers(gateway.other_side)
        packets = [signed(sample, number, by) for number in range(reports)]
        _through(gateway, packets[: reports // 10], "warm")
        pid = gateway.process.pid
        own, whole, began = cpu_seconds(pid), _with_store(pid), time.monotonic()
        _through(gateway, packets, "run")
        wall = time.monotonic() - began
        own, whole = cpu_seconds(pid) - own, _with_store(pid) - whole
        peak = peak_megabytes(pid)
        bare_cpu, bare_wall = _bare(gateway, packets)
    return {
        "reports": reports,
        "bytes_per_report": len(packets[0]),
        "gateway_cpu_ms_per_report": round(own / reports * 1000, 2),
        "with_postgres_cpu_ms_per_report": round(whole / reports * 1000, 2),
        "reports_per_second": round(reports / wall, 1),
        "peak_mb": round(peak),
        "bare_loop_cpu_ms_per_report": round(bare_cpu / reports * 1000, 2),
        "bare_loop_reports_per_second": round(reports / bare_wall, 1),
        "ratio_cpu_to_bare_loop": round(own / bare_cpu, 1),
    }
