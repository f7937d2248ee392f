"""What passes between a gateway and the desk across the street: the nightly copy there, ledgers and lists back.

`cli` comes in; it knows both houses and nothing of the wire.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from fallback.bundle import BrokenSealError, unpacked_bundle
from fallback.desk import Refusal
from fallback.folder import SIGNED, TO_SIGN, explain, lay_out
from fallback.handover import name_of
from fallback.ledger import Ledger
from fallback.slips import SLIP, WHY_NOT, registration, signed_files, slip
from fallback.standby import Known, key_of, write_standby
from fallback.wiring import opened as desk
from gateway.domain.errors import GatewayError, Misconfigured, NotFound, problem
from gateway.domain.exchange import Exchange, Kind
from gateway.journey.absorb import Line, absorb
from gateway.journey.operate import Person
from gateway.ports import Query
from gateway.wiring import Gateway

__all__ = ["absorbed", "collected", "desk", "laid_out", "noted", "standby"]

_KEY = Path("secrets") / "fallback.key"
_KEY_BYTES = 32
_LOOKED_BACK = timedelta(days=62)  # a report older than two months is no longer sent by anybody
_PAGE = 500


def standby(gateway: Gateway, folder: Path) -> Path:
    """Write a standby copy below `folder`; where it lies. Makes the shared key the first time."""
    home = gateway.settings.home
    names = sorted({agreed.catalogue for agreed in gateway.declarations.agreements.values()})
    found = (gateway.doors.catalogues.current(name) for name in names)
    return write_standby(
        home,
        folder,
        local=gateway.settings.local,
        catalogues=[catalogue for catalogue in found if catalogue is not None],
        known=[_known(x) for x in _recent(gateway)],
        at=gateway.doors.clock.now(),
        key=key_of(home / _KEY, make=secrets.token_bytes(_KEY_BYTES)),
    )


def absorbed(gateway: Gateway, path: Path) -> list[Line]:
    """Take over a desk's ledger, or the bundle it is sealed in; what became of every report.

    Raises `Misconfigured`: F-112 for a bundle whose seal does not fit, F-005 while the desk has the ledger open.
    """
    with tempfile.TemporaryDirectory(prefix="gateway-handover-") as room:
        ledger_file = _unpacked(gateway, path, Path(room) / "bundle") if path.suffix == ".zip" else path
        if not ledger_file.is_file():
            raise NotFound(problem("F-006", name=ledger_file))
        name = name_of(ledger_file)
        if not name:
            raise Misconfigured(problem("F-112", ledger=ledger_file.name, reason="trống / empty"))
        _prepare_all(gateway)
        ledger = Ledger(ledger_file)
        try:
            lines = absorb(gateway.doors, ledger, name)
        finally:
            ledger.close()
    for destination in {gateway.journal.read(line.exchange).destination for line in lines if line.why is None}:
        gateway.bell.ring(destination)
    return lines


def noted(gateway: Gateway, path: Path) -> Path:
    """Keep a list or a ledger of a desk: what stands in it is not sent from here. Where it lies."""
    folder = gateway.settings.var / "handover"
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{path.name}.part"
    shutil.copyfile(path, part)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    return part.replace(folder / path.name)


def laid_out(gateway: Gateway, folder: Path) -> list[Path]:
    """Where in ``trinh-ky/`` every document lies that waits for number and signatures, with a slip each.

    What a clerk has already stays as he has it.
    """
    for x in _waiting(gateway):
        assert x.prepared is not None
        files = ((each.name, gateway.journal.bytes_of(each.content.digest)) for each in x.prepared.files)
        lay_out(folder, x.id, [*files, (SLIP, slip(x.id, x.prepared.subject))])
    places = (folder / TO_SIGN / x.id for x in _waiting(gateway))
    return [place for place in places if place.is_dir()]


def collected(gateway: Gateway, folder: Path, person: Person) -> tuple[list[Exchange], list[Refusal]]:
    """Record number and signed files of every filled-in slip in ``cap-so/``: what was numbered, what could not be.

    One that is wrong keeps nobody from the others; the clerk is told in ``LOI.txt`` beside it.
    """
    done: list[Exchange] = []
    refused: list[Refusal] = []
    waiting = {x.id: x for x in _waiting(gateway)}
    for place in sorted((folder / SIGNED).glob("vb-*")):
        x = waiting.get(place.name)
        if x is None or x.prepared is None:
            continue
        try:
            files = signed_files(place, {each.name: each.description for each in x.prepared.files})
            done.append(gateway.number(x.id, registration(place), files, person))
        except GatewayError as error:
            explain(place / WHY_NOT, error.problem)
            refused.append(Refusal(x.id, error.problems))
        else:
            (place / WHY_NOT).unlink(missing_ok=True)
    return done, refused


def _waiting(gateway: Gateway) -> list[Exchange]:
    found = _all(gateway, Query(kinds=(Kind.DOCUMENT,), limit=_PAGE))
    return [x for x in found if x.prepared is not None and x.numbered is None and x.waits_for_a_person]


def _prepare_all(gateway: Gateway) -> None:
    """What waits here unread is read first: an unread report cannot go on from a desk's document."""
    for destination in sorted({agreed.destination for agreed in gateway.declarations.agreements.values()}):
        while gateway.runner.prepare(destination):
            pass


def _unpacked(gateway: Gateway, path: Path, room: Path) -> Path:
    try:
        sealed = unpacked_bundle(path, room, key_of(gateway.settings.home / _KEY))
    except BrokenSealError as error:
        raise Misconfigured(problem("F-112", ledger=path.name, reason=error)) from error
    return room / next(iter(sealed.files))


def _known(x: Exchange) -> Known:
    stage = (x.before or x.stage).value
    return Known(x.id, x.agreement, x.key, x.content, x.head.lane if x.head else "", stage)


def _recent(gateway: Gateway) -> Iterator[Exchange]:
    since = gateway.doors.clock.now() - _LOOKED_BACK
    return _all(gateway, Query(kinds=(Kind.OUTBOUND,), since=since, limit=_PAGE))


def _all(gateway: Gateway, query: Query) -> Iterator[Exchange]:
    before: int | None = None
    while page := gateway.journal.find(Query(kinds=query.kinds, since=query.since, before=before, limit=query.limit)):
        yield from page
        before = page[-1].ordinal
