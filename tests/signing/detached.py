"""A detached signature as a desktop signing tool writes it, made without any code of the room."""

from __future__ import annotations

import base64
import hashlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

DS = "http://www.w3.org/2000/09/xmldsig#"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
SHA1 = DS + "sha1"


def detached(key: object, certificate: x509.Certificate, payload: bytes, name: str = "bao-cao.json") -> bytes:
    return _enclosed(key, certificate, name, hashlib.sha256(payload).digest(), "")


def _enclosed(
    key: object, certificate: x509.Certificate, uri: str, digest: bytes, inherited: str, method: str = SHA256
) -> bytes:
    """The signature with its SignedInfo written in canonical form by hand (inclusive C14N, no Transforms)."""
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    info = (
        f'<ds:SignedInfo{inherited} xmlns:ds="{DS}">'
        '<ds:CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315">'
        "</ds:CanonicalizationMethod>"
        '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"></ds:SignatureMethod>'
        f'<ds:Reference URI="{uri}"><ds:DigestMethod Algorithm="{method}">'
        f"</ds:DigestMethod><ds:DigestValue>{base64.b64encode(digest).decode()}</ds:DigestValue></ds:Reference>"
        "</ds:SignedInfo>"
    )
    r, s = decode_dss_signature(key.sign(info.encode(), ec.ECDSA(hashes.SHA256())))
    value = base64.b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode()
    leaf = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
    bare = info.replace(f'{inherited} xmlns:ds="{DS}"', "", 1)
    return (
        f'<ds:Signature xmlns:ds="{DS}">{bare}<ds:SignatureValue>{value}</ds:SignatureValue>'
        f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{leaf}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
        "</ds:Signature>"
    ).encode()


def plain(key: object, certificate: x509.Certificate, packet: bytes, method: str = SHA256) -> bytes:
    """The packet with the agency's plain XMLDSig as Vietnamese tools write it: ``#body``, no Transforms.

    The Body's canonical form is made by hand: the packet must be written so that only the inherited
    default namespace is missing from it.
    """
    namespace = ' xmlns="urn:report-gateway:national:1"'
    start, end = packet.index(b"<Body"), packet.index(b"</Body>") + 7
    body = packet[start:end].replace(b"<Body", b"<Body" + namespace.encode(), 1)
    digest = (hashlib.sha1 if method == SHA1 else hashlib.sha256)(body).digest()
    signature = _enclosed(key, certificate, "#body", digest, namespace, method)
    return packet.replace(b"</Packet>", b"<Signatures><Agency>" + signature + b"</Agency></Signatures></Packet>")
