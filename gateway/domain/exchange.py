"""An exchange is nothing but the facts journalled about it, folded.

`after` is the whole state machine: no other place changes a stage.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from gateway.domain import facts as f
from gateway.domain.account import Account
from gateway.domain.parcel import Acknowledgement, Answer, Backfill, Blob, Parcel, Receipt
from gateway.domain.problems import Problem
from gateway.domain.report import ReportHead


class Kind(StrEnum):
    """Which timetable an exchange travels by."""

    OUTBOUND = "outbound"  # báo cáo gửi lên
    DOCUMENT = "document"  # báo cáo đi bằng văn bản
    INBOUND = "inbound"  # dữ liệu nhận về


class Stage(StrEnum):
    """Where an exchange stands; the value is what JSON shows."""

    NEW = "new"
    ACCEPTED = "accepted"
    VALIDATED = "validated"
    VERIFIED = "verified"
    TRANSLATED = "translated"
    PACKAGED = "packaged"
    IN_DOUBT = "in_doubt"
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    PARTLY_ACCEPTED = "partly_accepted"
    RETURNED = "returned"
    CORRECTED = "corrected"
    CANCELLED = "cancelled"
    RECONCILED = "reconciled"
    REFUSED = "refused"
    DIVERTED = "diverted"
    BACKFILLED = "backfilled"
    PARKED = "parked"
    SUPERSEDED = "superseded"
    PREPARED = "prepared"
    NUMBERED = "numbered"
    READY = "ready"
    SENT = "sent"
    ARRIVED = "arrived"
    DOCUMENT_ACCEPTED = "document_accepted"
    DOCUMENT_REJECTED = "document_rejected"
    RECALLED = "recalled"
    FETCHED = "fetched"
    COMPARED = "compared"
    PUBLISHED = "published"
    UNCHANGED = "unchanged"


STAGE_WORDS: dict[Stage, str] = {
    Stage.NEW: "Mới",
    Stage.ACCEPTED: "Đã nhận",
    Stage.VALIDATED: "Đã kiểm tra",
    Stage.VERIFIED: "Đã xác thực chữ ký",
    Stage.TRANSLATED: "Đã ánh xạ",
    Stage.PACKAGED: "Chờ gửi",
    Stage.IN_DOUBT: "Chưa rõ kết quả",
    Stage.DELIVERED: "Đã gửi, chờ phản hồi",
    Stage.ACKNOWLEDGED: "Chấp nhận",
    Stage.PARTLY_ACCEPTED: "Chấp nhận một phần",
    Stage.RETURNED: "Trả lại",
    Stage.CORRECTED: "Đính chính",
    Stage.CANCELLED: "Đã huỷ",
    Stage.RECONCILED: "Đã đối soát",
    Stage.REFUSED: "Từ chối",
    Stage.DIVERTED: "Gửi dự phòng qua văn bản",
    Stage.BACKFILLED: "Đã cập nhật bổ sung",
    Stage.PARKED: "Tạm giữ",
    Stage.SUPERSEDED: "Đã có bản mới thay thế",
    Stage.PREPARED: "Đã lập văn bản, chờ số và chữ ký",
    Stage.NUMBERED: "Đã cấp số, ký số",
    Stage.READY: "Văn bản sẵn sàng gửi",
    Stage.SENT: "Đã gửi văn bản",
    Stage.ARRIVED: "Văn bản đã đến",
    Stage.DOCUMENT_ACCEPTED: "Văn bản đã được tiếp nhận",
    Stage.DOCUMENT_REJECTED: "Văn bản bị từ chối",
    Stage.RECALLED: "Văn bản đã thu hồi",
    Stage.FETCHED: "Đã tải về",
    Stage.COMPARED: "Đã so sánh",
    Stage.PUBLISHED: "Đã áp dụng",
    Stage.UNCHANGED: "Không thay đổi",
}

# Nothing is left to do by itself at these; only a person or a newer revision may add a fact.
SETTLED = frozenset(
    {
        Stage.PARTLY_ACCEPTED,
        Stage.RETURNED,
        Stage.CORRECTED,
        Stage.CANCELLED,
        Stage.RECONCILED,
        Stage.REFUSED,
        Stage.SUPERSEDED,
        Stage.DOCUMENT_ACCEPTED,
        Stage.DOCUMENT_REJECTED,
        Stage.RECALLED,
        Stage.PUBLISHED,
        Stage.UNCHANGED,
    }
)

# Until it leaves these, a younger exchange of the same lane waits behind it.
_BEFORE_CERTAINTY = frozenset(
    {Stage.ACCEPTED, Stage.VALIDATED, Stage.VERIFIED, Stage.TRANSLATED, Stage.PACKAGED, Stage.IN_DOUBT}
)

_STUMBLES_ALLOWED = 3


@dataclass(frozen=True, slots=True)
class Opening:
    """What it takes to open an exchange. (agreement, key) names it for ever; `content` tells a
    repeated question from a changed one."""

    id: str
    kind: Kind
    agreement: str
    key: str
    content: str  # SHA-256 of what was handed in
    destination: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One message on its way. Built by `fold`, never by hand."""

    id: str
    kind: Kind
    agreement: str
    key: str
    content: str
    destination: str
    parent: str | None
    ordinal: int = 0  # the journal's order of opening
    stage: Stage = Stage.NEW
    before: Stage | None = None  # where a parked one stood
    seq: int = 0
    head_digest: str = f.GENESIS
    opened_at: datetime | None = None
    changed_at: datetime | None = None
    since: datetime | None = None  # when it reached this stage
    due: datetime | None = None  # next work; None: at once, unless it is parked or settled
    submission: f.Submission | None = None
    payload: Blob | None = None
    head: ReportHead | None = None
    values: int = 0
    document: Blob | None = None  # the translated report
    findings: Blob | None = None
    account: Account | None = None
    held: int = 0
    parcel: Parcel | None = None
    attempts: int = 0
    trouble: Problem | None = None
    receipt: Receipt | None = None
    acknowledgement: Acknowledgement | None = None
    paper: str | None = None  # id of the linked document exchange
    backfill: Backfill | None = None
    resend_allowed: bool = False
    stumbles: int = 0
    reasons: tuple[Problem, ...] = ()
    prepared: f.Prepared | None = None
    numbered: f.Numbered | None = None
    ready: f.Ready | None = None
    axis_id: str | None = None
    catalogue: str | None = None
    version: str | None = None
    progress: frozenset[str] = field(default_factory=frozenset)  # names of facts seen

    @property
    def lane(self) -> str | None:
        """The report this is a revision of; None until it has been read."""
        return self.head.lane if self.head and self.kind is Kind.OUTBOUND else None

    @property
    def settled(self) -> bool:
        return self.stage in SETTLED

    @property
    def waits_for_a_person(self) -> bool:
        return self.stage is Stage.PARKED or (self.kind is Kind.DOCUMENT and self.stage is Stage.PREPARED)

    @property
    def blocks_lane(self) -> bool:
        stage = self.before if self.stage is Stage.PARKED else self.stage
        return stage in _BEFORE_CERTAINTY


def begin(opening: Opening, ordinal: int = 0) -> Exchange:
    """The exchange before its first fact."""
    o = opening
    return Exchange(o.id, o.kind, o.agreement, o.key, o.content, o.destination, o.parent, ordinal)


def fold(opening: Opening, history: Iterable[f.Recorded], ordinal: int = 0) -> Exchange:
    """The exchange as its whole history makes it."""
    exchange = begin(opening, ordinal)
    for entry in history:
        exchange = after(exchange, entry)
    return exchange


def after(x: Exchange, entry: f.Recorded) -> Exchange:
    """The exchange once `entry` has become true."""
    moved = _step(replace(x, due=None), entry.fact)
    fresh = moved.stage is not x.stage or isinstance(entry.fact, f.Attempted)  # each attempt settles by itself
    return replace(
        moved,
        seq=entry.seq,
        head_digest=entry.digest,
        changed_at=entry.at,
        opened_at=x.opened_at or entry.at,
        since=entry.at if fresh or x.since is None else x.since,
        progress=x.progress | {entry.name},
    )


def _step(x: Exchange, fact: f.Fact) -> Exchange:  # noqa: PLR0911, PLR0912  one arm per fact: this is the table
    match fact:
        case f.Accepted(submission, payload):
            return replace(x, stage=Stage.ACCEPTED, submission=submission, payload=payload)
        case f.Validated(_, head, values):
            return replace(x, stage=Stage.VALIDATED, head=head, values=values)
        case f.Verified():
            return replace(x, stage=Stage.VERIFIED)
        case f.Translated():
            return replace(
                x,
                stage=Stage.TRANSLATED,
                document=fact.document,
                account=fact.account,
                findings=fact.findings,
                version=fact.catalogue,
            )
        case f.Held(values, _):
            return replace(x, held=values)
        case f.Packaged(parcel):
            stage = Stage.DIVERTED if parcel.backfill else Stage.PACKAGED
            return replace(x, stage=stage, parcel=parcel, backfill=parcel.backfill)
        case f.Attempted(_, number):
            return replace(x, stage=Stage.IN_DOUBT, attempts=number, resend_allowed=False)
        case f.Undelivered(why):
            return replace(x, stage=_before_the_wire(x), trouble=why)
        case f.Delivered(receipt, _):
            return replace(x, stage=Stage.DELIVERED, receipt=receipt, trouble=None)
        case f.Backfilled(_, backfill, receipt, _):
            return replace(x, stage=Stage.BACKFILLED, backfill=backfill, receipt=receipt, trouble=None)
        case f.Acknowledged(acknowledgement):
            stage = _ANSWERED[acknowledgement.answer]
            return replace(x, stage=stage, acknowledgement=acknowledgement, trouble=None)
        case f.Corrected(_):
            return replace(x, stage=Stage.CORRECTED)
        case f.Cancelled():
            return replace(x, stage=Stage.CANCELLED)
        case f.Reconciled():
            return replace(x, stage=Stage.RECONCILED)
        case f.Discrepant(what):
            return replace(x, stage=Stage.PARKED, before=x.stage, trouble=what)
        case f.Refused(_, reasons):
            return replace(x, stage=Stage.REFUSED, reasons=reasons, trouble=reasons[0])
        case f.Postponed(until, why):
            return replace(x, due=until, trouble=why)
        case f.Diverted(document, why):
            return replace(x, stage=Stage.DIVERTED, paper=document, trouble=why)
        case f.Parked(why):
            return replace(x, stage=Stage.PARKED, before=x.stage, trouble=why)
        case f.Released(_, _, resend):
            return replace(x, stage=x.before or x.stage, before=None, stumbles=0, trouble=None, resend_allowed=resend)
        case f.Superseded(_):
            return replace(x, stage=Stage.SUPERSEDED)
        case f.Stumbled():
            return replace(x, stumbles=x.stumbles + 1)
        case f.Prepared():
            return replace(x, stage=Stage.PREPARED, prepared=fact, head=fact.head)
        case f.Numbered():
            return replace(x, stage=Stage.NUMBERED, numbered=fact)
        case f.Ready():
            return replace(x, stage=Stage.READY, ready=fact)
        case f.Sent(axis_id, _):
            return replace(x, stage=Stage.SENT, axis_id=axis_id, trouble=None)
        case f.Arrived():  # statuses come in any order; an arrival told late takes nothing back
            return replace(x, stage=Stage.ARRIVED if x.stage in (Stage.SENT, Stage.IN_DOUBT) else x.stage)
        case f.DocumentAccepted():
            return replace(x, stage=Stage.DOCUMENT_ACCEPTED)
        case f.DocumentRejected():
            return replace(x, stage=Stage.DOCUMENT_REJECTED)
        case f.Recalled():
            return replace(x, stage=Stage.RECALLED)
        case f.Fetched(_, name, payload):
            return replace(x, stage=Stage.FETCHED, catalogue=name, payload=payload)
        case f.Compared():
            return replace(x, stage=Stage.COMPARED)
        case f.Published(_, version, _):
            return replace(x, stage=Stage.PUBLISHED, version=version)
        case f.Unchanged(_, version):
            return replace(x, stage=Stage.UNCHANGED, version=version)
    raise TypeError(f"no arm for {type(fact).__name__}")


_ANSWERED = {Answer.ACCEPTED: Stage.ACKNOWLEDGED, Answer.PARTLY: Stage.PARTLY_ACCEPTED, Answer.RETURNED: Stage.RETURNED}


def _before_the_wire(x: Exchange) -> Stage:
    if x.kind is Kind.DOCUMENT:
        return Stage.READY
    return Stage.DIVERTED if x.paper else Stage.PACKAGED


def too_many_stumbles(x: Exchange) -> bool:
    """Whether our own bugs have had their chances (a poison message stops its lane only)."""
    return x.stumbles >= _STUMBLES_ALLOWED
