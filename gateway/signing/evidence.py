"""What a verdict rests on, written down so that the same core gives the same verdict years later without a network.

The record is canonical JSON and names every byte string by its SHA-256: policy, anchors, chain, revocation answers,
time-stamps. Names of people stand in the certificates alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.metadata import version
from typing import Any

from gateway.domain.record import canonical, plain
from gateway.domain.verdict import Verdict
from gateway.signing.gathered import Gathered
from gateway.signing.pki.store import Anchor

_LIBRARIES = ("asn1crypto", "cryptography", "joserfc", "lxml", "pyhanko", "pyhanko-certvalidator")


@dataclass(frozen=True, slots=True)
class Judged:
    """One judgement: what was judged, by which policy (its file's bytes), when, and what came out."""

    payload: bytes
    signature: bytes | None
    policy: bytes
    at: datetime
    verdict: Verdict
    gathered: Gathered
    anchors: tuple[Anchor, ...]


def record_of(judged: Judged) -> tuple[bytes, tuple[bytes, ...]]:
    """(the record, the byte strings it names beside payload and signature)."""
    materials = _Materials()
    gathered = judged.gathered
    document: dict[str, Any] = {
        "version": 1,
        "payload": _named(judged.payload),
        "signature": _named(judged.signature) if judged.signature is not None else None,
        "judged_at": judged.at,
        "policy": {"id": judged.verdict.policy, "file": materials.keep(judged.policy)},
        "anchors": [_anchor(one, materials) for one in judged.anchors],
        "certificates": materials.keep_all(gathered.certificates),
        "crls": materials.keep_all(gathered.crls),
        "ocsps": materials.keep_all(gathered.ocsps),
        "timestamps": materials.keep_all(gathered.timestamps),
        "libraries": _libraries(),
        "verdict": plain(judged.verdict),
    }
    return canonical(document), tuple(materials.kept.values())


class _Materials:
    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def keep(self, data: bytes) -> str:
        name = hashlib.sha256(data).hexdigest()
        self.kept[name] = data
        return name

    def keep_all(self, many: Iterable[bytes]) -> list[str]:
        return [self.keep(one) for one in many]


def _named(data: bytes) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}


def _anchor(anchor: Anchor, materials: _Materials) -> Mapping[str, Any]:
    return {
        "id": anchor.id,
        "role": anchor.role,
        "certificate": materials.keep(anchor.certificate.der),
        "valid_from": _day(anchor.valid_from),
        "valid_until": _day(anchor.valid_until),
        "sha1_until": _day(anchor.sha1_until),
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


@cache
def _libraries() -> Mapping[str, str]:
    return {name: version(name) for name in _LIBRARIES}
