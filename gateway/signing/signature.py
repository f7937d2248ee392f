"""One signature, looked at in the order that runs nothing a stranger chose before his key has vouched for it:
limits, structure, the value over SignedInfo, references, and only then the certificate's trust.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from gateway.domain.verdict import Check, Integrity, Outcome, SignatureVerdict, SubIndication
from gateway.signing.algorithms import key_fits, key_name, signed_by
from gateway.signing.findings import Unsound, finding, indication_of, worst
from gateway.signing.pki.certificate import Certificate, Certificates, Unreadable
from gateway.signing.pki.path import PathRules, key_good
from gateway.signing.policy import VIETNAM, Policy, Slot, day_of
from gateway.signing.trust import Case, Trust
from gateway.signing.xml.c14n import canonical
from gateway.signing.xml.parse import Element, path_of
from gateway.signing.xml.references import Expected, Target, check_references
from gateway.signing.xml.shape import Shape, read_shape

FORMAT = "XMLDSIG"
_LEVEL = "BASIC"  # EN 319 102-1 5.3: no time-stamp, no long-term material


@dataclass(frozen=True, slots=True)
class Setting:
    """What a look needs besides the signature: under which policy, when, and whom to ask about trust."""

    policy: Policy
    at: datetime
    trust: Trust
    certificates: Certificates


@dataclass
class Look:
    """What has been found of one signature so far. `integrity` leaves trust out."""

    slot: Slot | None
    at: datetime
    integrity: Integrity = Integrity.UNDETERMINED
    crypto_ok: bool = False
    targets: tuple[Target, ...] = ()
    signer: Certificate | None = None
    others: tuple[Certificate, ...] = ()
    claimed: datetime | None = None
    algorithms: tuple[str, ...] = ()
    checks: list[Check] = field(default_factory=list)
    subs: list[SubIndication] = field(default_factory=list)

    def good(self, code: str, **details: object) -> None:
        self.checks.append(finding(code, Outcome.PASSED, **details))

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
            scope=tuple(target.name for target in self.targets),
            format=FORMAT,
            level=_LEVEL,
            signer=self.signer.said if self.signer else None,
            certificate=self.signer.sha256 if self.signer else None,
            claimed_time=self.claimed,
            best_time=self.at,
            algorithms=self.algorithms,
            checks=tuple(self.checks),
        )


def look(element: Element, slot: Slot | None, expected: Expected | Unsound, setting: Setting) -> Look:
    """Everything found of the signature `element`; `expected` may be the reason why nothing can be expected."""
    found = Look(slot, setting.at)
    _look_at_position(found, element, setting)
    try:
        shape = read_shape(element, setting.policy.limits)
        found.good("structure.sound")
        _look_at_value(found, shape, setting)
        _look_at_content(found, shape, expected, setting)
    except Unsound as fault:
        found.note(fault)
        failed = fault.check.outcome is Outcome.FAILED
        found.integrity = Integrity.FAILED if failed else Integrity.UNDETERMINED
        return found
    found.integrity = Integrity.PASSED
    _look_at_trust(found, setting)
    return found


def refused(fault: Unsound, at: datetime) -> Look:
    """The look at a signature that could not be reached at all."""
    found = Look(None, at, Integrity.FAILED)
    found.note(fault)
    return found


def _look_at_position(found: Look, element: Element, setting: Setting) -> None:
    if not setting.policy.slots:
        return
    path = path_of(element)
    if found.slot is None:
        found.note(Unsound(SubIndication.SIG_CONSTRAINTS_FAILURE, "position.wrong", path=path))
    else:
        found.good("position.right", path=path)


def _look_at_value(found: Look, shape: Shape, setting: Setting) -> None:
    """The signer's certificate is the one whose key made the value; which one that is decides no order in KeyInfo."""
    given = _certificates(shape, setting)
    data = canonical(shape.signed_info, shape.method)
    fitting = [one for one in given if key_fits(one.key, shape.scheme)]
    signer = next((one for one in fitting if signed_by(one.key, shape.scheme, shape.value, data)), None)
    found.signer = signer or given[0]
    found.algorithms = _algorithms(shape, found.signer)
    found.good("certificate.read", subject=found.signer.said)
    _judge_algorithms(found, shape, setting)
    if signer is None:
        raise Unsound(SubIndication.SIG_CRYPTO_FAILURE, "signature_value.wrong")
    found.others = tuple(one for one in given if one is not signer)
    found.crypto_ok = True
    found.good("signature_value.right")


def _certificates(shape: Shape, setting: Setting) -> list[Certificate]:
    sub = SubIndication.NO_SIGNING_CERTIFICATE_FOUND
    if not shape.certificates:
        raise Unsound(sub, "certificate.none", Outcome.UNDETERMINED)
    try:
        return [setting.certificates.read(der) for der in shape.certificates]
    except Unreadable as error:
        raise Unsound(sub, "certificate.unreadable", Outcome.UNDETERMINED, reason=str(error)) from error


def _algorithms(shape: Shape, signer: Certificate) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys([shape.scheme.name, key_name(signer.key), *(reference.digest for reference in shape.references)])
    )


def _judge_algorithms(found: Look, shape: Shape, setting: Setting) -> None:
    outdated = sorted(set(_outdated(shape, found.signer, setting)))
    for name in outdated:
        found.note(Unsound(SubIndication.CRYPTO_CONSTRAINTS_FAILURE, "algorithm.outdated", name=name))
    if not outdated:
        found.good("algorithm.accepted", names=", ".join(found.algorithms))
    if shape.scheme.family == "RSA-PKCS1v15":
        found.warn("algorithm.pkcs1")


def _outdated(shape: Shape, signer: Certificate | None, setting: Setting) -> Iterator[str]:
    rules, day = setting.policy.algorithms, day_of(setting.at)
    for digest in (shape.scheme.digest, *(reference.digest for reference in shape.references)):
        if not rules.good(rules.digest, digest, day):
            yield digest
    if not rules.good(rules.signature, shape.scheme.family, day):
        yield shape.scheme.family
    if signer is not None and not key_good(signer, PathRules(setting.at, rules)):
        yield key_name(signer.key)


def _look_at_content(found: Look, shape: Shape, expected: Expected | Unsound, setting: Setting) -> None:
    if isinstance(expected, Unsound):
        raise expected
    found.targets = check_references(shape, expected, setting.policy.limits)
    if expected.attachments and not any(target.element is None for target in found.targets):
        raise Unsound(
            SubIndication.SIGNED_DATA_NOT_FOUND, "references.elsewhere", expected=expected.position, uri=_uris(shape)
        )
    found.claimed = _claimed_time(shape, found.targets)
    found.good("references.right")


def _uris(shape: Shape) -> str:
    return ", ".join(reference.uri for reference in shape.references)


def _look_at_trust(found: Look, setting: Setting) -> None:
    assert found.signer is not None
    if not setting.policy.trust:
        sub = SubIndication.NO_CERTIFICATE_CHAIN_FOUND
        found.note(Unsound(sub, "trust.not_judged", Outcome.UNDETERMINED))
        return
    found.warn("binding.absent")
    judgement = setting.trust.judge(Case(found.signer, found.others, found.slot, setting.policy, setting.at))
    found.checks += judgement.checks
    found.subs += judgement.subs


def _claimed_time(shape: Shape, targets: tuple[Target, ...]) -> datetime | None:
    """SigningTime out of the signature's own signed Objects; without a zone it is Vietnam's."""
    own = {node for thing in shape.objects for node in thing.iter()}
    for target in targets:
        if target.element is None or target.element not in own:
            continue
        for node in target.element.iter("{*}SigningTime"):
            return _time(node.text or "")
    return None


def _time(text: str) -> datetime | None:
    try:
        claimed = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return claimed if claimed.tzinfo is not None else claimed.replace(tzinfo=VIETNAM)
