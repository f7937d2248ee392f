"""What reading a form and mapping it met beside what was held: warnings and notes, each with its place."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.domain import facts as f
from gateway.domain.errors import NotFound
from gateway.domain.parcel import Blob
from gateway.domain.problems import Text

_ORDER = ("warning", "info")  # what is held has a table of its own


@dataclass(frozen=True, slots=True)
class Finding:
    """One warning or note; `places` are cells (``Sheet1!C7``) or rows of the report, counted from 0."""

    code: str
    severity: str
    message: Text
    count: int
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """`checks` counts outcomes: passed, failed, not evaluated. `previous`: the exchange compared with, if any was."""

    found: tuple[Finding, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()  # why, and how many figures
    decoded: int = 0
    checks: tuple[int, int, int] = (0, 0, 0)
    previous: str | None = None
    compared: bool = False

    @property
    def any(self) -> bool:
        return bool(self.found or self.left_out or self.decoded or sum(self.checks))


def findings(history: Iterable[f.Recorded], bytes_of: Callable[[str], bytes]) -> Findings:
    """Of the newest reading and the newest mapping in `history`."""
    read: Mapping[str, Any] = {}
    mapped: Mapping[str, Any] = {}
    for entry in history:
        if isinstance(entry.fact, f.Validated):
            read = _said(entry.fact.findings, bytes_of)
        elif isinstance(entry.fact, f.Translated):
            mapped = _said(entry.fact.findings, bytes_of)
    told = [_finding(one) for said in (read, mapped) for one in said.get("conflicts", ()) if one["severity"] in _ORDER]
    rules = mapped.get("checks", [])
    of_rules = [sum(one[name] for one in rules) for name in ("passed", "failed", "not_evaluated")]
    printed = read.get("checks", {})
    return Findings(
        found=tuple(sorted(told, key=lambda one: _ORDER.index(one.severity))),
        left_out=tuple((one["reason"], one["count"]) for one in read.get("left_out", ())),
        decoded=len(read.get("decoded", ())),
        checks=(
            of_rules[0] + printed.get("passed", 0),
            of_rules[1] + printed.get("failed", 0),
            of_rules[2] + printed.get("not_evaluated", 0),
        ),
        previous=(mapped.get("previous") or {}).get("exchange"),
        compared="previous" in mapped,
    )


def _said(kept: Blob | None, bytes_of: Callable[[str], bytes]) -> Mapping[str, Any]:
    if kept is None:
        return {}
    try:
        said = json.loads(bytes_of(kept.digest))
    except NotFound:  # its time of keeping is over
        return {}
    return said if isinstance(said, dict) else {}


def _finding(one: Mapping[str, Any]) -> Finding:
    places = one.get("cells") or one["rows"]
    message = Text(one["message"], one["message_en"])
    return Finding(one["code"], one["severity"], message, one["count"], tuple(map(str, places)))
