"""The intake outlives the store: what cannot be journalled within a second is spooled, and handed over later.

Order is kept on one host: while anything waits in the spool, what comes in waits behind it.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import closing
from dataclasses import dataclass
from functools import partial

from gateway.domain.errors import Conflict, GatewayError, NotFound, Unavailable, problem
from gateway.domain.exchange import Exchange, Opening
from gateway.domain.facts import Fact, Refused, Superseded
from gateway.journey.absorb import entries_of, opening_of
from gateway.journey.accept import SPOOLED, Incoming, admitted
from gateway.journey.case import Doors
from gateway.journey.hearing import hearing
from gateway.ports import Birth, Entry, Spool

_SILENCE = 0.8  # seconds: a sender never waits longer than one for a word
_PATIENCE = 5.0  # without a spool there is nothing to turn to
_WINDOW = 256
_FEW = 32  # can be handed over while the door is shut,
_HELD = 0.15  # seconds: which takes no longer than this, and is tried another time otherwise,
_HELD_AT_MOST = 0.4  # for twice as long each time: a slow journal would never be level with who keeps coming
_LARGE = 64 * 1024  # bytes; to take the digest of a megabyte on the loop would hold up everybody for milliseconds

Opened = tuple[Exchange, bool]

log = logging.getLogger("gateway.journey")


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a submission at the door; on disk in any case."""

    exchange: Exchange
    is_new: bool
    spooled: bool = False


class Intake:
    """Takes submissions into the journal, or into `spool` while the journal does not answer.

    `left_behind`: the spools of processes that went and left something in them, each open while it is looked at, and
    none before what it is given has asked the journal.
    """

    def __init__(
        self,
        doors: Doors,
        spool: Spool | None = None,
        left_behind: Callable[[Callable[[], object]], Generator[Spool, None, None]] | None = None,
    ) -> None:
        self._doors = doors
        self.spool = spool
        self._left_behind = left_behind
        self._leaving = threading.Event()
        self._handed = 0  # of what waits: stands in the journal already
        self._held = _HELD
        self._handing = threading.Lock()

    async def take(self, incoming: Incoming) -> Taken:
        """Raises what `admitted` raises, `Conflict` (C-008), or `Unavailable` (F-003; F-030 when the spool is full)."""
        birth = await self._admitted(incoming)
        if self.spool is None:
            return await self._journalled(birth, _PATIENCE)
        patience = _SILENCE
        if self.spool.waiting:
            came = time.monotonic()
            kept = await asyncio.to_thread(self.spool.keep_behind, birth)
            if kept is not None:
                return Taken(*kept, spooled=True)
            patience -= time.monotonic() - came  # at a door that was shut
        try:
            return await self._journalled(birth, patience)
        except Unavailable:
            return await self._spooled(self.spool, birth)

    def read(self, exchange: str) -> Exchange | None:
        """What still waits in the spool under this id."""
        if self.spool is None or not self.spool.waiting:
            return None
        try:
            return self.spool.kept.read(exchange)
        except NotFound:
            return None

    def hand_over(self) -> int:
        """What is spooled goes into the journal, oldest first; how much it was. Raises `Unavailable` (F-003)."""
        handed = 0
        for some in (partial(self._hand_over, self.spool), self._hand_over_left):
            try:
                handed += some()
            except GatewayError:
                raise
            except Exception:  # a bug, or a disk that gave up: nothing is lost by it, and nobody else waits for it
                log.exception("spool stumbled")
        return handed

    def _hand_over_left(self) -> int:
        if self._left_behind is None:
            return 0
        with closing(self._left_behind(lambda: self._doors.journal.line(""))) as left:
            return sum(self._beside(spool).hand_over() for spool in left)

    def leave(self) -> None:
        """The process ends: a window that is being handed over still is, and what is left behind it waits on."""
        self._leaving.set()

    def _beside(self, spool: Spool) -> Intake:
        one = Intake(self._doors, spool)
        one._leaving = self._leaving
        return one

    def _hand_over(self, spool: Spool | None) -> int:
        """Reports come in behind it meanwhile, and go over next, each time fewer. The last few go while the door is
        shut for a moment: at a busy door the spool would never be empty otherwise.
        """
        if spool is None or not spool.waiting:
            return 0
        with self._handing:
            before = self._handed
            later = spool.after(self._handed)
            while not self._leaving.is_set():
                fresh = later
                self._pass_on(spool, fresh)
                later = spool.after(self._handed)
                if len(later) <= _FEW:
                    return self._last_few(spool) - before
                if len(later) >= len(fresh):  # they come faster than they go: the next sweep goes on here
                    break
            return self._handed - before

    def _last_few(self, spool: Spool) -> int:
        with spool.shut():
            try:
                self._pass_on(spool, spool.after(self._handed), self._held)
            except TimeoutError:
                self._held = min(2 * self._held, _HELD_AT_MOST)
                return self._handed
            if self._handed < spool.waiting:  # the process ends
                return self._handed
            spool.forget()
            handed, self._handed, self._held = self._handed, 0, _HELD
        log.info("spool handed over", extra={"reports": handed})
        return handed

    def _pass_on(self, spool: Spool, reports: Sequence[Exchange], within: float | None = None) -> None:
        last = None if within is None else time.monotonic() + within
        for births in _in_order(spool, reports):
            if self._leaving.is_set():
                return
            asked = [(birth, self._doors.journal.opening(birth)) for birth in births]
            _all_done([opened for _, opened in asked], last)
            ends = [(birth, end) for birth, opened in asked if (end := self._end_of(birth, opened)) is not None]
            beside = [self._opening_beside(birth, end) for birth, end in ends]
            _all_done(beside, last)
            for opened in beside:
                opened.result()
            self._handed += len(births)

    async def _admitted(self, incoming: Incoming) -> Birth:
        if incoming.size <= _LARGE:  # a thread would cost more than it saves
            return admitted(self._doors, incoming)
        return await asyncio.to_thread(admitted, self._doors, incoming)

    async def _journalled(self, birth: Birth, patience: float) -> Taken:
        """What was asked for is not taken back: it may be written all the same, and is then the same exchange."""
        heard = hearing(self._doors.journal.opening(birth))
        patient = asyncio.get_running_loop().call_later(patience, _give_up, heard)
        try:
            return Taken(*await heard)
        finally:
            patient.cancel()

    async def _spooled(self, spool: Spool, birth: Birth) -> Taken:
        return Taken(*await asyncio.to_thread(spool.keep, birth), spooled=True)

    def _end_of(self, birth: Birth, opened: Future[Opened]) -> Fact | None:
        """How the promised exchange ends where something else stood under its key; None where it stands there."""
        try:
            before, is_new = opened.result()
        except Conflict as error:
            return Refused("gateway", error.problems)
        return None if is_new or before.id == birth.opening.id else Superseded(before.id)

    def _opening_beside(self, birth: Birth, end: Fact) -> Future[Opened]:
        """The promised exchange is there, under a key of its own."""
        o = birth.opening
        beside = Opening(o.id, o.kind, o.agreement, f"{SPOOLED}{o.id}", o.content, o.destination)
        return self._doors.journal.opening(Birth(beside, (*birth.entries, Entry(end, self._doors.clock.now()))))


def _in_order(spool: Spool, reports: Sequence[Exchange]) -> Iterator[list[Birth]]:
    """What may be asked for at once. A large one by itself: the journal lets small ones overtake it."""
    together: list[Birth] = []
    for x in reports:
        birth = Birth(opening_of(x), tuple(entries_of(spool.kept, x)))
        is_large = sum(len(content) for entry in birth.entries for content in entry.bytes) > _LARGE
        if together and (is_large or len(together) == _WINDOW):
            yield together
            together = []
        together.append(birth)
        if is_large:
            yield together
            together = []
    if together:
        yield together


def _all_done(asked: Sequence[Future[Opened]], last: float | None) -> None:
    """Raises `TimeoutError`. What was asked for is not taken back: asked again, it is the same exchange."""
    if wait(asked, None if last is None else max(0.0, last - time.monotonic())).not_done:
        raise TimeoutError


def _give_up(heard: asyncio.Future[Opened]) -> None:
    if not heard.done():
        heard.set_exception(Unavailable(problem("F-003", seconds=_PATIENCE, reason="–"), retry_after=_PATIENCE))
