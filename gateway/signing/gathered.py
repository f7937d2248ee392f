"""What a judgement rested on, or what a signature brought along: all DER, in the order in which it came."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Gathered:
    """`anchors`: ids of the trust store; `crls`, `ocsps` whole answers; `timestamps` RFC 3161 tokens."""

    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    timestamps: tuple[bytes, ...] = ()
    anchors: tuple[str, ...] = ()

    def __add__(self, other: Gathered) -> Gathered:
        if other is NOTHING or self is NOTHING:
            return self if other is NOTHING else other
        return Gathered(
            _joined(self.certificates, other.certificates),
            _joined(self.crls, other.crls),
            _joined(self.ocsps, other.ocsps),
            _joined(self.timestamps, other.timestamps),
            _joined(self.anchors, other.anchors),
        )


NOTHING = Gathered()


def together(parts: Iterable[Gathered]) -> Gathered:
    """All of them, each thing once."""
    found = NOTHING
    for part in parts:
        found += part
    return found


def _joined(one: tuple[T, ...], other: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(dict.fromkeys((*one, *other)))
