"""What waits on a document route, read once for all documents that look in at the same time.

The list is one for the whole route. Were every document to read it for itself, n documents would read n lists of
statuses that are mostly not theirs: four times the work for twice the documents.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.domain.exchange import Exchange
from gateway.domain.ids import same_agency
from gateway.ports import DocumentRoute, DocumentStatus

_FRESH = 1.0  # seconds; no document looks in more often


def belongs(x: Exchange, status: DocumentStatus) -> bool:
    """By DocumentId, byte for byte; where a bus lost it by number, day and one of the agencies it was sent to.

    So said, it may belong to another document as well: whoever takes it looks whether it does.
    """
    if x.ready is None or x.numbered is None:
        return False
    if status.document_id.strip():
        return status.document_id == x.ready.document_id
    known = any(same_agency(status.recipient, office) for office in x.ready.recipients) or not x.ready.recipients
    return known and status.about == _code(x) and x.numbered.issued in _days(status, x.numbered.issued)


def _days(status: DocumentStatus, any_day: str) -> tuple[str, ...]:
    return (status.issued, status.otherwise) if status.issued else (any_day,)


def _code(x: Exchange) -> str:
    return f"{x.numbered.number}/{x.numbered.notation}" if x.numbered else ""


class Pigeonholes:
    """Statuses by what `belongs` goes by, so that none is looked at for a document that it does not name."""

    def __init__(self, statuses: Sequence[DocumentStatus]) -> None:
        self._of: dict[tuple[str, str], list[DocumentStatus]] = {}
        for status in statuses:
            self._of.setdefault(_hole(status), []).append(status)

    def of(self, x: Exchange) -> list[DocumentStatus]:
        named = (x.ready.document_id if x.ready else "", "")
        found = [*self._of.get(named, ()), *self._of.get(("", _code(x)), ())]
        return [status for status in found if belongs(x, status)]

    def drop(self, status: DocumentStatus) -> None:
        """It is on the route no more."""
        left = [one for one in self._of.get(_hole(status), ()) if one.axis_id != status.axis_id]
        self._of[_hole(status)] = left


def _hole(status: DocumentStatus) -> tuple[str, str]:
    return (status.document_id, "") if status.document_id.strip() else ("", status.about)


@dataclass(slots=True)
class _Reading:
    """One list as it was read. `shown`: the exchanges that have seen it; who comes twice wants a newer one."""

    at: float
    waiting: Pigeonholes
    shown: set[str] = field(default_factory=set)


class Letterbox:
    """Of one route. Safe between event loops: each reads for itself, and the last reading counts."""

    def __init__(self) -> None:
        self._last: _Reading | None = None
        self._under_way: dict[asyncio.AbstractEventLoop, asyncio.Task[_Reading]] = {}

    async def look(self, route: DocumentRoute, x: Exchange, now: float) -> list[DocumentStatus]:
        """What waits for `x`; `now` in seconds of a clock that only goes on. Raises what the route raises, to all."""
        reading = self._last
        if reading is None or x.id in reading.shown or not 0 <= now - reading.at < _FRESH:
            reading = await asyncio.shield(self._reading(route, now))
        reading.shown.add(x.id)
        return reading.waiting.of(x)

    async def settle(self, route: DocumentRoute, status: DocumentStatus) -> None:
        """Take it off the route: we have it on disk. Raises `Unavailable`."""
        await route.settle(status.axis_id)
        if self._last is not None:
            self._last.waiting.drop(status)

    def _reading(self, route: DocumentRoute, now: float) -> asyncio.Task[_Reading]:
        loop = asyncio.get_running_loop()
        task = self._under_way.get(loop)
        if task is None:
            task = self._under_way[loop] = loop.create_task(self._read(route, now))
            task.add_done_callback(lambda _: self._under_way.pop(loop, None))
        return task

    async def _read(self, route: DocumentRoute, now: float) -> _Reading:
        self._last = reading = _Reading(now, Pigeonholes(await route.statuses()))
        return reading


class Letterboxes:
    """One for each route of a deployment."""

    def __init__(self) -> None:
        self._boxes: dict[str, Letterbox] = {}

    def of(self, route: str) -> Letterbox:
        return self._boxes.setdefault(route, Letterbox())
