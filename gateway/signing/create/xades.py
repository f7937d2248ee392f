"""XAdES-B-B and B-T (EN 319 132-1) of a packet: its Body by Id, and the signed properties.

Exclusive C14N in an explicit Transform on every reference, so that whoever moves the signed parts finds them alike.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime

from asn1crypto import tsp
from asn1crypto import x509 as asn1
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from gateway import safexml
from gateway.domain.errors import Rejected, problem
from gateway.signing.create.stamp import Stamping
from gateway.signing.keys import Key, fixed_length, scheme_of

_DS = "http://www.w3.org/2000/09/xmldsig#"
_XADES = "http://uri.etsi.org/01903/v1.3.2#"
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_METHODS = {
    ("RSA-PSS", "SHA-256"): "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
    ("RSA-PKCS1v15", "SHA-256"): _MORE + "rsa-sha256",
    ("ECDSA", "SHA-256"): _MORE + "ecdsa-sha256",
    ("ECDSA", "SHA-384"): _MORE + "ecdsa-sha384",
    ("ECDSA", "SHA-512"): _MORE + "ecdsa-sha512",
}
_PLACES = {"leader": "Leader", "agency": "Agency"}


class XadesSigner:
    """`ports.Signer` of packets as `role` (leader, agency). `stamps` None: level B-B."""

    def __init__(self, key: Key, role: str, *, stamps: Stamping | None = None, algorithm: str | None = None) -> None:
        self._key, self._place, self._stamps = key, _PLACES[role], stamps
        self._scheme = scheme_of(key.certificate, algorithm)

    def sign(self, document: bytes, at: datetime) -> bytes:
        """The packet with one more signature. Raises `Rejected` (C-001) for what is no packet, has no Body with an Id,
        or is signed at that place already; `Unavailable` when token or stamp service is away."""
        root = safexml.parse(document)
        body = root.find("{*}Body")
        if body is None or not body.get("Id"):
            raise Rejected(problem("C-001", line=1, reason="there is no Body with an Id"))
        place = _emptied(root, self._place)
        self._fill(place, body, at)
        return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")

    def _fill(self, place: etree._Element, body: etree._Element, at: datetime) -> None:
        name = self._place.lower()
        signature = etree.SubElement(place, f"{{{_DS}}}Signature", {"Id": f"{name}-signature"}, nsmap={"ds": _DS})
        info, value, keys, thing = (
            _ds(signature, one) for one in ("SignedInfo", "SignatureValue", "KeyInfo", "Object")
        )
        qualifying = etree.SubElement(
            thing, f"{{{_XADES}}}QualifyingProperties", {"Target": f"#{name}-signature"}, nsmap={"xades": _XADES}
        )
        properties = self._properties(qualifying, f"{name}-properties", at)
        _ds(info, "CanonicalizationMethod", Algorithm=_EXCLUSIVE)
        _ds(info, "SignatureMethod", Algorithm=_METHODS[self._scheme.family, self._scheme.digest])
        _reference(info, body, None)
        _reference(info, properties, _PROPERTIES)
        data = _ds(keys, "X509Data")
        for der in (self._key.certificate.public_bytes(Encoding.DER), *self._key.chain):
            _ds(data, "X509Certificate").text = base64.b64encode(der).decode()
        made = fixed_length(self._key.sign(_canonical(info), self._scheme), self._key.certificate)
        value.text = base64.b64encode(made).decode()
        if self._stamps is not None:
            self._stamp(qualifying, value, self._stamps)

    def _properties(self, qualifying: etree._Element, name: str, at: datetime) -> etree._Element:
        """SigningTime and SigningCertificateV2, with issuer and number as DER (EN 319 132-1 5.2.2)."""
        own = self._key.certificate.public_bytes(Encoding.DER)
        properties = _xades(qualifying, "SignedProperties", Id=name)
        signed = _xades(properties, "SignedSignatureProperties")
        _xades(signed, "SigningTime").text = at.isoformat(timespec="seconds")
        bound = _xades(_xades(signed, "SigningCertificateV2"), "Cert")
        digest = _xades(bound, "CertDigest")
        _ds(digest, "DigestMethod", Algorithm=_SHA256)
        _ds(digest, "DigestValue").text = base64.b64encode(hashlib.sha256(own).digest()).decode()
        _xades(bound, "IssuerSerialV2").text = base64.b64encode(_issuer_serial(own)).decode()
        return properties

    def _stamp(self, qualifying: etree._Element, value: etree._Element, stamps: Stamping) -> None:
        unsigned = _xades(_xades(qualifying, "UnsignedProperties"), "UnsignedSignatureProperties")
        stamp = _xades(unsigned, "SignatureTimeStamp")
        _ds(stamp, "CanonicalizationMethod", Algorithm=_EXCLUSIVE)
        token = stamps.token_over(_canonical(value))
        _xades(stamp, "EncapsulatedTimeStamp").text = base64.b64encode(token).decode()


def _issuer_serial(der: bytes) -> bytes:
    """IssuerSerial (RFC 5035): GeneralNames with the one directory name, and the number."""
    body = asn1.Certificate.load(der)["tbs_certificate"]
    names = asn1.GeneralNames([asn1.GeneralName("directory_name", body["issuer"])])
    made: bytes = tsp.IssuerSerial({"issuer": names, "serial_number": body["serial_number"].native}).dump()
    return made


def _emptied(root: etree._Element, name: str) -> etree._Element:
    """The empty place of a signature, made where it is not there; Leader stands before Agency, as the schema says."""
    namespace = etree.QName(root).namespace
    signatures = _child(root, namespace, "Signatures")
    place = _child(signatures, namespace, name)
    if name == "Leader" and signatures.index(place) > 0:
        signatures.insert(0, place)
    if len(place):
        raise Rejected(problem("C-001", line=place.sourceline or 1, reason=f"{name} has signed already"))
    return place


def _child(parent: etree._Element, namespace: str | None, name: str) -> etree._Element:
    tag = str(etree.QName(namespace, name))
    found = parent.find(tag)
    return found if found is not None else etree.SubElement(parent, tag)


def _reference(info: etree._Element, content: etree._Element, kind: str | None) -> None:
    reference = _ds(info, "Reference", URI=f"#{content.get('Id')}", **({"Type": kind} if kind else {}))
    _ds(_ds(reference, "Transforms"), "Transform", Algorithm=_EXCLUSIVE)
    _ds(reference, "DigestMethod", Algorithm=_SHA256)
    digest = hashlib.sha256(_canonical(content)).digest()
    _ds(reference, "DigestValue").text = base64.b64encode(digest).decode()


def _ds(parent: etree._Element, name: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{_DS}}}{name}", attributes)


def _xades(parent: etree._Element, name: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{_XADES}}}{name}", attributes)


def _canonical(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)
