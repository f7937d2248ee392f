"""The fuse box: settings and declarations become a `Gateway`. The only module that knows every adapter.

Embedded, scale-out and the tests' wirings differ in what is handed in here, nowhere else.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from fallback.document import DocumentScribe
from gateway.adapters.documents.axis import AxisRoute
from gateway.adapters.documents.signature import AxisCredentials
from gateway.adapters.http import HttpFetcher, HttpLine, trust
from gateway.adapters.national import NationalChannel, NationalCredentials, NationalSession, NationalSource
from gateway.adapters.sql import EmbeddedPostgres, SqlCatalogues, SqlInbox, SqlJournal
from gateway.clock import SystemClock
from gateway.domain.deadlines import Due
from gateway.domain.errors import Misconfigured, Problem, problem
from gateway.domain.exchange import Exchange
from gateway.journey import operate
from gateway.journey.accept import Incoming, accept
from gateway.journey.case import Doors, due_of
from gateway.journey.operate import Person, Registration
from gateway.journey.runner import Runner
from gateway.mapping import PackTranslator
from gateway.ports import Channel, Clock, DocumentRoute, Doorbell, Inbox, Journal, Peers, Source, Translator
from gateway.queue import LocalDoorbell, RedisDoorbell
from gateway.schemas.deadlines import DeclaredDeadlines
from gateway.schemas.declarations import Declarations, PartnerText, declarations
from gateway.schemas.national.wire import wire
from gateway.schemas.packets import PacketReader, PacketWriter, read_status
from gateway.schemas.province import FILE, Province, against, province
from gateway.schemas.settings import Client, Settings, disagreements, settings
from gateway.signing import XmlVerifier, hosts_of, policy_file

T = TypeVar("T")


def _as_it_is(door: T) -> T:
    return door


@dataclass(frozen=True, slots=True)
class Seen:
    """Through what the way sees its doors: as they are, or as a test wants them (a journal that dies, …)."""

    journal: Callable[[Journal], Journal] = _as_it_is
    channel: Callable[[Channel], Channel] = _as_it_is
    route: Callable[[DocumentRoute], DocumentRoute] = _as_it_is
    translator: Callable[[Translator], Translator] = _as_it_is
    clock: Callable[[Clock], Clock] = _as_it_is


_PLAINLY = Seen()


@dataclass
class Gateway:
    """The house, put together: ``with build(home, os.environ) as gateway``."""

    settings: Settings
    declarations: Declarations
    regulation: Province | None  # of the province, where the deployment declares it
    doors: Doors
    runner: Runner
    bell: Doorbell
    inbox: Inbox
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

    def due_of(self, x: Exchange) -> Due | None:
        """When the report of `x` is due, where the regulation or its agreement says so."""
        return due_of(self.doors, x)

    def client_of(self, key_sha256: str) -> Client | None:
        """Whose access key has this digest."""
        return next((c for c in self.settings.clients if c.key_sha256 == key_sha256), None)

    def start(self) -> None:
        """Begin to drain, in threads of this process."""
        self.bell.start()

    async def hang_up(self) -> None:
        """Close the lines opened on the running loop."""
        await _hung_up(self.doors.peers)

    def close(self) -> None:
        """Finish what is in hand; what is cut off instead is found by the next process."""
        self.closing.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _rung(self, x: Exchange) -> Exchange:
        self.bell.ring(x.destination)
        return x


def build(home: Path, environment: Mapping[str, str], seen: Seen = _PLAINLY) -> Gateway:
    """The gateway of the deployment in `home`, at rest: `start` begins to drain.

    Raises `Misconfigured` with every fault (F-005), `Unavailable` (F-003) when the database is away.
    """
    read = settings(home, environment)
    declared = declarations(home / "partners", read.local)
    regulation = province(home / FILE) if (home / FILE).is_file() else None
    faults = [*disagreements(read, declared), *(against(regulation, declared) if regulation else ())]
    if faults:
        raise Misconfigured(*faults)
    with ExitStack() as closing:
        clock = seen.clock(SystemClock())
        peers = _peers(home, declared, clock, seen)
        verifier = XmlVerifier(home / "policies", home / "trust", HttpFetcher(read.fetch_hosts))
        kept = _journal(read, closing)
        catalogues = SqlCatalogues(kept)
        doors = Doors(
            journal=seen.journal(kept),
            clock=clock,
            reader=PacketReader(),
            writer=PacketWriter(),
            verifier=verifier,
            translator=seen.translator(PackTranslator(home / "packs")),
            catalogues=catalogues,
            deadlines=DeclaredDeadlines(home, regulation),
            scribe=DocumentScribe(catalogues),
            peers=peers,
        )

        def ring(destination: str) -> None:
            bell.ring(destination)

        runner = Runner(doors, _worker(), ring, batch=read.work.batch, seconds=read.work.lease_seconds)
        bell = _bell(read, runner, doors)
        closing.callback(bell.stop)
        return Gateway(read, declared, regulation, doors, runner, bell, SqlInbox(kept), closing.pop_all())


def opened(home: Path) -> Gateway:
    """The deployment in `home` for one errand: nothing is drained here, but a serving process is rung."""
    return build(home, os.environ)


@contextmanager
def verifier_of(
    home: Path, policy: str, trusted: Path | None, environment: Mapping[str, str], *, offline: bool
) -> Iterator[tuple[XmlVerifier, str]]:
    """A verifier and the name of its policy, for files that are only looked at.

    `policy` is a name in the deployment `home`, or a YAML file; then no deployment is needed.
    """
    file = Path(policy)
    stands_alone = file.suffix in (".yaml", ".yml")
    policies = file if stands_alone else home / "policies"
    anchors = trusted or home / "trust"
    deployed = (home / "gateway.toml").is_file()
    hosts = settings(home, environment).fetch_hosts if deployed else sorted(hosts_of(anchors))
    verifier = XmlVerifier(policies, anchors, None if offline else HttpFetcher(hosts))
    yield verifier, policy_file(file) if stands_alone else policy


def _worker() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


def _journal(read: Settings, closing: ExitStack) -> SqlJournal:
    url = read.database_url or closing.enter_context(EmbeddedPostgres(read.var / "postgres"))
    journal = SqlJournal.connect(url)
    closing.callback(journal.close)
    return journal


def _bell(read: Settings, runner: Runner, doors: Doors) -> Doorbell:
    async def leave() -> None:
        await _hung_up(doors.peers)

    local = LocalDoorbell(runner.drain, doors.journal.due, leave, sweep_seconds=read.work.sweep_seconds)
    return RedisDoorbell(read.redis_url, local) if read.redis_url else local


async def _hung_up(peers: Peers) -> None:
    lines: list[Channel | DocumentRoute] = [*peers.channels.values(), *peers.routes.values()]
    for line in lines:
        await line.close()


def _peers(home: Path, declared: Declarations, clock: Clock, seen: Seen) -> Peers:
    faults: list[Problem] = []
    channels: dict[str, Channel] = {}
    sources: dict[str, Source] = {}
    routes: dict[str, DocumentRoute] = {}
    for partner in declared.partners.values():
        given = _secrets(home, partner, faults)
        if given is None:
            continue
        line = _line(home, partner)
        if partner.kind == "national":
            session = NationalSession(line, NationalCredentials(**given), clock)
            channels[partner.id] = seen.channel(NationalChannel(session, read_status, wire().marks))
            sources[partner.id] = NationalSource(session)
        else:
            routes[partner.id] = seen.route(AxisRoute(line, AxisCredentials(**given), clock))
    if faults:
        raise Misconfigured(*faults)
    return Peers(declared.agreements, channels, sources, routes)


def _line(home: Path, partner: PartnerText) -> HttpLine:
    tls = trust(home / partner.ca_file) if partner.ca_file else None
    return HttpLine(partner.id, partner.url, deadline=partner.deadline_seconds, tls=tls)


_SECRETS: Mapping[str, type] = {"national": NationalCredentials, "axis": AxisCredentials}


def _secrets(home: Path, partner: PartnerText, faults: list[Problem]) -> dict[str, str] | None:
    """The credentials of a partner, by name; None, and the faults told, when one is missing."""
    found: dict[str, str] = {}
    wanted = {field.name for field in fields(_SECRETS[partner.kind])}
    told = f"partners/*.toml [{partner.id}]"
    for name in sorted(wanted | partner.secrets.keys()):
        if name not in wanted or name not in partner.secrets:
            reason = "missing" if name in wanted else f"unknown; known: {', '.join(sorted(wanted))}"
            faults.append(problem("F-005", file=told, key=f"secrets.{name}", reason=reason))
            continue
        try:
            found[name] = (home / partner.secrets[name]).read_text("utf-8").strip()
        except OSError as error:
            reason = error.strerror or "unreadable"
            faults.append(problem("F-005", file=partner.secrets[name], key=f"{partner.id}.{name}", reason=reason))
    return found if found.keys() == wanted else None
