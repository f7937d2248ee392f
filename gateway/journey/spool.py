"""The intake outlives the store: what cannot be journalled within a second is spooled, and handed over later.

Order is kept on one host: while anything waits in the spool, what comes in waits behind it.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import Future
from dataclasses import dataclass

from gateway.domain.errors import Conflict, NotFound, Unavailable, problem
from gateway.domain.exchange import Exchange, Opening
from gateway.domain.facts import Fact, Refused, Superseded
from gateway.journey.absorb import entries_of, oldest_first, opening_of
from gateway.journey.accept import SPOOLED, Incoming, admitted
from gateway.journey.case import Doors
from gateway.ports import Birth, Entry, Spool

_SILENCE = 0.8  # seconds: a sender never waits longer than one for a word
_PATIENCE = 5.0  # without a spool there is nothing to turn to
_WINDOW = 256

Opened = tuple[Exchange, bool]

log = logging.getLogger("gateway.journey")


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a submission at the door; on disk in any case."""

    exchange: Exchange
    is_new: bool
    spooled: bool = False


class Intake:
    """Takes submissions into the journal, or into `spool` while the journal does not answer."""

    def __init__(self, doors: Doors, spool: Spool | None = None) -> None:
        self._doors = doors
        self.spool = spool

    async def take(self, incoming: Incoming) -> Taken:
        """Raises what `admitted` raises, `Conflict` (C-008), or `Unavailable` (F-003; F-030 when the spool is full)."""
        birth = admitted(self._doors, incoming)
        if self.spool is None:
            return await self._journalled(birth, _PATIENCE)
        if self.spool.waiting:
            return await self._spooled(self.spool, birth)
        try:
            return await self._journalled(birth, _SILENCE)
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
        """Everything spooled goes into the journal, oldest first; how much it was. Raises `Unavailable` (F-003)."""
        spool = self.spool
        if spool is None or not spool.waiting:
            return 0
        waiting = oldest_first(spool.kept)
        for start in range(0, len(waiting), _WINDOW):
            births = [Birth(opening_of(x), tuple(entries_of(spool.kept, x))) for x in waiting[start : start + _WINDOW]]
            asked = [(birth, self._doors.journal.opening(birth)) for birth in births]
            for birth, opened in asked:
                self._settle(birth, opened)
        spool.forget(len(waiting))
        log.info("spool handed over", extra={"reports": len(waiting)})
        return len(waiting)

    async def _journalled(self, birth: Birth, patience: float) -> Taken:
        asked = asyncio.wrap_future(self._doors.journal.opening(birth))
        asked.add_done_callback(_heard)
        try:
            # What was asked for is not taken back: it may be written all the same, and is then the same exchange.
            return Taken(*await asyncio.wait_for(asyncio.shield(asked), patience))
        except TimeoutError:
            raise Unavailable(problem("F-003", seconds=_PATIENCE, reason="–"), retry_after=_PATIENCE) from None

    async def _spooled(self, spool: Spool, birth: Birth) -> Taken:
        return Taken(*await asyncio.to_thread(spool.keep, birth), spooled=True)

    def _settle(self, birth: Birth, opened: Future[Opened]) -> None:
        """The promised exchange is there, whatever stood under its key before."""
        try:
            before, is_new = opened.result()
        except Conflict as error:
            self._open_beside(birth, Refused("gateway", error.problems))
        else:
            if not is_new and before.id != birth.opening.id:
                self._open_beside(birth, Superseded(before.id))

    def _open_beside(self, birth: Birth, end: Fact) -> None:
        o = birth.opening
        beside = Opening(o.id, o.kind, o.agreement, f"{SPOOLED}{o.id}", o.content, o.destination)
        self._doors.journal.open(Birth(beside, (*birth.entries, Entry(end, self._doors.clock.now()))))


def _heard(asked: asyncio.Future[Opened]) -> None:
    """Nobody may be waiting for it any more; its failure is no news then."""
    if not asked.cancelled():
        asked.exception()
