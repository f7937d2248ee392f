"""What the front door says: exchanges, facts, notices and problems as JSON.

One shape for the API, the command line and the inbox. Times are RFC 3339 with offset.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from gateway.domain import facts as f
from gateway.domain.deadlines import Due
from gateway.domain.errors import Problem
from gateway.domain.exchange import STAGE_WORDS, Exchange, Kind, Stage
from gateway.domain.obligations import CAUSE_WORDS, Cause
from gateway.domain.problems import Text
from gateway.domain.record import plain
from gateway.domain.register import Deed, Sheet
from gateway.ports import Bulletin, Notice
from gateway.schemas.parts import PartShown, PartVerdict

PROBLEM_JSON = "application/problem+json"
_EVENT_SOURCE = "urn:report-gateway"


class _Shown(BaseModel):
    model_config = ConfigDict(frozen=True)


class Sentence(_Shown):
    vi: str
    en: str

    @classmethod
    def of(cls, text: Text) -> Self:
        return cls(vi=text.vi, en=text.en)


class ProblemShown(_Shown):
    """What happened, what to do next, who does it; the same facts in both languages."""

    code: str
    title: Sentence
    advice: Sentence
    owner: str
    details: dict[str, str]

    @classmethod
    def of(cls, found: Problem) -> Self:
        title, advice = Sentence.of(found.title), Sentence.of(found.advice)
        return cls(code=found.code, title=title, advice=advice, owner=found.owner, details=dict(found.details))


class ProblemDocument(_Shown):
    """RFC 9457, in the language asked for; `problems` holds every finding in both."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    owner: str
    problems: list[ProblemShown]

    @classmethod
    def of(cls, problems: Sequence[Problem], status: int, language: str) -> Self:
        first = problems[0]
        return cls(
            type=f"urn:report-gateway:problem:{first.code}",
            title=getattr(first.title, language),
            status=status,
            detail=getattr(first.advice, language),
            code=first.code,
            owner=first.owner,
            problems=[ProblemShown.of(one) for one in problems],
        )


class ExchangeShown(_Shown):
    """An exchange as lists and receipts show it.

    `parts` and `outline` (đề cương) are of a composite report: what lies beside its figures, what its words follow.
    `pack` is the approved version it was mapped with (``kt-xh-tinh@3``).
    `deadline_stage` is the regulation's (chặng), `period_start` and `period_end` the first and last day it covers.
    `late_cause` is there where the report is late: unit, link or authority; only the first counts against the unit.
    """

    id: str
    kind: Kind
    stage: Stage
    stage_vi: str
    agreement: str
    key: str
    destination: str
    report: dict[str, Any] | None
    digest: str
    outline: str | None
    parts: list[PartShown]
    parent: str | None
    document: str | None
    account: dict[str, int] | None
    pack: str | None
    held: int
    attempts: int
    due: datetime | None
    deadline: datetime | None
    deadline_rule: str | None
    deadline_stage: str | None
    period_start: date | None
    period_end: date | None
    seconds_left: int | None
    late_cause: Cause | None
    late_cause_vi: str | None
    receipt: dict[str, Any] | None
    acknowledgement: dict[str, Any] | None
    problem: ProblemShown | None
    reasons: list[ProblemShown]
    opened_at: datetime | None
    changed_at: datetime | None
    spooled: bool

    @classmethod
    def of(
        cls,
        x: Exchange,
        due: Due | None = None,
        now: datetime | None = None,
        late: Cause | None = None,
        *,
        spooled: bool = False,
    ) -> Self:
        """`due`: the report's deadline; `now`: the time from which to it is counted; `late`: whose doing it is;
        `spooled`: on disk here, not in the store yet, which is away."""
        return cls(
            spooled=spooled,
            id=x.id,
            kind=x.kind,
            stage=x.stage,
            stage_vi=STAGE_WORDS[x.stage],
            agreement=x.agreement,
            key=x.key,
            pack=x.pack,
            destination=x.destination,
            report=plain(x.head),
            digest=x.content,
            outline=x.outline or None,
            parts=PartShown.each(x),
            parent=x.parent,
            document=x.paper,
            account=plain(x.account),
            held=x.held,
            attempts=x.attempts,
            due=x.due,
            deadline=due.deadline if due else None,
            deadline_rule=due.rule if due else None,
            deadline_stage=due.stage if due else None,
            period_start=due.period.start if due else None,
            period_end=due.period.end if due else None,
            seconds_left=round(due.left(now).total_seconds()) if due and now else None,
            late_cause=late,
            late_cause_vi=CAUSE_WORDS[late] if late else None,
            receipt=plain(x.receipt),
            acknowledgement=plain(x.acknowledgement),
            problem=ProblemShown.of(x.trouble) if x.trouble else None,
            reasons=[ProblemShown.of(reason) for reason in x.reasons],
            opened_at=x.opened_at,
            changed_at=x.changed_at,
        )


class FactShown(_Shown):
    """One link of an exchange's chain; `body` holds the fact's own fields."""

    seq: int
    at: datetime
    fact: str
    body: dict[str, Any]
    previous: str
    digest: str

    @classmethod
    def of(cls, link: f.Recorded) -> Self:
        body = plain(link.fact)
        if isinstance(link.fact, f.Stumbled):  # whose trace is for us: it names files of this machine
            body["trace"] = link.fact.trace.strip().rsplit("\n", 1)[-1]
        return cls(seq=link.seq, at=link.at, fact=link.name, body=body, previous=link.previous, digest=link.digest)


class FactsShown(_Shown):
    exchange: str
    chain_intact: bool
    facts: list[FactShown]

    @classmethod
    def of(cls, exchange: str, history: list[f.Recorded]) -> Self:
        return cls(exchange=exchange, chain_intact=f.intact(history), facts=[FactShown.of(link) for link in history])


class ReceiptShown(_Shown):
    """The receiver's word that it holds the report, and its judgement once there is one."""

    exchange: str
    stage: Stage
    receipt: dict[str, Any]
    acknowledgement: dict[str, Any] | None

    @classmethod
    def of(cls, x: Exchange) -> Self:
        return cls(exchange=x.id, stage=x.stage, receipt=plain(x.receipt), acknowledgement=plain(x.acknowledgement))


class EvidenceShown(_Shown):
    """What proves an exchange later: digests of what came and went, the verdicts, and the whole chain."""

    exchange: str
    payload_sha256: str | None
    packet_sha256: str | None
    verdict: dict[str, Any] | None
    parts: list[PartVerdict]
    chain_intact: bool
    facts: list[FactShown]

    @classmethod
    def of(cls, x: Exchange, history: list[f.Recorded]) -> Self:
        verified = [link.fact for link in history if isinstance(link.fact, f.Verified)]
        verdict = next((fact.verdict for fact in verified if not fact.part), None)
        chain = FactsShown.of(x.id, history)
        return cls(
            exchange=x.id,
            payload_sha256=x.payload.digest if x.payload else None,
            packet_sha256=x.parcel.body.digest if x.parcel else None,
            verdict=plain(verdict),
            parts=PartVerdict.each(verified),
            chain_intact=chain.chain_intact,
            facts=chain.facts,
        )


class NoticeShown(_Shown):
    """A CloudEvents 1.0 event: what changed for the system that handed the report in."""

    specversion: str = "1.0"
    id: str
    source: str = _EVENT_SOURCE
    type: str
    subject: str
    time: datetime
    datacontenttype: str = "application/json"
    data: ExchangeShown

    @classmethod
    def of(cls, notice: Notice, x: Exchange, due: Due | None, late: Cause | None) -> Self:
        kind = f"report-gateway.{notice.fact.lower()}"
        return cls(id=notice.id, type=kind, subject=x.id, time=notice.at, data=ExchangeShown.of(x, due, late=late))


class DeedShown(_Shown):
    """One deed of the register: who set what, when, why, by which document, and what stood before and after."""

    ordinal: int
    sheet: Sheet
    subject: str
    act: str
    by: str
    because: str
    document: str
    at: datetime
    before: dict[str, Any] | None
    after: dict[str, Any] | None

    @classmethod
    def of(cls, deed: Deed) -> Self:
        told = {name: plain(getattr(deed, name)) for name in cls.model_fields}
        return cls(**told)


class BulletinShown(_Shown):
    """A CloudEvents 1.0 event about no single report: maintenance, opening and closing of the intake, an incident.

    `type` ends in the sheet and the act: ``report-gateway.maintenance.announce``; `data.after` is null where what was
    announced is taken back, and `data.before` says what it was.
    """

    specversion: str = "1.0"
    id: str
    source: str = _EVENT_SOURCE
    type: str
    subject: str
    time: datetime
    datacontenttype: str = "application/json"
    data: DeedShown

    @classmethod
    def of(cls, bulletin: Bulletin) -> Self:
        deed = bulletin.deed
        kind = f"report-gateway.{deed.sheet}.{deed.act}"
        return cls(id=bulletin.id, type=kind, subject=deed.subject, time=deed.at, data=DeedShown.of(deed))
