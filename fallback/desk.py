"""The desk (bàn dự phòng): takes reports in, makes documents of them, hands them to people and takes back what
people bring. The same timetable as the gateway's, on a ledger, with a clerk in place of the wire.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from fallback.bundle import seal_bundle, settled, write_durably
from fallback.folder import DONE, SIGNED, FolderRoute, SetAside, explain, lay_out, moved, package_id
from fallback.handover import HANDED_OVER, LEDGERS, Taken, hand_over_list, name_of
from fallback.ledger import Ledger
from fallback.slips import SLIP, WHY_NOT, registration, signed_files, slip
from fallback.standby import Known, Standby
from gateway.domain.errors import Conflict, GatewayError, Problem, Rejected, problem
from gateway.domain.exchange import STAGE_WORDS, Exchange, Kind, Stage
from gateway.domain.ids import digest_of
from gateway.domain.record import canonical
from gateway.journey import operate, returned
from gateway.journey.accept import Incoming, accept
from gateway.journey.attribute import Told, attribute
from gateway.journey.case import Doors, due_of
from gateway.journey.operate import Person
from gateway.journey.runner import Runner
from gateway.journey.statuses import sort_out
from gateway.ports import Query

_WORKER = "fallback-desk"
_PAGE = 500
_OF_NONE = "F-106"
_FAR = datetime.max.replace(tzinfo=UTC)
# At these the gateway may have sent it, or has: a document would be the second copy.
_GONE = frozenset(
    {
        Stage.IN_DOUBT,
        Stage.DELIVERED,
        Stage.ACKNOWLEDGED,
        Stage.PARTLY_ACCEPTED,
        Stage.RECONCILED,
        Stage.CORRECTED,
        Stage.DIVERTED,
        Stage.BACKFILLED,
    }
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What could not be done with one file, folder or report."""

    what: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Registered:
    """A document whose number came back."""

    document: str
    number: str
    notation: str
    issued: str


@dataclass
class Desk:
    """Everything a clerk needs, below `home`. One process at a time has it: the ledger sees to that."""

    home: Path
    standby: Standby
    ledger: Ledger
    doors: Doors
    routes: dict[str, FolderRoute]
    key: bytes | None = field(repr=False, default=None)

    def __post_init__(self) -> None:
        self._runner = Runner(self.doors, _WORKER, lambda _: None, batch=64)
        self._known = {(each.agreement, each.key): each for each in self.standby.known}
        self._contents = {each.content: each for each in self.standby.known}

    @property
    def ledger_file(self) -> Path:
        return self.home / "so-cai.ledger"

    def close(self) -> None:
        self.ledger.close()

    # ── reports in ───────────────────────────────────────────────────────────────────────────────
    def accept(self, incoming: Incoming, because: str = "") -> tuple[Exchange, bool]:
        """Keep a report; on disk when this returns. Raises `Rejected` (F-102, …), `Conflict` (F-104, C-008)."""
        agreed = self.doors.peers.agreements.get(incoming.agreement)
        if agreed is not None and agreed.fallback is None:
            raise Rejected(problem("F-102", agreement=agreed.id))
        by_key = self._known.get((incoming.agreement, incoming.key))
        known = by_key or self._contents.get(digest_of(incoming.payload))
        if known is not None and not because and Stage(known.stage) in _GONE:
            raise _gone(known)
        return accept(self.doors, incoming)

    def prepare(self, because: str) -> list[Refusal]:
        """Walk every report as far as it goes without a wire, and make documents of them by their deadlines."""
        for destination in sorted({agreed.destination for agreed in self.doors.peers.agreements.values()}):
            while self._runner.prepare(destination):
                pass
        refused = []
        waiting = [x for x in self.reports() if x.stage is Stage.PACKAGED]
        for x in sorted(waiting, key=self._urgency):
            try:
                operate.divert(self.doors, x.id, Person(_WORKER, because))
            except GatewayError as error:
                refused.append(Refusal(x.key, error.problems))
        return refused

    # ── documents out ────────────────────────────────────────────────────────────────────────────
    def lay_out(self) -> list[Path]:
        """Write the files of every document that waits for its number into ``trinh-ky/``; those laid out now."""
        return [folder for x in self.documents(Stage.PREPARED) if (folder := self._laid_out(x)) is not None]

    def _laid_out(self, x: Exchange) -> Path | None:
        assert x.prepared is not None
        files = ((each.name, self.ledger.bytes_of(each.content.digest)) for each in x.prepared.files)
        return lay_out(self.home, x.id, [*files, (SLIP, slip(x.id, x.prepared.subject))])

    # ── what people bring ────────────────────────────────────────────────────────────────────────
    def register(self, by: str) -> tuple[list[Registered], list[Refusal]]:
        """Read every filled-in slip in ``cap-so/``; what is wrong is said in ``LOI.txt`` beside it."""
        done: list[Registered] = []
        refused: list[Refusal] = []
        for folder in self._returned():
            try:
                done.append(self._registered(folder, by))
            except GatewayError as error:
                explain(folder / WHY_NOT, error.problem)
                refused.append(Refusal(folder.name, error.problems))
        self._drain()
        return done, refused

    def _returned(self) -> list[Path]:
        found = (self.home / SIGNED).glob("vb-*")
        return sorted(path for path in found if path.is_dir())

    def _registered(self, folder: Path, by: str) -> Registered:
        x = self.ledger.read(folder.name)
        assert x.prepared is not None
        told = registration(folder)
        files = signed_files(folder, {each.name: each.description for each in x.prepared.files})
        if not _already(x, told.number, told.notation):  # cut off between the ledger and the folder: only moved
            returned.number(self.doors, x.id, told, files, Person(by, "phiếu cấp số"))
        (folder / WHY_NOT).unlink(missing_ok=True)
        moved(folder, self.home / SIGNED / DONE)
        return Registered(x.id, told.number, told.notation, told.issued)

    def follow(self) -> tuple[list[SetAside], list[Problem]]:
        """Read the status packages in ``trang-thai/``: files nobody can use, and statuses of no document of ours."""
        self._drain()
        unclaimed: dict[str, Problem] = {}
        for name in sorted(self.routes):  # they share one set of folders: what is not of one may be of the next
            found = asyncio.run(sort_out(self.doors, name))
            for status in found.taken:
                unclaimed.pop(status.axis_id, None)
            for status, why in found.unclaimed:
                if unclaimed.setdefault(status.axis_id, why).code == _OF_NONE:
                    unclaimed[status.axis_id] = why
        aside = {each.path: each for route in self.routes.values() for each in route.aside}
        return list(aside.values()), list(unclaimed.values())

    def assign(self, document: str, package: str, told: Told, person: Person) -> Exchange:
        """Count a package (its id or file) that `follow` could not place for `document`. Raises as `attribute` does."""
        return asyncio.run(attribute(self.doors, document, package_id(package), told, person))

    def _drain(self) -> None:
        for name in self.routes:
            while asyncio.run(self._runner.drain(name)):
                pass

    # ── the end ──────────────────────────────────────────────────────────────────────────────────
    def list_for_the_gateway(self) -> Path:
        """Write which reports stand here, for a gateway that comes back before the ledger does."""
        name = name_of(self.ledger_file)
        taken = [Taken(x.agreement, x.key, x.content, x.head.lane if x.head else "") for x in self.reports()]
        path = self.home / HANDED_OVER / f"{name}.json"
        path.parent.mkdir(exist_ok=True)
        write_durably(path, canonical(hand_over_list(name, taken)))
        return path

    def hand_over(self) -> Path:
        """Close the ledger for good and seal it in a bundle for the gateway. The next report opens a new one."""
        closed = sorted((self.home / HANDED_OVER).glob(f"*{LEDGERS}"))
        # Cut off between the closing and the sealing, the last time.
        sealed = [self._sealed(kept) for kept in closed if not kept.with_suffix(".zip").exists()]
        name = name_of(self.ledger_file)
        if not name and sealed:
            return sealed[-1]
        if not name:
            raise Conflict(problem("F-112", ledger=self.ledger_file.name, reason="trống / empty"))
        self.list_for_the_gateway()
        self.ledger.close()
        kept = self.home / HANDED_OVER / f"{name}{LEDGERS}"
        self.ledger_file.replace(kept)
        settled(kept.parent)
        settled(self.home)
        return self._sealed(kept)

    def _sealed(self, kept: Path) -> Path:
        bundle = kept.with_suffix(".zip")
        about = {"kind": "ledger", "ledger": kept.stem, "made_at": self.doors.clock.now().isoformat()}
        seal_bundle(bundle, {kept.name: kept}, about, self.key)
        return bundle

    # ── looking ──────────────────────────────────────────────────────────────────────────────────
    def reports(self) -> list[Exchange]:
        """Every report, oldest first."""
        return list(reversed(list(self._all(Kind.OUTBOUND))))

    def documents(self, *stages: Stage) -> list[Exchange]:
        """Documents at `stages`, or all; by the deadline of their reports."""
        found = [x for x in self._all(Kind.DOCUMENT) if not stages or x.stage in stages]
        return sorted(found, key=self._urgency)

    def deadline(self, x: Exchange) -> datetime | None:
        due = due_of(self.doors, x)
        return due.deadline if due else None

    def _all(self, kind: Kind) -> Iterator[Exchange]:
        before: int | None = None
        while page := self.ledger.find(Query(kinds=(kind,), before=before, limit=_PAGE)):
            yield from page
            before = page[-1].ordinal

    def _urgency(self, x: Exchange) -> tuple[datetime, int]:
        at = self.deadline(x)
        return at or _FAR, x.ordinal


def _already(x: Exchange, number: str, notation: str) -> bool:
    return x.numbered is not None and (x.numbered.number, x.numbered.notation) == (number, notation)


def _gone(known: Known) -> Conflict:
    told = {"stage": known.stage, "stage_vi": STAGE_WORDS[Stage(known.stage)]}
    return Conflict(problem("F-104", exchange=known.exchange, **told))
