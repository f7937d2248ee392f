"""A certificate's path and revocation alone, judged by pyhanko-certvalidator from files: no policy, no store, no wire.

All of RFC 5280 and RFC 6960 as the library has it (indirect, delta and divided lists, policies, name constraints). Weak
algorithms are told, not refused: here the question is only whether the chain keeps the rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import crl as asn1_crl
from asn1crypto import pem
from asn1crypto import x509 as asn1
from pyhanko_certvalidator import CertificateValidator
from pyhanko_certvalidator.context import ValidationContext
from pyhanko_certvalidator.errors import (
    CRLValidationIndeterminateError,
    ExpiredError,
    InsufficientRevinfoError,
    NotYetValidError,
    PathBuildingError,
    PathError,
    RevokedError,
    ValidationError,
)
from pyhanko_certvalidator.policy_decl import NO_REVOCATION, REQUIRE_REVINFO, AcceptAllAlgorithms, CertRevTrustPolicy

from gateway.domain.verdict import Check, Indication, Outcome, SubIndication
from gateway.signing.findings import Unsound, finding, indication_of
from gateway.signing.pki import names
from gateway.signing.pki.rfc5280 import QUIET, run

_WEAK = frozenset({"md2", "md5", "sha1"})
_ENDS: tuple[tuple[type[Exception], SubIndication, str], ...] = (
    (ExpiredError, SubIndication.EXPIRED, "path.expired"),
    (NotYetValidError, SubIndication.NOT_YET_VALID, "path.early"),
    (PathBuildingError, SubIndication.NO_CERTIFICATE_CHAIN_FOUND, "path.none"),
    (InsufficientRevinfoError, SubIndication.TRY_LATER, "revocation.unknown"),
    (CRLValidationIndeterminateError, SubIndication.TRY_LATER, "revocation.unknown"),
)


@dataclass(frozen=True, slots=True)
class PathVerdict:
    """`path`: subjects, leaf first, the anchor's last; empty where there is none."""

    indication: Indication
    sub_indication: SubIndication | None
    path: tuple[str, ...]
    checks: tuple[Check, ...]


def judge_path(
    certificate: bytes, anchors: Sequence[bytes], pool: Sequence[bytes], crls: Sequence[bytes] | None, at: datetime
) -> PathVerdict:
    """`certificate`, `anchors`, `pool`, `crls`: PEM or DER files; `crls` None: revocation is not asked for."""
    try:
        leaf, roots = _der(certificate), [asn1.Certificate.load(der) for data in anchors for der in _all(data)]
        asn1.Certificate.load(leaf, strict=True).native  # noqa: B018  # read all of it now, not in the middle of a path
    except QUIET as error:
        return _ended(Unsound(SubIndication.FORMAT_FAILURE, "certificate.unreadable", reason=str(error)))
    try:
        lists = [asn1_crl.CertificateList.load(_der(data)) for data in crls or ()]
        known, lists = _related(leaf, [der for data in pool for der in _readable(data)], lists)
        found = _judged(asn1.Certificate.load(leaf), roots, known, lists, at, asks=crls is not None)
    except QUIET as error:
        return _ended(Unsound(SubIndication.CHAIN_CONSTRAINTS_FAILURE, "path.constraint", reason=repr(error)))
    return found if isinstance(found, PathVerdict) else _ended(found)


def _judged(
    leaf: asn1.Certificate,
    roots: list[asn1.Certificate],
    known: list[asn1.Certificate],
    lists: list[asn1_crl.CertificateList],
    at: datetime,
    *,
    asks: bool,
) -> PathVerdict | Unsound:
    context = ValidationContext(
        trust_roots=roots,
        other_certs=known,
        crls=lists,
        moment=at,
        revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO if asks else NO_REVOCATION),
        algorithm_usage_policy=AcceptAllAlgorithms(),
    )
    try:
        path = run(CertificateValidator(leaf, known, validation_context=context).async_validate_path())
    except RevokedError as error:
        return _revoked(error)
    except (ValidationError, PathError) as error:
        return _broken(error)
    certificates = list(reversed(list(path.iter_certs(include_root=True))))
    return _passed(certificates, asks=asks)


def _related(
    leaf: bytes, pool: list[bytes], lists: list[asn1_crl.CertificateList]
) -> tuple[list[asn1.Certificate], list[asn1_crl.CertificateList]]:
    """Only what may matter to `leaf`: given hundreds of strangers, the library tries their paths one inside another."""
    by_subject: dict[str, list[bytes]] = {}
    for der in pool:
        by_subject.setdefault(asn1.Certificate.load(der).subject.hashable, []).append(der)
    found: set[bytes] = set()
    seen: set[str] = set()
    waiting = _named_by(asn1.Certificate.load(leaf))
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        for der in by_subject.get(name, ()):
            found.add(der)
            waiting += _named_by(asn1.Certificate.load(der))
    # Read anew: a certificate that was looked into writes some rare fields differently, and its signature breaks.
    fresh = [asn1.Certificate.load(der) for der in found]
    return fresh, [one for one in lists if one.issuer.hashable in seen]


def _named_by(certificate: asn1.Certificate) -> list[str]:
    """Its issuer, and those it says make lists about it."""
    found = [certificate.issuer.hashable]
    for point in certificate.crl_distribution_points_value or ():
        found += [name.chosen.hashable for name in point["crl_issuer"] or () if name.name == "directory_name"]
    return found


def _passed(certificates: list[asn1.Certificate], *, asks: bool) -> PathVerdict:
    said = tuple(names.said(names.attributes(one.subject)) for one in certificates)
    checks = [finding("path.found", Outcome.PASSED, anchor=said[-1])]
    weak = sorted({one.hash_algo.upper() for one in certificates[:-1] if _hash(one) in _WEAK})
    if weak:
        checks.append(finding("algorithm.outdated", Outcome.WARNING, name=", ".join(weak)))
    if asks:
        checks.append(finding("revocation.good", Outcome.PASSED, by="CRL"))
    else:
        checks.append(finding("revocation.not_asked", Outcome.WARNING))
    return PathVerdict(Indication.TOTAL_PASSED, None, said, tuple(checks))


def _hash(certificate: asn1.Certificate) -> str:
    try:
        return str(certificate.hash_algo)
    except ValueError:
        return ""


def _revoked(error: RevokedError) -> Unsound:
    if error.reason.native == "certificate_hold":
        return Unsound(SubIndication.TRY_LATER, "revocation.unknown", Outcome.UNDETERMINED, reason=str(error))
    at = error.revocation_dt.isoformat()
    return Unsound(SubIndication.REVOKED, "revocation.revoked", at=at, by="CRL")


def _broken(error: ValidationError | PathError) -> Unsound:
    for kind, sub, code in _ENDS:
        if isinstance(error, kind):
            return Unsound(sub, code, reason=str(error))
    return Unsound(SubIndication.CHAIN_CONSTRAINTS_FAILURE, "path.constraint", reason=str(error))


def _ended(fault: Unsound) -> PathVerdict:
    return PathVerdict(indication_of(fault.sub), fault.sub, (), (fault.check,))


def _der(data: bytes) -> bytes:
    return pem.unarmor(data)[2] if pem.detect(data) else data


def _all(data: bytes) -> list[bytes]:
    """DER of every certificate in a file."""
    ders = [der for _, _, der in pem.unarmor(data, multiple=True)] if pem.detect(data) else [data]
    for der in ders:
        asn1.Certificate.load(der, strict=True)["tbs_certificate"]["subject"].native  # noqa: B018  # or it raises
    return ders


def _readable(data: bytes) -> list[bytes]:
    try:
        return _all(data)
    except QUIET:
        return []
