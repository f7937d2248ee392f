"""Signing a packet: one reference to the Body by Id (or to the whole document), one to the claimed time.

Digests are made here by exclusive C14N written by lxml directly, which is right for sub-elements, and named in
an explicit Transform; nothing of the verifier's canonicalisation is used, so that a fault there shows.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from gateway import safexml
from gateway.domain.errors import Misconfigured, Rejected, problem

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

_DS = "http://www.w3.org/2000/09/xmldsig#"
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_ENVELOPED = _DS + "enveloped-signature"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_RSA_PSS = "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1"
_ECDSA = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
_PLACES = {"leader": "Leader", "agency": "Agency"}


class XmlSigner:
    """`ports.Signer`: signs as `role` (leader, agency) with RSASSA-PSS or ECDSA over SHA-256.

    By default the Body, by its Id, so that both roles can sign in any order. `enveloped` signs the whole
    packet as it then stands: whatever is added later, a further signature too, breaks it.
    """

    def __init__(self, key: PrivateKey, certificate: x509.Certificate, role: str, *, enveloped: bool = False) -> None:
        if role not in _PLACES:
            raise Misconfigured(problem("F-005", file="-", key="role", reason=f"{role!r} is not leader or agency"))
        if key.public_key() != certificate.public_key():
            raise Misconfigured(problem("F-005", file="-", key=role, reason="the key is not the certificate's"))
        self._key, self._certificate = key, certificate
        self._role, self._enveloped = role, enveloped

    def sign(self, document: bytes, at: datetime) -> bytes:
        """The packet with one more signature, claiming `at`.

        Raises `Misconfigured` when the certificate is not valid then; `Rejected` for what is no packet,
        has no Body with an Id, or is signed at that place already.
        """
        if not self._certificate.not_valid_before_utc <= at <= self._certificate.not_valid_after_utc:
            raise Misconfigured(problem("F-005", file="-", key=self._role, reason="the certificate is not valid now"))
        root = safexml.parse(document)
        body = root.find("{*}Body")
        if body is None or not body.get("Id"):
            raise Rejected(problem("C-001", line=1, reason="there is no Body with an Id"))
        self._fill(_place(root, _PLACES[self._role]), root if self._enveloped else body, at)
        return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")

    def _fill(self, place: etree._Element, content: etree._Element, at: datetime) -> None:
        digest = _digest(content)  # before the signature is there: what `enveloped-signature` will leave out
        signature = etree.SubElement(place, f"{{{_DS}}}Signature", nsmap={"ds": _DS})
        info, value, key_info = (_add(signature, name) for name in ("SignedInfo", "SignatureValue", "KeyInfo"))
        claim = self._claim(signature, at)
        _add(info, "CanonicalizationMethod", Algorithm=_EXCLUSIVE)
        _add(info, "SignatureMethod", Algorithm=_RSA_PSS if isinstance(self._key, rsa.RSAPrivateKey) else _ECDSA)
        if self._enveloped:
            _reference(info, "", (_ENVELOPED, _EXCLUSIVE), digest)
        else:
            _reference(info, f"#{content.get('Id')}", (_EXCLUSIVE,), digest)
        _reference(info, f"#{claim.get('Id')}", (_EXCLUSIVE,), _digest(claim))
        der = self._certificate.public_bytes(Encoding.DER)
        _add(_add(key_info, "X509Data"), "X509Certificate").text = base64.b64encode(der).decode()
        value.text = base64.b64encode(self._value(_canonical(info))).decode()

    def _claim(self, signature: etree._Element, at: datetime) -> etree._Element:
        claim = _add(signature, "Object", Id=f"{self._role}-claim")
        signature.set("Id", f"{self._role}-signature")
        properties = _add(claim, "SignatureProperties")
        told = _add(properties, "SignatureProperty", Target=f"#{self._role}-signature")
        etree.SubElement(told, "SigningTime").text = at.isoformat(timespec="seconds")
        return claim

    def _value(self, data: bytes) -> bytes:
        sha256 = hashes.SHA256()
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, padding.PSS(padding.MGF1(sha256), sha256.digest_size), sha256)
        width = (self._key.curve.key_size + 7) // 8
        r, s = decode_dss_signature(self._key.sign(data, ec.ECDSA(sha256)))
        return r.to_bytes(width, "big") + s.to_bytes(width, "big")


def _place(root: etree._Element, name: str) -> etree._Element:
    """The empty place of a signature, made together with Signatures where it is not there."""
    namespace = etree.QName(root).namespace
    signatures = _child(root, namespace, "Signatures")
    place = _child(signatures, namespace, name)
    if name == "Leader" and signatures.index(place) > 0:
        signatures.insert(0, place)  # the schema's order
    if len(place):
        raise Rejected(problem("C-001", line=place.sourceline or 1, reason=f"{name} has signed already"))
    return place


def _child(parent: etree._Element, namespace: str | None, name: str) -> etree._Element:
    tag = str(etree.QName(namespace, name))
    found = parent.find(tag)
    return found if found is not None else etree.SubElement(parent, tag)


def _reference(info: etree._Element, uri: str, transforms: tuple[str, ...], digest: bytes) -> None:
    reference = _add(info, "Reference", URI=uri)
    steps = _add(reference, "Transforms")
    for transform in transforms:
        _add(steps, "Transform", Algorithm=transform)
    _add(reference, "DigestMethod", Algorithm=_SHA256)
    _add(reference, "DigestValue").text = base64.b64encode(digest).decode()


def _add(parent: etree._Element, name: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{_DS}}}{name}", attributes)


def _digest(element: etree._Element) -> bytes:
    return hashlib.sha256(_canonical(element)).digest()


def _canonical(element: etree._Element) -> bytes:
    what = element if element.getparent() is not None else element.getroottree()
    return etree.tostring(what, method="c14n", exclusive=True, with_comments=False)
