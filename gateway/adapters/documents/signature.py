"""The axis' own request signature: parameters travel as headers, and the headers are signed.

Every name (systemid, timestamp, the request's own, Content-Type) becomes ``XroadVnpt-<name>``; the names,
the signed JSON text of all of them and its HMAC-SHA256 follow in three more headers (SDKVXP 2.0.1).
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gateway.domain.calendar import VIETNAM
from gateway.domain.errors import Rejected, problem

_PREFIX = "XroadVnpt-"
_AGENT = {"User-Agent": "JAVASDKAgent/1.0.0 XRoad/VPCP", f"{_PREFIX}version": "3.0.201608"}


@dataclass(frozen=True, slots=True)
class AxisCredentials:
    """The system's registered id and its secret; never shown."""

    system_id: str = field(repr=False)
    secret: str = field(repr=False)


def signed(credentials: AxisCredentials, at: datetime, media_type: str, keys: Mapping[str, str]) -> dict[str, str]:
    """All headers of one request. Raises `Rejected` (C-005): what is signed as text must be plain ASCII."""
    named = {"systemid": credentials.system_id, "timestamp": stamp(at), **keys, "Content-Type": media_type}
    for name, value in named.items():
        if not (value.isascii() and value.isprintable()):
            raise Rejected(problem("C-005", path=name, line="-", reason=repr(value), expected="ASCII"))
    text = json.dumps(named, separators=(",", ":"))
    return {
        **{f"{_PREFIX}{name}": value for name, value in named.items()},
        f"{_PREFIX}sign-header-key": ";".join(named),
        f"{_PREFIX}sign-header": text,
        f"{_PREFIX}hash-header": hmac.new(credentials.secret.encode(), text.encode(), "sha256").hexdigest(),
        "Content-Type": media_type,
        **_AGENT,
    }


def stamp(at: datetime) -> str:
    """``ddMMyyyyTHHmmss+SSSS`` in Vietnam time; after the literal plus come four digits of milliseconds."""
    local = at.astimezone(VIETNAM)
    return f"{local:%d%m%YT%H%M%S}+{local.microsecond // 1000:04d}"
