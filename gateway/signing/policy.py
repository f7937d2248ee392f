"""What a kind of message must be signed with, as values; `policies` reads them from files.

Dates say until when an algorithm is good, judged on the day of receipt in Vietnam.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone

from gateway.signing.declared import Days, good_on
from gateway.signing.limits import Limits

VIETNAM = timezone(timedelta(hours=7))
Position = tuple[str, ...]  # names from the root, each {namespace}local


@dataclass(frozen=True, slots=True)
class Slot:
    """One required signature: who (`role`: person or organisation), over what, standing where.

    `signs` and `signature_at` are positions in XML and empty elsewhere: other formats sign whole files, and
    their signatures are told apart by the certificate. `detached`: it may come beside the message instead,
    over its very bytes.
    """

    name: str
    role: str
    signs: Position = ()
    signature_at: Position = ()
    detached: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Algorithms:
    """Last good day per digest, signature family and RSA size in bits. Known by identity: a policy has one."""

    digest: Days
    signature: Days
    rsa_min: Mapping[int, date | None]

    def rsa_good(self, bits: int, day: date) -> bool:
        return any(bits >= size and good_on(until, day) for size, until in self.rsa_min.items())

    def good(self, table: Days, name: str, day: date) -> bool:
        return name in table and good_on(table[name], day)


@dataclass(frozen=True, slots=True)
class Binding:
    """Whose certificate an organisation's must be: subject attribute `oid` is one of `registered`."""

    oid: str
    registered: frozenset[str]


@dataclass(frozen=True, slots=True)
class RevocationRules:
    """`end_entity`, `ca`: required | if_named (where the certificate names a service) | none.

    A good answer counts while it is younger than `max_age` at the time judged; an older one is told as the
    last that is known until `grace`, and is never good.
    """

    end_entity: str
    ca: str
    prefer: tuple[str, ...]
    max_age: timedelta
    grace: timedelta = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class TimestampRules:
    """RFC 3161 time-stamps. `anchors`: ids that may stand above a TSA; empty: every root and TSA anchor.

    `skew`: how much later than receipt a time-stamp may claim to be, clocks being what they are.
    """

    required: bool = False
    anchors: frozenset[str] = frozenset()
    skew: timedelta = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class PdfRules:
    """What may happen to a PDF after its last content signature; names of form fields that may be filled."""

    after_last_signature: frozenset[str] = frozenset({"LTA", "SIGNATURE_FIELD"})
    form_fill: frozenset[str] = frozenset()
    annotations: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """Without `trust` only integrity is judged; such a policy can never pass and no agreement may name it."""

    id: str
    version: int
    digest: str
    trust: bool
    formats: frozenset[str]
    slots: tuple[Slot, ...]
    unsigned: frozenset[Position]
    limits: Limits
    algorithms: Algorithms
    key_usage_any: frozenset[str]
    anchors: frozenset[str]
    organisation: Binding | None
    revocation: RevocationRules
    timestamp: TimestampRules = field(default_factory=TimestampRules)
    pdf: PdfRules = field(default_factory=PdfRules)
    source: bytes = field(default=b"", repr=False)  # the file, for the evidence
    jws_algorithms: tuple[str, ...] = ()  # what was agreed with the partner; a header only repeats it


def day_of(at: datetime) -> date:
    return at.astimezone(VIETNAM).date()
