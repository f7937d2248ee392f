"""An exchange is nothing but the facts journalled about it, folded.

`after` is the whole state machine: no other place changes a stage.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gateway.domain import facts as f
from gateway.domain.account import Account
from gateway.domain.outline import Attachment as Attached
from gateway.domain.parcel import Acknowledgement, Answer, Backfill, Blob, Parcel, Receipt
from gateway.domain.problems import Problem
from gateway.domain.record import changed
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

# What comes next here only asks the receiver, and loses nothing by asking sooner. Not in doubt: where the receiver
# cannot be asked the next step may send again, and its pause stays.
_ASKED_AFTER = frozenset({Stage.DELIVERED, Stage.BACKFILLED, Stage.ACKNOWLEDGED})
# What no word shortens: the receiver asked us to wait, or a bug of ours, which has three chances only, is tried again.
_WAITED_OUT = frozenset({"F-001", "F-004"})

_STUMBLES_ALLOWED = 3

# How far a receiving office is with a document, by its status codes; nothing takes it back.
OFFICE_RANK: Mapping[str, int] = {"01": 1, "03": 2, "04": 3, "05": 4, "06": 5, "02": 6, "15": 7}


_UNTIL_IT_ARRIVES = (Stage.READY, Stage.IN_DOUBT, Stage.SENT)  # ready: about to be sent again, and it had come


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


@dataclass(frozen=True)  # no slots: `changed` copies a dictionary, once or twice a fact
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
    outline: str = ""  # what its words follow, as ``DC-01@2026``
    attached: tuple[Attached, ...] = ()
    document: Blob | None = None  # the translated report
    findings: Blob | None = None
    account: Account | None = None
    held: int = 0
    parcel: Parcel | None = None
    deadline: datetime | None = None  # as known when it was packaged
    divert_from: datetime | None = None
    attempts: int = 0
    trouble: Problem | None = None
    receipt: Receipt | None = None
    acknowledgement: Acknowledgement | None = None
    paper: str | None = None  # id of the linked document exchange
    backfill: Backfill | None = None
    resend_allowed: bool = False
    stumbles: int = 0
    recovered: bool = False  # from a backup: it may have been sent already, and is asked after first
    retained: bool = False  # under a legal hold
    reasons: tuple[Problem, ...] = ()
    prepared: f.Prepared | None = None
    numbered: f.Numbered | None = None
    ready: f.Ready | None = None
    axis_id: str | None = None
    offices: Mapping[str, str] = field(default_factory=dict)  # recipient → the furthest status it told (01 … 15)
    # Of a document asked back: recipient → "" not told yet, 13 told, 15 given back, 16 kept.
    asked_back: Mapping[str, str] = field(default_factory=dict)
    catalogue: str | None = None
    version: str | None = None
    pack: str | None = None  # the version it was mapped with, as ``kt-xh-tinh@3``
    progress: frozenset[str] = field(default_factory=frozenset)  # names of facts seen

    @property
    def lane(self) -> str | None:
        """The report this is a revision of; None until it has been read."""
        return self.head.lane if self.head and self.kind is Kind.OUTBOUND else None

    @property
    def replayed(self) -> bool:
        """A report from a kept payload: it yields to what was handed in just now."""
        return self.parent is not None and self.kind is Kind.OUTBOUND

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
    told = {"id": o.id, "kind": o.kind, "agreement": o.agreement, "key": o.key, "content": o.content}
    return changed(_UNOPENED, **told, destination=o.destination, parent=o.parent, ordinal=ordinal)


_UNOPENED = Exchange("", Kind.OUTBOUND, "", "", "", "", None)  # to copy it costs a fifth of setting fifty fields


def fold(opening: Opening, history: Iterable[f.Recorded], ordinal: int = 0) -> Exchange:
    """The exchange as its whole history makes it."""
    exchange = begin(opening, ordinal)
    for entry in history:
        exchange = after(exchange, entry)
    return exchange


def after(x: Exchange, entry: f.Recorded) -> Exchange:
    """The exchange once `entry` has become true."""
    waiting = changed(x, due=None) if x.due is not None and _hurries(x, entry.fact) else x
    moved = _step(waiting, entry.fact)
    fresh = moved.stage is not x.stage or isinstance(entry.fact, f.Attempted)  # each attempt settles by itself
    return changed(
        moved,
        seq=entry.seq,
        head_digest=entry.digest,
        changed_at=x.changed_at if isinstance(entry.fact, f.CalledBack) else entry.at,  # a word changes nothing
        opened_at=x.opened_at or entry.at,
        since=entry.at if fresh or x.since is None else x.since,
        progress=x.progress | {entry.name},
    )


def _hurries(x: Exchange, fact: f.Fact) -> bool:
    """Whether what it waits for is due at once: not for a hold, nor for a word about what is not asked after next."""
    if isinstance(fact, f.CalledBack):
        return x.stage in _ASKED_AFTER and (x.trouble is None or x.trouble.code not in _WAITED_OUT)
    return not isinstance(fact, f.Retained)


def _step(x: Exchange, fact: f.Fact) -> Exchange:  # noqa: PLR0911, PLR0912  one arm per fact: this is the table
    match fact:
        case f.Accepted(submission, payload):
            return changed(x, stage=Stage.ACCEPTED, submission=submission, payload=payload)
        case f.Validated(_, head, values):
            read = changed(x, stage=Stage.VALIDATED, head=head, values=values)
            return changed(read, outline=fact.outline, attached=fact.attached)
        case f.Verified():  # of a document: what came back signed, judged before its number is taken down
            return x if x.kind is Kind.DOCUMENT or fact.part else changed(x, stage=Stage.VERIFIED)
        case f.Translated():
            return changed(
                x,
                stage=Stage.TRANSLATED,
                document=fact.document,
                account=fact.account,
                findings=fact.findings,
                version=fact.catalogue,
                # Where versions were not approved yet, none was kept beside the facts either: both say the same.
                pack=fact.version if fact.approval else None,
            )
        case f.Held(values, _):
            return changed(x, held=values)
        case f.Packaged(parcel, deadline, divert_from):
            stage = Stage.DIVERTED if parcel.backfill else Stage.PACKAGED
            packaged = changed(x, stage=stage, parcel=parcel, backfill=parcel.backfill)
            return _doubted(changed(packaged, deadline=deadline, divert_from=divert_from))
        case f.Attempted(_, number):
            return changed(x, stage=Stage.IN_DOUBT, attempts=number, resend_allowed=False, recovered=False)
        case f.Undelivered(why):
            return changed(x, stage=_before_the_wire(x), trouble=why, recovered=False)
        case f.Delivered(receipt, _):
            return changed(x, stage=Stage.DELIVERED, receipt=receipt, trouble=None)
        case f.Backfilled(_, backfill, receipt):
            return changed(x, stage=Stage.BACKFILLED, backfill=backfill, receipt=receipt, trouble=None)
        case f.Acknowledged(acknowledgement):
            stage = _ANSWERED[acknowledgement.answer]
            return changed(x, stage=stage, acknowledgement=acknowledgement, trouble=None)
        case f.Corrected(_):
            return changed(x, stage=Stage.CORRECTED)
        case f.Cancelled():
            return changed(x, stage=Stage.CANCELLED)
        case f.Reconciled():
            return changed(x, stage=Stage.RECONCILED)
        case f.Discrepant(what):
            return changed(x, stage=Stage.PARKED, before=x.stage, trouble=what)
        case f.Refused(_, reasons):
            return changed(x, stage=Stage.REFUSED, reasons=reasons, trouble=reasons[0])
        case f.Postponed(until, why):
            return changed(x, due=until, trouble=why)
        case f.Diverted(document, why):
            return changed(x, stage=Stage.DIVERTED, paper=document, trouble=why)
        case f.Parked(why):
            return changed(x, stage=Stage.PARKED, before=x.stage, trouble=why)
        case f.Released(_, _, resend):
            back = changed(x, stage=x.before or x.stage, before=None, stumbles=0, trouble=None, resend_allowed=resend)
            return _doubted(back)
        case f.Recovered():
            return _doubted(changed(x, recovered=True))
        case f.Retained(_, _, held):
            return changed(x, retained=held)
        case f.Superseded(_):
            return changed(x, stage=Stage.SUPERSEDED)
        case f.Stumbled():
            return changed(x, stumbles=x.stumbles + 1)
        case f.Prepared():
            return changed(x, stage=Stage.PREPARED, prepared=fact, head=fact.head)
        case f.Numbered():
            return changed(x, stage=Stage.NUMBERED, numbered=fact)
        case f.Ready():
            return _doubted(changed(x, stage=Stage.READY, ready=fact))
        case f.Sent(axis_id, _):
            return changed(x, stage=Stage.SENT, axis_id=axis_id, trouble=None)
        case f.Arrived(recipient):  # statuses come in any order; an arrival told late takes nothing back
            stands = x.before or x.stage if x.stage is Stage.PARKED else x.stage
            return _heard(x, recipient, "01", Stage.ARRIVED if stands in _UNTIL_IT_ARRIVES else x.stage)
        case f.DocumentAccepted(recipient):
            return _heard(x, recipient, fact.code, Stage.DOCUMENT_ACCEPTED)
        case f.DocumentRejected(recipient):
            return _heard(x, recipient, "02", Stage.DOCUMENT_REJECTED)
        case f.Recalled(recipient):
            return _heard(x, recipient, "15", Stage.RECALLED)
        case f.Progressed(recipient, code):
            return _heard(x, recipient, code, x.stage)
        case f.RecallAsked():
            asked = [each.recipient for each in fact.offices]
            return changed(x, asked_back={one: "15" if x.offices.get(one) == "15" else "" for one in asked})
        case f.RecallTold(_, recipient):
            return _answered(x, recipient, "13")
        case f.RecallRefused(recipient):
            return _answered(x, recipient, "16")
        case f.Absorbed() | f.Attributed() | f.CalledBack():
            return x
        case f.Fetched(_, name, payload):
            return changed(x, stage=Stage.FETCHED, catalogue=name, payload=payload)
        case f.Compared():
            return changed(x, stage=Stage.COMPARED)
        case f.Published(_, version, _):
            return changed(x, stage=Stage.PUBLISHED, version=version)
        case f.Unchanged(_, version):
            return changed(x, stage=Stage.UNCHANGED, version=version)
    raise TypeError(f"no arm for {type(fact).__name__}")


_ANSWERED = {Answer.ACCEPTED: Stage.ACKNOWLEDGED, Answer.PARTLY: Stage.PARTLY_ACCEPTED, Answer.RETURNED: Stage.RETURNED}


def _doubted(x: Exchange) -> Exchange:
    """After a recovery nothing is sent that may have been sent before it: in doubt, so it is asked after."""
    filling_a_gap = x.stage is Stage.DIVERTED and x.parcel is not None and x.parcel.backfill is not None
    if x.recovered and (filling_a_gap or x.stage in (Stage.PACKAGED, Stage.READY)):
        return changed(x, stage=Stage.IN_DOUBT)
    return x


def _heard(x: Exchange, recipient: str, code: str, stage: Stage) -> Exchange:
    """With the word of one office. Only the addressee's moves the document; but what was asked back of several

    offices is recalled when none of them has it any more.
    """
    before = x.offices.get(recipient, "")
    offices = {**x.offices, recipient: code} if OFFICE_RANK.get(code, 0) > OFFICE_RANK.get(before, 0) else x.offices
    heard = _answered(changed(x, offices=offices), recipient, code) if code == "15" else changed(x, offices=offices)
    if heard.asked_back and not x.settled and "15" in (code, heard.offices.get(_addressee(heard))):
        return changed(heard, stage=Stage.RECALLED) if _all_back(heard) else heard
    decides = x.ready is None or recipient in x.ready.recipients[:1] or not x.ready.recipients
    return _moved(heard, stage) if decides else heard


def _moved(x: Exchange, stage: Stage) -> Exchange:
    """An end ends what is kept for a person too; less than an end is where it goes on from."""
    if x.stage is not Stage.PARKED or stage is x.stage:
        return changed(x, stage=stage)
    return changed(x, stage=stage, before=None, trouble=None) if stage in SETTLED else changed(x, before=stage)


def _answered(x: Exchange, recipient: str, code: str) -> Exchange:
    """With what an office that is asked to give the document back was told, or did; a document given back stays so."""
    if x.asked_back.get(recipient, "15") == "15":
        return x
    return changed(x, asked_back={**x.asked_back, recipient: code})


def _addressee(x: Exchange) -> str:
    return next(iter(x.asked_back), "")


def _all_back(x: Exchange) -> bool:
    """Whether the addressee gave it back, and every copy was given back or never taken in."""
    kept = [office for office, code in x.asked_back.items() if code != "15"]
    return _addressee(x) not in kept and all(x.offices.get(office) == "02" for office in kept)


def _before_the_wire(x: Exchange) -> Stage:
    if x.kind is Kind.DOCUMENT:
        return Stage.READY
    return Stage.DIVERTED if x.paper else Stage.PACKAGED


def too_many_stumbles(x: Exchange) -> bool:
    """Whether our own bugs have had their chances (a poison message stops its lane only)."""
    return x.stumbles >= _STUMBLES_ALLOWED
