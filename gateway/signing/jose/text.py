"""JSON and base 64 read so that no two readers can differ: no doubled member, no padding, no stray character."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Container, Mapping
from typing import Any

from gateway.signing.findings import malformed


def members(data: bytes, what: str) -> dict[str, Any]:
    """A JSON object. Raises `Unsound`."""
    try:
        found = _STRICT.decode(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise malformed(f"{what}: {type(error).__name__}: {error}") from error
    if not isinstance(found, dict):
        raise malformed(f"{what} is not an object")
    return found


def decoded(segment: bytes, what: str) -> bytes:
    """base64url without padding (RFC 7515 section 2), the one way to write these bytes. Raises `Unsound`."""
    try:
        data = binascii.a2b_base64(segment.translate(_ORDINARY) + b"=" * (-len(segment) % 4), strict_mode=True)
    except binascii.Error as error:
        raise malformed(f"{what}: {error}") from error
    if segment[-1:] not in _LAST[len(segment) % 4]:
        raise malformed(f"{what}: base 64 with loose ends")
    return data


def decodable(segment: bytes, what: str) -> None:
    """Whether it could be `decoded`. Raises `Unsound`."""
    if segment.translate(None, _ALPHABET) or segment[-1:] not in _LAST[len(segment) % 4]:
        decoded(segment, what)  # says what is wrong


_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_ORDINARY = bytes.maketrans(b"-_+/", b"+/**")  # what is written with the other alphabet is nothing here
# The last characters whose spare bits are zero, by how many characters are beyond whole groups of four.
_LAST: tuple[Container[bytes], ...] = (
    frozenset({b"", *(bytes([one]) for one in _ALPHABET)}),
    frozenset(),
    frozenset({b"A", b"Q", b"g", b"w"}),
    frozenset(bytes([one]) for one in b"AEIMQUYcgkosw048"),
)


def encoded(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def der(value: object, what: str) -> bytes:
    """From ordinary base 64, as x5c and time-stamps are written. Raises `Unsound`."""
    try:
        return base64.b64decode(text(value, what), validate=True)
    except binascii.Error as error:
        raise malformed(f"{what}: {error}") from error


def text(value: object, what: str) -> str:
    if not isinstance(value, str) or not value.isascii():
        raise malformed(f"{what} is not ASCII text")
    return value


def listed(value: object, what: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise malformed(f"{what} is not a list with something in it")
    return value


def mapped(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise malformed(f"{what} is not an object")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member occurs twice")
    return found


def _refused(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


_STRICT = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_refused)  # made once: it costs as much as reading
