"""The other side of every wire, small and honest: it keeps what it is handed, doubles too, and forgets nothing."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import count
from typing import Any

from gateway.domain.account import Tally
from gateway.domain.catalogue import Catalogue
from gateway.domain.errors import GatewayError, InDoubt, Rejected, Unavailable, problem
from gateway.domain.ids import digest_of
from gateway.domain.parcel import Acknowledgement, Answer, Parcel, Receipt, Unknown
from gateway.domain.part import Place
from gateway.domain.report import ReportHead
from gateway.domain.verdict import Indication, Integrity, Verdict
from gateway.ports import DocumentStatus, Proven
from gateway.schemas.edxml.reader import read_document
from gateway.schemas.packets import PacketReader

NATIONAL, AXIS = "quoc-gia", "truc-van-ban"
LATE = timedelta(seconds=3)
UNREACHABLE = problem("A-001", destination=NATIONAL, reason="connection refused")
LINE_CUT = problem("G-001", destination=NATIONAL, reason="connection reset")
MALFORMED = problem("C-013", destination=NATIONAL, answer="22", reason="sai quy cách")
UNSIGNED = Verdict(Indication.INDETERMINATE, None, Integrity.UNDETERMINED, (), "vn-report-xml", "d" * 64)


class Killed(BaseException):
    """The process is gone: nobody catches this."""


class Ending(StrEnum):
    """How a send ends, on both sides of the wire."""

    TAKEN = "taken"
    UNREACHABLE = "unreachable"  # certainly nothing was taken
    BUSY = "busy"  # the same, and they say when to come again
    REFUSED = "refused"
    LOST_ON_THE_WAY = "lost on the way"  # no answer, and it never arrived
    ANSWER_LOST = "answer lost"  # no answer, but it arrived
    LATE = "late"  # no answer, and it arrives a little later
    KILLED_BEFORE = "killed before"
    KILLED_AFTER = "killed after"
    BUG_AFTER = "bug after"  # our own side breaks on their answer


_ARRIVING = (Ending.TAKEN, Ending.ANSWER_LOST, Ending.KILLED_AFTER, Ending.BUG_AFTER)
_RAISED: dict[Ending, Callable[[], BaseException]] = {
    Ending.UNREACHABLE: lambda: Unavailable(UNREACHABLE),
    Ending.BUSY: lambda: Unavailable(problem("F-001", destination=NATIONAL, seconds=900), retry_after=900),
    Ending.REFUSED: lambda: Rejected(MALFORMED),
    Ending.LOST_ON_THE_WAY: lambda: InDoubt(LINE_CUT),
    Ending.ANSWER_LOST: lambda: InDoubt(LINE_CUT),
    Ending.LATE: lambda: InDoubt(LINE_CUT),
    Ending.KILLED_BEFORE: Killed,
    Ending.KILLED_AFTER: Killed,
    Ending.BUG_AFTER: lambda: RuntimeError("an answer nobody thought of"),
}


class SetClock:
    """Stands still until it is moved, and counts the identities it gave."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self._made = count(1)

    def now(self) -> datetime:
        return self.at

    def new_id(self, prefix: str) -> str:
        return f"{prefix}-{next(self._made):04}"

    def spread(self) -> float:
        return 0.5

    def ticks(self) -> float:
        return self.at.timestamp()

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass(frozen=True, slots=True)
class Kept:
    """What lies in the receiver's store."""

    reference: str
    message_id: str
    body: bytes
    since: datetime
    beside: tuple[bytes, ...] = ()

    @property
    def parts(self) -> list[str]:
        return [digest_of(content) for content in self.beside]


class Receiver:
    """`Channel`: a national system without deduplication.

    endings    of the sends to come, one each; `otherwise` when they are used up
    meanwhile  done once, while the bytes of the next send are on their way
    askable    whether an inquiry is answered; `deaf` is raised to every question instead
    """

    def __init__(self, clock: SetClock) -> None:
        self._clock = clock
        self._stored: list[Kept] = []
        self.sends: list[tuple[Parcel, bytes]] = []
        self.beside: list[tuple[bytes, ...]] = []  # what came with each of the sends
        self.inquiries = 0
        self.endings: deque[Ending] = deque()
        self.otherwise = Ending.TAKEN
        self.meanwhile: Callable[[], Awaitable[None]] | None = None
        self.askable = True
        self.deaf: GatewayError | None = None
        self.says_digest: str | None = None
        self.says_parts: Callable[[list[str]], list[str]] | None = None  # of what lies beside; None: it says nothing
        self.judgement: Answer | None = Answer.ACCEPTED
        self.tally = Tally(3, 3)
        self.reasons: tuple[str, ...] = ()
        self.rejected: tuple[Place, ...] = ()
        self.judged: dict[str, Answer | None] = {}  # by message id, where it differs
        self.retold: Callable[[list[dict[str, str]]], list[dict[str, str]]] = lambda values: values

    @property
    def held(self) -> list[Kept]:
        """What has arrived by now, in order of arrival."""
        arrived = [kept for kept in self._stored if kept.since <= self._clock.now()]
        return sorted(arrived, key=lambda kept: kept.since)

    def revisions(self) -> list[int]:
        return [PacketReader().read(kept.body, "application/xml")[1].head.revision for kept in self.held]

    async def send(self, parcel: Parcel, body: bytes, beside: Sequence[bytes] = ()) -> Receipt:
        self.sends.append((parcel, body))
        self.beside.append(tuple(beside))
        ending = self.endings.popleft() if self.endings else self.otherwise
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            await meanwhile()
        if ending in _ARRIVING or ending is Ending.LATE:
            since = self._clock.now() + (LATE if ending is Ending.LATE else timedelta())
            told = Kept(f"doc-{len(self._stored) + 1}", parcel.message_id, body, since, tuple(beside))
            self._stored.append(told)
        if ending in _RAISED:
            raise _RAISED[ending]()
        return self._receipt(self._stored[-1])

    async def inquire(self, parcel: Parcel) -> Receipt | Unknown:
        self.inquiries += 1
        self._hear()
        if not self.askable:
            return Unknown.CANNOT_TELL
        found = next((kept for kept in self.held if kept.message_id == parcel.message_id), None)
        return self._receipt(found) if found else Unknown.NOT_THERE

    def typed_in(self, body: bytes) -> None:
        """Somebody enters a report by hand."""
        self._stored.append(Kept(f"tay-{len(self._stored) + 1}", "", body, self._clock.now()))

    async def holding(self, head: ReportHead) -> Receipt | None:
        self._hear()
        heads = [(kept, PacketReader().read(kept.body, "application/xml")[1].head) for kept in self.held]
        found = next((kept for kept, of in heads if (of.lane, of.revision) == (head.lane, head.revision)), None)
        return _receipt(found) if found else None

    async def confirm(self, parcel: Parcel, receipt: Receipt) -> Acknowledgement | None:
        self._hear()
        answer = self.judged.get(parcel.message_id, self.judgement)
        if answer is None:
            return None
        rejected = self.rejected if answer is Answer.PARTLY else ()
        return Acknowledgement(answer, self.tally, self.reasons, self._clock.now(), rejected=rejected)

    async def statement(self, parcel: Parcel, receipt: Receipt) -> bytes:
        self._hear()
        kept = next(kept for kept in self.held if kept.reference == receipt.reference)
        told = {"digest": digest_of(kept.body), "values": self.retold(_values(kept.body))}
        parts = {"parts": self.says_parts(kept.parts)} if self.says_parts else {}
        return json.dumps({**told, **parts}, ensure_ascii=False).encode()

    async def close(self) -> None:
        return None

    def _receipt(self, kept: Kept) -> Receipt:
        parts = tuple(self.says_parts(kept.parts)) if self.says_parts else None
        return replace(_receipt(kept, self.says_digest), parts=parts)

    def _hear(self) -> None:
        if self.deaf is not None:
            raise self.deaf


def _receipt(kept: Kept, digest: str | None = None) -> Receipt:
    return Receipt(kept.reference, digest or digest_of(kept.body), kept.since)


def _values(body: bytes) -> list[dict[str, str]]:
    c = PacketReader().read(body, "application/xml")[1].columns
    return [
        {
            "indicator": c.indicator[i],
            "organisation": c.organisation[i],
            "unit": c.unit[i],
            "value": c.value[i],
            "breakdown": ";".join(f"{d}={c.breakdown[d][i]}" for d in sorted(c.breakdown) if c.breakdown[d][i]),
        }
        for i in range(len(c))
    ]


class Axis:
    """`DocumentRoute`: an axis that delivers every package it is handed and every status until it is settled."""

    def __init__(self) -> None:
        self.documents: list[tuple[str, str, bytes]] = []  # axis id, DocumentId, package
        self.told: list[tuple[str, bytes]] = []  # recipient, status package
        self.endings: deque[Ending] = deque()
        self.listed = True  # whether the sent list shows what was taken
        self.waiting: list[DocumentStatus] = []
        self.settled: list[str] = []
        self.unsettleable = 0  # so many settlements fail before one is taken
        self._said = count(1)

    async def send(self, edxml: bytes, sender: str, recipients: Sequence[str]) -> str:
        ending = self.endings.popleft() if self.endings else Ending.TAKEN
        if ending in _ARRIVING:
            self.documents.append((f"ax-{len(self.documents) + 1}", read_document(edxml).document_id, edxml))
        if ending in _RAISED:
            raise _RAISED[ending]()
        return self.documents[-1][0]

    async def tell(self, status: bytes, sender: str, recipient: str) -> str:
        self.told.append((recipient, status))
        return f"tl-{len(self.told)}"

    async def sent(self, document_id: str) -> str | None:
        shown = self.documents if self.listed else []
        return next((axis_id for axis_id, name, _ in shown if name == document_id), None)

    def says(self, code: str, description: str = "", about: str = "", by: str = "G22") -> DocumentStatus:
        """A status about the last document (or another) waits for us from now on."""
        number = next(self._said)
        told = about or self.documents[-1][1]
        raw = f"<Status code='{code}' number='{number}'/>".encode()
        at = "2026-11-20 08:00:00"
        self.waiting.append(DocumentStatus(told, by, code, description, at, f"st-{number}", raw))
        return self.waiting[-1]

    async def statuses(self) -> list[DocumentStatus]:
        return list(self.waiting)

    async def settle(self, axis_id: str) -> None:
        if self.unsettleable:
            self.unsettleable -= 1
            raise Unavailable(problem("A-001", destination=AXIS, reason="connection refused"))
        self.settled.append(axis_id)
        self.waiting = [status for status in self.waiting if status.axis_id != axis_id]

    async def close(self) -> None:
        return None


class Shelf:
    """`Catalogues`: what was published, in order; a publication by the same exchange counts once."""

    def __init__(self, *published: Catalogue) -> None:
        self.published: dict[str, Catalogue] = {f"before-{i}": each for i, each in enumerate(published)}

    def current(self, name: str) -> Catalogue | None:
        return next((c for c in reversed(self.published.values()) if c.name == name), None)

    def on(self, name: str, day: date) -> Catalogue | None:
        found = [c for c in self.published.values() if c.name == name and c.valid_from <= day]
        return max(reversed(found), key=lambda c: c.valid_from, default=None)

    def version(self, name: str, version: str) -> Catalogue | None:
        return next((c for c in self.published.values() if (c.name, c.version) == (name, version)), None)

    def publish(self, catalogue: Catalogue, exchange: str) -> None:
        self.published.setdefault(exchange, catalogue)


class Issuer:
    """`Source`: serves the catalogue packets it has."""

    def __init__(self) -> None:
        self.packets: dict[str, bytes] = {}
        self.trouble: GatewayError | None = None

    async def fetch(self, name: str, since: str = "") -> bytes:
        if self.trouble is not None:
            raise self.trouble
        return self.packets[name]


class Expert:
    """`Verifier`: says what it was told to say, and remembers what it was shown."""

    def __init__(self) -> None:
        self.verdict = UNSIGNED
        self.by_policy: dict[str, Verdict] = {}  # where it differs
        self.shown: list[tuple[bytes, bytes | None, str, datetime]] = []

    def verify(self, payload: bytes, signature: bytes | None, policy: str, at: datetime) -> Verdict:
        return self.prove(payload, signature, policy, at).verdict

    def prove(self, payload: bytes, signature: bytes | None, policy: str, at: datetime) -> Proven:
        self.shown.append((payload, signature, policy, at))
        return Proven(self.by_policy.get(policy, self.verdict), b'{"evidence":1}', (b"policy", b"list"))


class Bell:
    """`Doorbell`: a list of rings."""

    def __init__(self) -> None:
        self.rings: list[str] = []

    def ring(self, destination: str) -> None:
        self.rings.append(destination)

    def start(self) -> None:
        return None

    def stop(self) -> None:
        return None


def figures(*values: tuple[str, str, str]) -> list[dict[str, Any]]:
    """(indicator, unit, figure) as a submission has them."""
    return [{"indicator": i, "organisation": "38", "unit": u, "value": v} for i, u, v in values]
