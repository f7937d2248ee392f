"""What no builder of today makes, put together as DER: lists of any length, and certificates signed over SHA-1."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from asn1crypto import core
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

_ECDSA_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")
_RSA_SHA256 = bytes.fromhex("300d06092a864886f70d01010b0500")
_RSA_SHA1 = bytes.fromhex("300d06092a864886f70d0101050500")
_CRL_NUMBER = bytes.fromhex("0603551d14")


def revocation_list(
    name: x509.Name, key: Key, revoked: Iterable[tuple[int, datetime]], made: datetime, ends: datetime,
    *, sha1: bool = False,
) -> bytes:  # fmt: skip
    """A complete list, version 2. A builder that copies itself for each entry is no way to 200,000 of them."""
    entries = b"".join(_tlv(0x30, core.Integer(serial).dump() + _time(at)) for serial, at in revoked)
    number = _tlv(0x30, _CRL_NUMBER + _tlv(0x04, core.Integer(int(made.timestamp())).dump()))
    body = b"".join(
        (
            core.Integer(1).dump(),
            _algorithm(key, sha1=sha1),
            name.public_bytes(),
            _time(made),
            _time(ends),
            _tlv(0x30, entries) if entries else b"",
            _tlv(0xA0, _tlv(0x30, number)),
        )
    )
    return _signed(_tlv(0x30, body), key, sha1=sha1)


def over_sha1(certificate: x509.Certificate, issuer: rsa.RSAPrivateKey) -> x509.Certificate:
    """The same certificate as old authorities signed it."""
    read = asn1.Certificate.load(certificate.public_bytes(Encoding.DER))
    body = read["tbs_certificate"]
    body["signature"] = {"algorithm": "sha1_rsa"}
    return x509.load_der_x509_certificate(_signed(body.dump(force=True), issuer, sha1=True))


def sign(data: bytes, key: Key, *, sha1: bool = False) -> bytes:
    algorithm = hashes.SHA1() if sha1 else hashes.SHA256()  # noqa: S303  # as the old root does
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), algorithm)
    return key.sign(data, ec.ECDSA(algorithm))


def _signed(body: bytes, key: Key, *, sha1: bool) -> bytes:
    value = _tlv(0x03, b"\0" + sign(body, key, sha1=sha1))
    return _tlv(0x30, body + _algorithm(key, sha1=sha1) + value)


def _algorithm(key: Key, *, sha1: bool) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return _RSA_SHA1 if sha1 else _RSA_SHA256
    return _ECDSA_SHA256


def _time(at: datetime) -> bytes:
    return _tlv(0x17, f"{at:%y%m%d%H%M%SZ}".encode())


def _tlv(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + length.to_bytes(size, "big") + content
