"""When the certificates that a deployment leans on end: what is trusted, and what its lines go by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from gateway.domain.errors import Misconfigured
from gateway.signing import read_store
from gateway.signing.runway import read_certificates, runway

_KINDS = {"anchor": "anchor", "intermediate": "intermediate", "tsa": "tsa", "certificate": "line"}


def next_ends(home: Path, lines: Iterable[Path], now: datetime) -> Mapping[str, datetime]:
    """By what a certificate is for, when the first of its kind ends; also one that has ended.

    Read anew each time: it is a dozen files, and what was put in a minute ago counts. Of a trust folder that is
    not sound nothing is told: every verdict and ``gateway check`` name its faults.
    """
    try:
        trusted = read_store(home / "trust")
    except Misconfigured:
        return {}
    found: dict[str, datetime] = {}
    for stop in runway(trusted, (), now, certificates=read_certificates(lines)):
        if stop.kind in _KINDS:
            found.setdefault(_KINDS[stop.kind], stop.at)  # the first to end comes first
    return found
