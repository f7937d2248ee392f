"""Catalogues as the issuer keeps them: entries with validity, and what changed between two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Item:
    """One entry: an indicator (chỉ tiêu), a period (kỳ), an organisation (đơn vị).

    `unit` is set for indicators only. Validity days are inclusive; None is open.
    """

    code: str
    name: str
    parent: str = ""
    unit: str = ""
    required: bool = False
    valid_from: date | None = None
    valid_to: date | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)

    def valid_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A named, versioned list of items; (code, validity) identifies, a code alone does not."""

    name: str
    version: str
    valid_from: date
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """What a new version adds, changes and withdraws, by code."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    withdrawn: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.withdrawn)


def compare(before: Catalogue | None, now: Catalogue) -> Changes:
    """What changes for the users of `before` when `now` takes its place."""
    old = _by_code(before.items if before else ())
    new = _by_code(now.items)
    return Changes(
        added=tuple(sorted(new.keys() - old.keys())),
        changed=tuple(sorted(code for code in new.keys() & old.keys() if new[code] != old[code])),
        withdrawn=tuple(sorted(old.keys() - new.keys())),
    )


def _by_code(items: tuple[Item, ...]) -> dict[str, tuple[Item, ...]]:
    found: dict[str, tuple[Item, ...]] = {}
    for item in items:
        found[item.code] = (*found.get(item.code, ()), item)
    return found
