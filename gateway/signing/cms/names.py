"""Algorithms and attributes of CMS by their object identifiers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from asn1crypto import algos
from cryptography.hazmat.primitives.asymmetric import ec, padding

from gateway.signing.algorithms import Scheme, hash_of
from gateway.signing.cms import tlv
from gateway.signing.cms.tlv import Element
from gateway.signing.findings import malformed, unknown_algorithm

SIGNED_DATA = "1.2.840.113549.1.7.2"
DATA = "1.2.840.113549.1.7.1"

CONTENT_TYPE = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
SIGNING_TIME = "1.2.840.113549.1.9.5"
COUNTER_SIGNATURE = "1.2.840.113549.1.9.6"
_SMIME = "1.2.840.113549.1.9.16.2."
ESS = _SMIME + "12"
ESS_V2 = _SMIME + "47"
SIGNATURE_STAMP = _SMIME + "14"
CERTIFICATE_VALUES = _SMIME + "23"
REVOCATION_VALUES = _SMIME + "24"
ARCHIVE_STAMP = "0.4.0.1733.2.4"  # archive-time-stamp-v3
ARCHIVE_INDEX = "0.4.0.19122.1.5"  # ats-hash-index-v3
ADOBE_REVOCATION = "1.2.840.113583.1.1.8"

DIGESTS: Mapping[str, str] = {
    "1.3.14.3.2.26": "SHA-1",
    "2.16.840.1.101.3.4.2.1": "SHA-256",
    "2.16.840.1.101.3.4.2.2": "SHA-384",
    "2.16.840.1.101.3.4.2.3": "SHA-512",
    "2.16.840.1.101.3.4.2.8": "SHA3-256",
    "2.16.840.1.101.3.4.2.9": "SHA3-384",
    "2.16.840.1.101.3.4.2.10": "SHA3-512",
}
_RSA = "1.2.840.113549.1.1."
_EC = "1.2.840.10045.4."
# None: the digest is the one named for the content.
_VALUES: Mapping[str, tuple[str, str | None]] = {
    _RSA + "1": ("RSA-PKCS1v15", None),
    _RSA + "5": ("RSA-PKCS1v15", "SHA-1"),
    _RSA + "11": ("RSA-PKCS1v15", "SHA-256"),
    _RSA + "12": ("RSA-PKCS1v15", "SHA-384"),
    _RSA + "13": ("RSA-PKCS1v15", "SHA-512"),
    _EC + "1": ("ECDSA", "SHA-1"),
    _EC + "3.2": ("ECDSA", "SHA-256"),
    _EC + "3.3": ("ECDSA", "SHA-384"),
    _EC + "3.4": ("ECDSA", "SHA-512"),
}
_PSS = _RSA + "10"
_MGF1 = _RSA + "8"
_SIGNABLE = frozenset({"SHA-1", "SHA-256", "SHA-384", "SHA-512"})


@dataclass(frozen=True, slots=True)
class Method:
    """How a value was made: `parameters` are cryptography's (PKCS1v15, PSS with its salt, ECDSA over DER)."""

    scheme: Scheme
    parameters: padding.PKCS1v15 | padding.PSS | ec.ECDSA


def digest_name(algorithm: Element) -> str:
    """Of an AlgorithmIdentifier. Raises `Unsound`."""
    oid = _oid(algorithm)
    if oid not in DIGESTS:
        raise unknown_algorithm(oid)
    return DIGESTS[oid]


def method(algorithm: Element, content_digest: str) -> Method:
    """Raises `Unsound`: not one of ours, or of another digest than the content's (readers differ on which counts)."""
    oid = _oid(algorithm)
    if oid == _PSS:
        return _pss(algorithm, content_digest)
    if oid not in _VALUES:
        raise unknown_algorithm(oid)
    family, named = _VALUES[oid]
    digest = _agreed(named or content_digest, content_digest)
    chosen = hash_of(digest)
    return Method(Scheme("", family, digest), ec.ECDSA(chosen) if family == "ECDSA" else padding.PKCS1v15())


def _pss(algorithm: Element, content_digest: str) -> Method:
    """RFC 4056: one hash for everything; the salt may have any length."""
    parameters = algos.RSASSAPSSParams.load(algorithm.inside()[1].raw, strict=True)
    digest = _agreed(_named(parameters["hash_algorithm"]), content_digest)
    mask = parameters["mask_gen_algorithm"]
    if mask["algorithm"].dotted != _MGF1 or _named(mask["parameters"]) != digest:
        raise malformed("RSASSA-PSS with another mask")
    if parameters["trailer_field"].native not in (1, "trailer_field_bc"):
        raise malformed("RSASSA-PSS with another trailer")
    salt = parameters["salt_length"].native
    return Method(Scheme("", "RSA-PSS", digest), padding.PSS(padding.MGF1(hash_of(digest)), salt))


def _oid(algorithm: Element) -> str:
    parts = algorithm.must(tlv.SEQUENCE).inside()
    if not parts:
        raise malformed("an algorithm without a name")
    return parts[0].oid


def _named(algorithm: Any) -> str:
    oid = algorithm["algorithm"].dotted
    if oid not in DIGESTS:
        raise unknown_algorithm(oid)
    return DIGESTS[oid]


def _agreed(digest: str, content_digest: str) -> str:
    if digest != content_digest:
        raise malformed(f"digest {content_digest}, signature over {digest}")
    if digest not in _SIGNABLE:
        raise unknown_algorithm(digest)
    return digest
