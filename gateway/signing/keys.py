"""Keys that sign: in a PKCS#12 file (here) or in a token (`keys_token`). RSASSA-PSS or ECDSA unless v1.5 is named.

The passphrase is used once and kept nowhere; no error says it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from gateway.domain.errors import Misconfigured, problem
from gateway.signing.algorithms import Scheme, hash_of, pss

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
V15 = "RSA-PKCS1v15"
_CURVE_DIGESTS = {"secp256r1": "SHA-256", "secp384r1": "SHA-384", "secp521r1": "SHA-512"}


class Key(Protocol):
    """A private key with its certificate; `chain`: what else goes along (DER). Safe between threads."""

    @property
    def certificate(self) -> x509.Certificate: ...
    @property
    def chain(self) -> tuple[bytes, ...]: ...
    def sign(self, data: bytes, scheme: Scheme) -> bytes:
        """The value over `data`; ECDSA's in DER. Raises `Unavailable` when a token is away."""


class HeldKey:
    """`Key` in this process's memory."""

    def __init__(self, key: PrivateKey, certificate: x509.Certificate, chain: tuple[bytes, ...] = ()) -> None:
        if key.public_key() != certificate.public_key():
            raise Misconfigured(problem("F-005", file="-", key="key", reason="the key is not the certificate's"))
        self._key, self._certificate, self._chain = key, certificate, chain

    @property
    def certificate(self) -> x509.Certificate:
        return self._certificate

    @property
    def chain(self) -> tuple[bytes, ...]:
        return self._chain

    def sign(self, data: bytes, scheme: Scheme) -> bytes:
        chosen = hash_of(scheme.digest)
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, padding.PKCS1v15() if scheme.family == V15 else pss(chosen), chosen)
        return self._key.sign(data, ec.ECDSA(chosen))


def file_key(path: Path, passphrase: str | None) -> HeldKey:
    """From PKCS#12. Raises `Misconfigured` (F-005) without saying the passphrase."""
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(
            path.read_bytes(), passphrase.encode() if passphrase else None
        )
    except OSError as error:
        raise _wrong(path, error.strerror or "unreadable") from None
    except ValueError:
        raise _wrong(path, "not PKCS#12, or another passphrase") from None
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) or certificate is None:
        raise _wrong(path, "holds no RSA or EC key with its certificate")
    return HeldKey(key, certificate, tuple(one.public_bytes(Encoding.DER) for one in others))


def scheme_of(certificate: x509.Certificate, named: str | None = None) -> Scheme:
    """How the certificate's key signs; `named` RSA-PKCS1v15 for partners that read nothing else.

    Raises `Misconfigured` (F-005): circular 15/2025 wants RSA of 2048 bits or more, or ECDSA of 256 or more.
    """
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= 2048 and named in (None, V15, "RSA-PSS"):
        return Scheme("", named or "RSA-PSS", "SHA-256")
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVE_DIGESTS and named in (None, "ECDSA"):
        return Scheme("", "ECDSA", _CURVE_DIGESTS[key.curve.name])
    raise Misconfigured(
        problem("F-005", file="-", key="algorithm", reason=f"the key cannot sign as {named or 'it is'}")
    )


def fixed_length(value: bytes, certificate: x509.Certificate) -> bytes:
    """An ECDSA value as r‖s, as XML and JWS want it; any other as it is."""
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return value
    width = (key.curve.key_size + 7) // 8
    r, s = decode_dss_signature(value)
    return r.to_bytes(width, "big") + s.to_bytes(width, "big")


def _wrong(path: Path, reason: str) -> Misconfigured:
    return Misconfigured(problem("F-005", file=path.name, key="key", reason=reason))
