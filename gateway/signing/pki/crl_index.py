"""A revocation list, verified once and kept as serial → date, so that a lookup is a dictionary hit.

Complete lists of the certificate's own issuer only; delta, indirect and partial ones are not half judged.
"""

from __future__ import annotations

import threading
import warnings
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from gateway.signing.algorithms import hash_name, issued_by
from gateway.signing.pki import names
from gateway.signing.pki.certificate import Certificate

_KEPT = 24 * 1024 * 1024  # bytes of lists as they came: more than one message can bring, so that none is read twice
_TOLD_BY = 64  # bytes
_NOT_CRITICAL_TO_US = (x509.CRLNumber, x509.AuthorityKeyIdentifier)


class Unusable(Exception):
    """This answer proves nothing. Never leaves this room."""


@dataclass(frozen=True, slots=True)
class CrlIndex:
    """`for_ca`: None speaks for all certificates of the issuer, else only for authorities or only for others."""

    this_update: datetime
    next_update: datetime
    revoked: Mapping[int, datetime]
    for_ca: bool | None
    crl: x509.CertificateRevocationList
    der: bytes

    def on_hold(self, serial: int) -> bool:
        entry = self.crl.get_revoked_certificate_by_serial_number(serial)
        try:
            reason = entry.extensions.get_extension_for_class(x509.CRLReason).value if entry is not None else None
        except (x509.ExtensionNotFound, ValueError):
            return False
        return reason is not None and reason.reason is x509.ReasonFlags.certificate_hold


class Lists:
    """Lists read before: what comes along with every signature of a sender is proven once. Safe between threads.

    Told by their bytes, by who must have made them and by what was believed of them; bounded by bytes. One that proves
    nothing is read again each time.
    """

    def __init__(self, most: int = _KEPT) -> None:
        self._most, self._size = most, 0
        self._kept: OrderedDict[tuple[str, bool, int, bytes], CrlIndex] = OrderedDict()
        self._lock = threading.Lock()

    def index(self, data: bytes, issuer: Certificate, *, sha1: bool) -> CrlIndex:
        """As `index`. Raises `Unusable`."""
        key = (issuer.sha256, sha1, len(data), data[-_TOLD_BY:])  # where the signature stands: a digest costs more
        with self._lock:
            known = self._kept.get(key)
            if known is not None and known.der == data:
                self._kept.move_to_end(key)
                return known
        fresh = index(data, issuer, sha1=sha1)
        with self._lock:
            self._keep(key, fresh)
        return fresh

    def _keep(self, key: tuple[str, bool, int, bytes], fresh: CrlIndex) -> None:
        if len(fresh.der) > self._most:
            return
        replaced = self._kept.pop(key, None)
        self._size += len(fresh.der) - (len(replaced.der) if replaced is not None else 0)
        self._kept[key] = fresh
        while self._size > self._most:
            _, oldest = self._kept.popitem(last=False)
            self._size -= len(oldest.der)


def index(data: bytes, issuer: Certificate, *, sha1: bool) -> CrlIndex:
    """Reads and verifies a list (DER or PEM). Raises `Unusable`. `sha1`: whether such a signature is believed."""
    try:
        crl = x509.load_pem_x509_crl(data) if b"-----BEGIN" in data[:64] else x509.load_der_x509_crl(data)
        _proven(crl, issuer, sha1=sha1)
        scope = _scope(crl)
        with warnings.catch_warnings():  # serial numbers outside RFC 5280 are the issuer's business
            warnings.simplefilter("ignore")
            revoked = {entry.serial_number: entry.revocation_date_utc for entry in crl}
        next_update = crl.next_update_utc
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Unusable(f"CRL: {error}") from error
    if next_update is None:
        raise Unusable("CRL without nextUpdate")
    return CrlIndex(crl.last_update_utc, next_update, revoked, scope, crl, data)


def _proven(crl: x509.CertificateRevocationList, issuer: Certificate, *, sha1: bool) -> None:
    if names.normalised(asn1.Name.load(crl.issuer.public_bytes())) != issuer.subject:
        raise Unusable("CRL of another issuer")
    if issuer.key_usage is not None and "crl_sign" not in issuer.key_usage:
        raise Unusable("the issuer may not sign CRLs")
    algorithm = crl.signature_hash_algorithm
    if hash_name(algorithm) not in {"SHA-256", "SHA-384", "SHA-512"} and not (sha1 and hash_name(algorithm) == "SHA-1"):
        raise Unusable(f"CRL signed with {hash_name(algorithm)}")
    value, data = crl.signature, crl.tbs_certlist_bytes
    if not issued_by(issuer.key, crl.signature_algorithm_parameters, algorithm, value, data):
        raise Unusable("the CRL's signature is wrong")


def _scope(crl: x509.CertificateRevocationList) -> bool | None:
    scope: bool | None = None
    for extension in crl.extensions:
        value = extension.value
        if isinstance(value, x509.IssuingDistributionPoint):
            scope = _distribution(value)
        elif isinstance(value, x509.DeltaCRLIndicator) or (
            extension.critical and not isinstance(value, _NOT_CRITICAL_TO_US)
        ):
            raise Unusable(f"CRL with {extension.oid.dotted_string}")
    return scope


def _distribution(point: x509.IssuingDistributionPoint) -> bool | None:
    if point.indirect_crl or point.only_contains_attribute_certs or point.only_some_reasons:
        raise Unusable("indirect or partial CRL")
    if point.only_contains_ca_certs:
        return True
    return False if point.only_contains_user_certs else None
