"""One report that went all the way, told again under other names, as many as are asked for."""

from __future__ import annotations

import asyncio
import secrets
import threading
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import httpx
from httpx_aiohttp import AiohttpTransport

from gateway.bench.bare import STATEMENT, STATUS
from gateway.bench.deployment import AGREEMENT, Deployed
from gateway.bench.journey import logged_in
from gateway.bench.reports import signed, signers, small
from gateway.domain.exchange import Exchange, Opening, Stage
from gateway.domain.facts import Accepted, Fact, Packaged, Reconciled, Superseded, Translated, Validated, Verified
from gateway.journey.accept import Incoming
from gateway.ports import Birth, Entry
from gateway.wiring import Gateway

PACKAGED = (Accepted, Validated, Verified, Translated, Packaged)
SETTLED = (Accepted, Superseded)


async def drained(gateway: Gateway, destination: str) -> None:
    """Everything due there, here and now."""
    while await gateway.runner.drain(destination):
        continue
    await gateway.hang_up()


@dataclass
class Model:
    """A report delivered to the other side: its facts, and what the receiver said."""

    exchange: Exchange
    facts: tuple[Fact, ...]
    body: bytes
    payload: bytes
    folder: Path
    at: datetime
    number: int = 0

    @classmethod
    def of(cls, there: Deployed, gateway: Gateway) -> Model:
        packet = signed(small(), 0, signers(there.other_side))
        x, _ = gateway.accept(Incoming(AGREEMENT, f"model-{secrets.token_hex(4)}", "bench", "application/xml", packet))
        waiting = threading.Event()
        while not x.settled and x.stage is not Stage.PARKED:
            asyncio.run(drained(gateway, x.destination))
            waiting.wait(0.05)  # the other side takes its time to judge
            x = gateway.journal.read(x.id)
        if x.stage is not Stage.RECONCILED or x.parcel is None or x.receipt is None or x.opened_at is None:
            raise RuntimeError(f"the model is {x.stage}")
        history = gateway.journal.history(x.id)
        statement = next(link.fact.statement for link in history if isinstance(link.fact, Reconciled))
        folder = there.home.parent
        (folder / STATEMENT).write_bytes(gateway.journal.bytes_of(statement.digest))
        (folder / STATUS).write_bytes(asyncio.run(_status(there, x.receipt.reference)))
        facts = tuple(link.fact for link in history)
        return cls(x, facts, gateway.journal.bytes_of(x.parcel.body.digest), packet, folder, x.opened_at)

    def birth(self, kinds: tuple[type[Fact], ...]) -> Birth:
        """The same report of another unit, so a lane of its own, with its facts of `kinds`."""
        self.number += 1
        name = f"bench-{self.number}-{secrets.token_hex(4)}"
        x = self.exchange
        opening = Opening(name, x.kind, x.agreement, name, x.content, x.destination)
        facts = [self._renamed(fact, name) for fact in self.facts if isinstance(fact, kinds)]
        if Superseded in kinds:
            facts.append(Superseded(x.id))
        return Birth(opening, tuple(Entry(fact, self.at) for fact in facts))

    def _renamed(self, fact: Fact, name: str) -> Fact:
        match fact:
            case Validated() if fact.head is not None:
                return replace(fact, head=replace(fact.head, reporter=name))
            case Packaged():
                return replace(fact, parcel=replace(fact.parcel, message_id=name))
        return fact


async def _status(there: Deployed, reference: str) -> bytes:
    base = there.other_side.national_url
    async with httpx.AsyncClient(transport=AiohttpTransport()) as client:
        client.headers.update(await logged_in(there.other_side, client))
        return (await client.get(f"{base}/v1/packets/{reference}/status")).content
