"""What was agreed with one partner for one kind of report: declared in text, reviewed like code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from gateway.domain.calendar import DeadlineRule
from gateway.domain.outline import Outline


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

    margin         how long before the deadline the document route must start
    outage_after   how long, and after how many failures, trouble counts as an incident
    backfill_basis by which article the system is updated after the incident; empty: only where a person says so
    copies         further recipients (code, name), who are told and do not decide
    policy         by which the signed report is judged when it comes back, `annex_policy` its annexes; empty: neither
    signers        profiles of this deployment that sign in this order, the agency's last; none: people sign
    """

    route: str
    recipient: str
    recipient_name: str
    margin: timedelta
    outage_after: timedelta
    outage_failures: int
    legal_basis: str
    backfill_basis: str = ""
    copies: tuple[tuple[str, str], ...] = ()
    policy: str = ""
    annex_policy: str = ""
    signers: tuple[str, ...] = ()

    @property
    def recipients(self) -> tuple[tuple[str, str], ...]:
        """Whom the document goes to, (code, name); the addressee first."""
        return ((self.recipient, self.recipient_name), *self.copies)


@dataclass(frozen=True, slots=True)
class CompositeTerms:
    """Báo cáo liên kết: what may come beside the figures, as one with them.

    outlines   đề cương that the words follow; none: words follow none that is known here
    required   figures without their narrative are refused
    files      how many at most; `file_bytes` is for each of them, `together_bytes` for all and the narrative
    policies   by which signatures of a file are judged, by its role, or role and ending (``form``, ``form.xml``);
               a file of a role that is not named here need not be signed, and is not judged
    instead    signed files that hold the same figures stand for the report's own signature (Thanh Hóa 11)
    """

    legal_basis: str
    outlines: tuple[Outline, ...] = ()
    required: bool = False
    files: int = 10
    file_bytes: int = 20 * 1024 * 1024
    together_bytes: int = 48 * 1024 * 1024
    policies: Mapping[str, str] = field(default_factory=dict)
    instead: bool = False

    def policy(self, role: str, name: str) -> str:
        """By which a file of that role and name is judged; empty: it is not."""
        return self.policies.get(f"{role}.{name.lower().rpartition('.')[2]}") or self.policies.get(role, "")


# “Never saw it” is believed this long after an attempt began. An attempt is given up after 20 s; what it wrote may lie
# in a proxy of the other side for a minute longer (60 s is what they are shipped with) and in a hub's queue besides.
# To wait costs two minutes of a margin of hours, and only in doubt; to wait too little is a report received twice.
SETTLES_AFTER = timedelta(seconds=120)


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
    settles_after: timedelta = SETTLES_AFTER
    schedule: Schedule | None = None  # by the regulation
    deadlines: Mapping[str, DeadlineRule] = field(default_factory=dict)  # by kind of period, where it says nothing
    owes: tuple[tuple[str, str], ...] = ()  # (calendar, kind of period): what every form is owed for
    fallback: FallbackTerms | None = None
    max_withdrawn: int = 0
    catalogue_policy: str = ""  # by which the signature of a catalogue is judged; none: catalogues come unsigned
    composite: CompositeTerms | None = None  # none: figures come alone
    announced: tuple[
        str, ...
    ] = ()  # what comes down beside the catalogue: “regime.KTXH”, “form.01/KTXH”, “outline.DC-01”, “kpi-set.PAR”

    @property
    def catalogues(self) -> tuple[str, ...]:
        """The names of all that comes down by it."""
        return tuple(name for name in (self.catalogue, *self.announced) if name)
