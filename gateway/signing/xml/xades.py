"""XAdES (EN 319 132-1) as far as it is judged: which certificate is bound, when, under which policy, which time-stamps.

Only properties digested by the very Reference of type SignedProperties are believed; all others are a stranger's words.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from lxml import etree

from gateway.domain.verdict import Outcome, SubIndication
from gateway.signing.algorithms import DIGESTS
from gateway.signing.findings import Unsound, malformed
from gateway.signing.gathered import Gathered
from gateway.signing.limits import Limits, within
from gateway.signing.xml.c14n import METHODS, C14n
from gateway.signing.xml.parse import DS, Element
from gateway.signing.xml.references import Target
from gateway.signing.xml.shape import Shape, algorithm_of, base64_of

XADES = "{http://uri.etsi.org/01903/v1.3.2#}"
XADES141 = "{http://uri.etsi.org/01903/v1.4.1#}"
SIGNED_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"

_OVER_VALUE = XADES + "SignatureTimeStamp"
_OVER_ALL = XADES141 + "ArchiveTimeStamp"
_OVER_CONTENT = XADES + "AllDataObjectsTimeStamp"
# What was standardised but is made by nobody seen: told, not judged, never counted as proof.
_NOT_JUDGED = {
    XADES + "IndividualDataObjectsTimeStamp",
    XADES + "SigAndRefsTimeStamp",
    XADES + "RefsOnlyTimeStamp",
    XADES141 + "SigAndRefsTimeStampV2",
    XADES141 + "RefsOnlyTimeStampV2",
    XADES + "ArchiveTimeStamp",
    XADES + "CounterSignature",
}


@dataclass(frozen=True, slots=True)
class Bound:
    """A certificate named by its digest in the signed properties."""

    digest: str
    value: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Stamp:
    """One time-stamp property: `kind` is value, content or archive; `token` its DER."""

    kind: str
    element: Element
    method: C14n
    token: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Properties:
    """`policy`: identifier of an explicit signature policy. `unsigned`: the unsigned properties, in order."""

    element: Element
    signing_time: str
    bound: tuple[Bound, ...]
    policy: str | None
    stamps: tuple[Stamp, ...]
    unsigned: tuple[Element, ...]
    brought: Gathered
    passed_over: tuple[str, ...]


def read_properties(shape: Shape, targets: tuple[Target, ...], limits: Limits) -> Properties | None:
    """None for a plain signature. Raises `Unsound` where properties are there but not this signature's own, signed."""
    holders = [child for thing in shape.objects for child in thing if child.tag == XADES + "QualifyingProperties"]
    digested = _digested(shape, targets)
    if not holders and digested is None:
        return None
    if len(holders) != 1 or digested is None or digested.getparent() is not holders[0]:
        raise _not_signed("qualifying properties that the signature does not sign")
    if holders[0].get("Target") != f"#{shape.element.get('Id')}":
        raise _not_signed("qualifying properties of another signature")
    return _properties(digested, holders[0], limits)


def _digested(shape: Shape, targets: tuple[Target, ...]) -> Element | None:
    """The node digested by the one Reference of that type."""
    found = [
        target.element
        for reference, target in zip(shape.references, targets, strict=True)
        if reference.type == SIGNED_PROPERTIES
    ]
    if not found:
        return None
    if len(found) > 1 or found[0] is None or found[0].tag != XADES + "SignedProperties":
        raise _not_signed("the reference to the signed properties leads elsewhere")
    return found[0]


def _properties(signed: Element, holder: Element, limits: Limits) -> Properties:
    about = signed.find(XADES + "SignedSignatureProperties")
    content = signed.find(XADES + "SignedDataObjectProperties")
    unsigned = holder.find(f"{XADES}UnsignedProperties/{XADES}UnsignedSignatureProperties")
    later = tuple(_elements(unsigned))
    stamps = [_stamp(one, "content") for one in _elements(content) if one.tag == _OVER_CONTENT]
    for one in later:
        if one.tag in (_OVER_VALUE, _OVER_ALL):
            stamps.append(_stamp(one, "value" if one.tag == _OVER_VALUE else "archive"))
    within("time-stamps", len(stamps), limits.timestamps)
    unjudged = [one for one in (*later, *_elements(content)) if one.tag in _NOT_JUDGED]
    return Properties(
        element=signed,
        signing_time=_text(about, XADES + "SigningTime"),
        bound=_bound(about),
        policy=_policy(about),
        stamps=tuple(stamps),
        unsigned=later,
        brought=_brought(later, limits),
        passed_over=tuple(etree.QName(one).localname for one in unjudged),
    )


def _bound(about: Element | None) -> tuple[Bound, ...]:
    if about is None:
        return ()
    for name in ("SigningCertificateV2", "SigningCertificate"):
        found = about.find(XADES + name)
        if found is not None:
            return tuple(_cert_digest(one) for one in _elements(found) if one.tag == XADES + "Cert")
    return ()


def _cert_digest(cert: Element) -> Bound:
    method, value = (cert.find(f"{XADES}CertDigest/{DS}{name}") for name in ("DigestMethod", "DigestValue"))
    if method is None or value is None:
        raise malformed("a certificate bound without its digest")
    uri = algorithm_of(method)
    if uri not in DIGESTS:
        raise Unsound(SubIndication.CRYPTO_CONSTRAINTS_FAILURE, "algorithm.unknown", Outcome.UNDETERMINED, name=uri)
    return Bound(DIGESTS[uri], base64_of(value))


def _policy(about: Element | None) -> str | None:
    if about is None:
        return None
    found = about.find(f"{XADES}SignaturePolicyIdentifier/{XADES}SignaturePolicyId")
    return None if found is None else _text(found, f"{XADES}SigPolicyId/{XADES}Identifier").strip() or "?"


def _stamp(element: Element, kind: str) -> Stamp:
    children = _elements(element)
    tokens = [child for child in children if child.tag == XADES + "EncapsulatedTimeStamp"]
    methods = [child for child in children if child.tag == DS + "CanonicalizationMethod"]
    if len(tokens) != 1 or len(methods) > 1 or len(children) != len(tokens) + len(methods):
        raise malformed(f"{etree.QName(element).localname} is not one RFC 3161 token")
    uri = algorithm_of(methods[0]) if methods else C14n().uri
    if uri not in METHODS:
        raise malformed(f"canonicalisation {uri} of a time-stamp")
    return Stamp(kind, element, C14n(uri), _decoded(tokens[0]))


def _brought(unsigned: tuple[Element, ...], limits: Limits) -> Gathered:
    """Certificates and revocation answers among the unsigned properties: evidence, proven like any other."""
    values = [one for one in unsigned if etree.QName(one).localname in _VALUES]
    brought = Gathered(
        certificates=_all(values, "EncapsulatedX509Certificate"),
        crls=_all(values, "EncapsulatedCRLValue"),
        ocsps=_all(values, "EncapsulatedOCSPValue"),
    )
    count = len(brought.certificates) + len(brought.crls) + len(brought.ocsps)
    within("long-term values", count, limits.values)
    return brought


_VALUES = frozenset({"CertificateValues", "RevocationValues", "TimeStampValidationData"})


def _all(values: list[Element], name: str) -> tuple[bytes, ...]:
    return tuple(_decoded(found) for one in values for found in one.iter(XADES + name))


def _decoded(element: Element) -> bytes:
    """Base64 as tools write it, with any line ends; no other element or comment inside."""
    try:
        if len(element):
            raise ValueError
        return base64.b64decode("".join((element.text or "").split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise malformed(f"{etree.QName(element).localname} is not base64") from error


def _elements(parent: Element | None) -> list[Element]:
    return [] if parent is None else [child for child in parent if isinstance(child.tag, str)]


def _text(parent: Element | None, path: str) -> str:
    return (parent.findtext(path) or "") if parent is not None else ""


def _not_signed(reason: str) -> Unsound:
    return Unsound(SubIndication.FORMAT_FAILURE, "structure.wrong", reason=reason)
