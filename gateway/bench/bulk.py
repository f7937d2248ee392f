"""One report of many values end to end, with the peak memory of the gateway's process.

The baseline is one lxml parse of the same bytes, in this process.
"""

from __future__ import annotations

import time
from typing import Any

from lxml import etree

from gateway.bench.deployment import running
from gateway.bench.measuring import cpu_seconds, peak_megabytes
from gateway.bench.reports import large, organisations, signed, signers, small


def measure(values: int) -> dict[str, Any]:
    """Seconds from the first byte handed in to the reconciled receipt, CPU, peak megabytes."""
    sample = small()
    with running(organisations(sample, values)) as gateway:
        packet = signed(large(sample, values), 0, signers(gateway.other_side))
        pid = gateway.process.pid
        used, began = cpu_seconds(pid), time.monotonic()
        headers = {"Idempotency-Key": "bulk", "Content-Type": "application/xml"}
        gateway.desk.post("/v1/reports", content=packet, headers=headers).raise_for_status()
        gateway.until(lambda: sum(gateway.counts().values()) > 1 and not _open(gateway.counts()), "it is reconciled")
        wall, used = time.monotonic() - began, cpu_seconds(pid) - used
        peak, stages = peak_megabytes(pid), gateway.counts()
    parse = _parse_seconds(packet)
    return {
        "values": values,
        "bytes": len(packet),
        "seconds_end_to_end": round(wall, 2),
        "gateway_cpu_seconds": round(used, 2),
        "peak_mb": round(peak),
        "stages": stages,
        "one_lxml_parse_cpu_seconds": round(parse, 2),
        "ratio_cpu_to_one_parse": round(used / parse, 1),
    }


def _open(counts: dict[str, int]) -> int:
    settled = ("reconciled", "partly_accepted", "returned", "refused", "published", "unchanged", "parked")
    return sum(number for stage, number in counts.items() if stage not in settled)


def _parse_seconds(packet: bytes) -> float:
    began = time.process_time()
    etree.fromstring(packet, etree.XMLParser(huge_tree=True, resolve_entities=False, no_network=True))
    return time.process_time() - began
