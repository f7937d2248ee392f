"""Algorithms by their XML names, and the one place where a public key says yes or no.

No HMAC: a symmetric key proves nothing to a third party, and a public key used as one forges.
No DSA, no rsa-pss with free parameters, no curves but P-256, P-384 and P-521.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey

_W3 = "http://www.w3.org/"
_MORE = _W3 + "2001/04/xmldsig-more#"
_MORE07 = _W3 + "2007/05/xmldsig-more#"

DIGESTS: Mapping[str, str] = {
    _W3 + "2000/09/xmldsig#sha1": "SHA-1",
    _W3 + "2001/04/xmlenc#sha256": "SHA-256",
    _MORE + "sha384": "SHA-384",
    _W3 + "2001/04/xmlenc#sha512": "SHA-512",
    _MORE07 + "sha3-256": "SHA3-256",
    _MORE07 + "sha3-384": "SHA3-384",
    _MORE07 + "sha3-512": "SHA3-512",
}
_HASHLIB: Mapping[str, Callable[..., Any]] = {
    "SHA-1": hashlib.sha1,
    "SHA-256": hashlib.sha256,
    "SHA-384": hashlib.sha384,
    "SHA-512": hashlib.sha512,
    "SHA3-256": hashlib.sha3_256,
    "SHA3-384": hashlib.sha3_384,
    "SHA3-512": hashlib.sha3_512,
}
_HASHES: Mapping[str, Callable[[], hashes.HashAlgorithm]] = {
    "SHA-1": hashes.SHA1,
    "SHA-256": hashes.SHA256,
    "SHA-384": hashes.SHA384,
    "SHA-512": hashes.SHA512,
}
_NAMES = {"sha1": "SHA-1", "sha224": "SHA-224", "sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}
_CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)


@dataclass(frozen=True, slots=True, eq=False)
class Scheme:
    """How a signature value is made: `family` is RSA-PKCS1v15, RSA-PSS or ECDSA; `digest` as in DIGESTS. Known by
    identity: there is one of each."""

    uri: str
    family: str
    digest: str

    @property
    def name(self) -> str:
        return f"{self.family} {self.digest}"


SCHEMES: Mapping[str, Scheme] = {
    scheme.uri: scheme
    for scheme in (
        Scheme(_W3 + "2000/09/xmldsig#rsa-sha1", "RSA-PKCS1v15", "SHA-1"),
        Scheme(_MORE + "rsa-sha256", "RSA-PKCS1v15", "SHA-256"),
        Scheme(_MORE + "rsa-sha384", "RSA-PKCS1v15", "SHA-384"),
        Scheme(_MORE + "rsa-sha512", "RSA-PKCS1v15", "SHA-512"),
        Scheme(_MORE07 + "sha256-rsa-MGF1", "RSA-PSS", "SHA-256"),
        Scheme(_MORE07 + "sha384-rsa-MGF1", "RSA-PSS", "SHA-384"),
        Scheme(_MORE07 + "sha512-rsa-MGF1", "RSA-PSS", "SHA-512"),
        Scheme(_MORE + "ecdsa-sha256", "ECDSA", "SHA-256"),
        Scheme(_MORE + "ecdsa-sha384", "ECDSA", "SHA-384"),
        Scheme(_MORE + "ecdsa-sha512", "ECDSA", "SHA-512"),
    )
}


def digest(name: str, data: bytes) -> bytes:
    value: bytes = digester(name, data).digest()
    return value


def digester(name: str, data: bytes = b"") -> Any:
    """hashlib's object, for what comes in pieces."""
    return _HASHLIB[name](data)


def hash_of(name: str) -> hashes.HashAlgorithm:
    return _HASHES[name]()


def hash_name(algorithm: hashes.HashAlgorithm | None) -> str:
    """Our name of cryptography's hash object; what we do not know keeps its own name."""
    return _NAMES.get(algorithm.name, algorithm.name) if algorithm is not None else "none"


def pss(algorithm: hashes.HashAlgorithm) -> padding.PSS:
    """RFC 6931 2.3.10: MGF1 with the same hash, salt as long as the hash."""
    return padding.PSS(padding.MGF1(algorithm), algorithm.digest_size)


def key_fits(key: PublicKey, scheme: Scheme) -> bool:
    return isinstance(key, ec.EllipticCurvePublicKey) is (scheme.family == "ECDSA")


def key_name(key: PublicKey) -> str:
    return f"RSA-{key.key_size}" if isinstance(key, rsa.RSAPublicKey) else f"EC-{key.curve.name}"


def rsa_bits(key: PublicKey) -> int | None:
    return key.key_size if isinstance(key, rsa.RSAPublicKey) else None


def strong_curve(key: PublicKey) -> bool:
    return isinstance(key, rsa.RSAPublicKey) or isinstance(key.curve, _CURVES)


def signed_by(key: PublicKey, scheme: Scheme, value: bytes, data: bytes) -> bool:
    """Whether `value` (ECDSA as r‖s of fixed length, XMLDSig 1.1 section 6.4.3) is `key`'s over `data`."""
    chosen = hash_of(scheme.digest)
    if isinstance(key, rsa.RSAPublicKey):
        return _rsa(key, value, data, pss(chosen) if scheme.family == "RSA-PSS" else padding.PKCS1v15(), chosen)
    width = (key.curve.key_size + 7) // 8
    if len(value) != 2 * width:
        return False
    r, s = int.from_bytes(value[:width], "big"), int.from_bytes(value[width:], "big")
    return _ecdsa(key, encode_dss_signature(r, s), data, chosen)


def issued_by(
    key: PublicKey, parameters: object, algorithm: hashes.HashAlgorithm | None, value: bytes, data: bytes
) -> bool:
    """The same for X.509 objects, whose `parameters` cryptography has read (PKCS1v15, PSS or ECDSA)."""
    if algorithm is None:
        return False
    if isinstance(key, rsa.RSAPublicKey):
        return isinstance(parameters, padding.PKCS1v15 | padding.PSS) and _rsa(key, value, data, parameters, algorithm)
    return isinstance(parameters, ec.ECDSA) and _ecdsa(key, value, data, algorithm)


def _rsa(
    key: rsa.RSAPublicKey,
    value: bytes,
    data: bytes,
    scheme: padding.PKCS1v15 | padding.PSS,
    algorithm: hashes.HashAlgorithm,
) -> bool:
    try:
        key.verify(value, data, scheme, algorithm)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _ecdsa(key: ec.EllipticCurvePublicKey, value: bytes, data: bytes, algorithm: hashes.HashAlgorithm) -> bool:
    try:
        key.verify(value, data, ec.ECDSA(algorithm))
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True
