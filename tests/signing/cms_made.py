"""CMS signatures built piece by piece, so that a test can build a wrong one. Nothing of the verifier is used."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.signing.algorithms import Scheme
from gateway.signing.keys import Key, scheme_of
from tests.signing.authority import NOW

DATA = "1.2.840.113549.1.7.1"


def certificate_of(key: Key) -> asn1.Certificate:
    return asn1.Certificate.load(key.certificate.public_bytes(Encoding.DER))


@dataclass
class Making:
    """How a signature is made. `attributes`: a last hand on the signed ones, in order."""

    content: bytes
    key: Key
    detached: bool = True
    content_type: str = DATA
    named: str = "data"
    digest: str = "sha256"
    bound: x509.Certificate | None = None
    plain: bool = False
    signed: bool = True
    scheme: Scheme | None = None
    certificates: Sequence[bytes] | None = None
    by_key_id: bool = False
    attributes: Callable[[list[Any]], list[Any]] = field(default=lambda found: found)
    unsigned: Sequence[tuple[str, Any]] = ()

    def made(self) -> bytes:
        return envelope([self.signer()], self)

    def signer(self) -> Any:
        scheme = self.scheme or scheme_of(self.key.certificate)
        attributes = cms.CMSAttributes(self.attributes(self._attributes()))
        data = attributes.dump() if self.signed else self.content
        info: dict[str, Any] = {
            "version": "v1",
            "sid": self._sid(),
            "digest_algorithm": {"algorithm": self.digest},
            "signature_algorithm": _algorithm(scheme),
            "signature": self.key.sign(data, scheme),
        }
        if self.signed:
            info["signed_attrs"] = attributes
        if self.unsigned:
            info["unsigned_attrs"] = [{"type": oid, "values": [value]} for oid, value in self.unsigned]
        return cms.SignerInfo(info)

    def _sid(self) -> Any:
        own = certificate_of(self.key)
        if self.by_key_id:
            return cms.SignerIdentifier({"subject_key_identifier": own.key_identifier})
        return cms.IssuerAndSerialNumber({"issuer": own.issuer, "serial_number": own.serial_number})

    def _attributes(self) -> list[Any]:
        digest = hashlib.new(self.digest, self.content).digest()
        found = [
            attribute("content_type", self.named),
            attribute("message_digest", digest),
            attribute("signing_time", cms.Time({"utc_time": NOW})),
        ]
        if not self.plain:
            bound = self.bound or self.key.certificate
            one = tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(bound.public_bytes(Encoding.DER)).digest()})
            found.append(attribute("signing_certificate_v2", tsp.SigningCertificateV2({"certs": [one]})))
        return found


def attribute(name: str, value: Any) -> Any:
    return cms.CMSAttribute({"type": name, "values": [value]})


def envelope(signers: Sequence[Any], making: Making) -> bytes:
    given = making.certificates
    if given is None:
        given = [making.key.certificate.public_bytes(Encoding.DER)]
    inner: dict[str, Any] = {"content_type": making.content_type}
    if not making.detached:
        inner["content"] = core.OctetString(making.content)
    signed = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [{"algorithm": making.digest}],
            "encap_content_info": inner,
            "certificates": [asn1.Certificate.load(one) for one in given],
            "signer_infos": list(signers),
        }
    )
    data: bytes = cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump()
    return data


def at(moment: datetime) -> Any:
    return cms.Time({"utc_time": moment})


def _algorithm(scheme: Scheme) -> Any:
    name = scheme.digest.replace("-", "").lower()
    if scheme.family == "RSA-PSS":
        hashed = algos.DigestAlgorithm({"algorithm": name})
        mask = algos.MaskGenAlgorithm({"algorithm": "mgf1", "parameters": hashed})
        told = {"hash_algorithm": hashed, "mask_gen_algorithm": mask, "salt_length": int(name[3:]) // 8}
        return {"algorithm": "rsassa_pss", "parameters": algos.RSASSAPSSParams(told)}
    return {"algorithm": f"{name}_ecdsa" if scheme.family == "ECDSA" else f"{name}_rsa"}
