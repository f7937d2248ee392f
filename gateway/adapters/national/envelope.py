"""The envelope around every JSON answer, in the form documented and in the form observed.

documented  {"success": true, "message", "docId" | "data"}  ·  {"success": false, "data": {"errorCode", "errorDesc"}}
observed    {"code": 200 | 0, "message", "count", "data", "errorDetail": []}
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_FINE = ("0", "200")


@dataclass(frozen=True, slots=True)
class Envelope:
    """`code` is empty when all is well, else the error's; `data` is what was asked for."""

    code: str
    message: str
    data: Mapping[str, Any]

    @property
    def ok(self) -> bool:
        return not self.code

    def text(self, name: str) -> str:
        value = self.data.get(name)
        return "" if value is None else str(value)


def opened(body: bytes) -> Envelope | None:
    """What is in the envelope; None when `body` is none of either form."""
    try:
        said = json.loads(body)
    except ValueError:
        return None
    if not isinstance(said, dict):
        return None
    if isinstance(said.get("success"), bool):
        return _documented(said)
    if isinstance(said.get("code"), int | str) and not isinstance(said["code"], bool):
        return _observed(said)
    return None


def _documented(said: Mapping[str, Any]) -> Envelope:
    data = _object(said.get("data"))
    if said["success"]:
        outside = {name: said[name] for name in ("docId",) if name in said}
        return Envelope("", str(said.get("message", "")), {**outside, **data})
    code = str(data.get("errorCode") or said.get("errorCode") or "?")
    return Envelope(code, str(data.get("errorDesc") or said.get("message") or ""), data)


def _observed(said: Mapping[str, Any]) -> Envelope:
    code = str(said["code"])
    data = _object(said.get("data"))
    if code in _FINE:
        return Envelope("", str(said.get("message") or ""), data)
    return Envelope(code, "; ".join(_reasons(said)), data)


def _reasons(said: Mapping[str, Any]) -> list[str]:
    listed = said.get("errorDetail")
    details = [_reason(detail) for detail in listed] if isinstance(listed, list) else []
    return [text for text in (str(said.get("message") or ""), *details) if text]


def _reason(detail: Any) -> str:
    if isinstance(detail, dict):
        return str(detail.get("errorDesc") or detail.get("message") or detail)
    return str(detail)


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
