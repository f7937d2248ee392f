"""From a signer's certificate to a pinned anchor.

Found by names and key ids, tried by signatures; then every constraint: dates and algorithms by the policy, authority,
path length, key usage and unknown critical extensions here, and all of RFC 5280 section 6 by the library once more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from gateway.domain.verdict import SubIndication
from gateway.signing.algorithms import key_name, rsa_bits, strong_curve
from gateway.signing.findings import Unsound
from gateway.signing.pki.certificate import Certificate
from gateway.signing.pki.rfc5280 import broken_rule
from gateway.signing.pki.store import Anchor, Store
from gateway.signing.policy import Algorithms, day_of

_LONGEST = 8
_TRIES = 64  # signatures verified while looking: a pool of cross-certificates must not cost seconds


@dataclass(frozen=True, slots=True)
class Path:
    """Leaf first, the anchor's certificate last."""

    certificates: tuple[Certificate, ...]
    anchor: Anchor

    @property
    def below_anchor(self) -> Iterator[tuple[Certificate, Certificate]]:
        """(certificate, its issuer), leaf first."""
        return zip(self.certificates, self.certificates[1:], strict=False)


@dataclass(frozen=True, slots=True)
class PathRules:
    """`anchors`: ids that may be used, `roles` of those; empty `anchors`: all of them. The leaf's dates are the
    caller's to judge."""

    at: datetime
    algorithms: Algorithms
    anchors: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset({"root"})


def find_path(leaf: Certificate, others: Sequence[Certificate], store: Store, rules: PathRules) -> Path:
    """The first path that keeps every constraint.

    Raises `Unsound`: NO_CERTIFICATE_CHAIN_FOUND, or CHAIN_CONSTRAINTS_FAILURE of the first path found.
    """
    first: Unsound | None = None
    for path in _paths(leaf, others, store, rules):
        try:
            _judge(path, rules)
        except Unsound as fault:
            first = first or fault
        else:
            return path
    raise first or Unsound(SubIndication.NO_CERTIFICATE_CHAIN_FOUND, "path.none")


def _paths(leaf: Certificate, others: Sequence[Certificate], store: Store, rules: PathRules) -> Iterator[Path]:
    tries = _TRIES
    waiting: list[tuple[Certificate, ...]] = [(leaf,)]
    while waiting:
        so_far = waiting.pop()
        if len(so_far) > 1 and (anchor := _anchor(so_far[-1], store, rules)) is not None:
            yield Path(so_far, anchor)
            continue
        for issuer in reversed(_issuers(so_far, others, store)):
            tries -= 1
            if tries < 0:
                return
            if issuer.issued(so_far[-1]):
                waiting.append((*so_far, issuer))


def _anchor(certificate: Certificate, store: Store, rules: PathRules) -> Anchor | None:
    anchor = store.anchors.get(certificate.sha256)
    if anchor is None or anchor.role not in rules.roles or (rules.anchors and anchor.id not in rules.anchors):
        return None
    return anchor


def _issuers(so_far: tuple[Certificate, ...], others: Sequence[Certificate], store: Store) -> list[Certificate]:
    """Whoever may have issued the last certificate, anchors first."""
    child = so_far[-1]
    if len(so_far) >= _LONGEST:
        return []
    known = {one.sha256: one for one in (*store.named(child.issuer), *others) if one.subject == child.issuer}
    used = {one.sha256 for one in so_far}
    fitting = [one for digest, one in known.items() if digest not in used and _key_ids_fit(child, one)]
    return sorted(fitting, key=lambda one: one.sha256 not in store.anchors)


def _key_ids_fit(child: Certificate, issuer: Certificate) -> bool:
    return child.authority_id is None or issuer.key_id is None or child.authority_id == issuer.key_id


def _judge(path: Path, rules: PathRules) -> None:
    day = day_of(rules.at)
    if not path.anchor.good_on(rules.at, day):
        raise _broken(f"anchor {path.anchor.id} is not valid on {day}")
    for certificate, issuer in path.below_anchor:
        _judge_signature(certificate, issuer, path.anchor, rules)
        if certificate.refused_critical:
            raise _broken(f"critical extension {', '.join(certificate.refused_critical)}")
    intermediates = 0  # not self-issued, below the one looked at
    for authority in path.certificates[1:]:
        _judge_authority(authority, intermediates, rules, pinned=authority is path.certificates[-1])
        intermediates += not authority.self_issued
    if (rule := broken_rule(path.certificates, rules.at)) is not None:
        raise _broken(rule)


def _judge_signature(certificate: Certificate, issuer: Certificate, anchor: Anchor, rules: PathRules) -> None:
    day = day_of(rules.at)
    sha1_believed = certificate.digest == "SHA-1" and anchor.believes_sha1(day)
    digests = rules.algorithms.digest if certificate.digest != "SHA-1" else {}
    if not sha1_believed and not rules.algorithms.good(digests, certificate.digest, day):
        raise _broken(f"{certificate.digest} on a certificate")
    if not key_good(issuer, rules.algorithms, day_of(rules.at)):
        raise _broken(f"{key_name(issuer.key)} of an authority")


def key_good(certificate: Certificate, algorithms: Algorithms, day: date) -> bool:
    """Whether the key is long enough on `day`."""
    bits = rsa_bits(certificate.key)
    return strong_curve(certificate.key) if bits is None else algorithms.rsa_good(bits, day)


def _judge_authority(authority: Certificate, intermediates: int, rules: PathRules, *, pinned: bool) -> None:
    said = authority.said
    if not pinned:  # an anchor is believed because it is pinned: old roots carry no basic constraints
        if not authority.ca:
            raise _broken(f"{said} is not an authority")
        if not authority.not_before <= rules.at <= authority.not_after:
            raise _broken(f"{said} was not valid")
    if authority.key_usage is not None and "key_cert_sign" not in authority.key_usage:
        raise _broken(f"{said} may not sign certificates")
    if authority.path_length is not None and intermediates > authority.path_length:
        raise _broken(f"{said} allows {authority.path_length} authorities below it")


def _broken(reason: str) -> Unsound:
    return Unsound(SubIndication.CHAIN_CONSTRAINTS_FAILURE, "path.constraint", reason=reason)
