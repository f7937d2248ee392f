"""A time-stamping authority (RFC 3161): right, over another imprint, under another's name, or silent."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.sandbox.ca_der import Key, sign

POLICY = "1.3.6.1.4.1.99999.1"


def answered(question: bytes, key: Key, chain: Sequence[x509.Certificate], at: datetime, *, wrong: bool) -> bytes:
    """The TimeStampResp. `wrong`: the token is over other bytes than asked. Raises `ValueError` for no question."""
    try:
        asked = tsp.TimeStampReq.load(question, strict=True)
        imprint = asked["message_imprint"]
        name, value = imprint["hash_algorithm"]["algorithm"].native, imprint["hashed_message"].native
        nonce = asked["nonce"].native
    except (TypeError, KeyError) as error:
        raise ValueError(str(error)) from error
    if wrong:
        value = hashlib.new(name, b"other content").digest()
    made = token(value, key, chain, at, digest=name, nonce=nonce)
    granted = {"status": {"status": "granted"}, "time_stamp_token": cms.ContentInfo.load(made)}
    data: bytes = tsp.TimeStampResp(granted).dump()
    return data


def token(
    imprint: bytes,
    key: Key,
    chain: Sequence[x509.Certificate],
    at: datetime,
    *,
    digest: str = "sha256",
    nonce: int | None = None,
) -> bytes:
    """The token over `imprint`, by `chain[0]`; the chain travels in it."""
    told: dict[str, object] = {
        "version": "v1",
        "policy": POLICY,
        "message_imprint": {"hash_algorithm": {"algorithm": digest}, "hashed_message": imprint},
        "serial_number": secrets.randbits(60),
        "gen_time": at,
        "ordering": False,
    }
    if nonce is not None:
        told["nonce"] = nonce
    content = tsp.TSTInfo(told).dump()
    given = [asn1.Certificate.load(one.public_bytes(Encoding.DER)) for one in chain]
    attributes = _attributes(content, given[0])
    signed_by_rsa = isinstance(key, rsa.RSAPrivateKey)
    signer = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.IssuerAndSerialNumber({"issuer": given[0].issuer, "serial_number": given[0].serial_number}),
            "digest_algorithm": {"algorithm": "sha256"},
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "rsassa_pkcs1v15" if signed_by_rsa else "sha256_ecdsa"},
            "signature": sign(attributes.dump(), key),
        }
    )
    signed = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [{"algorithm": "sha256"}],
            "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(content)},
            "certificates": given,
            "signer_infos": [signer],
        }
    )
    data: bytes = cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump()
    return data


def _attributes(content: bytes, signer: asn1.Certificate) -> cms.CMSAttributes:
    bound = tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(signer.dump()).digest()})
    bound["hash_algorithm"] = algos.DigestAlgorithm({"algorithm": "sha256"})
    return cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
            cms.CMSAttribute({"type": "message_digest", "values": [hashlib.sha256(content).digest()]}),
            cms.CMSAttribute(
                {"type": "signing_certificate_v2", "values": [tsp.SigningCertificateV2({"certs": [bound]})]}
            ),
        ]
    )
