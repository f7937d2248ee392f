"""Both sides of the street for a benchmark: a gateway in this process, the other side in another, a desk's ledger."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from gateway.bench.reports import large, organisations, small
from gateway.clock import SystemClock
from gateway.deploy import connect, create, discard
from gateway.domain.exchange import SETTLED, Exchange, Kind, Opening, Stage, begin
from gateway.domain.facts import Attachment, Numbered
from gateway.domain.ids import digest_of
from gateway.domain.parcel import Blob
from gateway.domain.record import canonical
from gateway.domain.report import Report, ReportHead
from gateway.handover import desk, standby
from gateway.journey.accept import Incoming
from gateway.journey.operate import Person, Registration
from gateway.mapping.approval import approve
from gateway.ports import Query
from gateway.sandbox import Sandbox
from gateway.wiring import Gateway, build
from gateway.working import synchronised

AGREEMENT = "ktxh-thang"
_WHO = Person("đo tốc độ", "mất đường truyền")
_PAGE = 200
_GOING = tuple(stage for stage in Stage if stage not in SETTLED)


@dataclass
class Street:
    """`home` is everybody's; what is handed in gets a unit of its own each time."""

    home: Path
    gateway: Gateway
    other_side: Sandbox
    closing: ExitStack
    sample: Report = field(default_factory=small)
    handed_in: int = 0

    def close(self) -> None:
        self.closing.close()

    def one_document(self, number: int, values: int) -> None:
        """Letter, annex, machine data and edXML of a report of so many values."""
        doors, agreed = self.gateway.doors, self.gateway.declarations.agreements[AGREEMENT]
        parent = begin(Opening(f"gd-{number}", Kind.OUTBOUND, AGREEMENT, str(number), "0" * 64, agreed.destination))
        report, now = large(self.sample, values), doors.clock.now()
        prepared, contents = doors.scribe.prepare(parent, agreed, report, b"<Packet/>" * values, now)
        files = {each.name: content for each, content in zip(prepared.files, contents, strict=True)}
        kept = tuple(
            Attachment(name, name, Blob(digest_of(body), len(body), "application/pdf")) for name, body in files.items()
        )
        numbered = Numbered(str(number + 1), "BC-UBND", "2026-11-20", "Nguyễn Văn Thử", "Chủ tịch", "văn thư", kept)
        doors.scribe.edxml(agreed, prepared, numbered, files, now)

    def taken_in_beside(self, bare: Callable[[int], None], reports: int) -> tuple[float, float]:
        """Seconds for so many reports at the desk, and for `bare` with records of their size, by turns."""
        standby(self.gateway, self.home / "desk" / "standby")
        ours = beside = 0.0
        with desk(self.home / "desk") as opened:
            for number in range(reports):
                incoming, began, size = self._incoming(f"desk-{number}", number), time.monotonic(), self._ledger_bytes()
                opened.accept(incoming)
                between, size = time.monotonic(), self._ledger_bytes() - size
                bare(size)
                ours, beside = ours + between - began, beside + time.monotonic() - between
        return ours, beside

    def _ledger_bytes(self) -> int:
        return (self.home / "desk" / "so-cai.ledger").stat().st_size

    def there_and_back(self, reports: int) -> None:
        """Handed in behind a dead line, sent as documents, taken in by the office, entered when the line is back."""
        asyncio.run(self._there_and_back(reports))

    def every_value_once(self) -> bool:
        """Whether the receiver holds every report exactly once."""
        names = [arrival["messageId"] for arrival in self.other_side.arrivals()]
        return len(names) == len(set(names)) == self.handed_in

    async def _there_and_back(self, reports: int) -> None:
        gateway, national = self.gateway, self.gateway.declarations.agreements[AGREEMENT].destination
        terms = self.gateway.declarations.agreements[AGREEMENT].fallback
        assert terms is not None
        self.other_side.fault("refuse")
        for number in range(self.handed_in, self.handed_in + reports):
            gateway.accept(self._incoming(f"line-{number}", number))
        self.handed_in += reports
        while gateway.runner.prepare(national):
            pass
        for x in self._at(Kind.OUTBOUND, Stage.PACKAGED):
            gateway.divert(x.id, _WHO)
        for number, x in enumerate(self._at(Kind.DOCUMENT, Stage.PREPARED)):
            self._numbered(x, self.handed_in - reports + number + 1)
        await self._drained(terms.route, Kind.DOCUMENT)
        self.other_side.clear()
        await self._drained(national, Kind.OUTBOUND)
        await gateway.hang_up()

    def _numbered(self, x: Exchange, number: int) -> None:
        assert x.prepared is not None
        files = [
            (each.name, each.description, each.content.media_type, self.gateway.journal.bytes_of(each.content.digest))
            for each in x.prepared.files
        ]
        told = Registration(str(number), "BC-UBND", "2026-11-20", "Nguyễn Văn Thử", "Chủ tịch")
        self.gateway.number(x.id, told, files, _WHO)

    async def _drained(self, destination: str, kind: Kind) -> None:
        going = Query(kinds=(kind,), stages=_GOING, limit=1)
        while self.gateway.journal.find(going):
            if not await self.gateway.runner.drain(destination):
                await asyncio.sleep(0.05)

    def _at(self, kind: Kind, stage: Stage) -> list[Exchange]:
        found: list[Exchange] = []
        query = Query(kinds=(kind,), stages=(stage,), limit=_PAGE)
        while page := self.gateway.journal.find(query):
            found += page
            query = replace(query, before=page[-1].ordinal)
        return found

    def _incoming(self, key: str, number: int) -> Incoming:
        """The sample as the report of the `number`-th unit of the province."""
        head = replace(self.sample.head, reporter=f"{self.sample.head.reporter}.{number}")
        return Incoming(AGREEMENT, key, "đo tốc độ", "application/json", _submission(head, self.sample))


def _submission(head: ReportHead, sample: Report) -> bytes:
    c = sample.columns
    values = [
        {"indicator": c.indicator[i], "organisation": c.organisation[i], "unit": c.unit[i], "value": c.value[i]}
        for i in range(len(c))
    ]
    named = {name: getattr(head, name) for name in ("regime", "form", "period", "reporter", "revision")}
    return canonical({**named, "values": values})


def _unjudged(deployment: Path) -> None:
    """Nobody signs here: what a signature costs is measured with the signatures."""
    with (deployment / "local.toml").open("a", encoding="utf-8") as local:
        local.write(f'\n[agreements.{AGREEMENT}.fallback]\npolicy = ""\nannex_policy = ""\n')


def street(home: Path) -> Street:
    """A deployment beside its sandbox, catalogues synchronised. `close` takes everything down."""
    with ExitStack() as closing:
        other_side = closing.enter_context(Sandbox.process(home / "other-side"))
        deployment = home / "deployment"
        closing.callback(discard, deployment)
        create(deployment, "thanh-hoa")
        connect(deployment, other_side)
        _unjudged(deployment)
        with (deployment / "packs" / "kt-xh-tinh" / "to_chuc.csv").open("a", encoding="utf-8") as sheet:
            sheet.writelines(f"{code},{code},1,,,,\n" for code in organisations(small(), 100))
        approve(deployment / "packs" / "kt-xh-tinh", _WHO.name, SystemClock().now())
        gateway = closing.enter_context(build(deployment, {}))
        synchronised(gateway, AGREEMENT, "VPCP-CT")
        return Street(home, gateway, other_side, closing.pop_all())
