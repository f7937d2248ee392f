"""JAdES-B: a JWS with the certificate bound and the time claimed, by hand as the verifier never does it.

joserfc signs with keys in memory only, and ours may be in a token; the two segments and the value are all there is.
"""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime

from cryptography.hazmat.primitives.serialization import Encoding

from gateway.signing.keys import Key, fixed_length, scheme_of

_NAMES = {"RSA-PSS": "PS", "RSA-PKCS1v15": "RS", "ECDSA": "ES"}


class JwsSigner:
    """`ports.Signer` of any bytes: compact, the content inside, or detached (RFC 7515 appendix F)."""

    def __init__(self, key: Key, *, detached: bool = False, algorithm: str | None = None) -> None:
        self._key, self._detached = key, detached
        self._scheme = scheme_of(key.certificate, algorithm)

    def sign(self, document: bytes, at: datetime) -> bytes:
        """The JWS alone; detached, its middle segment is empty. Raises `Unavailable` when a token is away."""
        payload = _text(document)
        signed = _text(json.dumps(self._header(at), separators=(",", ":")).encode()) + b"." + payload
        value = fixed_length(self._key.sign(signed, self._scheme), self._key.certificate)
        header = signed.partition(b".")[0]
        return b".".join((header, b"" if self._detached else payload, _text(value)))

    def _header(self, at: datetime) -> dict[str, object]:
        own = self._key.certificate.public_bytes(Encoding.DER)
        return {
            "alg": _NAMES[self._scheme.family] + self._scheme.digest.partition("-")[2],
            "x5c": [base64.b64encode(der).decode() for der in (own, *self._key.chain)],
            "x5t#S256": _text(hashlib.sha256(own).digest()).decode(),
            "iat": int(at.timestamp()),
        }


def _text(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
