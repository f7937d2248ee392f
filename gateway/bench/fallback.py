"""The document route: one document, a thousand diverted and back-filled, and the desk's intake beside its disk.

The baseline of the intake is a bare loop of write and fsync on the same disk, a record of the same size each.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from gateway.bench.measuring import peak_megabytes
from gateway.bench.street import Street, street

_VALUES = 100
_FLAT = 1.25  # of the peak after half of the reports


def measure(reports: int) -> dict[str, Any]:
    """Seconds per document, seconds and CPU for `reports` of them there and back, reports per second at the desk."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gateway-bench-")))
        scene = street(home)
        stack.callback(scene.close)
        return {**_one(scene), **_intake(scene), **_all(scene, reports)}


def _one(scene: Street) -> dict[str, Any]:
    """PDF and edXML of a report of a hundred values, the best of five: what the work takes when nobody disturbs it."""
    best = min(_timed(partial(scene.one_document, number, _VALUES)) for number in range(5))
    return {"values_per_document": _VALUES, "seconds_per_document_pdf_and_edxml": round(best, 3), "bound": 0.5}


def _intake(scene: Street) -> dict[str, Any]:
    # One of each by turns, so that whoever else uses the disk slows both alike.
    ours, bare = scene.taken_in_beside(_bare(scene.home / "bare"), 300)
    own, disk = 300 / ours, 300 / bare
    wanted = min(200.0, 0.8 * disk)
    return {
        "desk_reports_per_second": round(own),
        "bare_write_and_fsync_per_second": round(disk),
        "ratio_desk_to_disk": round(own / disk, 2),
        "desk_wanted_per_second": round(wanted),
        "desk_fast_enough": own >= wanted,
    }


def _all(scene: Street, reports: int) -> dict[str, Any]:
    """Reports that wait behind a dead line: diverted, numbered, sent, accepted, back-filled, reconciled."""
    half = reports // 2
    used = time.process_time()
    first = _timed(lambda: scene.there_and_back(half))
    early = peak_megabytes(os.getpid())
    second = _timed(lambda: scene.there_and_back(reports - half))
    late, used = peak_megabytes(os.getpid()), time.process_time() - used
    return {
        "reports_there_and_back": reports,
        "seconds_there_and_back": round(first + second, 1),
        "ratio_second_half_to_first": round(second / first, 2),
        "minutes_for_1000": round((first + second) / reports * 1000 / 60, 2),
        "gateway_cpu_minutes_for_1000": round(used / reports * 1000 / 60, 2),
        "peak_mb_after_half": round(early),
        "peak_mb_after_all": round(late),
        "ratio_peak": round(late / early, 2),
        "memory_flat": late <= early * _FLAT,
        "values_at_receiver_once": scene.every_value_once(),
    }


def _bare(path: Path) -> Callable[[int], None]:
    """Appends so many bytes to a file of its own and waits until they are on disk."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT)

    def write(size: int) -> None:
        os.write(file, os.urandom(size))
        os.fsync(file)

    return write


def _timed(work: Callable[[], None]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began
