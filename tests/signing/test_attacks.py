"""What attackers write into XML signatures, row by row: transforms, references, keys, values; and every signed bit flipped."""

from __future__ import annotations

import hmac
import random
import re
import time
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree

from gateway.domain.verdict import Verdict
from gateway.signing.xml.sign import PrivateKey
from tests.signing.authority import NOW, new_rsa
from tests.signing.conftest import Room, outcome, packet
from tests.signing.xades import DS, EXCLUSIVE, Tsa, Xades, add, b64, canonical

AGENCY = "vn-report-xml-agency"
HOUR = timedelta(hours=1)
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
XSLT = (
    '<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"><xsl:template match="/">'
    '<xsl:for-each select="//*"><xsl:for-each select="//*"><xsl:for-each select="//*">x</xsl:for-each>'
    "</xsl:for-each></xsl:for-each></xsl:template></xsl:stylesheet>"
)
TRANSFORMS = {
    "XSLT": f'<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116">{XSLT}</ds:Transform>',
    "XPath": f'<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>{"(" * 50}count(//*)'
    f"{')' * 50}</ds:XPath></ds:Transform>",
    "filter 2": '<ds:Transform Algorithm="http://www.w3.org/2002/06/xmldsig-filter2"/>',
    "base64": f'<ds:Transform Algorithm="{DS}base64"/>',
    "decryption": '<ds:Transform Algorithm="http://www.w3.org/2002/07/decrypt#XML"/>',
    "a chain": f'<ds:Transform Algorithm="{EXCLUSIVE}"/>' * 60,
}
URIS = [
    "file:///etc/passwd",
    "http://127.0.0.1/x",
    "cid:x",
    "../x",
    "#xpointer(/)",
    "#xpointer(id('body'))",
    "#",
    "#none",
    "x",
]


def resigned(
    room: Room, change: object, signer: tuple[PrivateKey, x509.Certificate] | None = None, method: str = ""
) -> bytes:
    """A packet whose SignedInfo was changed before it was signed: the attacker holds a key of his own."""
    key, certificate = signer or room.agency
    xades = Xades(packet(), key, certificate, at=NOW)
    info = xades.signature.find(f"{{{DS}}}SignedInfo")
    assert info is not None
    change(info)  # type: ignore[operator]
    if method:
        info[1].set("Algorithm", method)
    value = xades.signature.find(f"{{{DS}}}SignatureValue")
    assert value is not None
    value.text = b64(_value(key, canonical(info)))
    return xades.written()


def _value(key: PrivateKey, data: bytes) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    r, s = decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def refused(verdict: Verdict, *subs: str) -> None:
    assert not verdict.passed
    assert verdict.sub_indication in subs, outcome(verdict)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_transform_not_on_the_list_is_refused_at_once_though_well_signed(room: Room, name: str) -> None:
    wanted = etree.fromstring(f'<ds:Transforms xmlns:ds="{DS}">{TRANSFORMS[name]}</ds:Transforms>')

    def change(info: etree._Element) -> None:
        reference = info.find(f"{{{DS}}}Reference")
        assert reference is not None
        reference.replace(reference[0], wanted)

    hostile, verifier = resigned(room, change), room.verifier()
    verifier.verify(b"<warm/>", None, AGENCY, NOW)
    began = time.process_time()
    verdict = verifier.verify(hostile, None, AGENCY, NOW)
    assert time.process_time() - began < 0.5  # the bomb itself would take seconds
    refused(verdict, "FORMAT_FAILURE")


@pytest.mark.parametrize("uri", URIS)
def test_a_reference_that_leads_outside_is_refused_though_well_signed(room: Room, uri: str) -> None:
    verdict = room.verify(resigned(room, lambda info: info[2].set("URI", uri)), AGENCY)
    refused(verdict, "SIGNED_DATA_NOT_FOUND", "FORMAT_FAILURE")
    assert room.authority.asked == []


def test_a_reference_without_uri_and_too_many_of_them_are_refused(room: Room) -> None:
    refused(room.verify(resigned(room, lambda info: info[2].attrib.pop("URI")), AGENCY), "FORMAT_FAILURE")

    def many(info: etree._Element) -> None:
        for _ in range(900):
            info.append(etree.fromstring(etree.tostring(info[2])))

    refused(room.verify(resigned(room, many), AGENCY), "FORMAT_FAILURE")


@pytest.mark.parametrize("form", ["PEM", "DER"])
def test_a_public_key_is_no_secret(room: Room, form: str) -> None:
    key, _ = room.agency
    public = key.public_key().public_bytes(getattr(Encoding, form), PublicFormat.SubjectPublicKeyInfo)
    root = etree.fromstring(resigned(room, lambda info: info[1].set("Algorithm", MORE + "hmac-sha256")))
    info = next(root.iter(f"{{{DS}}}SignedInfo"))
    next(root.iter(f"{{{DS}}}SignatureValue")).text = b64(hmac.digest(public, canonical(info), "sha256"))
    refused(room.verify(etree.tostring(root), AGENCY), "FORMAT_FAILURE")
    add(info[1], "HMACOutputLength", "0")
    next(root.iter(f"{{{DS}}}SignatureValue")).text = ""
    refused(room.verify(etree.tostring(root), AGENCY), "FORMAT_FAILURE")


def test_a_key_beside_or_instead_of_a_certificate_is_not_believed(room: Room) -> None:
    key = new_rsa()
    numbers = key.public_key().public_numbers()
    modulus = b64(numbers.n.to_bytes(256, "big"))
    value = f'<ds:KeyValue xmlns:ds="{DS}"><ds:RSAKeyValue><ds:Modulus>{modulus}</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>'
    _, genuine = room.agency
    root = etree.fromstring(resigned(room, lambda info: None, (key, genuine), MORE + "rsa-sha256"))
    holder = next(root.iter(f"{{{DS}}}KeyInfo"))
    holder.insert(0, etree.fromstring(value))
    refused(room.verify(etree.tostring(root), AGENCY), "SIG_CRYPTO_FAILURE")
    for part in holder.findall(f"{{{DS}}}X509Data"):
        holder.remove(part)
    refused(room.verify(etree.tostring(root), AGENCY), "NO_SIGNING_CERTIFICATE_FOUND")
    add(holder, "RetrievalMethod", URI="file:///etc/passwd")
    refused(room.verify(etree.tostring(root), AGENCY), "NO_SIGNING_CERTIFICATE_FOUND")


def test_a_certificate_signed_by_itself_leads_nowhere(room: Room) -> None:
    stranger = type(room.authority)("Gốc thử nghiệm")  # bears the very name of the one we trust
    key, certificate = stranger.issue("Uỷ ban", "H56")
    refused(room.verify(resigned(room, lambda info: None, (key, certificate)), AGENCY), "NO_CERTIFICATE_CHAIN_FOUND")


SPOILT = {
    "two SignedInfo": (b"</ds:SignedInfo>", b"</ds:SignedInfo><ds:SignedInfo/>"),
    "a comment in a digest": (b"<ds:DigestValue>", b"<ds:DigestValue><!-- -->"),
    "a comment in the value": (b"<ds:SignatureValue>", b"<ds:SignatureValue><!-- -->"),
    "an element in the value": (b"<ds:SignatureValue>", b"<ds:SignatureValue><x/>"),
    "an unknown child": (b"<ds:KeyInfo>", b"<ds:Evil/><ds:KeyInfo>"),
    "an instruction in SignedInfo": (b"<ds:SignatureMethod", b"<?x y?><ds:SignatureMethod"),
    "padding in base 64": (b"</ds:SignatureValue>", b"====</ds:SignatureValue>"),
    "another namespace": (DS.encode(), b"http://www.w3.org/2000/09/xmldsig1#"),
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_signature_of_another_shape_is_refused(room: Room, name: str) -> None:
    old, new = SPOILT[name]
    signed = room.signed()
    assert old in signed
    assert not room.verify(signed.replace(old, new)).passed


@pytest.mark.parametrize(
    "value", [bytes(64), b"\xff" * 64, bytes(63) + b"\x01", bytes(31) + b"\x01" + bytes(31) + b"\x01", b"\0" * 65]
)
def test_edge_values_of_ecdsa_are_wrong(room: Room, value: bytes) -> None:
    root = etree.fromstring(room.by_agency(packet()))
    next(root.iter(f"{{{DS}}}SignatureValue")).text = b64(value)
    refused(room.verify(etree.tostring(root), AGENCY), "SIG_CRYPTO_FAILURE")


def test_der_instead_of_the_fixed_length_is_wrong(room: Room) -> None:
    key, _certificate = room.agency
    root = etree.fromstring(resigned(room, lambda info: None))
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    der = key.sign(canonical(next(root.iter(f"{{{DS}}}SignedInfo"))), ec.ECDSA(hashes.SHA256()))
    next(root.iter(f"{{{DS}}}SignatureValue")).text = b64(der)
    refused(room.verify(etree.tostring(root), AGENCY), "SIG_CRYPTO_FAILURE")


def test_a_weak_key_is_refused(room: Room) -> None:
    key = rsa.generate_private_key(65537, 1024)
    signer = room.authority.issue("Uỷ ban", "H56", key=key)
    refused(
        room.verify(resigned(room, lambda info: None, signer, MORE + "rsa-sha256"), AGENCY),
        "CRYPTO_CONSTRAINTS_FAILURE",
    )


CLASSES = {
    "the body": rb"<Body.*?</Body>",
    "SignedInfo": rb"<ds:SignedInfo>.*?</ds:SignedInfo>|<ns0:SignedInfo>.*?</ns0:SignedInfo>",
    "the value": rb"SignatureValue>.*?</",
    "a digest": rb"DigestValue>.*?</",
    "the certificate": rb"X509Certificate>.*?</",
    "the properties": rb"<xades:SignedProperties.*?</xades:SignedProperties>",
    "the time-stamp": rb"EncapsulatedTimeStamp>.*?</",
    "a list": rb"EncapsulatedCRLValue>.*?</",
}


@pytest.mark.parametrize("name", CLASSES)
def test_no_flipped_bit_of_what_is_signed_passes_as_it_was(room: Room, name: str) -> None:
    key, certificate = room.authority.issue_tsa()
    tsa = Tsa(key, [certificate, room.authority.sub.certificate])
    lists = [room.authority.root.crl(NOW), room.authority.sub.crl(NOW)]
    full = Xades(packet(), *room.agency, at=NOW - HOUR).with_timestamp(tsa, NOW - HOUR)
    signed = full.with_values([room.authority.sub.certificate], lists).with_archive(tsa, NOW).written()
    verifier = room.verifier(offline=True)
    whole = verifier.verify(signed, None, AGENCY, NOW)
    assert whole.passed
    found = re.search(CLASSES[name], signed, re.DOTALL)
    assert found is not None, name
    chance = random.Random(name)
    for _ in range(40):
        place = chance.randrange(*found.span())
        changed = signed[:place] + bytes([signed[place] ^ 1 << chance.randrange(8)]) + signed[place + 1 :]
        if _same(changed, signed):
            continue  # white space or letter case that XML itself takes for the same
        verdict = verifier.verify(changed, None, AGENCY, NOW)
        assert not verdict.passed, (name, place)


def _same(one: bytes, other: bytes) -> bool:
    try:
        return etree.tostring(etree.fromstring(one), method="c14n") == etree.tostring(
            etree.fromstring(other), method="c14n"
        )
    except etree.XMLSyntaxError:
        return False


def test_a_value_of_another_document_does_not_fit(room: Room) -> None:
    one, other = room.by_agency(packet()), room.by_agency(packet(3))
    body = re.compile(rb"<Body.*?</Body>", re.DOTALL)
    mixed = body.sub(lambda _: body.search(other).group(), one)  # type: ignore[union-attr]
    refused(room.verify(mixed, AGENCY), "HASH_FAILURE")


def test_the_time_stamp_of_a_stranger_does_not_make_an_expired_certificate_good(room: Room) -> None:
    stranger = type(room.authority)("Gốc lạ")
    key, certificate = stranger.issue_tsa()
    room.agency = room.authority.issue("Uỷ ban", "H56", until=NOW - HOUR)
    tsa = Tsa(key, [certificate, stranger.sub.certificate, stranger.root.certificate])
    forged = Xades(packet(), *room.agency, at=NOW - 2 * HOUR).with_timestamp(tsa, NOW - 2 * HOUR)
    verdict = room.verify(forged.written(), AGENCY)
    assert outcome(verdict) == "INDETERMINATE EXPIRED"
