"""From when to when something holds: both days inclusive, None is open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from gateway.schemas.national.constraints import Breach


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def ends_before_it_begins(valid_from: date | None, valid_to: date | None, path: str = "") -> Iterator[Breach]:
    if valid_from and valid_to and valid_to < valid_from:
        yield Breach("validity", path, f"{valid_from} > {valid_to}")
