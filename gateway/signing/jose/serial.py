"""The three ways to write a JWS (RFC 7515 section 7): compact, flattened JSON, general JSON."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from gateway.signing.findings import malformed
from gateway.signing.jose.header import refuse_unprotected
from gateway.signing.jose.text import listed, mapped, members, text
from gateway.signing.limits import Limits, within

_COMPACT = re.compile(rb"\s*eyJ")
_JSON = re.compile(rb"\s*\{")


@dataclass(frozen=True, slots=True)
class Signature:
    """Segments as they stand; `unsigned`: JAdES' unsigned properties."""

    header: bytes
    value: bytes
    unsigned: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Serial:
    """`payload` empty: it is detached."""

    payload: bytes
    signatures: tuple[Signature, ...]


def looks_like_jws(data: bytes) -> bool:
    if _COMPACT.match(data):
        return data.count(b".") == 2
    return bool(_JSON.match(data)) and b'"signature' in data and (b'"protected"' in data or b'"payload"' in data)


def read_serial(data: bytes, limits: Limits) -> Serial:
    """Raises `Unsound`."""
    within("bytes", len(data), limits.bytes)
    if not _JSON.match(data):
        return _compact(data.strip())
    found = members(data, "JWS")
    payload = text(found.get("payload", ""), "payload").encode()
    if "signatures" not in found:
        _refuse_others(found.keys() - {"payload", "protected", "header", "signature"})
        return Serial(payload, (_signature(found),))
    _refuse_others(found.keys() - {"payload", "signatures"})
    signatures = listed(found["signatures"], "signatures")
    within("signatures", len(signatures), limits.signatures)
    return Serial(payload, tuple(_signature(mapped(one, "signatures")) for one in signatures))


def _compact(data: bytes) -> Serial:
    parts = data.split(b".")
    if len(parts) != 3:
        raise malformed(f"{len(parts)} parts where a compact JWS has three")
    header, payload, value = parts
    return Serial(payload, (Signature(header, value),))


def _signature(found: Any) -> Signature:
    unsigned = refuse_unprotected(mapped(found.get("header", {}), "header"))
    protected, value = (text(found.get(name), name).encode() for name in ("protected", "signature"))
    return Signature(protected, value, tuple(unsigned))


def _refuse_others(names: set[str]) -> None:
    if names:
        raise malformed(f"unknown members: {', '.join(sorted(names))}")
