"""`ports.HandOver`: which reports a desk took over, read beside it from its ledger or from a list it wrote."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from fallback.frames import followed
from gateway.domain.exchange import Exchange, Kind

LEDGERS, LISTS = ".ledger", ".json"
HANDED_OVER = "ban-giao"  # of a desk: closed ledgers, bundles and lists


def places_of(var: Path, desks: Sequence[Path]) -> list[Path]:
    """Where a gateway looks: its own ``var/handover``, and what it can see of its desks."""
    return [var / "handover", *desks, *(desk / HANDED_OVER for desk in desks)]


@dataclass(frozen=True, slots=True)
class Taken:
    """One report that stands in a ledger. `lane` is "" while the desk has not read it."""

    agreement: str
    key: str
    content: str
    lane: str


@dataclass(slots=True)
class _Place:
    """A ledger or list as far as it was read."""

    ledger: str = ""
    read: int = 0
    stamp: tuple[int, int] = (0, 0)
    keys: set[tuple[str, str]] = field(default_factory=set)
    contents: set[str] = field(default_factory=set)
    lanes: set[str] = field(default_factory=set)

    def add(self, taken: Taken) -> None:
        self.keys.add((taken.agreement, taken.key))
        self.contents.add(taken.content)
        if taken.lane:
            self.lanes.add(taken.lane)

    def names(self, x: Exchange) -> bool:
        lane = x.head.lane if x.head else ""
        return (x.agreement, x.key) in self.keys or x.content in self.contents or lane in self.lanes


class HandedOver:
    """Every ``*.ledger`` and ``*.json`` list in `folders`; each is read on from where it was read before."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders
        self._places: dict[Path, _Place] = {}

    def holds(self, x: Exchange) -> str | None:
        found = (self._current(path) for path in self._paths())
        return next((place.ledger for place in found if place.names(x)), None)

    def _paths(self) -> Iterator[Path]:
        for folder in self._folders:  # listed anew each time: a time of change may stand still between two changes
            try:
                names = os.listdir(folder)
            except OSError:  # not there yet
                continue
            yield from (folder / name for ending in (LEDGERS, LISTS) for name in names if name.endswith(ending))

    def _current(self, path: Path) -> _Place:
        place = self._places.setdefault(path, _Place())
        try:
            found = path.stat()
            stamp = (found.st_mtime_ns, found.st_size)
            if stamp != place.stamp:
                _read_ledger(path, place) if path.suffix == LEDGERS else _read_list(path, place)
                place.stamp = stamp
        except (OSError, ValueError, KeyError, TypeError):
            return place  # unreadable for a moment: what was read of it before still counts
        return place


def hand_over_list(ledger: str, taken: Sequence[Taken]) -> dict[str, Any]:
    """A list as it is written down for the gateway."""
    return {"ledger": ledger, "reports": list(taken)}


def name_of(ledger: Path) -> str:
    """The name of a ledger: of its first record, so that a copy has the same one; "" while it has none."""
    first = next(iter(followed(ledger)), None) if ledger.is_file() else None
    return sha256(first[1]).hexdigest()[:16] if first else ""


def taken_in(payload: bytes) -> Iterator[Taken]:
    """The reports that one record of a ledger opens or reads."""
    grown = json.loads(payload.partition(b"\n")[0])["grown"]
    for one in grown:
        opening = one["opening"]
        if opening and opening["kind"] == Kind.OUTBOUND.value:
            yield Taken(opening["agreement"], opening["key"], opening["content"], "")
        for fact in one["facts"]:
            head = fact["body"].get("head") if fact["name"] == "Validated" else None
            if head:
                yield Taken("", "", "", "|".join((head["regime"], head["form"], head["reporter"], head["period"])))


def _read_ledger(path: Path, place: _Place) -> None:
    place.ledger = place.ledger or name_of(path)
    for behind, payload in followed(path, place.read):
        for taken in taken_in(payload):
            place.add(taken)
        place.read = behind


def _read_list(path: Path, place: _Place) -> None:
    said = json.loads(path.read_bytes())
    if not isinstance(said, dict) or "reports" not in said:
        return  # another kind of file
    place.ledger = str(said["ledger"])
    for each in said["reports"]:
        place.add(Taken(each["agreement"], each["key"], each["content"], each["lane"]))
