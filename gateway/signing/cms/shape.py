"""A CMS signature's structure, read strictly and completely before anything in it is believed.

Signed attributes are required: without them a signature over attributes can be passed off as one over content.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from asn1crypto import cms, core

from gateway.signing.cms import names, tlv, values
from gateway.signing.cms.names import Method, digest_name, method
from gateway.signing.cms.tlv import Element
from gateway.signing.findings import Unsound, malformed
from gateway.signing.gathered import NOTHING, Gathered, together
from gateway.signing.limits import Limits, within

T = TypeVar("T")

_PEM = re.compile(rb"\s*-----BEGIN (?:CMS|PKCS7)-----(?P<body>[A-Za-z0-9+/=\s]*)-----END (?:CMS|PKCS7)-----\s*")
_FRAMES = (b"-----BEGIN CMS-----", b"-----BEGIN PKCS7-----")
_KEY_IDENTIFIER = 0x80  # [0], primitive
_SIGNED_DATA = core.ObjectIdentifier(names.SIGNED_DATA).dump()
_LONG_TERM = frozenset({names.CERTIFICATE_VALUES, names.REVOCATION_VALUES, names.ADOBE_REVOCATION})
_ATTRIBUTES = 1000  # values of attributes of one signer
_JUDGED = frozenset({names.SIGNATURE_STAMP, names.ARCHIVE_STAMP, names.COUNTER_SIGNATURE})
# What asn1crypto lets through on hostile input, found by mutating signatures.
_QUIET = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)


@dataclass(frozen=True, slots=True)
class Signer:
    """One SignerInfo. `attributes`: forms of the signed attributes its value may be over, the one received first;
    `bound`: (digest, value) of the certificate named by ESS; `counters`: counter-signatures' digests of `value`.

    For archive time-stamps (`archives`): `fields` from version to signature as received, and `later`, each unsigned
    value after its type."""

    issuer: bytes | None
    serial: int | None
    key_id: bytes | None
    digest: str
    method: Method
    value: bytes
    attributes: tuple[bytes, ...]
    content_type: str
    message_digest: bytes
    claimed: datetime | None
    bound: tuple[str, bytes] | None
    stamps: tuple[bytes, ...]
    counters: tuple[tuple[str, bytes], ...]
    archives: tuple[bytes, ...]
    fields: bytes
    later: tuple[bytes, ...]
    brought: Gathered
    passed_over: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Envelope:
    """`content` None: it is detached. `certificate_choices`, `revocation_choices`: everything of the kind, as
    received."""

    content_type: str
    content: bytes | None
    certificates: tuple[bytes, ...]
    brought: Gathered
    signers: tuple[Signer, ...]
    certificate_choices: tuple[bytes, ...] = ()
    revocation_choices: tuple[bytes, ...] = ()


def looks_like_cms(data: bytes) -> bool:
    """DER, BER, PEM, or DER in base 64 without a frame, of signed data."""
    if data[:64].lstrip().startswith(_FRAMES):
        return True
    if data[:1] == b"M":
        data = _decoded(data[:64])
    return data[:1] == bytes([tlv.SEQUENCE]) and _SIGNED_DATA in data[:20]


def unframed(data: bytes) -> bytes:
    """DER or BER. Raises `Unsound`."""
    framed = _PEM.fullmatch(data) if data.lstrip()[:1] == b"-" else None
    if framed is not None:
        data = framed["body"]
    elif data[:1] != b"M":
        return data
    try:
        return base64.b64decode(b"".join(data.split()), validate=True)
    except binascii.Error as error:
        raise malformed(f"base 64: {error}") from error


def read_envelope(data: bytes, limits: Limits) -> Envelope:
    """Raises `Unsound`."""
    within("bytes", len(data), limits.bytes)
    return _quietly(lambda: _envelope(data, limits))


def _envelope(data: bytes, limits: Limits) -> Envelope:
    kind, body = _exactly(tlv.only(data).must(tlv.SEQUENCE).inside(), 2)
    if kind.oid != names.SIGNED_DATA:
        raise malformed("not signed data")
    parts = tlv.only(body.must(tlv.context(0)).content).must(tlv.SEQUENCE).inside()
    if len(parts) < 4:
        raise malformed("signed data is cut short")
    given = {one.tag: one for one in parts[3:-1]}
    certificates = _inside(given.get(tlv.context(0)))
    signers = parts[-1].must(tlv.SET).inside()
    within("certificates", len(certificates), limits.certificates)
    within("signatures", len(signers), limits.signatures)
    revocation = tuple(one.raw for one in _inside(given.get(tlv.context(1))))
    brought = values.of_envelope(revocation)
    within("values", len(brought.crls) + len(brought.ocsps), limits.values)
    inner = parts[2].must(tlv.SEQUENCE).inside()
    return Envelope(
        content_type=inner[0].oid,
        content=tlv.only(inner[1].must(tlv.context(0)).content).octets if len(inner) > 1 else None,
        certificates=tuple(one.raw for one in certificates if one.tag == tlv.SEQUENCE),
        brought=brought,
        signers=tuple(_signer(one.must(tlv.SEQUENCE).inside(), limits) for one in signers),
        certificate_choices=tuple(one.raw for one in certificates),
        revocation_choices=revocation,
    )


def _signer(parts: list[Element], limits: Limits) -> Signer:
    """version, sid, digestAlgorithm, [0] signedAttrs, signatureAlgorithm, signature, [1] unsignedAttrs."""
    if not 6 <= len(parts) <= 7 or parts[3].tag != tlv.context(0):
        raise malformed("no signed attributes")
    signed = attributes_of(parts[3])
    unsigned = attributes_of(parts[6].must(tlv.context(1)), repeatable=True) if len(parts) > 6 else {}
    digest = digest_name(parts[2])
    issuer, serial, key_id = _named(parts[1])
    stamps, archives = (tuple(unsigned.get(kind, ())) for kind in (names.SIGNATURE_STAMP, names.ARCHIVE_STAMP))
    within("timestamps", len(stamps) + len(archives), limits.timestamps)
    given = [(oid, one) for oid, found in {**signed, **unsigned}.items() if oid in _LONG_TERM for one in found]
    brought = together(values.of_attribute(oid, one) for oid, one in given) if given else NOTHING
    within("values", sum(map(len, (brought.certificates, brought.crls, brought.ocsps))), limits.values)
    return Signer(
        issuer=issuer,
        serial=serial,
        key_id=key_id,
        digest=digest,
        method=method(parts[4], digest),
        value=parts[5].octets,
        attributes=_forms(parts[3]),
        content_type=_only(signed, names.CONTENT_TYPE).oid,
        message_digest=_only(signed, names.MESSAGE_DIGEST).octets,
        claimed=_claimed(signed),
        bound=_bound(signed),
        stamps=stamps,
        counters=tuple(_counter(one) for one in unsigned.get(names.COUNTER_SIGNATURE, ())),
        archives=archives,
        fields=b"".join(one.raw for one in parts[:6]),
        later=tuple(core.ObjectIdentifier(kind).dump() + one for kind, found in unsigned.items() for one in found),
        brought=brought,
        passed_over=tuple(sorted(unsigned.keys() - _LONG_TERM - _JUDGED)),
    )


def _named(sid: Element) -> tuple[bytes | None, int | None, bytes | None]:
    """(issuer, serial number, None) or (None, None, key identifier)."""
    if sid.tag == _KEY_IDENTIFIER:
        return None, None, sid.content
    issuer, serial = _exactly(sid.must(tlv.SEQUENCE).inside(), 2)
    return issuer.raw, serial.integer, None


def attributes_of(given: Element, *, repeatable: bool = False) -> dict[str, list[bytes]]:
    """Values (DER) by type. Signed ones occur once, with one value (RFC 5652 section 11)."""
    found: dict[str, list[bytes]] = {}
    count = 0
    for one in given.inside():
        kind, told = _exactly(one.must(tlv.SEQUENCE).inside(), 2)
        known = found.setdefault(kind.oid, [])
        told_values = [value.raw for value in told.must(tlv.SET).inside()]
        known += told_values
        count += len(told_values)
        within("attributes", count, _ATTRIBUTES)
        if not repeatable and len(known) != 1:
            raise malformed(f"attribute {kind.oid} {len(known)} times")
    return found


def _forms(given: Element) -> tuple[bytes, ...]:
    """As a SET (RFC 5652 section 5.4): in the order received, and in DER's where that is another."""
    received = given.content
    ordered = b"".join(sorted(one.raw for one in given.inside()))
    bodies = (received,) if ordered == received else (received, ordered)
    return tuple(tlv.emitted(tlv.SET, body) for body in bodies)


def _only(attributes: dict[str, list[bytes]], oid: str) -> Element:
    if oid not in attributes:
        raise malformed(f"no attribute {oid}")
    return tlv.only(attributes[oid][0])


def _claimed(attributes: dict[str, list[bytes]]) -> datetime | None:
    if names.SIGNING_TIME not in attributes:
        return None
    told: datetime = cms.Time.load(attributes[names.SIGNING_TIME][0], strict=True).native
    return told


def _bound(attributes: dict[str, list[bytes]]) -> tuple[str, bytes] | None:
    """Of the first certificate, which is the signer's (RFC 5035 sections 3 and 5); by SHA-256 where v2 names none."""
    version = names.ESS_V2 if names.ESS_V2 in attributes else names.ESS
    if version not in attributes:
        return None
    certificates = _only(attributes, version).must(tlv.SEQUENCE).inside()[0]
    first = certificates.must(tlv.SEQUENCE).inside()[0].must(tlv.SEQUENCE).inside()
    if version == names.ESS:
        return "SHA-1", first[0].octets
    if first[0].tag == tlv.SEQUENCE:
        return digest_name(first[0]), first[1].octets
    return "SHA-256", first[0].octets


def _counter(value: bytes) -> tuple[str, bytes]:
    """(digest, value) that a counter-signature says the signature has."""
    parts = tlv.only(value).must(tlv.SEQUENCE).inside()
    attributes = attributes_of(parts[3].must(tlv.context(0)))
    return digest_name(parts[2]), _only(attributes, names.MESSAGE_DIGEST).octets


def _inside(given: Element | None) -> list[Element]:
    return given.inside() if given is not None else []


def _exactly(parts: list[Element], count: int) -> list[Element]:
    if len(parts) != count:
        raise malformed(f"{len(parts)} elements where {count} are expected")
    return parts


def _decoded(head: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(head.split())[:48])
    except binascii.Error:
        return b""


def _quietly(read: Callable[[], T]) -> T:
    try:
        return read()
    except Unsound:
        raise
    except _QUIET as error:
        raise malformed(f"CMS: {type(error).__name__}: {error}") from error
