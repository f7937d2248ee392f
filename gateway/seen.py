"""Through what the way sees its doors: as they are, or as a test wants them (a journal that dies, …)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from gateway.ports import Channel, Clock, DocumentRoute, Journal, Translator

T = TypeVar("T")


def _as_it_is(door: T) -> T:
    return door


@dataclass(frozen=True, slots=True)
class Seen:
    """What stands between the way and each door."""

    journal: Callable[[Journal], Journal] = _as_it_is
    channel: Callable[[Channel], Channel] = _as_it_is
    route: Callable[[DocumentRoute], DocumentRoute] = _as_it_is
    translator: Callable[[Translator], Translator] = _as_it_is
    clock: Callable[[Clock], Clock] = _as_it_is


PLAINLY = Seen()
