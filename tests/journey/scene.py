"""A house put together by hand: real rooms on a real ledger, and the stand-ins of `wires` behind its doors."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from fallback.document import DocumentScribe
from fallback.ledger import Ledger
from gateway.domain.agreement import Agreement
from gateway.domain.catalogue import Catalogue, Item
from gateway.domain.errors import GatewayError
from gateway.domain.exchange import Exchange, Stage
from gateway.domain.facts import Fact
from gateway.domain.record import canonical
from gateway.domain.report import Report
from gateway.journey import operate
from gateway.journey.accept import Incoming, accept
from gateway.journey.case import Doors
from gateway.journey.operate import Person, Registration
from gateway.journey.runner import Runner
from gateway.mapping import PackTranslator
from gateway.ports import Channel, Entry, Header, Journal, Lease, Peers, Query, Scribe, Translation, Translator
from gateway.schemas.deadlines import DeclaredDeadlines
from gateway.schemas.declarations import declarations
from gateway.schemas.national import packet
from gateway.schemas.national.model import Packet
from gateway.schemas.packets import PacketReader, PacketWriter
from tests.journey.wires import AXIS, NATIONAL, Axis, Bell, Ending, Expert, Issuer, Receiver, SetClock, Shelf, figures

F = TypeVar("F", bound=Fact)

PROVINCE = Path(__file__).parents[2] / "gateway" / "profiles" / "thanh-hoa"
AGREEMENTS = declarations(PROVINCE / "partners", {}).agreements
AGREED = AGREEMENTS["ktxh-thang"]
SIGNED = AGREEMENTS["ktxh-ky-so"]

QUIET = datetime(2026, 11, 2, 1, tzinfo=UTC)  # weeks before the deadline
EVENING = datetime(2026, 11, 19, 14, tzinfo=UTC)  # 21:00 in Thanh Hóa; the last day ends in three hours
WHO = Person("Lê Thị Mẫu", "đã gọi điện cho nơi nhận")
REGISTERED = Registration("128", "BC-UBND", "2026-11-20", "Nguyễn Văn Giả Lập", "Chủ tịch")
FIGURES = figures(
    ("T0601", "triệu đồng", "1050000.5"), ("T0401", "triệu đồng", "1103111"), ("T0101", "phan_tram", "12.50")
)
ITEMS = (
    Item("0601", "Tổng thu ngân sách nhà nước", unit="ty_dong"),
    Item("0401", "Vốn đầu tư từ nguồn ngân sách nhà nước", unit="ty_dong"),
    Item("0101", "Tốc độ tăng GRDP", unit="phan_tram"),
)
CATALOGUE = Catalogue("VPCP-CT", "2026.1", date(2026, 1, 1), ITEMS)
_PATIENCE = 400


class Mapped:
    """The real translator on the shipped packs; what it made of a report is remembered, for speed."""

    def __init__(self) -> None:
        self._real = PackTranslator(PROVINCE / "packs")
        self._made: dict[bytes, Translation] = {}

    def translate(self, report: Report, pack: str, catalogue: Catalogue | None) -> Translation:
        asked = canonical([report, pack, catalogue])
        if asked not in self._made:
            self._made[asked] = self._real.translate(report, pack, catalogue)
        return self._made[asked]

    def translate_many(
        self, reports: Sequence[Report], pack: str, catalogue: Catalogue | None
    ) -> Sequence[Translation | GatewayError]:
        return [self.translate(report, pack, catalogue) for report in reports]


TRANSLATOR = Mapped()


class House:
    """The journey wired to the ledger at `path`; `reopen` is what the next process would find."""

    def __init__(
        self,
        path: Path,
        *agreements: Agreement,
        at: datetime = QUIET,
        translator: Translator = TRANSLATOR,
        scribe: Scribe | None = None,
    ) -> None:
        self._path = path
        self._translator = translator
        self.clock = SetClock(at)
        self.receiver, self.axis, self.issuer = Receiver(self.clock), Axis(), Issuer()
        self.shelf, self.expert, self.bell = Shelf(CATALOGUE), Expert(), Bell()
        self._scribe = scribe or DocumentScribe(self.shelf)
        self.agreements = {**AGREEMENTS, **{each.id: each for each in agreements}}
        self.channels: dict[str, Channel] = {NATIONAL: self.receiver}
        self.peers = Peers(self.agreements, self.channels, {NATIONAL: self.issuer}, {AXIS: self.axis})
        self._open(lambda journal: journal)

    def _open(self, through: Callable[[Journal], Journal]) -> None:
        self._loop = asyncio.Runner()
        self.ledger = Ledger(self._path, self.clock)
        self.doors = Doors(
            journal=through(self.ledger),
            clock=self.clock,
            reader=PacketReader(),
            writer=PacketWriter(),
            verifier=self.expert,
            translator=self._translator,
            catalogues=self.shelf,
            deadlines=DeclaredDeadlines(self._path.parent, None),
            scribe=self._scribe,
            peers=self.peers,
        )
        self.runner = self.worker("w1")

    def worker(self, name: str, *, seconds: float = 60) -> Runner:
        return Runner(self.doors, name, self.bell.ring, seconds=seconds)

    def reopen(self, through: Callable[[Journal], Journal] = lambda journal: journal) -> None:
        """Another process on the same file: leases and whatever was in memory are gone."""
        self.close()
        self._open(through)

    def close(self) -> None:
        self._loop.close()
        self.ledger.close()

    # ── what is done to it ───────────────────────────────────────────────────────────────────────
    def hand_in(
        self, key: str = "k1", agreement: str = AGREED.id, *, signature: bytes | None = None, **changes: Any
    ) -> Exchange:
        return accept(self.doors, incoming(key, agreement, signature=signature, **changes))[0]

    def drain(self, destination: str = NATIONAL) -> bool:
        return self._loop.run(self.runner.drain(destination))

    def work(self) -> None:
        """Drain whatever is due now; the clock stands still."""
        for _ in range(_PATIENCE):
            found = [self.drain(destination) for destination in self.ledger.due()]
            if not any(found):
                return
        raise AssertionError(f"never at rest: {self.ledger.count()}")

    def later(self, **by: float) -> None:
        """Work, wait, work."""
        self.work()
        self.clock.move(**by)
        self.work()

    def wait(self, *reports: Exchange, step: timedelta = timedelta()) -> None:
        """Let the time pass that `reports` and their lines ask for, at least `step`."""
        told = [at for x in reports for at in (self.read(x).due, self.ledger.line(x.destination).rest_until) if at]
        self.clock.at = max([self.clock.at + step, *told])

    def until(self, x: Exchange, *stages: Stage, step: timedelta = timedelta()) -> Exchange:
        """Work on, waiting as long as `x` and its line ask to (at least `step`), until it stands at one of `stages`."""
        for _ in range(_PATIENCE):
            self.work()
            now = self.read(x)
            if now.stage in stages:
                return now
            self.wait(now, step=step)
        raise AssertionError(f"never there: {self.read(x).stage}, {self.facts(x)[-8:]}")

    def diverted(self, key: str = "k1", **changes: Any) -> Exchange:
        """A report that goes as a document, because the line has been out all evening."""
        self.receiver.otherwise = Ending.UNREACHABLE
        x = self.hand_in(key, **changes)
        return self.until(x, Stage.DIVERTED, step=timedelta(minutes=6))

    def number(self, paper: str) -> Exchange:
        """The document comes back from the office, numbered and signed."""
        prepared = self.ledger.read(paper).prepared
        assert prepared is not None
        files = [
            (a.name, a.description, a.content.media_type, self.ledger.bytes_of(a.content.digest))
            for a in prepared.files
        ]
        return operate.number(self.doors, paper, REGISTERED, files, WHO)

    def sent_as_document(self, key: str = "k1", **changes: Any) -> tuple[Exchange, str]:
        """A diverted report whose document is on the axis; and that document's exchange."""
        x = self.diverted(key, **changes)
        assert x.paper is not None
        self.number(x.paper)
        self.work()
        assert self.ledger.read(x.paper).stage is Stage.SENT
        return x, x.paper

    def told(self, x: Exchange, *facts: Fact, lease: Lease | None = None) -> Exchange:
        """`x` after facts written straight into the ledger."""
        return self.ledger.append(self.read(x), [Entry(fact, self.clock.now()) for fact in facts], lease=lease)

    # ── what can be seen of it ───────────────────────────────────────────────────────────────────
    def read(self, x: Exchange | str) -> Exchange:
        return self.ledger.read(x if isinstance(x, str) else x.id)

    def facts(self, x: Exchange | str) -> list[str]:
        return [recorded.name for recorded in self.ledger.history(x if isinstance(x, str) else x.id)]

    def last(self, x: Exchange | str, shape: type[F]) -> F:
        history = self.ledger.history(x if isinstance(x, str) else x.id)
        found = next((r.fact for r in reversed(history) if isinstance(r.fact, shape)), None)
        assert found is not None, f"no {shape.__name__} among {[r.name for r in history]}"
        return found

    def on_disk(self) -> list[str]:
        """The names of the facts that somebody else finds in the file right now, oldest exchange first."""
        copy = self._path.with_suffix(".copy")
        copy.write_bytes(self._path.read_bytes())
        other = Ledger(copy, self.clock)
        found = [recorded.name for x in reversed(other.find(Query(limit=999))) for recorded in other.history(x.id)]
        other.close()
        return found

    def size(self) -> int:
        return self._path.stat().st_size


def submission(**changes: Any) -> bytes:
    """A report of three known figures, as the province's system hands it in."""
    said = {
        "regime": "KTXH-THANG",
        "form": "01/KTXH",
        "period": "LICH:2026M11",
        "reporter": "H56",
        "revision": 1,
        "values": FIGURES,
        **changes,
    }
    return json.dumps(said, ensure_ascii=False).encode()


def incoming(
    key: str = "k1", agreement: str = AGREED.id, *, signature: bytes | None = None, **changes: Any
) -> Incoming:
    return Incoming(agreement, key, "he-thong-tinh", "application/json", submission(**changes), signature)


def agreed(**changes: Any) -> Agreement:
    """The shipped agreement, changed."""
    return replace(AGREED, **changes)


def signed(**changes: Any) -> Agreement:
    """The shipped agreement that requires signatures, taking JSON too."""
    return replace(SIGNED, media_types=("application/json",), **changes)


def catalogue_packet(
    items: Sequence[Item] = ITEMS,
    version: str = "2026.1",
    base: str = "",
    *,
    sender: str = "G22",
    since: date = CATALOGUE.valid_from,
) -> bytes:
    header = Header("dm-1", "indicator-catalogue", QUIET, sender, f"000.00.00.{sender}", "H56", "000.00.00.H56")
    return packet.written(Packet(header, Catalogue("VPCP-CT", version, since, tuple(items), base)))
