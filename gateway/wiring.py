"""The fuse box: settings and declarations become a `Gateway`. The only module that knows every adapter.

Embedded, scale-out and the tests' wirings differ in what is handed in here, nowhere else.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from fallback.document import DocumentScribe
from fallback.handover import HandedOver, places_of
from fallback.spool import Spools
from gateway.adapters.http import HttpFetcher
from gateway.adapters.sql import EmbeddedPostgres, SqlCatalogues, SqlInbox, SqlJournal, SqlOutlook, SqlRegister
from gateway.adapters.sql.allowance import SqlAllowance
from gateway.adapters.sql.plans import SqlPlans
from gateway.adapters.sql.trail import anchored
from gateway.bells import bell_of
from gateway.clock import SystemClock, worker_name
from gateway.domain.chain import Anchored
from gateway.domain.deadlines import Due
from gateway.domain.errors import Misconfigured, NotFound, Unavailable, problem
from gateway.domain.exchange import Exchange
from gateway.figures import Figures
from gateway.first_use import Packs, signer_of
from gateway.journey import operate, returned
from gateway.journey.accept import Incoming, accept
from gateway.journey.callbacks import Heard, Word, call_back
from gateway.journey.case import Doors, due_of
from gateway.journey.operate import Corrected, Person, Registration
from gateway.journey.previous import JournalledFigures
from gateway.journey.routes import RouteTimes
from gateway.journey.runner import Runner
from gateway.journey.spool import Intake, Taken
from gateway.logs import Overheard, say_facts
from gateway.peers import hung_up, peers_of
from gateway.ports import Doorbell, Inbox, Journal, Outlook, Plans, Register
from gateway.schemas.deadlines import DeclaredDeadlines
from gateway.schemas.declarations import Declarations, declarations
from gateway.schemas.packets import PacketReader, PacketWriter
from gateway.schemas.province import FILE, Province, against, province
from gateway.schemas.settings import Settings, disagreements, settings
from gateway.seen import PLAINLY, Seen
from gateway.signing import SignatureVerifier, hosts_of, policy_file
from gateway.tracing import listeners

log = logging.getLogger("gateway")

_ANSWERS = "revocation"  # lists and OCSP answers, proven again whenever they are read


@dataclass
class Gateway:
    """The house, put together: ``with build(home, os.environ) as gateway``."""

    settings: Settings
    declarations: Declarations
    regulation: Province | None  # of the province, where the deployment declares it
    doors: Doors
    runner: Runner
    bell: Doorbell
    packs: Packs
    inbox: Inbox
    intake: Intake
    spools: Spools
    register: Register
    calendar: DeclaredDeadlines
    outlook: Outlook
    plans: Plans
    figures: Figures
    anchored: Callable[[str], list[Anchored]]  # the closed days an exchange is in
    closing: ExitStack = field(repr=False)

    @property
    def journal(self) -> Journal:
        return self.doors.journal

    def accept(self, incoming: Incoming) -> tuple[Exchange, bool]:
        """Keep a submission and ring for it; the exchange and whether it is new."""
        x, is_new = accept(self.doors, incoming)
        return self._rung(x), is_new

    async def take(self, incoming: Incoming) -> Taken:
        """As `accept`, for a front door: the store may be away, the sender has a word within a second."""
        taken = await self.intake.take(incoming)
        if taken.is_new and not taken.spooled:
            self._rung(taken.exchange)
        return taken

    def call_back(self, partner: str, by: str, word: Word) -> Heard:
        """Keep what `partner` tells through the client `by`, and ask it."""
        heard = call_back(self.doors, partner, by, word)
        if heard.is_new:
            self._rung(heard.exchange)
        return heard

    def read(self, exchange: str) -> tuple[Exchange, bool]:
        """An exchange, and whether it waits in the spool still. Raises `NotFound` (F-006), `Unavailable` (F-031)."""
        spooled = self.intake.read(exchange)
        if spooled:
            return spooled, True
        with suppress(NotFound):
            return self.journal.read(exchange), False
        if self.spools.wait_elsewhere():
            raise self.waits(exchange)
        return self.journal.read(exchange), False  # where it was handed over between the two questions

    def waits(self, exchange: str) -> Unavailable:
        """What is answered (F-031) to a question about an exchange that only the journal could answer."""
        seconds = self.settings.work.sweep_seconds
        return Unavailable(problem("F-031", exchange=exchange, seconds=seconds), retry_after=seconds)

    def open_door(self) -> None:
        """Let the intake outlive the store: each process of a host by a ledger of its own."""
        self.intake.spool = self.spools.take()

    def hand_over(self) -> None:
        """What waits in the spool goes into the journal, and whoever drains is rung. Raises `Unavailable` (F-003)."""
        if self.intake.hand_over():
            for destination in self.journal.due():
                self.bell.ring(destination)

    def resend(self, exchange: str, person: Person) -> Exchange:
        return self._rung(operate.resend(self.doors, exchange, person))

    def release(self, exchange: str, person: Person) -> Exchange:
        return self._rung(operate.release(self.doors, exchange, person))

    def park(self, exchange: str, person: Person) -> Exchange:
        return operate.park(self.doors, exchange, person)

    def cancel(self, exchange: str, person: Person) -> Exchange:
        return operate.cancel(self.doors, exchange, person)

    def replay(self, exchange: str, person: Person, pack: str | None = None) -> Exchange:
        """By today's pack, or by `pack`: a name, or a version of it as ``name@3``. Raises as `PackTranslator.pack`."""
        return self._rung(operate.replay(self.doors, exchange, person, self.known(pack)))

    def replay_rejected(self, exchange: str, person: Person, corrected: Corrected | None, pack: str | None) -> Exchange:
        return self._rung(operate.replay_rejected(self.doors, exchange, person, corrected, self.known(pack))[0])

    def retain(self, exchange: str, person: Person, *, held: bool = True) -> Exchange:
        return operate.retain(self.doors, exchange, person, held=held)

    def divert(self, exchange: str, person: Person) -> Exchange:
        x = operate.divert(self.doors, exchange, person)
        assert x.paper is not None
        self._rung(self.journal.read(x.paper))
        return x

    def number(
        self, document: str, registration: Registration, files: list[tuple[str, str, str, bytes]], person: Person
    ) -> Exchange:
        return self._rung(returned.number(self.doors, document, registration, files, person))

    async def sync_catalogue(self, agreement: str, name: str, since: str = "") -> Exchange:
        return self._rung(await operate.sync_catalogue(self.doors, agreement, name, since))

    def due_of(self, x: Exchange) -> Due | None:
        """When the report of `x` is due, where the regulation or its agreement says so."""
        return due_of(self.doors, x)

    def start(self) -> None:
        """Begin to drain, in threads of this process."""
        self.bell.start()

    async def hang_up(self) -> None:
        """Close the lines opened on the running loop."""
        await hung_up(self.doors.peers)

    def close(self) -> None:
        """Finish what is in hand; what is cut off instead is found by the next process."""
        self.closing.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def known(self, pack: str | None) -> str | None:
        """`pack`, where there is such a one or none is named. Raises as `PackTranslator.pack`."""
        if pack:
            self.packs.must_know(pack)
        return pack

    def _rung(self, x: Exchange) -> Exchange:
        self.bell.ring(x.destination)
        return x


def build(home: Path, environment: Mapping[str, str], seen: Seen = PLAINLY) -> Gateway:
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
        clock, worker = seen.clock(SystemClock()), worker_name()
        asking = HttpFetcher(read.fetch_hosts)
        verifier = SignatureVerifier(home / "policies", home / "trust", asking, read.var / _ANSWERS)
        kept = _journal(read, closing)
        peers = peers_of(home, declared, clock, seen, SqlAllowance(kept, worker))
        catalogues, register, figures = SqlCatalogues(kept), SqlRegister(kept), Figures()
        calendar = DeclaredDeadlines(home, regulation, register)
        heard = [say_facts, figures.hear, *listeners()]
        journal, writer = seen.journal(cast(Journal, Overheard(kept, heard))), PacketWriter()
        packs = Packs(home / "packs", journal.bytes_of, JournalledFigures(journal, writer))
        doors = Doors(
            journal=journal,
            clock=clock,
            reader=PacketReader(verifier.files_of),
            writer=writer,
            verifier=verifier,
            translator=seen.translator(packs),
            forms=packs,
            catalogues=catalogues,
            deadlines=calendar,
            scribe=DocumentScribe(catalogues),
            peers=peers,
            handover=HandedOver(places_of(read.var, read.desks)),
            route_times=RouteTimes(kept, clock),
            signer=lambda profile: signer_of(home, profile, environment),
        )

        def ring(destination: str) -> None:
            bell.ring(destination)

        runner = Runner(doors, worker, ring, batch=read.work.batch, seconds=read.work.lease_seconds)
        spools = Spools(read.var / "spool", clock, most=read.server.spool_bytes)
        closing.callback(spools.close)  # behind the bell, which perhaps hands it over just then
        intake = Intake(doors, left_behind=spools.left_behind)
        bell = bell_of(read, runner, doors, intake)
        closing.callback(bell.stop)
        closing.callback(intake.leave)
        inbox = SqlInbox(kept, register)
        outlook, plans, done = SqlOutlook(kept), SqlPlans(kept), closing.pop_all()
        return Gateway(
            read, declared, regulation, doors, runner, bell, packs, inbox, intake, spools, register, calendar, outlook,
            plans, figures, days_of(kept), done,
        )  # fmt: skip


def days_of(kept: SqlJournal) -> Callable[[str], list[Anchored]]:
    def days(exchange: str) -> list[Anchored]:
        with kept.connection() as connection:
            return anchored(connection, exchange)

    return days


def opened(home: Path) -> Gateway:
    """The deployment in `home` for one errand: nothing is drained here, but a serving process is rung."""
    return build(home, os.environ)


@contextmanager
def verifier_of(
    home: Path, policy: str, trusted: Path | None, environment: Mapping[str, str], *, offline: bool
) -> Iterator[tuple[SignatureVerifier, str]]:
    """A verifier and the name of its policy, for files that are only looked at.

    `policy` is a name in the deployment `home`, or a YAML file; then no deployment is needed.
    """
    file = Path(policy)
    stands_alone = file.suffix in (".yaml", ".yml")
    policies = file if stands_alone else home / "policies"
    anchors = trusted or home / "trust"
    deployed = (home / "gateway.toml").is_file()
    hosts = settings(home, environment).fetch_hosts if deployed else sorted(hosts_of(anchors))
    kept = kept_answers(home, environment) if deployed else None
    verifier = SignatureVerifier(policies, anchors, None if offline else HttpFetcher(hosts), kept)
    yield verifier, policy_file(file) if stands_alone else policy


def kept_answers(home: Path, environment: Mapping[str, str]) -> Path:
    """Where lists and OCSP answers of the deployment outlive its processes."""
    return settings(home, environment).var / _ANSWERS


def _journal(read: Settings, closing: ExitStack) -> SqlJournal:
    url = read.database_url or closing.enter_context(EmbeddedPostgres(read.var / "postgres"))
    journal = SqlJournal.connect(url)
    closing.callback(journal.close)
    return journal
