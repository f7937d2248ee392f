"""The desk's fuse box: a standby copy and a ledger become a `Desk`. No database, no queue, no wire."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fallback.desk import Desk
from fallback.document import DocumentScribe
from fallback.folder import FolderRoute
from fallback.ledger import Ledger
from fallback.standby import Standby, StandbyCatalogues, key_of, opened_standby
from gateway.clock import SystemClock
from gateway.journey.case import Doors
from gateway.journey.previous import JournalledFigures
from gateway.mapping import PackTranslator
from gateway.mapping.forms import PackForms
from gateway.ports import Clock, Peers
from gateway.schemas.deadlines import DeclaredDeadlines
from gateway.schemas.declarations import declarations
from gateway.schemas.packets import PacketReader, PacketWriter
from gateway.schemas.province import FILE, province
from gateway.signing import SignatureVerifier

STANDBY, KEY, LEDGER = "standby", "desk.key", "so-cai.ledger"


@contextmanager
def opened(home: Path, clock: Clock | None = None) -> Iterator[Desk]:
    """The desk in `home`, with the newest standby copy in ``standby/``.

    Raises `Misconfigured`: F-103 without an intact copy, F-005 when another process has the ledger open.
    """
    key = key_of(home / KEY)
    standby = opened_standby(home / STANDBY, key)
    clock = clock or SystemClock()
    ledger = Ledger(home / LEDGER, clock)
    try:
        yield _desk(home, standby, ledger, clock, key)
    finally:
        ledger.close()


def _desk(home: Path, standby: Standby, ledger: Ledger, clock: Clock, key: bytes | None) -> Desk:
    copy = standby.home
    agreements = declarations(copy / "partners", standby.local).agreements
    names = sorted({agreed.fallback.route for agreed in agreements.values() if agreed.fallback})
    routes = {name: FolderRoute(home) for name in names}
    catalogues = StandbyCatalogues(standby)
    regulation = province(copy / FILE) if (copy / FILE).is_file() else None
    writer = PacketWriter()
    packs = PackTranslator(copy / "packs", ledger.bytes_of, JournalledFigures(ledger, writer))
    doors = Doors(
        journal=ledger,
        clock=clock,
        reader=PacketReader(),
        writer=writer,
        verifier=SignatureVerifier(copy / "policies", copy / "trust", None),
        translator=packs,
        forms=PackForms(packs.pack),
        catalogues=catalogues,
        deadlines=DeclaredDeadlines(copy, regulation),
        scribe=DocumentScribe(catalogues),
        peers=Peers(agreements, {}, {}, dict(routes)),
    )
    return Desk(home, standby, ledger, doors, routes, key)
