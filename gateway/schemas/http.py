"""What the front door says: exchanges, facts, notices and problems as JSON.

One shape for the API, the command line and the inbox. Times are RFC 3339 with offset.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from gateway.domain import facts as f
from gateway.domain.deadlines import Due
from gateway.domain.errors import Problem
from gateway.domain.exchange import STAGE_WORDS, Exchange, Kind, Stage
from gateway.domain.facts import Recorded, intact
from gateway.domain.problems import Text
from gateway.domain.record import plain
from gateway.ports import Notice

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
    """An exchange as lists and receipts show it."""

    id: str
    kind: Kind
    stage: Stage
    stage_vi: str
    agreement: str
    key: str
    destination: str
    report: dict[str, Any] | None
    digest: str
    parent: str | None
    document: str | None
    account: dict[str, int] | None
    held: int
    attempts: int
    due: datetime | None
    deadline: datetime | None
    deadline_rule: str | None
    seconds_left: int | None
    receipt: dict[str, Any] | None
    acknowledgement: dict[str, Any] | None
    problem: ProblemShown | None
    reasons: list[ProblemShown]
    opened_at: datetime | None
    changed_at: datetime | None

    @classmethod
    def of(cls, x: Exchange, due: Due | None = None, now: datetime | None = None) -> Self:
        """`due`: the report's deadline; `now`: the time from which to it is counted."""
        return cls(
            id=x.id,
            kind=x.kind,
            stage=x.stage,
            stage_vi=STAGE_WORDS[x.stage],
            agreement=x.agreement,
            key=x.key,
            destination=x.destination,
            report=plain(x.head),
            digest=x.content,
            parent=x.parent,
            document=x.paper,
            account=plain(x.account),
            held=x.held,
            attempts=x.attempts,
            due=x.due,
            deadline=due.deadline if due else None,
            deadline_rule=due.rule if due else None,
            seconds_left=round(due.left(now).total_seconds()) if due and now else None,
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
    def of(cls, link: Recorded) -> Self:
        body = plain(link.fact)
        if isinstance(link.fact, f.Stumbled):  # whose trace is for us: it names files of this machine
            body["trace"] = link.fact.trace.strip().rsplit("\n", 1)[-1]
        return cls(seq=link.seq, at=link.at, fact=link.name, body=body, previous=link.previous, digest=link.digest)


class FactsShown(_Shown):
    exchange: str
    chain_intact: bool
    facts: list[FactShown]

    @classmethod
    def of(cls, exchange: str, history: list[Recorded]) -> Self:
        return cls(exchange=exchange, chain_intact=intact(history), facts=[FactShown.of(link) for link in history])


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
    """What proves an exchange later: digests of what came and went, the verdict, and the whole chain."""

    exchange: str
    payload_sha256: str | None
    packet_sha256: str | None
    verdict: dict[str, Any] | None
    chain_intact: bool
    facts: list[FactShown]

    @classmethod
    def of(cls, x: Exchange, history: list[Recorded]) -> Self:
        verdict = next((link.fact.verdict for link in history if isinstance(link.fact, f.Verified)), None)
        chain = FactsShown.of(x.id, history)
        return cls(
            exchange=x.id,
            payload_sha256=x.payload.digest if x.payload else None,
            packet_sha256=x.parcel.body.digest if x.parcel else None,
            verdict=plain(verdict),
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
    def of(cls, notice: Notice, x: Exchange, due: Due | None) -> Self:
        kind = f"report-gateway.{notice.fact.lower()}"
        return cls(id=notice.id, type=kind, subject=x.id, time=notice.at, data=ExchangeShown.of(x, due))
