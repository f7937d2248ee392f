"""XAdES signatures as other tools write them, B to LTA, made without any code of the room but lxml's exclusive form."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from gateway.sandbox.ca_stamps import token
from gateway.signing.xml.sign import PrivateKey

DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
XADES141 = "http://uri.etsi.org/01903/v1.4.1#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
N = "urn:report-gateway:national:1"


def canonical(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def add(
    parent: etree._Element, name: str, text: str | None = None, *, ns: str = DS, **attributes: str
) -> etree._Element:
    element = etree.SubElement(parent, f"{{{ns}}}{name}", attributes)
    element.text = text
    return element


@dataclass
class Tsa:
    """A time-stamping authority's key and chain."""

    key: PrivateKey
    chain: Sequence[x509.Certificate]

    def stamp(self, data: bytes, at: datetime) -> bytes:
        return token(hashlib.sha256(data).digest(), self.key, self.chain, at)


@dataclass
class Xades:
    """One signature being written into a packet: over its Body and its own properties."""

    packet: bytes
    key: PrivateKey
    certificate: x509.Certificate
    role: str = "Agency"
    bound: x509.Certificate | None = None
    bind: bool = True
    target: str | None = None
    policy: str | None = None
    at: datetime | None = None
    root: etree._Element = field(init=False)
    signature: etree._Element = field(init=False)

    def __post_init__(self) -> None:
        self.root = etree.fromstring(self.packet)
        body = self.root.find(f"{{{N}}}Body")
        assert body is not None
        self.signature = add(self._place(), "Signature", Id=f"sig-{self.role}")
        info, value, key_info = (add(self.signature, name) for name in ("SignedInfo", "SignatureValue", "KeyInfo"))
        signed = self._properties()
        add(info, "CanonicalizationMethod", Algorithm=EXCLUSIVE)
        add(info, "SignatureMethod", Algorithm=self._algorithm())
        self._reference(info, "#body", body)
        self._reference(info, f"#props-{self.role}", signed, Type="http://uri.etsi.org/01903#SignedProperties")
        der = self.certificate.public_bytes(Encoding.DER)
        add(add(key_info, "X509Data"), "X509Certificate", b64(der))
        value.text = b64(self._value(canonical(info)))

    def written(self) -> bytes:
        return etree.tostring(self.root)

    def with_timestamp(self, tsa: Tsa, at: datetime, over: Callable[[bytes], bytes] = lambda data: data) -> Xades:
        """T. `over` spoils what the time-stamp is over."""
        value = self.signature.find(f"{{{DS}}}SignatureValue")
        assert value is not None
        return self._stamped("SignatureTimeStamp", XADES, tsa.stamp(over(canonical(value)), at))

    def with_values(
        self, certificates: Sequence[x509.Certificate], crls: Sequence[bytes], ocsps: Sequence[bytes] = ()
    ) -> Xades:
        """LT: everything that is needed to judge it without a network."""
        unsigned = self._unsigned()
        held = add(unsigned, "CertificateValues", ns=XADES)
        for one in certificates:
            add(held, "EncapsulatedX509Certificate", b64(one.public_bytes(Encoding.DER)), ns=XADES)
        held = add(unsigned, "RevocationValues", ns=XADES)
        for kind, values in (("CRL", crls), ("OCSP", ocsps)):
            if values:
                inner = add(held, f"{kind}Values", ns=XADES)
                for value in values:
                    add(inner, f"Encapsulated{kind}Value", b64(value), ns=XADES)
        return self

    def with_archive(self, tsa: Tsa, at: datetime, over: Callable[[bytes], bytes] = lambda data: data) -> Xades:
        """LTA: over the references, SignedInfo, value, key, and the unsigned properties so far."""
        body, signed = self.root.find(f"{{{N}}}Body"), self.signature.find(f".//{{{XADES}}}SignedProperties")
        assert body is not None
        assert signed is not None
        parts = [body, signed, *self.signature[:3], *self._unsigned()]
        data = b"".join(canonical(part) for part in parts)
        return self._stamped("ArchiveTimeStamp", XADES141, tsa.stamp(over(data), at))

    def _stamped(self, name: str, ns: str, stamp: bytes) -> Xades:
        held = add(self._unsigned(), name, ns=ns)
        add(held, "CanonicalizationMethod", Algorithm=EXCLUSIVE)
        add(held, "EncapsulatedTimeStamp", b64(stamp), ns=XADES)
        return self

    def _unsigned(self) -> etree._Element:
        holder = self.signature.find(f".//{{{XADES}}}QualifyingProperties")
        assert holder is not None
        found = holder.find(f"{{{XADES}}}UnsignedProperties/{{{XADES}}}UnsignedSignatureProperties")
        if found is not None:
            return found
        return add(add(holder, "UnsignedProperties", ns=XADES), "UnsignedSignatureProperties", ns=XADES)

    def _place(self) -> etree._Element:
        signatures = self.root.find(f"{{{N}}}Signatures")
        if signatures is None:
            signatures = add(self.root, "Signatures", ns=N)
        return add(signatures, self.role, ns=N)

    def _properties(self) -> etree._Element:
        target = self.target or f"#sig-{self.role}"
        holder = etree.SubElement(
            add(self.signature, "Object"),
            f"{{{XADES}}}QualifyingProperties",
            {"Target": target},
            nsmap={"xades": XADES},
        )
        signed = add(holder, "SignedProperties", ns=XADES, Id=f"props-{self.role}")
        about = add(signed, "SignedSignatureProperties", ns=XADES)
        if self.at is not None:
            add(about, "SigningTime", self.at.isoformat(), ns=XADES)
        if self.bind:
            cert = add(add(about, "SigningCertificateV2", ns=XADES), "Cert", ns=XADES)
            digest = add(cert, "CertDigest", ns=XADES)
            add(digest, "DigestMethod", Algorithm=SHA256)
            bound = (self.bound or self.certificate).public_bytes(Encoding.DER)
            add(digest, "DigestValue", b64(hashlib.sha256(bound).digest()))
        if self.policy is not None:
            held = add(add(about, "SignaturePolicyIdentifier", ns=XADES), "SignaturePolicyId", ns=XADES)
            add(add(held, "SigPolicyId", ns=XADES), "Identifier", self.policy, ns=XADES)
        return signed

    def _reference(self, info: etree._Element, uri: str, content: etree._Element, **attributes: str) -> None:
        reference = add(info, "Reference", URI=uri, **attributes)
        add(add(reference, "Transforms"), "Transform", Algorithm=EXCLUSIVE)
        add(reference, "DigestMethod", Algorithm=SHA256)
        add(reference, "DigestValue", b64(hashlib.sha256(canonical(content)).digest()))

    def _algorithm(self) -> str:
        more = "http://www.w3.org/2001/04/xmldsig-more#"
        return more + ("rsa-sha256" if isinstance(self.key, rsa.RSAPrivateKey) else "ecdsa-sha256")

    def _value(self, data: bytes) -> bytes:
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        r, s = decode_dss_signature(self.key.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")
