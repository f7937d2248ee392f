"""Stories that make every fact there is, told so that they can be begun again anywhere.

A scenario drives a real gateway (its own process, real PostgreSQL, the sandbox as another process)
until nothing is left to do. It is killed at a named point, then simply run again: what it did
before is found in the journal, so every line asks before it acts.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fallback.wiring import opened
from gateway.domain.errors import Conflict
from gateway.domain.exchange import Exchange, Kind, Stage
from gateway.domain.facts import Recovered
from gateway.handover import absorbed, standby
from gateway.journey.accept import Incoming
from gateway.journey.attribute import Told, attribute
from gateway.journey.callbacks import Word
from gateway.journey.enclosing import File
from gateway.journey.operate import Person, Registration
from gateway.journey.recall import recall
from gateway.journey.statuses import sort_out
from gateway.ports import Entry, Query
from gateway.sandbox import Client
from gateway.schemas.edxml.reader import read_document
from gateway.wiring import Gateway

AGREEMENT = "ktxh-thang"
# A file above the size from which it is written and hashed in pieces, and a small one.
FILES = (File("Báo cáo.pdf", b"%PDF-1.7" + b"\x00" * (1 << 20)), File("ảnh.png", b"\x89PNG\r\n\x1a\n..."))
_NAMED = [{"name": FILES[0].name, "role": "narrative"}, {"name": FILES[1].name, "role": "annex"}]
_SAID = {"outline": "DC-01", "version": "1", "sections": [], "attachments": _NAMED}
WORDS = File("loi.json", json.dumps(_SAID).encode(), "application/json")
WHO = Person("thử nghiệm", "kịch bản lỗi")
_PATIENCE = 240.0


@dataclass
class Scene:
    """A gateway in this process, the sandbox's control, and one real submission to send."""

    gateway: Gateway
    other_side: Client
    submission: dict[str, Any]

    def hand_in(self, key: str = "k1", **changes: Any) -> Exchange:
        body = {**self.submission, **changes}
        payload = json.dumps(body, ensure_ascii=False, sort_keys=True).encode()
        return self.gateway.accept(Incoming(AGREEMENT, key, "ht", "application/json", payload))[0]

    def compose(self, key: str = "k1") -> Exchange:
        payload = json.dumps(self.submission, ensure_ascii=False, sort_keys=True).encode()
        parts = Incoming(AGREEMENT, key, "ht", "application/json", payload, narrative=WORDS, attachments=FILES)
        return self.gateway.accept(parts)[0]

    def by_key(self, key: str) -> Exchange:
        return next(x for x in self.every() if x.key == key)

    def every(self) -> Iterable[Exchange]:
        return self.gateway.journal.find(Query(limit=200))

    def drain(self, until: Callable[[], bool]) -> None:
        """Work for every destination until something is true; bounded."""
        asyncio.run(self._drain(until))

    async def _drain(self, until: Callable[[], bool]) -> None:
        last = time.monotonic() + _PATIENCE
        while not until():
            if time.monotonic() > last:
                stages = {x.key: (x.stage.value, x.trouble and x.trouble.title.en) for x in self.every()}
                raise TimeoutError(f"not reached: {stages}")
            for destination in self.gateway.declarations.partners:
                await self.gateway.runner.drain(destination)
            await asyncio.sleep(0.05)
        await self.gateway.hang_up()

    def settled(self, key: str = "k1") -> Callable[[], bool]:
        return lambda: self.by_key(key).settled

    def at(self, key: str, *stages: Stage) -> Callable[[], bool]:
        return lambda: self.by_key(key).stage in stages


def plain(scene: Scene) -> None:
    """A report whose every figure is known."""
    scene.hand_in()
    scene.drain(scene.settled())


def held(scene: Scene) -> None:
    """One indicator nobody knows: held, and the rest goes on."""
    unknown = {**scene.submission["values"][0], "indicator": "T9999"}
    scene.hand_in(values=[*scene.submission["values"], unknown])
    scene.drain(scene.settled())


def busy(scene: Scene) -> None:
    """The receiver asks to wait once: certainly not taken, tried again."""
    if not list(scene.every()):
        scene.other_side.fault("too_many", times=1)
    scene.hand_in()
    scene.drain(scene.settled())


def refused(scene: Scene) -> None:
    """A form that was never agreed."""
    scene.hand_in(form="99/KHAC")
    scene.drain(scene.settled())


def unaskable(scene: Scene) -> None:
    """The answer is lost and the receiver cannot be asked: parked, until a person checked."""
    _unaskable(scene, scene.hand_in)


def _unaskable(scene: Scene, hand_in: Callable[[], Exchange]) -> None:
    scene.other_side.mode(unaskable=True)
    if not list(scene.every()):
        scene.other_side.fault("reset_before_storing", times=1)
    hand_in()
    known = scene.at("k1", Stage.PARKED, Stage.DELIVERED, Stage.ACKNOWLEDGED, Stage.RECONCILED)
    scene.drain(known)
    while (x := scene.by_key("k1")).stage is Stage.PARKED and scene.other_side.count(x.id) == 0:
        scene.gateway.resend(x.id, WHO)  # a person checked with the receiver
        scene.drain(known)
    # Where the receiver has it and cannot be asked, it stands in doubt, and is never sent again by itself.
    scene.drain(lambda: scene.by_key("k1").stage is Stage.PARKED or scene.by_key("k1").settled)


def stumbling(scene: Scene) -> None:
    """A bug of ours meets the report every time: after the third it is kept for a person."""
    scene.hand_in()
    scene.drain(scene.at("k1", Stage.PARKED))


def crowd(scene: Scene) -> None:
    """Many reports at once, two revisions of some; whatever the other side does, each comes to its end."""
    for number in range(8):
        reporter = f"H56.{number:02}"
        for revision in (1, 2) if number % 3 == 0 else (1,):
            # A period without a deadline: what is late may go as a document, and that is another story.
            scene.hand_in(f"{number}-{revision}", reporter=reporter, revision=revision, period="LICH:2024-9T")
    scene.drain(lambda: all(x.settled or x.waits_for_a_person for x in scene.every()))


def superseded(scene: Scene) -> None:
    """A newer revision comes before the older one was tried."""
    scene.other_side.mode(unaskable=False)
    scene.hand_in("k1", revision=1)
    scene.hand_in("k2", revision=2)
    scene.drain(lambda: scene.by_key("k1").settled and scene.by_key("k2").settled)


def corrected(scene: Scene) -> None:
    """An accepted report is corrected by a later revision (đính chính)."""
    scene.hand_in("k1", revision=1)
    scene.drain(scene.settled("k1"))
    scene.hand_in("k2", revision=2)
    scene.drain(scene.settled("k2"))


def recovered(scene: Scene) -> None:
    """The journal comes from a backup: what is packaged may have been sent since, and is asked after first."""
    x = scene.hand_in()
    scene.gateway.runner.prepare(x.destination)
    if "Recovered" not in (x := scene.by_key("k1")).progress:
        assert x.changed_at is not None  # by the database's clock, as every time that work rests on
        scene.gateway.journal.append(x, [Entry(Recovered("7311-00000002"), x.changed_at)])
    scene.drain(scene.settled())


def retained(scene: Scene) -> None:
    """Inspectors want it kept past its term, and are done with it."""
    x = scene.hand_in()
    for held in (True, False):
        if "Retained" not in x.progress or x.retained is not held:
            x = scene.gateway.retain(x.id, WHO, held=held)
    scene.drain(scene.settled())


def called_back(scene: Scene) -> None:
    """The receiver tells by itself what it made of the report."""
    scene.hand_in()
    scene.drain(scene.settled())
    x = scene.by_key("k1")
    assert x.receipt is not None
    word = Word("ST-1", x.id, x.receipt.reference, "accepted", "application/xml", b"<Status/>")
    scene.gateway.call_back(x.destination, "quoc-gia-bao", word)


def cancelled(scene: Scene) -> None:
    """A person withdraws what was never sent."""
    x = scene.hand_in()
    try:
        scene.gateway.cancel(x.id, WHO)
    except Conflict:
        assert scene.by_key("k1").stage is Stage.CANCELLED


def discrepant(scene: Scene) -> None:
    """The receiver's statement says something else: kept for a person."""
    scene.other_side.mode(alter_statements=True)
    scene.hand_in()
    scene.drain(scene.at("k1", Stage.PARKED))


def outage(scene: Scene) -> None:
    """The line is out near the deadline: as a document, and back-filled afterwards."""
    _diverted(scene)
    _numbered(scene)
    scene.drain(lambda: _paper(scene).settled)
    scene.other_side.clear()
    scene.drain(scene.settled())


def document_rejected(scene: Scene) -> None:
    """The receiving office refuses the document: nothing is back-filled, a person decides."""
    scene.other_side.office("reject")
    _diverted(scene)
    _numbered(scene)
    scene.drain(lambda: _paper(scene).stage is Stage.DOCUMENT_REJECTED)
    scene.drain(scene.at("k1", Stage.PARKED))


def document_recalled(scene: Scene) -> None:
    """The receiving office agrees to a recall."""
    scene.other_side.office("recall")
    _diverted(scene)
    _numbered(scene)
    scene.drain(lambda: _paper(scene).stage is Stage.RECALLED)
    scene.drain(scene.at("k1", Stage.PARKED))


def document_given_back(scene: Scene) -> None:
    """Sent by mistake: asked back before anybody took it in, and the office lets it go."""
    _asked_back(scene, "lets_go", lambda: _paper(scene).stage is Stage.RECALLED)
    scene.drain(scene.at("k1", Stage.PARKED))


def document_kept(scene: Scene) -> None:
    """The office keeps what it was asked for, goes on with it, and says how far it is."""
    _asked_back(scene, "keeps", lambda: "RecallRefused" in _paper(scene).progress)
    scene.other_side.office_says(_document_id(scene), "03", "05")
    scene.drain(lambda: _paper(scene).settled)
    scene.other_side.office_says(_document_id(scene), "06")
    while "Progressed" not in _paper(scene).progress:
        asyncio.run(_sorted_out(scene))
    scene.other_side.clear()
    scene.drain(scene.settled())


def document_replaced(scene: Scene) -> None:
    """Corrected while the line is still out: a second document takes the place of the first (type 3)."""
    _diverted(scene)
    _numbered(scene)
    scene.drain(lambda: "Sent" in _paper(scene).progress)
    x = scene.hand_in("k2", revision=2)
    scene.gateway.runner.prepare(x.destination)
    if (x := scene.by_key("k2")).paper is None:
        scene.gateway.divert(x.id, WHO)
    _numbered(scene, "k2", "129")
    scene.drain(lambda: _paper(scene).settled and _paper(scene, "k2").settled)
    scene.other_side.clear()
    scene.drain(lambda: scene.by_key("k1").settled and scene.by_key("k2").settled)
    first, second = _paper(scene).ready, _paper(scene, "k2").ready
    assert first is not None
    assert second is not None
    told = read_document(scene.gateway.journal.bytes_of(second.edxml.digest))
    assert [each.document_id for each in told.replaces] == [first.document_id]


def document_assigned(scene: Scene) -> None:
    """A person says of which document a status is that came after its end."""
    _diverted(scene)
    _numbered(scene)
    scene.drain(lambda: _paper(scene).settled)
    if "Progressed" not in _paper(scene).progress:
        scene.other_side.office_says(_document_id(scene), "06")
        asyncio.run(_assigned(scene))
    scene.other_side.clear()
    scene.drain(scene.settled())


async def _assigned(scene: Scene) -> None:
    doors, paper = scene.gateway.doors, _paper(scene)
    for status in await doors.peers.routes[paper.destination].statuses():
        await attribute(doors, paper.id, status.axis_id, Told(), WHO)
    await scene.gateway.hang_up()


async def _sorted_out(scene: Scene) -> None:
    await sort_out(scene.gateway.doors, _paper(scene).destination)
    await scene.gateway.hang_up()


def _asked_back(scene: Scene, manner: str, answered: Callable[[], bool]) -> None:
    scene.other_side.office(manner)
    _diverted(scene)
    _numbered(scene)
    scene.drain(lambda: "Sent" in _paper(scene).progress)
    if "RecallAsked" not in _paper(scene).progress:
        recall(scene.gateway.doors, _paper(scene).id, WHO)
    scene.drain(answered)


def _document_id(scene: Scene) -> str:
    ready = _paper(scene).ready
    assert ready is not None
    return ready.document_id


def across_the_street(scene: Scene) -> None:
    """The desk made a document of it while the gateway was away; its ledger comes home."""
    ledger = scene.gateway.settings.home / "ban" / "so-cai.ledger"
    if not ledger.exists():
        _at_the_desk(scene, ledger.parent)
    absorbed(scene.gateway, ledger)
    _numbered(scene)
    scene.drain(lambda: _paper(scene).settled)
    scene.drain(scene.settled())


def _at_the_desk(scene: Scene, home: Path) -> None:
    standby(scene.gateway, home / "standby")
    payload = json.dumps(scene.submission, ensure_ascii=False, sort_keys=True).encode()
    with opened(home) as desk:
        desk.accept(Incoming(AGREEMENT, "k1", "ht", "application/json", payload))
        desk.prepare("mất kết nối")


def catalogue(scene: Scene) -> None:
    """A catalogue comes down twice: once new, once the same."""
    scene.other_side.add_indicator("0999", "Chỉ tiêu mới", "diem")
    for _ in range(2):
        asyncio.run(_synchronise(scene))
        scene.drain(lambda: all(x.settled for x in scene.every() if x.kind is Kind.INBOUND))


async def _synchronise(scene: Scene, name: str = "VPCP-CT") -> None:
    await scene.gateway.sync_catalogue(AGREEMENT, name)
    await scene.gateway.hang_up()


ANNOUNCED = ("regime.KTXH-THANG", "outline.DC-KTXH", "kpi-set.PAR")


def announced(scene: Scene) -> None:
    """A regime, an outline and a KPI set come down, each twice."""
    for name in ANNOUNCED * 2:
        asyncio.run(_synchronise(scene, name))
        scene.drain(lambda: all(x.settled for x in scene.every() if x.kind is Kind.INBOUND))


def composite(scene: Scene) -> None:
    """Figures, words and two files, as one (báo cáo liên kết)."""
    scene.compose()
    scene.drain(scene.settled())


def composite_unaskable(scene: Scene) -> None:
    """The same where the answer is lost and the receiver cannot be asked."""
    _unaskable(scene, scene.compose)


def _diverted(scene: Scene) -> None:
    if not list(scene.every()) or not scene.by_key("k1").paper:
        scene.other_side.fault("refuse")
    scene.hand_in()
    scene.drain(lambda: scene.by_key("k1").paper is not None)


def _numbered(scene: Scene, key: str = "k1", number: str = "128") -> None:
    paper = _paper(scene, key)
    if paper.stage is not Stage.PREPARED:
        return
    assert paper.prepared is not None
    files = [
        (a.name, a.description, a.content.media_type, scene.gateway.journal.bytes_of(a.content.digest))
        for a in paper.prepared.files
    ]
    scene.gateway.number(paper.id, Registration(number, "BC-UBND", "2026-11-20", "A", "Chủ tịch"), files, WHO)


def _paper(scene: Scene, key: str = "k1") -> Exchange:
    return scene.gateway.journal.read(scene.by_key(key).paper or "")


SCENARIOS: dict[str, Callable[[Scene], None]] = {
    told.__name__: told
    for told in (
        plain,
        held,
        busy,
        refused,
        unaskable,
        stumbling,
        superseded,
        corrected,
        crowd,
        recovered,
        retained,
        called_back,
        cancelled,
        discrepant,
        outage,
        document_rejected,
        document_recalled,
        document_given_back,
        document_kept,
        document_replaced,
        document_assigned,
        across_the_street,
        catalogue,
        announced,
        composite,
        composite_unaskable,
    )
}

# Which scenario makes which fact. A fact class missing here has no kill test, and that fails.
MADE_IN: dict[str, str] = {
    "Accepted": "plain", "Validated": "plain", "Verified": "plain", "Translated": "plain", "Packaged": "plain",
    "Attempted": "plain", "Delivered": "plain", "Acknowledged": "plain", "Reconciled": "plain",
    "Held": "held", "Undelivered": "busy", "Postponed": "busy", "Refused": "refused",
    "Parked": "unaskable", "Released": "unaskable", "Superseded": "superseded", "Corrected": "corrected",
    "Cancelled": "cancelled", "Discrepant": "discrepant", "Stumbled": "stumbling",
    "Diverted": "outage", "Prepared": "outage", "Numbered": "outage", "Ready": "outage", "Sent": "outage",
    "Arrived": "outage", "DocumentAccepted": "outage", "Backfilled": "outage",
    "RecallAsked": "document_given_back", "RecallTold": "document_given_back", "RecallRefused": "document_kept",
    "Progressed": "document_kept", "Attributed": "document_assigned", "Absorbed": "across_the_street",
    "DocumentRejected": "document_rejected", "Recalled": "document_recalled",
    "Recovered": "recovered", "Retained": "retained", "CalledBack": "called_back",
    "Fetched": "catalogue", "Compared": "catalogue", "Published": "catalogue", "Unchanged": "catalogue",
}  # fmt: skip


def sample(home: Path) -> dict[str, Any]:
    """The first shipped submission: real figures of the province."""
    read: dict[str, Any] = json.loads(sorted((home / "samples").glob("*.json"))[0].read_bytes())
    return read
