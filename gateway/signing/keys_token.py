"""A key in a PKCS#11 token, which never leaves it: the agency's seal (chứng thư số cơ quan) on a USB token or HSM."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pkcs11
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from pkcs11 import MGF, Attribute, Mechanism, ObjectClass

from gateway.domain.errors import Misconfigured, Unavailable, problem
from gateway.signing.algorithms import Scheme, digest
from gateway.signing.keys import V15

_HASHES: Mapping[str, tuple[Mechanism, MGF, int]] = {
    "SHA-256": (Mechanism.SHA256, MGF.SHA256, 32),
    "SHA-384": (Mechanism.SHA384, MGF.SHA384, 48),
    "SHA-512": (Mechanism.SHA512, MGF.SHA512, 64),
}
_V15: Mapping[str, Mechanism] = {
    "SHA-256": Mechanism.SHA256_RSA_PKCS,
    "SHA-384": Mechanism.SHA384_RSA_PKCS,
    "SHA-512": Mechanism.SHA512_RSA_PKCS,
}
_PSS: Mapping[str, Mechanism] = {
    "SHA-256": Mechanism.SHA256_RSA_PKCS_PSS,
    "SHA-384": Mechanism.SHA384_RSA_PKCS_PSS,
    "SHA-512": Mechanism.SHA512_RSA_PKCS_PSS,
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the key is: the maker's `module` (a library), the token's label, the key's label; `pin` is never shown."""

    module: Path
    token: str
    label: str
    pin: str = field(repr=False)


class TokenKey:
    """`Key` in a token. One session, used by one thread at a time; opened again when the token was pulled out."""

    def __init__(self, place: Place) -> None:
        """Raises `Misconfigured` (F-005) when the token, the key or its certificate is not there."""
        self._place = place
        self._lock = threading.Lock()
        self._session: Any = None
        try:
            self._certificate, self._chain = self._certificates()
        except (pkcs11.PKCS11Error, RuntimeError, ValueError) as error:
            self.close()
            raise self._wrong(type(error).__name__) from None

    @property
    def certificate(self) -> x509.Certificate:
        return self._certificate

    @property
    def chain(self) -> tuple[bytes, ...]:
        return self._chain

    def sign(self, data: bytes, scheme: Scheme) -> bytes:
        with self._lock:
            try:
                return self._signed(data, scheme)
            except pkcs11.PKCS11Error:
                self._hang_up()  # pulled out and put back: a new session may do
            try:
                return self._signed(data, scheme)
            except (pkcs11.PKCS11Error, RuntimeError) as error:
                self._hang_up()
                reason = type(error).__name__
                raise Unavailable(problem("A-001", destination=f"PKCS#11 {self._place.token}", reason=reason)) from None

    def close(self) -> None:
        with self._lock:
            self._hang_up()

    def _signed(self, data: bytes, scheme: Scheme) -> bytes:
        key = self._opened().get_key(ObjectClass.PRIVATE_KEY, label=self._place.label)
        if scheme.family == "ECDSA":  # few tokens hash for it; all of them sign a digest
            value: bytes = key.sign(digest(scheme.digest, data), mechanism=Mechanism.ECDSA)
            half = len(value) // 2
            return encode_dss_signature(int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big"))
        if scheme.family == V15:
            return bytes(key.sign(data, mechanism=_V15[scheme.digest]))
        return bytes(key.sign(data, mechanism=_PSS[scheme.digest], mechanism_param=_HASHES[scheme.digest]))

    def _opened(self) -> Any:
        if self._session is None:
            token = pkcs11.lib(str(self._place.module)).get_token(token_label=self._place.token)
            try:
                self._session = token.open(user_pin=self._place.pin)
            except pkcs11.UserAlreadyLoggedIn:  # another key of this process is in use: a log-in is the process's
                self._session = token.open()
        return self._session

    def _certificates(self) -> tuple[x509.Certificate, tuple[bytes, ...]]:
        """The key's own (same label), and every other in the token."""
        session = self._opened()
        own = session.get_key(ObjectClass.PRIVATE_KEY, label=self._place.label)
        found = [bytes(one[Attribute.VALUE]) for one in session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE})]
        named = {Attribute.CLASS: ObjectClass.CERTIFICATE, Attribute.ID: own.id}
        mine = [bytes(one[Attribute.VALUE]) for one in session.get_objects(named)]
        if len(mine) != 1:
            raise ValueError(f"{len(mine)} certificates for the key")
        certificate = x509.load_der_x509_certificate(mine[0])
        certificate.public_key()
        return certificate, tuple(one for one in found if one != mine[0])

    def _hang_up(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            try:
                session.close()
            except pkcs11.PKCS11Error:
                return  # it was gone already

    def _wrong(self, reason: str) -> Misconfigured:
        place = self._place
        return Misconfigured(
            problem("F-005", file=place.module.name, key=f"{place.token}/{place.label}", reason=reason)
        )
