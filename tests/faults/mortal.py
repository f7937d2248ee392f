"""Doors that die: the process kills itself (SIGKILL) right before or after a named fact, or on the wire.

Real doors wrapped, handed to `wiring` as any door is. A kill leaves no time for a word: what the
next process finds is what was on disk.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from gateway.domain.exchange import Exchange
from gateway.domain.parcel import Acknowledgement, Parcel, Receipt, Unknown
from gateway.domain.report import ReportHead
from gateway.ports import Birth, Channel, DocumentRoute, DocumentStatus, Entry, Journal, Lease
from gateway.schemas.edxml.reader import read_document

T = TypeVar("T")


def die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise SystemExit  # never reached


@dataclass(frozen=True, slots=True)
class Point:
    """When to die, the `nth` time it comes to that.

    ``after:Attempted`` · ``before:Attempted:3`` · ``wire:before`` · ``wire:during`` · ``wire:after`` · ``axis:…`` · ``never``
    """

    when: str
    what: str
    nth: int = 1

    @classmethod
    def named(cls, text: str) -> Point:
        when, what, *nth = text.split(":")
        return cls(when, what, int(nth[0]) if nth else 1)


class MortalJournal:
    """A journal that dies around the commit of one kind of fact; every other call passes through.

    Facts that share a transaction are cut: those up to the fatal one are committed, the rest never.
    """

    def __init__(self, journal: Journal, point: Point) -> None:
        self._journal = journal
        self._point = point
        self._met = 0
        self._counting = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def open(self, birth: Birth) -> tuple[Exchange, bool]:
        fatal = self._fatal(birth.entries)
        if fatal is not None and self._point.when == "before":
            die()
        opened = self._journal.open(birth)
        if fatal is not None and opened[1]:
            die()
        return opened

    def append(
        self,
        exchange: Exchange,
        entries: Sequence[Entry],
        *,
        lease: Lease | None = None,
        births: Sequence[Birth] = (),
        line: bool | None = None,
    ) -> Exchange:
        fatal = self._fatal(entries)
        if fatal is None:
            fatal = next((len(entries) for birth in births if self._fatal(birth.entries) is not None), None)
        if fatal is None:
            return self._journal.append(exchange, entries, lease=lease, births=births, line=line)
        cut = entries[:fatal] if self._point.when == "before" else entries[: fatal + 1]
        if cut:
            kept = births if len(cut) == len(entries) else ()
            self._journal.append(exchange, cut, lease=lease, births=kept, line=line)
        die()

    def opening(self, birth: Birth) -> Future[tuple[Exchange, bool]]:
        return _done(lambda: self.open(birth))

    def appending(self, exchange: Exchange, entries: Sequence[Entry], **told: Any) -> Future[Exchange]:
        return _done(lambda: self.append(exchange, entries, **told))

    def _fatal(self, entries: Sequence[Entry]) -> int | None:
        if self._point.when not in ("before", "after"):
            return None
        names = [type(entry.fact).__name__ for entry in entries]
        if self._point.what not in names:
            return None
        with self._counting:
            self._met += 1
            return names.index(self._point.what) if self._met == self._point.nth else None


def _done(write: Callable[[], T]) -> Future[T]:
    answer: Future[T] = Future()
    try:
        answer.set_result(write())
    except Exception as error:
        answer.set_exception(error)
    return answer


async def _fatal(point: str, send: Coroutine[Any, Any, Any], arrived: Callable[[], bool]) -> NoReturn:
    """Die before a send, once the other side has stored what is sent and answers, or after its answer came."""
    if point == "before":
        die()
    sending = asyncio.ensure_future(send)
    while point == "during" and not (sending.done() or await asyncio.to_thread(arrived)):
        await asyncio.sleep(0.01)
    if point == "after":
        await sending
    die()


class MortalChannel:
    """A channel that dies around its first send (``wire:…``)."""

    def __init__(self, channel: Channel, point: Point, arrived: Callable[[str], bool]) -> None:
        self._channel = channel
        self._point = point
        self._arrived = arrived

    async def send(self, parcel: Parcel, body: bytes, beside: Sequence[bytes] = ()) -> Receipt:
        sending = self._channel.send(parcel, body, beside)
        if self._point.when != "wire":
            return await sending
        return await _fatal(self._point.what, sending, lambda: self._arrived(parcel.message_id))

    async def holding(self, head: ReportHead) -> Receipt | None:
        return await self._channel.holding(head)

    async def inquire(self, parcel: Parcel) -> Receipt | Unknown:
        return await self._channel.inquire(parcel)

    async def confirm(self, parcel: Parcel, receipt: Receipt) -> Acknowledgement | None:
        return await self._channel.confirm(parcel, receipt)

    async def statement(self, parcel: Parcel, receipt: Receipt) -> bytes:
        return await self._channel.statement(parcel, receipt)

    async def close(self) -> None:
        await self._channel.close()


class MortalRoute:
    """A document route that dies around its first send (``axis:…``), or the `nth` (``axis:during:2``)."""

    def __init__(self, route: DocumentRoute, point: Point, arrived: Callable[[str], bool]) -> None:
        self._route = route
        self._point = point
        self._arrived = arrived
        self._sends = 0

    async def send(self, edxml: bytes, sender: str, recipients: Sequence[str]) -> str:
        sending = self._route.send(edxml, sender, recipients)
        self._sends += 1
        if self._point.when != "axis" or self._sends != self._point.nth:
            return await sending
        document = read_document(edxml).document_id
        return await _fatal(self._point.what, sending, lambda: self._arrived(document))

    async def tell(self, status: bytes, sender: str, recipient: str) -> str:
        return await self._route.tell(status, sender, recipient)

    async def sent(self, document_id: str) -> str | None:
        return await self._route.sent(document_id)

    async def statuses(self) -> list[DocumentStatus]:
        return await self._route.statuses()

    async def settle(self, axis_id: str) -> None:
        await self._route.settle(axis_id)

    async def close(self) -> None:
        await self._route.close()
