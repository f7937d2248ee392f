"""The whole job told once, on real figures: what `gateway demo` shows and what a newcomer reads.

Every count in the summary is read from the journal and from what the other side stored.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from gateway.deploy import EXAMPLE, connect, create
from gateway.domain.agreement import Agreement, SignatureDuty
from gateway.domain.errors import Conflict, Overtaken
from gateway.domain.exchange import Exchange, Kind, Stage
from gateway.domain.parcel import Answer
from gateway.journey.operate import Person, Registration
from gateway.ports import Header, Query
from gateway.sandbox import Sandbox
from gateway.schemas.declarations import declarations
from gateway.schemas.packets import PacketReader, PacketWriter
from gateway.serving import served
from gateway.signers import signed_papers
from gateway.signing.xml.sign import XmlSigner
from gateway.wiring import Gateway, build
from gateway.working import synchronised

AGREEMENT = "ktxh-thang"  # of every profile
_PATIENCE = 90.0
_AT_REST = frozenset({Stage.PARKED, Stage.DIVERTED, Stage.PREPARED})
_TOLD_BY = Person("câu chuyện mẫu", "minh hoạ một vòng đời đầy đủ")


@dataclass
class Scene:
    """A deployment of one province with the other side beside it, both alive."""

    home: Path
    url: str
    gateway: Gateway
    other_side: Sandbox
    desk: httpx.Client

    @classmethod
    @contextmanager
    def set(cls, home: Path, port: int = 0, province: str = EXAMPLE) -> Iterator[Scene]:
        """Create, connect, synchronise catalogues and open the front door on `port`."""
        with ExitStack() as stack:
            deployment = home / "deployment"
            created = create(deployment, province)
            other_side = stack.enter_context(Sandbox.process(home / "other-side"))
            connect(deployment, other_side)
            _quicken(deployment)
            with build(deployment, {}) as errand:
                other_side.mode(partner=errand.declarations.agreements[AGREEMENT].sender.code)
                for name in ("VPCP-CT", "VPCP-KY"):
                    synchronised(errand, AGREEMENT, name)
            gateway = stack.enter_context(build(deployment, {}))
            url = stack.enter_context(served(gateway, port))
            headers = {"Authorization": f"Bearer {created.key_file.read_text('utf-8')}"}
            desk = stack.enter_context(httpx.Client(base_url=url, headers=headers, timeout=30))
            yield cls(deployment, url, gateway, other_side, desk)

    @property
    def agreed(self) -> Agreement:
        return self.gateway.declarations.agreements[AGREEMENT]

    @property
    def signing(self) -> Agreement | None:
        """The agreement under which reports are signed, where the province's regulation demands or allows it."""
        found = self.gateway.declarations.agreements.values()
        return next((agreed for agreed in found if agreed.signature is SignatureDuty.REQUIRED), None)

    def hand_in(self, name: str, payload: bytes, media_type: str, agreement: str = AGREEMENT) -> httpx.Response:
        """POST one report as the provincial system would."""
        headers = {"Idempotency-Key": name, "Agreement": agreement, "Content-Type": media_type}
        return self.desk.post("/v1/reports", content=payload, headers=headers)

    def as_agreed(self, sample: Path) -> tuple[bytes, str]:
        """A sample as the agreement takes it: the file, or a packet signed by leader and agency; and its type."""
        payload = sample.read_bytes()
        if self.agreed.signature is not SignatureDuty.REQUIRED:
            return payload, "application/json"
        return self.signed(self.packet(payload, sample.stem)), "application/xml"

    def packet(self, payload: bytes, message: str) -> bytes:
        """The report as an unsigned packet of the province's own system."""
        _, report = PacketReader().read(payload, "application/json")
        own = (self.agreed.sender.code, self.agreed.sender.old_code)
        return PacketWriter().write(Header(message, "report-data", datetime.now(UTC), *own, *own), report, None)

    def signed(self, packet: bytes) -> bytes:
        """By the leader, then by the agency, with certificates of the other side's own authority."""
        for role in ("leader", "agency"):
            key, certificate = self.other_side.issue(role, self.agreed.sender.code)
            packet = XmlSigner(key, certificate, role).sign(packet, datetime.now(UTC))
        return packet

    def until(self, true: Callable[[], bool], what: str) -> None:
        """Wait for something to become true; bounded."""
        last = time.monotonic() + _PATIENCE
        waiting = threading.Event()
        while not true():
            if time.monotonic() > last:
                raise TimeoutError(what)
            waiting.wait(0.1)

    def exchanges(self) -> list[Exchange]:
        return list(_all(self.gateway))

    def wait(self) -> None:
        """Until Ctrl-C or SIGTERM; then everything is taken down in order."""
        self.other_side.wait()


def tell(scene: Scene, console: Console) -> dict[str, Any]:
    """Play every act that the province's regulation knows; the summary, counted afterwards."""
    began = time.monotonic()
    acts = list(_acts(scene, _samples(scene.home)))
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("", total=len(acts))
        for title, act in acts:
            progress.update(bar, description=title)
            act()
            progress.advance(bar)
        progress.update(bar, description="Chờ mọi giao dịch kết thúc")
        scene.until(lambda: all(_over(x) for x in scene.exchanges()), "every exchange settles")
    return {**summary(scene), "seconds": round(time.monotonic() - began, 1)}


def _acts(scene: Scene, samples: list[Path]) -> Iterator[tuple[str, Callable[[], None]]]:
    ordinary, (returned, partly, failing, last) = samples[:-4], samples[-4:]
    yield "Nộp báo cáo, một bản hỏi lại hai lần", lambda: _ordinary(scene, ordinary)
    if scene.signing is not None:
        yield "Báo cáo có chữ ký số lãnh đạo và cơ quan", lambda: _signed(scene, ordinary[min(3, len(ordinary) - 1)])
    yield "Nơi nhận trả lại một, chấp nhận một phần một", lambda: _judged(scene, returned, partly)
    yield "Nơi nhận lưu xong rồi báo lỗi 500", lambda: _stored_then_failed(scene, failing)
    if scene.agreed.fallback is not None:
        yield "Mất đường truyền, đi bằng văn bản, bổ sung sau sự cố", lambda: _outage(scene, last)
    else:
        yield "Mất đường truyền, chờ rồi tự gửi", lambda: _waited(scene, last)
    yield "Phát lại báo cáo bị trả", lambda: _replayed(scene)


def summary(scene: Scene) -> dict[str, Any]:
    """Counts from the journal's facts and from the arrivals the receiver stored."""
    reports = [x for x in scene.exchanges() if x.kind is Kind.OUTBOUND]
    arrivals = Counter(arrival["messageId"] for arrival in scene.other_side.arrivals())
    answers = Counter(x.acknowledgement.answer for x in reports if x.acknowledgement)
    held_by_receiver = [x for x in reports if {"Delivered", "Backfilled"} & x.progress]
    return {
        "accepted": _having(reports, "Accepted"),
        "held": _having(reports, "Held"),
        "delivered": len(held_by_receiver),
        "acknowledged": _having(reports, "Acknowledged"),
        "partly": answers[Answer.PARTLY],
        "returned": answers[Answer.RETURNED],
        "refused": _having(reports, "Refused"),
        "diverted": _having(reports, "Diverted"),
        "backfilled": _having(reports, "Backfilled"),
        "replayed": sum(x.submission is not None and x.submission.replay_of is not None for x in reports),
        "reconciled": _having(reports, "Reconciled"),
        "duplicates_at_receiver": arrivals.total() - len(arrivals),
        "lost": sum(x.id not in arrivals for x in held_by_receiver) + sum(not _over(x) for x in reports),
    }


def _ordinary(scene: Scene, samples: list[Path]) -> None:
    given = [(path.stem, *scene.as_agreed(path)) for path in samples]
    taken = [scene.hand_in(*each) for each in given]
    name, payload, media_type = given[0]
    if scene.hand_in(name, payload, media_type).headers["Location"] != taken[0].headers["Location"]:
        raise AssertionError("the same question opened a second exchange")
    if scene.hand_in(name, payload + b" ", media_type).status_code != httpx.codes.CONFLICT:
        raise AssertionError("other content under the same key was taken")


def _signed(scene: Scene, sample: Path) -> None:
    """Three times the same packet: signed by both, changed after signing, and not signed at all."""
    assert scene.signing is not None
    bare = scene.packet(sample.read_bytes(), "kyso-1")
    signed = scene.signed(bare)
    changed = signed.replace(b"</Value>", b"1</Value>", 1)
    for name, packet in (("ky-so-du", signed), ("ky-so-bi-sua", changed), ("khong-ky", bare)):
        scene.hand_in(name, packet, "application/xml", scene.signing.id)


def _judged(scene: Scene, returned: Path, partly: Path) -> None:
    for path, answer in ((returned, "returned"), (partly, "partly")):
        scene.other_side.judge(json.loads(path.read_bytes())["form"], json.loads(path.read_bytes())["period"], answer)
        scene.hand_in(path.stem, *scene.as_agreed(path))
        scene.until(partial(_is_over, scene, path.stem), f"{path.stem} is judged")


def _is_over(scene: Scene, key: str) -> bool:
    return _over(_by_key(scene, key))


def _stored_then_failed(scene: Scene, sample: Path) -> None:
    scene.other_side.fault("fail_after_storing", times=1)
    scene.hand_in(sample.stem, *scene.as_agreed(sample))
    scene.until(lambda: _by_key(scene, sample.stem).receipt is not None, "the lost receipt is found")


def _outage(scene: Scene, sample: Path) -> None:
    """The line is out and the deadline near: the policy sends a document, or a person does where no date is known."""
    scene.other_side.fault("refuse")
    scene.hand_in(sample.stem, *scene.as_agreed(sample))
    scene.until(lambda: bool(_by_key(scene, sample.stem).attempts), "the line was tried")
    if scene.gateway.due_of(_by_key(scene, sample.stem)) is None:
        scene.until(partial(_diverted_by_hand, scene, sample.stem), "a person sends it as a document")
    scene.until(lambda: _by_key(scene, sample.stem).paper is not None, "the report is diverted")
    paper = scene.gateway.journal.read(_by_key(scene, sample.stem).paper or "")
    _number(scene, paper)
    scene.until(lambda: scene.gateway.journal.read(paper.id).settled, "the document is accepted")
    scene.other_side.clear()
    scene.until(partial(_is_over, scene, sample.stem), "the gap is filled")


def _diverted_by_hand(scene: Scene, key: str) -> bool:
    """Whether it could be told now: not while an attempt is on the wire."""
    try:
        scene.gateway.divert(_by_key(scene, key).id, _TOLD_BY)
    except (Conflict, Overtaken):
        return False
    return True


def _waited(scene: Scene, sample: Path) -> None:
    """The regulation knows no document instead of the report: it waits, and goes by itself once the line is back."""
    scene.other_side.fault("refuse")
    scene.hand_in(sample.stem, *scene.as_agreed(sample))
    scene.until(lambda: bool(_by_key(scene, sample.stem).attempts), "the line was tried")
    scene.other_side.clear()
    scene.until(partial(_is_over, scene, sample.stem), "it went by itself")


def _number(scene: Scene, paper: Exchange) -> None:
    """The agency's own document system numbers and signs; what comes back is recorded."""
    assert paper.prepared is not None
    contents = [(a, scene.gateway.journal.bytes_of(a.content.digest)) for a in paper.prepared.files]
    given = scene.other_side.register(paper.prepared.subject, [(a.name, content) for a, content in contents])
    registration = Registration(given.number, given.notation, given.issued, given.signer, given.position)
    papers = [a.name for a, _ in contents if a.content.media_type == "application/pdf"]
    made = signed_papers(scene.other_side.issue, scene.agreed.sender.code, [given.files[name] for name in papers])
    back = given.files | dict(zip(papers, made, strict=True))
    files = [(a.name, a.description, a.content.media_type, back[a.name]) for a, _ in contents]
    scene.gateway.number(paper.id, registration, files, _TOLD_BY)


def _replayed(scene: Scene) -> None:
    scene.other_side.judge_normally()
    returned = next(x for x in scene.exchanges() if x.stage is Stage.RETURNED)
    scene.gateway.replay(returned.id, _TOLD_BY)


def _quicken(deployment: Path) -> None:
    """A demonstration's incident lasts seconds, not a quarter of an hour; nothing else differs."""
    agreed = declarations(deployment / "partners", {}).agreements[AGREEMENT]
    quick = f"\n[work]\nsweep_seconds = 0.5\n\n[agreements.{AGREEMENT}]\nsettles_after_seconds = 1\n"
    if agreed.fallback is not None:
        quick += f"\n[agreements.{AGREEMENT}.fallback]\noutage_seconds = 1\noutage_failures = 2\n"
    with (deployment / "local.toml").open("a", encoding="utf-8") as local:
        local.write(quick)


def _samples(home: Path) -> list[Path]:
    return sorted((home / "samples").glob("*.json"))


def _all(gateway: Gateway) -> Iterator[Exchange]:
    before: int | None = None
    while page := gateway.journal.find(Query(before=before, limit=200)):
        yield from page
        before = page[-1].ordinal


def _by_key(scene: Scene, key: str) -> Exchange:
    return next(x for x in scene.exchanges() if x.key == key)


def _over(x: Exchange) -> bool:
    return x.settled or (x.stage in _AT_REST and x.waits_for_a_person)


def _having(exchanges: list[Exchange], fact: str) -> int:
    return sum(fact in x.progress for x in exchanges)
