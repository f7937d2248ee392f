"""What was agreed with one partner for one kind of report: declared in text, reviewed like code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from gateway.domain.calendar import DeadlineRule


class Classification(StrEnum):
    """What the regime is declared to be. Only OPEN may travel (S1 1.2, S4 1.2: Decree 09/2019 art. 1)."""

    OPEN = "open"
    SECRET = "secret"  # noqa: S105  bí mật nhà nước
    STATISTICAL = "statistical"  # báo cáo thống kê
    INTERNAL = "internal"  # báo cáo nội bộ


class WhenUnaskable(StrEnum):
    """What follows an unknown outcome where the receiver cannot be asked."""

    PARK = "park"  # a person decides
    RESEND = "resend"  # the receiver is known to deduplicate by message id


class SignatureDuty(StrEnum):
    REQUIRED = "required"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class FallbackTerms:
    """When the province's regulation lets a report go as a document, and to whom.

    margin       how long before the deadline the document route must start
    outage_after how long, and after how many failures, trouble counts as an incident
    """

    route: str
    recipient: str
    recipient_name: str
    margin: timedelta
    outage_after: timedelta
    outage_failures: int
    legal_basis: str


@dataclass(frozen=True, slots=True)
class Party:
    """An agency in both national code systems (QĐ 20/2020 and QCVN 102:2016)."""

    code: str
    old_code: str
    name: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """Whose deadlines an agreement follows: a regime (chế độ) of the province's regulation, at one stage (chặng)."""

    regime: str
    stage: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """Một thoả thuận: one partner, one regime, one direction. Read from ``partners/*.toml``."""

    id: str
    partner: str
    regime: str
    forms: tuple[str, ...]
    classification: Classification
    sender: Party
    receiver: Party
    destination: str
    pack: str
    policy: str
    signature: SignatureDuty
    catalogue: str
    media_types: tuple[str, ...]
    max_bytes: int
    when_unaskable: WhenUnaskable
    settles_after: timedelta = timedelta(seconds=30)  # “never saw it” is believed this long after an attempt
    schedule: Schedule | None = None  # by the regulation
    deadlines: Mapping[str, DeadlineRule] = field(default_factory=dict)  # by kind of period, where it says nothing
    fallback: FallbackTerms | None = None
    max_withdrawn: int = 0
