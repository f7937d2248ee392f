"""What is being found of one signature, in any format, and what a look at it needs."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from gateway.domain.verdict import Check, Integrity, Outcome, SignatureVerdict, SubIndication
from gateway.signing.algorithms import Scheme
from gateway.signing.findings import Unsound, finding, indication_of, plain, worst
from gateway.signing.gathered import NOTHING, Gathered
from gateway.signing.limits import Budget
from gateway.signing.pki.certificate import Certificate, Certificates, Unreadable
from gateway.signing.policy import Policy, Slot
from gateway.signing.trust import Case, Trust

_PARSED = 512 * 1024  # each byte may cost some microseconds: all chains and stamps of sixteen signatures fit in


@dataclass(frozen=True, slots=True)
class Setting:
    """What a look needs besides the signature: under which policy, when, and whom to ask about trust.

    `given`: revocation answers and certificates handed in, believed like what a signature brings along.
    `parsed`: what may still be read of one message's certificates and time-stamps.
    """

    policy: Policy
    at: datetime
    trust: Trust
    certificates: Certificates
    given: Gathered = NOTHING
    parsed: Budget = field(default_factory=lambda: Budget("bytes of certificates and time-stamps", _PARSED))

    def anew(self) -> Setting:
        """For another message."""
        return Setting(self.policy, self.at, self.trust, self.certificates, self.given)

    def certificate(self, der: bytes) -> Certificate:
        """Raises `Unreadable`, or `Unsound` where the message brings too many."""
        self.parsed.spend(len(der))
        return self.certificates.read(der)

    def readable(self, ders: Iterable[bytes]) -> tuple[Certificate, ...]:
        """Those of `ders` that are certificates we can use, as far as there is time for them: helpers for a path, not
        what must be there."""
        found: list[Certificate] = []
        for der in ders:
            with suppress(Unreadable, Unsound):
                found.append(self.certificate(der))
        return tuple(found)


@dataclass(slots=True)
class Look:
    """What has been found of one signature so far. `integrity` leaves trust out."""

    slot: Slot | None
    at: datetime
    integrity: Integrity = Integrity.UNDETERMINED
    crypto_ok: bool = False
    scope: tuple[str, ...] = ()
    signer: Certificate | None = None
    others: tuple[Certificate, ...] = ()
    claimed: datetime | None = None
    format: str = "XMLDSIG"
    level: str = "BASIC"  # EN 319 102-1 5.3: no time-stamp, no long-term material
    best: datetime | None = None  # a time-stamp's; None: our receipt
    brought: Gathered = NOTHING  # by the signature, to be proven
    gathered: Gathered = NOTHING  # what the judgement rests on
    scheme: Scheme | None = None
    digests: tuple[str, ...] = ()
    algorithms: tuple[str, ...] = ()  # how both and the key are told
    checks: list[Check] = field(default_factory=list)
    subs: list[SubIndication] = field(default_factory=list)

    def good(self, code: str, **details: object) -> None:
        self.checks.append(finding(code, Outcome.PASSED, **details) if details else plain(code, Outcome.PASSED))

    def warn(self, code: str, **details: object) -> None:
        self.checks.append(finding(code, Outcome.WARNING, **details))

    def note(self, fault: Unsound) -> None:
        self.subs.append(fault.sub)
        self.checks.append(fault.check)

    def verdict(self) -> SignatureVerdict:
        sub = worst(self.subs)
        return SignatureVerdict(
            indication=indication_of(sub),
            sub_indication=sub,
            crypto_ok=self.crypto_ok,
            scope=self.scope,
            format=self.format,
            level=self.level,
            signer=self.signer.said if self.signer else None,
            certificate=self.signer.sha256 if self.signer else None,
            claimed_time=self.claimed,
            best_time=self.best or self.at,
            best_time_source="timestamp" if self.best else "receipt",
            algorithms=self.algorithms,
            checks=tuple(self.checks),
        )


def refused(fault: Unsound, at: datetime) -> Look:
    """The look at a signature that could not be reached at all."""
    found = Look(None, at, Integrity.FAILED)
    found.note(fault)
    return found


def judge_trust(found: Look, setting: Setting) -> None:
    """Whether the signer's certificate is to be believed, at the time the signature is proven to have existed."""
    assert found.signer is not None
    if not setting.policy.trust:
        found.subs.append(SubIndication.NO_CERTIFICATE_CHAIN_FOUND)
        found.checks.append(plain("trust.not_judged", Outcome.UNDETERMINED))
        return
    others = (*found.others, *setting.readable(setting.given.certificates))
    given = setting.given + found.brought
    case = Case(found.signer, others, found.slot, setting.policy, setting.at, found.best, given)
    judgement = setting.trust.judge(case)
    found.checks += judgement.checks
    found.subs += judgement.subs
    found.gathered += judgement.gathered
