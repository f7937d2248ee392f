"""The fuse box: settings and declarations become a `Gateway`. The only module that knows every adapter.

Embedded, scale-out and the tests' wirings differ in what is handed in here, nowhere else.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from fallback.document import DocumentScribe
from gateway.adapters.documents.axis import AxisRoute
from gateway.adapters.http import HttpFetcher
from gateway.adapters.national import NationalChannel, NationalSession, NationalSource
from gateway.adapters.sql import EmbeddedPostgres, SqlCatalogues, SqlJournal
from gateway.clock import SystemClock
from gateway.domain.errors import Misconfigured, problem
from gateway.domain.exchange import Exchange
from gateway.journey import operate
from gateway.journey.accept import Incoming, accept
from gateway.journey.case import Doors
from gateway.journey.operate import Person, Registration
from gateway.journey.runner import Runner
from gateway.mapping import PackTranslator
from gateway.ports import Catalogues, Channel, Clock, Doorbell, DocumentRoute, Journal, Peers, Source
from gateway.queue import LocalDoorbell, RedisDoorbell
from gateway.schemas.declarations import Declarations, PartnerText, declarations
from gateway.schemas.packets import PacketReader, PacketWriter, read_status
from gateway.schemas.settings import Client, Settings, settings
from gateway.signing import XmlVerifier

DrainedBy = Callable[[Journal], Journal]


@dataclass
class Gateway:
    """The house, put together. Close it when done."""

    settings: Settings
    declarations: Declarations
    doors: Doors
    runner: Runner
    bell: Doorbell
    closing: ExitStack = field(repr=False)

    @property
    def journal(self) -> Journal:
        return self.doors.journal

    def accept(self, incoming: Incoming) -> tuple[Exchange, bool]:
        """Keep a submission and ring for it; the exchange and whether it is new."""
        x, is_new = accept(self.doors, incoming)
        return self._rung(x), is_new

    def resend(self, exchange: str, person: Person) -> Exchange:
        return self._rung(operate.resend(self.doors, exchange, person))

    def release(self, exchange: str, person: Person) -> Exchange:
        return self._rung(operate.release(self.doors, exchange, person))

    def park(self, exchange: str, person: Person) -> Exchange:
        return operate.park(self.doors, exchange, person)

    def cancel(self, exchange: str, person: Person) -> Exchange:
        return operate.cancel(self.doors, exchange, person)

    def replay(self, exchange: str, person: Person, pack: str | None = None) -> Exchange:
        return self._rung(operate.replay(self.doors, exchange, person, pack))

    def divert(self, exchange: str, person: Person) -> Exchange:
        x = operate.divert(self.doors, exchange, person)
        assert x.paper is not None
        self._rung(self.journal.read(x.paper))
        return x

    def number(
        self, document: str, registration: Registration, files: list[tuple[str, str, str, bytes]], person: Person
    ) -> Exchange:
        return self._rung(operate.number(self.doors, document, registration, files, person))

    async def sync_catalogue(self, agreement: str, name: str) -> Exchange:
        return self._rung(await operate.sync_catalogue(self.doors, agreement, name))

    def client_of(self, key_sha256: str) -> Client | None:
        """Whose access key has this digest."""
        return next((c for c in self.settings.clients if c.key_sha256 == key_sha256), None)

    def start(self) -> None:
        """Begin to drain, in threads of this process."""
        self.bell.start()

    def close(self) -> None:
        self.bell.stop()
        self.closing.close()

    def _rung(self, x: Exchange) -> Exchange:
        self.bell.ring(x.destination)
        return x
