"""How much work one message may ask for. Everything here is checked before the work is done."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.domain.verdict import SubIndication
from gateway.signing.declared import Declared
from gateway.signing.findings import Unsound

_UNITS = {"": 1, "KiB": 1024, "MiB": 1024 * 1024}


@dataclass(frozen=True, slots=True)
class Limits:
    """`bytes` of the message, `depth` of elements, and per signature `references`, `transforms` each,
    `certificates`, `timestamps` and long-term `values`; `digested` is how many times the message's size may go
    through canonicalisation."""

    bytes: int = 20 * 1024 * 1024
    depth: int = 100
    signatures: int = 8
    references: int = 16
    transforms: int = 3
    certificates: int = 8
    timestamps: int = 8
    values: int = 64
    digested: int = 4


def read(declared: Declared) -> Limits:
    blank = Limits()
    limits = Limits(
        bytes=_size(declared, "bytes", blank.bytes),
        depth=declared.take("depth", int, blank.depth),
        signatures=declared.take("signatures", int, blank.signatures),
        references=declared.take("references", int, blank.references),
        transforms=declared.take("transforms", int, blank.transforms),
        certificates=declared.take("certificates", int, blank.certificates),
        timestamps=declared.take("timestamps", int, blank.timestamps),
        values=declared.take("values", int, blank.values),
        digested=declared.take("digested", int, blank.digested),
    )
    declared.done()
    return limits


def within(what: str, found: int, limit: int) -> None:
    """Raises `Unsound` (FORMAT_FAILURE) above `limit`."""
    if found > limit:
        raise over(what, found, limit)


def over(what: str, found: object, limit: object) -> Unsound:
    return Unsound(SubIndication.FORMAT_FAILURE, "format.limit", what=what, found=found, limit=limit)


class Budget:
    """How much of `what` may still be asked for, of a message or for one signature."""

    def __init__(self, what: str, most: int) -> None:
        self._what, self._most, self._left = what, most, most

    def spend(self, count: int) -> None:
        """Raises `Unsound` (FORMAT_FAILURE) when there is no more."""
        self._left -= count
        if self._left < 0:
            raise over(self._what, self._most - self._left, self._most)


def _size(declared: Declared, key: str, default: int) -> int:
    if not declared.has(key):
        return default
    text = declared.take(key, str, "0")
    number = text.rstrip("KMiB")
    unit = text[len(number) :]
    if number.isdigit() and unit in _UNITS:
        return int(number) * _UNITS[unit]
    declared.fault(key, "must be a size such as 20MiB")
    return default
