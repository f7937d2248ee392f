"""Everything that can be true of an exchange, in the past tense. The journal keeps nothing else.

Facts of pure steps may share one transaction; none may share one with the wire. Bytes never stand
in a fact: a fact names them by digest and the journal keeps them in the same transaction.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from hashlib import sha256

from gateway.domain.account import Account
from gateway.domain.outline import Attachment as Attached
from gateway.domain.parcel import Acknowledgement, Backfill, Blob, Enclosed, Parcel, Receipt
from gateway.domain.problems import Problem
from gateway.domain.record import canonical, quoted, restore
from gateway.domain.report import ReportHead
from gateway.domain.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Fact:
    """Base of all facts; never recorded itself."""


# ── a report going up ────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Submission:
    """Who handed in what, under which agreement and key."""

    agreement: str
    key: str
    sender: str
    media_type: str
    signature: Blob | None = None
    replay_of: str | None = None
    pack: str | None = None  # a pack named by a replay; else the agreement's
    period: str = ""  # what a workbook does not say of itself, as the sender told it
    form: str = ""
    revision: int = 1
    part: bool = False  # only what the receiver rejected of `replay_of` goes out, as this revision
    trace: str = ""  # W3C traceparent of the caller
    narrative: Blob | None = None  # what lies beside the figures, and is one with them
    attachments: tuple[Enclosed, ...] = ()

    @property
    def composite(self) -> bool:
        return self.narrative is not None or bool(self.attachments)


@dataclass(frozen=True, slots=True)
class Accepted(Fact):
    """The bytes are ours to deliver from now on."""

    submission: Submission
    payload: Blob


@dataclass(frozen=True, slots=True)
class Validated(Fact):
    """`findings`: what reading a form met, where the submission was one (`gateway.ports.FormRead`).

    `outline`: the đề cương its words follow, as ``DC-01@2026``; `attached`: what each file is, by the narrative.
    """

    schema: str
    head: ReportHead | None
    values: int
    findings: Blob | None = None
    outline: str = ""
    attached: tuple[Attached, ...] = ()


@dataclass(frozen=True, slots=True)
class Verified(Fact):
    """`verdict` is None where the agreement asks for no signature and none came.

    `evidence`: what it was judged by, as canonical JSON; `materials`: the bytes named there (policy, certificates,
    revocation answers, time-stamps), with which it can be judged again without a network.

    `part`: the attached file that was judged, by its name; empty for the report itself, whose verdict comes last.
    """

    verdict: Verdict | None
    evidence: Blob | None = None
    materials: tuple[Blob, ...] = ()
    part: str = ""


@dataclass(frozen=True, slots=True)
class Translated(Fact):
    """`kept`: the pack's contents, whose digest is `pack_digest`; `approval`: the number of the approved version."""

    pack: str
    pack_digest: str
    catalogue: str
    document: Blob  # the translated report
    findings: Blob  # every conflict, grouped, with all row numbers
    account: Account
    approval: int = 0  # 0: from before versions were approved
    kept: Blob | None = None

    @property
    def version(self) -> str:
        """The pack's version as people call it: ``kt-xh-tinh@3``."""
        return f"{self.pack}@{self.approval or self.pack_digest[:12]}"


@dataclass(frozen=True, slots=True)
class HeldGroup:
    """Values nobody may guess, grouped by cause."""

    code: str
    message: str
    count: int
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Held(Fact):
    values: int
    groups: tuple[HeldGroup, ...]


@dataclass(frozen=True, slots=True)
class Packaged(Fact):
    """Ready for the wire. `deadline`: the last admissible instant, as known then; from `divert_from` on the report
    may go as a document while the line is out. Both order the work; what is done is judged anew each time.
    """

    parcel: Parcel
    deadline: datetime | None = None
    divert_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class Attempted(Fact):
    """We are about to send; durable before the first byte goes out."""

    channel: str
    number: int


@dataclass(frozen=True, slots=True)
class Undelivered(Fact):
    """Certainly not there."""

    why: Problem


@dataclass(frozen=True, slots=True)
class Delivered(Fact):
    receipt: Receipt
    recovered: bool = False  # found by asking, not by the answer to our own send


@dataclass(frozen=True, slots=True)
class Acknowledged(Fact):
    acknowledgement: Acknowledgement


@dataclass(frozen=True, slots=True)
class Corrected(Fact):
    by: str


@dataclass(frozen=True, slots=True)
class Cancelled(Fact):
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Reconciled(Fact):
    statement: Blob


@dataclass(frozen=True, slots=True)
class Discrepant(Fact):
    what: Problem


@dataclass(frozen=True, slots=True)
class Refused(Fact):
    by: str
    reasons: tuple[Problem, ...]


# ── trouble, and people ──────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Postponed(Fact):
    until: datetime
    why: Problem


@dataclass(frozen=True, slots=True)
class Diverted(Fact):
    """The report goes as a document; `document` is the linked exchange's id."""

    document: str
    why: Problem


@dataclass(frozen=True, slots=True)
class Parked(Fact):
    why: Problem


@dataclass(frozen=True, slots=True)
class Released(Fact):
    """A person let it go on. `resend` says that sending the same parcel once more is allowed."""

    by: str
    why: str
    resend: bool = False


@dataclass(frozen=True, slots=True)
class Superseded(Fact):
    by: str


@dataclass(frozen=True, slots=True)
class Recovered(Fact):
    """The journal was brought back from a backup: what came after this point is not known here.

    Whatever may have been sent in that time is asked after before it is sent. `origin` names the
    database that goes on from here (system identifier and time line).
    """

    origin: str


@dataclass(frozen=True, slots=True)
class Retained(Fact):
    """A person laid a legal hold on it, or lifted it again (`held`): kept past its term until lifted."""

    by: str
    why: str
    held: bool = True


@dataclass(frozen=True, slots=True)
class CalledBack(Fact):
    """The receiver told us by itself what it made of the report: kept word for word, and believed for nothing.

    It is asked at once. `by` is the client that called, `key` what he calls the word, `answer` what it says.
    """

    by: str
    key: str
    answer: str
    word: Blob


@dataclass(frozen=True, slots=True)
class Stumbled(Fact):
    """A bug of ours. Three of them park the exchange."""

    step: str
    trace: str


# ── a report as a document ───────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    description: str
    content: Blob


@dataclass(frozen=True, slots=True)
class Prepared(Fact):
    """The document is written and waits for number and signatures (Decree 30/2020 art. 15.3)."""

    parent: str
    subject: str
    head: ReportHead
    files: tuple[Attachment, ...]


@dataclass(frozen=True, slots=True)
class Numbered(Fact):
    """Number, symbol and date came back from the document system, with the signed files."""

    number: str
    notation: str
    issued: str  # yyyy-mm-dd
    signer: str
    position: str
    by: str
    files: tuple[Attachment, ...]
    agency: str = ""  # whose number it is (mã định danh); "": told by an earlier version, or not known


@dataclass(frozen=True, slots=True)
class Ready(Fact):
    """The edXML is written; these bytes and this DocumentId never change again."""

    document_id: str
    edxml: Blob
    recipients: tuple[str, ...] = ()  # the addressee first: its word decides


@dataclass(frozen=True, slots=True)
class Sent(Fact):
    axis_id: str
    recovered: bool = False


@dataclass(frozen=True, slots=True)
class Arrived(Fact):
    recipient: str
    status: Blob


@dataclass(frozen=True, slots=True)
class DocumentAccepted(Fact):
    recipient: str
    at: str
    status: Blob
    code: str = "03"  # 03 … 06: offices skip some


@dataclass(frozen=True, slots=True)
class DocumentRejected(Fact):
    recipient: str
    why: str
    status: Blob


@dataclass(frozen=True, slots=True)
class Recalled(Fact):
    recipient: str
    status: Blob


@dataclass(frozen=True, slots=True)
class Backfilled(Fact):
    """On the parent: the system has been updated with what the document carried in the gap."""

    document: str
    backfill: Backfill
    receipt: Receipt
    recovered: bool = False
    linked: bool = False  # somebody had typed it in already: compared value by value, nothing was sent


@dataclass(frozen=True, slots=True)
class Progressed(Fact):
    """The office tells how far it is (04 … 06), or repeats itself after the end; changes nothing."""

    recipient: str
    code: str
    why: str
    at: str
    status: Blob
    stranger: bool = False  # the document was not sent to that agency


@dataclass(frozen=True, slots=True)
class Attributed(Fact):
    """A person said that a status package is about this document; what the office says by it follows as a fact.

    `status` as it came. `code`, `recipient` and `at` are what was read, or what the person told where nobody could.
    """

    by: str
    why: str
    axis_id: str
    recipient: str
    code: str
    at: str
    status: Blob


@dataclass(frozen=True, slots=True)
class AskedBack:
    """What one office will be told (13), byte for byte."""

    recipient: str
    status: Blob


@dataclass(frozen=True, slots=True)
class RecallAsked(Fact):
    """A person asks the offices to give the document back; `status` is what the addressee will be told."""

    by: str
    why: str
    status: Blob
    offices: tuple[AskedBack, ...] = ()  # every recipient, the addressee first; empty: the addressee alone


@dataclass(frozen=True, slots=True)
class RecallTold(Fact):
    """The office has been asked."""

    axis_id: str
    recipient: str = ""  # empty: the addressee


@dataclass(frozen=True, slots=True)
class RecallRefused(Fact):
    """The office keeps the document (16): it stands where it stood."""

    recipient: str
    why: str
    status: Blob


@dataclass(frozen=True, slots=True)
class Absorbed(Fact):
    """What the fallback desk did with it is known here; `line` is its place in that desk's ledger."""

    ledger: str
    line: int


# ── what comes down ──────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Fetched(Fact):
    source: str
    name: str
    payload: Blob


@dataclass(frozen=True, slots=True)
class Compared(Fact):
    added: int
    changed: int
    withdrawn: int
    changes: Blob
    against: str = ""  # the version it was compared with; none: the first of its name


@dataclass(frozen=True, slots=True)
class Published(Fact):
    catalogue: str
    version: str
    valid_from: str


@dataclass(frozen=True, slots=True)
class Unchanged(Fact):
    catalogue: str
    version: str


# What the system that handed in a report is told: all that changes what it knows or must do.
NEWS = (
    Acknowledged,
    Backfilled,
    Cancelled,
    Discrepant,
    Diverted,
    DocumentAccepted,
    DocumentRejected,
    Held,
    Parked,
    Published,
    Recalled,
    RecallRefused,
    Refused,
)


@cache
def facts_known() -> dict[str, type[Fact]]:
    """Every fact by its name; the journal's dictionary and the kill tests' list of points."""
    return {shape.__name__: shape for shape in Fact.__subclasses__()}


@dataclass(frozen=True, slots=True)
class Recorded:
    """A fact in its place on the exchange's chain.

    `digest` covers exchange, seq, name, time, body and the digest before it.
    """

    exchange: str
    seq: int
    at: datetime
    fact: Fact
    previous: str
    digest: str = field(default="")
    body: bytes = field(default=b"", repr=False, compare=False)  # the fact as it was digested, where it was just linked

    @property
    def name(self) -> str:
        return type(self.fact).__name__


GENESIS = "0" * 64


def link(exchange: str, seq: int, at: datetime, fact: Fact, previous: str, *, written: bytes | None = None) -> Recorded:
    """The next link of an exchange's chain, its digest made; over `written`, where the fact stands so already."""
    body = canonical(fact) if written is None else written
    digest = _sealed((exchange, seq, type(fact).__name__, at), body, previous)
    return Recorded(exchange, seq, at, fact, previous, digest, body)


def intact(chain: list[Recorded]) -> bool:
    """Whether a whole history, in order, is the one that was written.

    By the bytes that were digested, where the store hands them back: a fact that has gained a field since would
    be written otherwise today.
    """
    previous = GENESIS
    for number, entry in enumerate(chain, start=1):
        if entry.body and not _says_so(entry):
            return False
        expected = seal(entry, entry.body or canonical(entry.fact))
        if (entry.seq, entry.previous, entry.digest) != (number, previous, expected):
            return False
        previous = entry.digest
    return True


def _says_so(entry: Recorded) -> bool:
    """Whether the bytes are those of the fact that stands beside them."""
    try:
        return revive(entry.name, json.loads(entry.body)) == entry.fact
    except (KeyError, TypeError, ValueError):
        return False


def seal(entry: Recorded, body: bytes) -> str:
    """The digest of `entry`, whose fact is `body` byte for byte.

    Over the canonical JSON list of exchange, seq, name, time, body and the digest before it.
    """
    return _sealed((entry.exchange, entry.seq, entry.name, entry.at), body, entry.previous)


def _sealed(of: tuple[str, int, str, datetime], body: bytes, previous: str) -> str:
    exchange, seq, name, at = of
    place = f'[{quoted(exchange)},{seq},{quoted(name)},"{at.isoformat()}"'
    return sha256(b"%b,%b,%b]" % (place.encode(), body, quoted(previous).encode())).hexdigest()


def revive(name: str, body: dict[str, object]) -> Fact:
    """The fact that was stored under `name` with `body`. Unknown name: KeyError."""
    return restore(facts_known()[name], body)
