"""One signer of a CMS signature, looked at: certificate, value over the attributes, digest of the content, binding."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from asn1crypto import x509 as asn1

from gateway.domain.verdict import Integrity, Outcome, SubIndication
from gateway.signing.algorithms import digest, hash_of, issued_by
from gateway.signing.cms import names
from gateway.signing.cms.archive import archived, outermost_first
from gateway.signing.cms.shape import Envelope, Signer
from gateway.signing.findings import Unsound, malformed
from gateway.signing.look import Look, Setting
from gateway.signing.pki import names as pki_names
from gateway.signing.pki.certificate import Certificate
from gateway.signing.pki.tsp import Token
from gateway.signing.stamping import proven_time, token_over
from gateway.signing.strength import describe_algorithms
from gateway.signing.whole import failed


@dataclass(frozen=True, slots=True)
class Content:
    """What is said to be signed: `digested` gives its digest by a name of `algorithms`."""

    scope: str
    digested: Callable[[str], bytes]


def content_of(scope: str, data: bytes) -> Content:
    return Content(scope, lambda name: digest(name, data))


def look(signer: Signer, envelope: Envelope, content: Content | Unsound, setting: Setting) -> Look:
    """Everything found of `signer` but the trust in it; `content` may be the reason why there is none."""
    found = Look(None, setting.at, format="CMS", scheme=signer.method.scheme, digests=(signer.digest,))
    found.claimed = signer.claimed
    found.brought = envelope.brought + signer.brought
    try:
        found.good("structure.sound")
        _look_at_value(found, signer, envelope, setting)
        _look_at_content(found, signer, envelope, content)
        tokens = _tokens(signer, setting)
        archives = _archives(signer, envelope, content, setting)
    except Unsound as fault:
        failed(found, fault)
        return found
    found.integrity = Integrity.PASSED
    if signer.passed_over:
        found.warn("properties.passed_over", names=", ".join(signer.passed_over))
    if signer.bound is not None:
        found.format = "CADES"
        found.level = level_of(found, stamped=bool(tokens), archived=bool(archives))
    _judge_stamps(found, tokens, archives, setting)
    return found


def level_of(found: Look, *, stamped: bool, archived: bool = False) -> str:
    if not stamped and not archived:
        return "B"
    if not (found.brought.crls or found.brought.ocsps):
        return "T"
    return "LTA" if archived else "LT"


def _look_at_value(found: Look, signer: Signer, envelope: Envelope, setting: Setting) -> None:
    given = setting.readable((*envelope.certificates, *signer.brought.certificates))
    found.signer = _certificate(signer, given)
    describe_algorithms(found)
    if found.signer is None:
        raise Unsound(SubIndication.NO_SIGNING_CERTIFICATE_FOUND, "certificate.none", Outcome.UNDETERMINED)
    found.good("certificate.read", subject=found.signer.said)
    found.others = tuple(one for one in given if one is not found.signer)
    made = signer.method
    chosen = hash_of(made.scheme.digest)
    right = [issued_by(found.signer.key, made.parameters, chosen, signer.value, form) for form in signer.attributes]
    if not any(right):
        raise Unsound(SubIndication.SIG_CRYPTO_FAILURE, "signature_value.wrong")
    found.crypto_ok = True
    found.good("signature_value.right")
    if len(signer.attributes) > 1:
        found.warn("structure.not_der")


def _certificate(signer: Signer, given: Sequence[Certificate]) -> Certificate | None:
    for one in given:
        if signer.key_id is not None and signer.key_id == one.key_id:
            return one
        if signer.issuer is not None and one.serial == signer.serial and _is_issuer(signer.issuer, one):
            return one
    return None


def _is_issuer(name: bytes, certificate: Certificate) -> bool:
    """Byte for byte mostly; else as names are compared, string types and case aside."""
    if name == certificate.raw.issuer.public_bytes():
        return True
    try:
        return pki_names.normalised(asn1.Name.load(name, strict=True)) == certificate.issuer
    except (ValueError, TypeError, KeyError):
        return False


def _look_at_content(found: Look, signer: Signer, envelope: Envelope, content: Content | Unsound) -> None:
    if envelope.content_type != names.DATA or signer.content_type != envelope.content_type:
        raise malformed(f"content {envelope.content_type}, signed as {signer.content_type}")
    if isinstance(content, Unsound):
        raise content
    if not hmac.compare_digest(content.digested(signer.digest), signer.message_digest):
        raise Unsound(SubIndication.HASH_FAILURE, "references.changed", path=content.scope)
    found.scope = (content.scope,)
    found.good("references.right")
    _look_at_binding(found, signer)
    for name, value in signer.counters:
        if not hmac.compare_digest(digest(name, signer.value), value):
            raise malformed("a counter-signature of another signature")


def _look_at_binding(found: Look, signer: Signer) -> None:
    assert found.signer is not None
    if signer.bound is None:
        found.warn("binding.absent")
        return
    name, value = signer.bound
    if not hmac.compare_digest(digest(name, found.signer.der), value):
        raise Unsound(SubIndication.NO_SIGNING_CERTIFICATE_FOUND, "binding.wrong")
    found.good("binding.right")


def _tokens(signer: Signer, setting: Setting) -> list[Token]:
    return [token_over(stamp, signer.value, setting) for stamp in signer.stamps]


def _archives(signer: Signer, envelope: Envelope, content: Content | Unsound, setting: Setting) -> list[Token]:
    """Each over what stands here, the outermost first."""
    if isinstance(content, Unsound):
        raise content
    found = outermost_first(signer.archives, setting)
    for stamp, token in found:
        archived(stamp, signer, envelope, content.digested(token.digest), token)
    return [token for _, token in found]


def _judge_stamps(found: Look, tokens: list[Token], archives: list[Token], setting: Setting) -> None:
    """From the outermost in: an archive time-stamp proves the older tokens, they prove the signature."""
    existed = setting.at
    for token in archives:
        existed = min(proven_time(found, token, setting, existed) or existed, existed)
    times = [proven_time(found, token, setting, existed) for token in tokens]
    best = min((at for at in times if at is not None), default=existed)
    if best > existed:
        found.note(Unsound(SubIndication.TIMESTAMP_ORDER_FAILURE, "timestamp.order", at=best.isoformat()))
    best = min(best, existed)
    found.best = best if best < setting.at else None
