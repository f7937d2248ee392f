"""A certificate, read once into what path and policy ask for.

`cryptography` is the gate for DER and keys; `asn1crypto` reads extensions one by one, because real
Vietnamese certificates carry an empty issuerAltName, at which the former refuses all extensions.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.signing.algorithms import PublicKey, hash_name, issued_by
from gateway.signing.pki import names

# Constraints are judged by `rfc5280`, the rest here and in `path`.
_CONSTRAINTS = frozenset({"name_constraints", "policy_mappings", "policy_constraints", "inhibit_any_policy"})
_UNDERSTOOD = _CONSTRAINTS | {
    "key_usage", "basic_constraints", "extended_key_usage", "certificate_policies", "subject_alt_name",
}  # fmt: skip
_READ = _UNDERSTOOD | {
    "key_identifier",
    "authority_key_identifier",
    "authority_information_access",
    "crl_distribution_points",
}
# What asn1crypto lets through on hostile input, found by mutating certificates.
_QUIET = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError)


class Unreadable(Exception):
    """These bytes are no certificate we can use. Never leaves this room."""


@dataclass(frozen=True, slots=True, eq=False)
class Certificate:
    """Names are normalised (`pki.names`); `key_usage` and `extended_usage` are None where absent."""

    der: bytes
    sha256: str
    raw: x509.Certificate
    subject: names.Name
    issuer: names.Name
    attributes: tuple[names.Attribute, ...]
    serial: int
    not_before: datetime
    not_after: datetime
    key: PublicKey
    digest: str  # hash of the issuer's signature, as in `algorithms`
    ca: bool
    path_length: int | None
    key_usage: frozenset[str] | None
    extended_usage: frozenset[str] | None
    key_id: bytes | None
    authority_id: bytes | None
    crl_urls: tuple[str, ...]
    ocsp_urls: tuple[str, ...]
    critical: frozenset[str]  # extensions so marked
    refused_critical: tuple[str, ...]
    said: str  # the subject, for people

    @property
    def self_issued(self) -> bool:
        return self.subject == self.issuer

    def values(self, oid: str) -> tuple[str, ...]:
        return tuple(value for found, value in self.attributes if found == oid)

    def issued(self, other: Certificate) -> bool:
        """Whether this certificate's key made `other`'s signature. Names are the caller's business."""
        raw = other.raw
        return issued_by(
            self.key,
            raw.signature_algorithm_parameters,
            raw.signature_hash_algorithm,
            raw.signature,
            raw.tbs_certificate_bytes,
        )


def read(data: bytes) -> Certificate:
    """From DER. Raises `Unreadable`."""
    try:
        return _read(data)
    except (UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise Unreadable(f"unsupported: {error}") from error
    except _QUIET as error:
        raise Unreadable(f"{type(error).__name__}: {error}") from error


def read_any(data: bytes) -> list[Certificate]:
    """From PEM (LF or CRLF, several allowed) or bare DER. Raises `Unreadable`."""
    if b"-----BEGIN" not in data:
        return [read(data)]
    try:
        loaded = x509.load_pem_x509_certificates(data.replace(b"\r\n", b"\n"))
    except ValueError as error:
        raise Unreadable(str(error)) from error
    return [read(one.public_bytes(Encoding.DER)) for one in loaded]


def _read(data: bytes) -> Certificate:
    raw = x509.load_der_x509_certificate(data)
    body = asn1.Certificate.load(data, strict=True)["tbs_certificate"]
    key = raw.public_key()
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise Unreadable("neither an RSA nor an EC key")
    # An unknown one raises, and one without parameters of its own is none of ours: here, not in the middle of a path.
    if raw.signature_algorithm_parameters is None:
        raise Unreadable("signed by an algorithm that is neither RSA nor ECDSA")
    found, critical = _extensions(body)
    constraints = found.get("basic_constraints")
    called = names.attributes(body["subject"])
    return Certificate(
        der=data,
        sha256=hashlib.sha256(data).hexdigest(),
        raw=raw,
        subject=names.normalised(body["subject"]),
        issuer=names.normalised(body["issuer"]),
        attributes=called,
        serial=raw.serial_number,
        not_before=raw.not_valid_before_utc,
        not_after=raw.not_valid_after_utc,
        key=key,
        digest=hash_name(raw.signature_hash_algorithm),
        ca=bool(constraints and constraints["ca"].native),
        path_length=constraints["path_len_constraint"].native if constraints else None,
        key_usage=_usage(found.get("key_usage")),
        extended_usage=_usage(found.get("extended_key_usage")),
        key_id=_bytes(found.get("key_identifier")),
        authority_id=_authority(found.get("authority_key_identifier")),
        crl_urls=_crl_urls(found.get("crl_distribution_points")),
        ocsp_urls=_ocsp_urls(found.get("authority_information_access")),
        critical=critical,
        refused_critical=tuple(sorted(critical - _UNDERSTOOD)),
        said=names.said(called),
    )


def _extensions(body: Any) -> tuple[dict[str, Any], frozenset[str]]:
    found: dict[str, Any] = {}
    seen: set[str] = set()
    critical: set[str] = set()
    for extension in body["extensions"] or ():
        oid, name = extension["extn_id"].dotted, extension["extn_id"].native
        if oid in seen:
            raise Unreadable(f"extension {name} occurs twice")
        seen.add(oid)
        if name in _READ:
            found[name] = extension["extn_value"].parsed
        if extension["critical"].native:
            critical.add(str(name))
    return found, frozenset(critical)


def _usage(value: Any) -> frozenset[str] | None:
    return None if value is None else frozenset(value.native)


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value.native)


def _authority(value: Any) -> bytes | None:
    return None if value is None else value["key_identifier"].native


def _crl_urls(points: Any) -> tuple[str, ...]:
    urls: list[str] = []
    for point in points or ():
        name = point["distribution_point"]
        # Points with their own issuer (indirect) or for some reasons only are not ours to judge.
        if name.native is None or point["crl_issuer"].native or point["reasons"].native or name.name != "full_name":
            continue
        urls += [one.native for one in name.chosen if one.name == "uniform_resource_identifier"]
    return tuple(urls)


def _ocsp_urls(access: Any) -> tuple[str, ...]:
    return tuple(
        one["access_location"].native
        for one in access or ()
        if one["access_method"].native == "ocsp" and one["access_location"].name == "uniform_resource_identifier"
    )


class Certificates:
    """Certificates read before: a signer's is read once (bounded, safe between threads)."""

    def __init__(self, keep: int = 4096) -> None:
        self._keep = keep
        self._known: OrderedDict[bytes, Certificate] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, der: bytes) -> Certificate:
        with self._lock:
            known = self._known.get(der)
            if known is not None:
                self._known.move_to_end(der)
                return known
        fresh = read(der)
        with self._lock:
            self._known[der] = fresh
            if len(self._known) > self._keep:
                self._known.popitem(last=False)
        return fresh
