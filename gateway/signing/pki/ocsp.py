"""OCSP (RFC 6960): one question about one certificate, and the answer believed only from who may give it.

The responder is the issuer itself, or holds a certificate of the very same issuer with OCSPSigning.
No nonce is sent: answers must be cacheable, and the window of time is checked instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from gateway.signing.algorithms import hash_name, issued_by
from gateway.signing.pki.certificate import Certificate, Unreadable, read
from gateway.signing.pki.crl_index import Unusable

_OCSP_SIGNING = "ocsp_signing"
_STRONG = frozenset({"SHA-256", "SHA-384", "SHA-512"})


@dataclass(frozen=True, slots=True)
class OcspAnswer:
    """`status` is good, revoked or unknown; `on_hold` a revocation that may be lifted; `der` the whole answer."""

    status: str
    this_update: datetime
    next_update: datetime
    revoked_at: datetime | None
    on_hold: bool
    der: bytes


def question(certificate: Certificate, issuer: Certificate) -> bytes:
    """The DER request. SHA-1 names the issuer only (RFC 5019): every responder knows it, nothing rests on it."""
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate.raw, issuer.raw, hashes.SHA1())  # noqa: S303
    return builder.build().public_bytes(Encoding.DER)


def read_answer(data: bytes, certificate: Certificate, issuer: Certificate, max_age: timedelta) -> OcspAnswer:
    """The answer about `certificate`, proven. Raises `Unusable`."""
    try:
        response = ocsp.load_der_ocsp_response(data)
        if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise Unusable(f"OCSP {response.response_status.name}")
        _proven(response, issuer)
        single = _about(response, certificate, issuer)
        return _answer(single, max_age, data)
    except (ValueError, TypeError, UnsupportedAlgorithm, Unreadable) as error:
        raise Unusable(f"OCSP: {error}") from error


def _answer(single: ocsp.OCSPSingleResponse, max_age: timedelta, data: bytes) -> OcspAnswer:
    this_update = single.this_update_utc
    return OcspAnswer(
        status=single.certificate_status.name.lower(),
        this_update=this_update,
        next_update=single.next_update_utc or this_update + max_age,
        revoked_at=single.revocation_time_utc,
        on_hold=single.revocation_reason is x509.ReasonFlags.certificate_hold,
        der=data,
    )


def _about(response: ocsp.OCSPResponse, certificate: Certificate, issuer: Certificate) -> ocsp.OCSPSingleResponse:
    for single in response.responses:
        if single.serial_number == certificate.serial and _same_issuer(single, certificate, issuer):
            return single
    raise Unusable("the OCSP answer is about another certificate")


def _same_issuer(single: ocsp.OCSPSingleResponse, certificate: Certificate, issuer: Certificate) -> bool:
    asked = ocsp.OCSPRequestBuilder().add_certificate(certificate.raw, issuer.raw, single.hash_algorithm).build()
    return (single.issuer_key_hash, single.issuer_name_hash) == (asked.issuer_key_hash, asked.issuer_name_hash)


def _proven(response: ocsp.OCSPResponse, issuer: Certificate) -> None:
    if hash_name(response.signature_hash_algorithm) not in _STRONG:
        raise Unusable(f"OCSP signed with {hash_name(response.signature_hash_algorithm)}")
    if _signed(response, issuer):
        return
    for raw in response.certificates[:4]:
        responder = read(raw.public_bytes(Encoding.DER))
        if _delegated(responder, issuer, response.produced_at_utc) and _signed(response, responder):
            return
    raise Unusable("the OCSP answer is not the issuer's")


def _delegated(responder: Certificate, issuer: Certificate, at: datetime) -> bool:
    return (
        responder.issuer == issuer.subject
        and _OCSP_SIGNING in (responder.extended_usage or ())
        and (responder.key_usage is None or "digital_signature" in responder.key_usage)
        and not responder.refused_critical
        and responder.not_before <= at <= responder.not_after
        and responder.digest in _STRONG
        and issuer.issued(responder)
    )


def _signed(response: ocsp.OCSPResponse, signer: Certificate) -> bool:
    algorithm = response.signature_hash_algorithm
    if algorithm is None:
        return False
    parameters = ec.ECDSA(algorithm) if isinstance(signer.key, ec.EllipticCurvePublicKey) else padding.PKCS1v15()
    return issued_by(signer.key, parameters, algorithm, response.signature, response.tbs_response_bytes)
