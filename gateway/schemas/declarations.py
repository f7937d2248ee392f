"""What was agreed, as text: ``partners/*.toml`` read once into domain values, refused aloud.

Every fault of every file is listed, with file and key; nothing starts on half a declaration.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator

from gateway.domain.agreement import (
    SETTLES_AFTER,
    Agreement,
    Classification,
    FallbackTerms,
    Party,
    Schedule,
    SignatureDuty,
    WhenUnaskable,
)
from gateway.domain.calendar import REGIMES, DeadlineRule, PeriodKind
from gateway.domain.errors import GatewayError, Misconfigured, Problem, problem
from gateway.domain.ids import is_agency_code, is_old_agency_code
from gateway.schemas.composites import CompositeText


def _code(text: str) -> str:
    if not is_agency_code(text):
        raise ValueError("not an agency code of QĐ 20/2020/QĐ-TTg art. 4")
    return text


def _old_code(text: str) -> str:
    if not is_old_agency_code(text):
        raise ValueError("not a thirteen-character agency code of QCVN 102:2016")
    return text


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PartyText(_Declared):
    code: Annotated[str, AfterValidator(_code)]
    old_code: Annotated[str, AfterValidator(_old_code)]
    name: str = Field(min_length=1)


class DeadlineText(_Declared):
    day: int = Field(ge=1, le=31)
    months: int = Field(default=0, ge=0, le=12)
    inclusive: bool
    before: time | None = None
    legal_basis: str = Field(min_length=1)


class ScheduleText(_Declared):
    """A regime of ``province.toml``, and the stage at which this agreement sends."""

    regime: str = Field(min_length=1)
    stage: str = Field(min_length=1)


class CopyText(_Declared):
    """A further recipient of the document."""

    code: Annotated[str, AfterValidator(_code)]
    name: str = Field(min_length=1)


class FallbackText(_Declared):
    route: str
    recipient: Annotated[str, AfterValidator(_code)]
    recipient_name: str
    margin_minutes: int = Field(gt=0)
    outage_seconds: float = Field(gt=0)
    outage_failures: int = Field(gt=0)
    legal_basis: str = Field(min_length=1)
    backfill_basis: str = ""
    copies: tuple[CopyText, ...] = ()
    policy: str = ""
    annex_policy: str = ""
    signers: tuple[str, ...] = ()


class AgreementText(_Declared):
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{1,62}$")
    regime: str
    forms: tuple[str, ...] = Field(min_length=1)
    classification: Classification
    sender: PartyText
    receiver: PartyText
    pack: str
    policy: str
    signature: SignatureDuty
    catalogue: str
    media_types: tuple[str, ...] = Field(min_length=1)
    max_bytes: int = Field(gt=0, le=256 * 1024 * 1024)
    when_unaskable: WhenUnaskable
    settles_after_seconds: float = Field(default=SETTLES_AFTER.total_seconds(), gt=0)
    schedule: ScheduleText | None = None
    deadlines: dict[PeriodKind, DeadlineText] = {}
    owes: tuple[str, ...] = ()  # “ND09:thang”: a calendar and a kind of period for which every form is owed
    fallback: FallbackText | None = None
    max_withdrawn: int = Field(default=0, ge=0)
    catalogue_policy: str = ""
    composite: CompositeText | None = None
    announced: tuple[Annotated[str, Field(pattern=r"^(regime|form|outline|kpi-set)\.[^\s|]{1,60}$")], ...] = ()

    @field_validator("owes")
    @classmethod
    def _known(cls, owes: tuple[str, ...]) -> tuple[str, ...]:
        for calendar, _, kind in (each.partition(":") for each in owes):
            if calendar not in REGIMES or kind not in set(PeriodKind):
                raise ValueError(f"“{calendar}:{kind}”: {'|'.join(REGIMES)}, a colon, {'|'.join(PeriodKind)}")
        return owes


class PartnerText(_Declared):
    """`secrets` names files; no declaration holds a secret itself."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{1,62}$")
    name: str
    kind: Literal["national", "axis", "lgsp"]
    hash_file: Literal["padded", "unpadded"] = "padded"  # which the axis checks is learnt in its acceptance test
    url: str = Field(pattern=r"^https?://[^@]+$")
    deadline_seconds: float = Field(default=30, gt=0, le=300)
    limit_requests: int | None = Field(default=None, ge=1)  # in any `limit_seconds`, all workers together
    limit_seconds: float = Field(default=1, gt=0, le=3600)
    limit_concurrent: int | None = Field(default=None, ge=1)  # calls at once
    ca_file: str | None = None
    secrets: dict[str, str] = {}


class PartnerFile(_Declared):
    partner: PartnerText
    agreement: tuple[AgreementText, ...] = ()


@dataclass(frozen=True, slots=True)
class Declarations:
    """Everything agreed, by id."""

    partners: Mapping[str, PartnerText]
    agreements: Mapping[str, Agreement]


def declarations(folder: Path, local: Mapping[str, Any]) -> Declarations:
    """All ``*.toml`` of `folder`; `local` holds what differs on this machine.

    Raises `Misconfigured` with every fault (F-005).
    """
    faults: list[Problem] = []
    partners: dict[str, PartnerText] = {}
    agreements: dict[str, Agreement] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            read = PartnerFile.model_validate(_with_overrides(_toml(path), local))
        except ValidationError as error:
            faults += faults_of(path.name, error)
            continue
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            faults.append(problem("F-005", file=path.name, key="-", reason=error))
            continue
        partners[read.partner.id] = read.partner
        for text in read.agreement:
            if text.id in agreements:
                faults.append(problem("F-005", file=path.name, key=text.id, reason="declared twice"))
            agreed = _agreement(read.partner.id, text)
            if text.composite:
                try:
                    agreed = replace(agreed, composite=text.composite.terms(folder))
                except (OSError, GatewayError) as error:
                    key = f"{text.id}.composite.outlines"
                    faults.append(problem("F-005", file=path.name, key=key, reason=error))
            agreements[text.id] = agreed
    faults += _dangling(agreements, partners)
    if faults:
        raise Misconfigured(*faults)
    return Declarations(partners, agreements)


def faults_of(file: str, error: ValidationError) -> Iterator[Problem]:
    """One F-005 for each thing pydantic found."""
    for fault in error.errors(include_url=False, include_input=False):
        key = ".".join(str(part) for part in fault["loc"])
        yield problem("F-005", file=file, key=key, reason=fault["msg"])


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


def _with_overrides(text: dict[str, Any], local: Mapping[str, Any]) -> dict[str, Any]:
    """`text` with what ``local.toml`` says under [partners.ID] and [agreements.ID]."""
    partner, agreements = text.get("partner"), text.get("agreement")
    if isinstance(partner, dict):
        text = {**text, "partner": merged(partner, local.get("partners", {}).get(partner.get("id"), {}))}
    if isinstance(agreements, list):
        changes = local.get("agreements", {})
        text = {**text, "agreement": [merged(a, changes.get(a.get("id"), {})) for a in agreements]}
    return text


def merged(below: dict[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """`below` with every key of `above` laid over it, tables within tables."""
    result = dict(below)
    for key, value in above.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value) if both else value
    return result


def _dangling(agreements: Mapping[str, Agreement], partners: Mapping[str, PartnerText]) -> Iterator[Problem]:
    for agreed in agreements.values():
        terms = agreed.fallback
        route = partners.get(terms.route) if terms else None
        if terms and (route is None or route.kind not in ("axis", "lgsp")):
            yield problem(
                "F-005",
                file=f"{agreed.partner}.toml",
                key=f"{agreed.id}.fallback.route",
                reason=f"“{terms.route}” is no declared document route",
            )
        parts = agreed.composite.policies.values() if agreed.composite else ()
        returned = (terms.policy, terms.annex_policy) if terms else ()
        policies = (agreed.policy, agreed.catalogue_policy, *returned, *parts)
        if "integrity-only" in policies:
            yield problem(
                "F-005",
                file=f"{agreed.partner}.toml",
                key=f"{agreed.id}.policy",
                reason="integrity-only judges no trust; no agreement may name it",
            )
        codes = [code for code, _ in terms.recipients] if terms else []
        if len(set(codes)) < len(codes):
            told = "an agency is named twice; a bus refuses such a document"
            yield problem("F-005", file=f"{agreed.partner}.toml", key=f"{agreed.id}.fallback.copies", reason=told)


def _agreement(partner: str, t: AgreementText) -> Agreement:
    return Agreement(
        id=t.id,
        partner=partner,
        regime=t.regime,
        forms=t.forms,
        classification=t.classification,
        sender=_party(t.sender),
        receiver=_party(t.receiver),
        destination=partner,
        pack=t.pack,
        policy=t.policy,
        signature=t.signature,
        catalogue=t.catalogue,
        media_types=t.media_types,
        max_bytes=t.max_bytes,
        when_unaskable=t.when_unaskable,
        settles_after=timedelta(seconds=t.settles_after_seconds),
        schedule=Schedule(t.schedule.regime, t.schedule.stage) if t.schedule else None,
        deadlines={kind.value: _deadline(rule) for kind, rule in t.deadlines.items()},
        owes=tuple((each.partition(":")[0], each.partition(":")[2]) for each in t.owes),
        fallback=_fallback(t.fallback) if t.fallback else None,
        max_withdrawn=t.max_withdrawn,
        catalogue_policy=t.catalogue_policy,
        announced=t.announced,
    )


def _party(t: PartyText) -> Party:
    return Party(t.code, t.old_code, t.name)


def _deadline(t: DeadlineText) -> DeadlineRule:
    return DeadlineRule(t.day, t.months, t.inclusive, t.before, t.legal_basis)


def _fallback(t: FallbackText) -> FallbackTerms:
    return FallbackTerms(
        t.route,
        t.recipient,
        t.recipient_name,
        timedelta(minutes=t.margin_minutes),
        timedelta(seconds=t.outage_seconds),
        t.outage_failures,
        t.legal_basis,
        t.backfill_basis,
        tuple((copy.code, copy.name) for copy in t.copies),
        t.policy,
        t.annex_policy,
        t.signers,
    )
