"""A long packet 4 written and validated, and read and validated, beside lxml doing no more than the XML of it.

The baseline is what one would write who checks nothing: a tree to bytes, and bytes to the same columns; no schema, no
digest, no calendar, no bounds. CPU time, the quickest of a few turns each, so that a busy machine does not matter.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from gateway.bench.reports import large, small
from gateway.domain.report import Columns
from gateway.ports import Header
from gateway.schemas.national import packet
from gateway.schemas.national.model import Packet, ReportData

_TURNS = 3
_AT = datetime(2026, 1, 1, tzinfo=UTC)
_HEADER = Header("bench", "report-data", _AT, "H56", "000.00.00.H56", "G22", "000.00.00.G22")


def measure(values: int) -> dict[str, Any]:
    """CPU seconds and ratios for one packet of `values` values."""
    report = large(small(), values)
    said = Packet(_HEADER, ReportData(report))
    payload = packet.written(said)
    bare_write, bare_read = _quickest(lambda: _write(report.columns)), _quickest(lambda: _read(payload))
    write, read = _quickest(lambda: packet.written(said)), _quickest(lambda: packet.read(payload))
    return {
        "packet_values": values,
        "packet_bytes": len(payload),
        "packet_written_and_validated_cpu_seconds": round(write, 3),
        "packet_bare_lxml_write_cpu_seconds": round(bare_write, 3),
        "packet_ratio_written_to_bare_lxml": round(write / bare_write, 2),
        "packet_read_and_validated_cpu_seconds": round(read, 3),
        "packet_bare_lxml_read_cpu_seconds": round(bare_read, 3),
        "packet_ratio_read_to_bare_lxml": round(read / bare_read, 2),
    }


def _write(columns: Columns) -> bytes:
    root = etree.Element("Values")
    rows = zip(columns.indicator, columns.organisation, columns.unit, columns.value, strict=True)
    for indicator, organisation, unit, value in rows:
        row = etree.SubElement(root, "Value", indicator=indicator, organisation=organisation, unit=unit)
        row.text = value
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _read(payload: bytes) -> list[tuple[Any, ...]]:
    rows = etree.fromstring(payload)[1][0][-1]
    return [(r.get("indicator"), r.get("organisation"), r.get("unit"), r.text, r.sourceline) for r in rows]


def _quickest(work: Callable[[], object]) -> float:
    found = []
    for _ in range(_TURNS):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return min(found)
