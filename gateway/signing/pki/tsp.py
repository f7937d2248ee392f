"""RFC 3161 time-stamp tokens: read strictly, proven by the key they name; whom that key belongs to is judged later.

One signer, signed attributes, its certificate bound by ESS (RFC 5816). What a token covers is the caller's to compare.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import algos, cms, tsp
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding

from gateway.signing.algorithms import digest, hash_of, issued_by
from gateway.signing.cms import tlv
from gateway.signing.pki.certificate import Certificate, Unreadable, read

_DIGESTS = {"sha1": "SHA-1", "sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}
_MOST_CERTIFICATES = 16
# What asn1crypto lets through on hostile input.
_QUIET = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError)


@dataclass(frozen=True, slots=True)
class Token:
    """`imprint` is what `digest` (as in `algorithms`) makes of the bytes covered; `others` came along."""

    at: datetime
    digest: str
    imprint: bytes
    signed_with: str  # digest of the token's own signature
    authority: Certificate
    others: tuple[Certificate, ...]
    der: bytes

    def covers(self, data: bytes) -> bool:
        return hmac.compare_digest(digest(self.digest, data), self.imprint)


def read_token(data: bytes) -> Token:
    """A token whose signature is right. Raises `Unreadable` with the reason where it is not."""
    try:
        return _read(data)
    except _QUIET as error:
        raise Unreadable(f"time-stamp: {type(error).__name__}: {error}") from error


def _read(data: bytes) -> Token:
    outer = cms.ContentInfo.load(data, strict=True)
    if outer["content_type"].native != "signed_data":
        raise Unreadable("a time-stamp that is not signed")
    signed = outer["content"]
    encapsulated = signed["encap_content_info"]
    if encapsulated["content_type"].native != "tst_info":
        raise Unreadable("a time-stamp without TSTInfo")
    content: bytes = bytes(encapsulated["content"].contents)
    [signer] = signed["signer_infos"]
    certificates = _certificates(signed)
    authority = _signer(signer, certificates)
    _prove(signer, authority, content)
    told = tsp.TSTInfo.load(content, strict=True)
    imprint = told["message_imprint"]
    at = told["gen_time"].native
    return Token(
        at=at,
        digest=_named(imprint["hash_algorithm"]),
        imprint=imprint["hashed_message"].native,
        signed_with=_named(signer["digest_algorithm"]),
        authority=authority,
        others=tuple(one for one in certificates if one is not authority),
        der=data,
    )


def _certificates(signed: Any) -> list[Certificate]:
    given = signed["certificates"]
    if len(given) > _MOST_CERTIFICATES:
        raise Unreadable("a time-stamp with too many certificates")
    return [read(one.chosen.dump()) for one in given if one.name == "certificate"]


def _signer(signer: Any, certificates: list[Certificate]) -> Certificate:
    """Named by issuer and number or by key identifier, and bound by its digest in the signed attributes."""
    digest_name, value = _bound(signer["signed_attrs"])
    for one in certificates:
        if hashlib.new(digest_name, one.der).digest() == value and _is_named(signer["sid"], one):
            return one
    raise Unreadable("the time-stamping authority's certificate is not there, or another is named")


def _is_named(sid: Any, certificate: Certificate) -> bool:
    if sid.name == "subject_key_identifier":
        return bool(sid.native == certificate.key_id)
    return bool(sid.chosen["serial_number"].native == certificate.serial)


def _bound(attributes: Any) -> tuple[str, bytes]:
    """ESSCertID or ESSCertIDv2 of the first certificate: the signer's."""
    v2 = _attribute(attributes, "signing_certificate_v2")
    if v2 is not None:
        first = v2["certs"][0]
        return first["hash_algorithm"]["algorithm"].native, first["cert_hash"].native
    v1 = _attribute(attributes, "signing_certificate")
    if v1 is None:
        raise Unreadable("a time-stamp that does not bind its certificate")
    return "sha1", v1["certs"][0]["cert_hash"].native


def _attribute(attributes: Any, name: str) -> Any:
    found = [one for one in attributes if one["type"].native == name]
    if len(found) > 1 or (found and len(found[0]["values"]) != 1):
        raise Unreadable(f"attribute {name} more than once")
    return found[0]["values"][0] if found else None


def _prove(signer: Any, authority: Certificate, content: bytes) -> None:
    attributes = signer["signed_attrs"]
    kind, value = _attribute(attributes, "content_type"), _attribute(attributes, "message_digest")
    name = _named(signer["digest_algorithm"])
    if kind is None or kind.native != "tst_info":
        raise Unreadable("the time-stamp's attributes speak of another content")
    if value is None or not hmac.compare_digest(digest(name, content), value.native):
        raise Unreadable("the time-stamp's content was changed")
    parameters, algorithm = _scheme(signer["signature_algorithm"], name)
    # As a SET (RFC 5652 section 5.4), in the order received or in DER's; taken from the bytes: to have it encoded
    # anew (`dump(force=True)`) costs exponentially in what a stranger nests there.
    bodies = (attributes.contents, b"".join(sorted(one.dump() for one in attributes)))
    value, key = signer["signature"].native, authority.key
    if not any(issued_by(key, parameters, algorithm, value, tlv.emitted(tlv.SET, body)) for body in bodies):
        raise Unreadable("the time-stamp's signature is wrong")


def _scheme(signed: Any, digest_name: str) -> tuple[object, hashes.HashAlgorithm]:
    family = signed.signature_algo
    if family == "rsassa_pss":
        parameters = signed["parameters"]
        algorithm = hash_of(_named(parameters["hash_algorithm"]))
        mask = hash_of(_named(parameters["mask_gen_algorithm"]["parameters"]))
        return padding.PSS(padding.MGF1(mask), parameters["salt_length"].native), algorithm
    named = signed["algorithm"].native
    algorithm = hash_of(digest_name if named in ("rsassa_pkcs1v15", "rsa") else _DIGESTS[signed.hash_algo])
    if family == "rsassa_pkcs1v15":
        return padding.PKCS1v15(), algorithm
    return ec.ECDSA(algorithm), algorithm


def _named(algorithm: algos.DigestAlgorithm) -> str:
    return _DIGESTS[algorithm["algorithm"].native]
