"""Signature wrapping: the signed Body is moved and another put in its place. Nothing of the kind passes."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree.ElementTree import canonicalize

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from gateway.domain.verdict import Indication
from gateway.signing import SignatureVerifier
from gateway.signing.xml.sign import XmlSigner
from tests.signing.authority import NOW, Authority
from tests.signing.conftest import POLICIES, Room, outcome, packet

DS = "{http://www.w3.org/2000/09/xmldsig#}"
N = "{urn:report-gateway:national:1}"
Attack = Callable[[etree._Element, etree._Element, etree._Element], None]


def _evil_first(root: etree._Element, good: etree._Element, evil: etree._Element) -> None:
    good.addprevious(evil)


def _evil_last(root: etree._Element, good: etree._Element, evil: etree._Element) -> None:
    root.append(evil)


def _in_wrapper(root: etree._Element, good: etree._Element, evil: etree._Element) -> None:
    root.replace(good, evil)
    etree.SubElement(root, "Wrapper").append(good)


def _in_header(root: etree._Element, good: etree._Element, evil: etree._Element) -> None:
    root.replace(good, evil)
    root[0].append(good)


def _in_object(root: etree._Element, good: etree._Element, evil: etree._Element) -> None:
    root.replace(good, evil)
    for signature in root.iter(DS + "Signature"):
        etree.SubElement(signature, DS + "Object").append(good)
        return


def _in_signatures(root: etree._Element, good: etree._Element, evil: etree._Element) -> None:
    root.replace(good, evil)
    root[-1].append(good)


def _in_evil(root: etree._Element, good: etree._Element, evil: etree._Element) -> None:
    root.replace(good, evil)
    evil.append(good)


def _around(root: etree._Element, good: etree._Element, evil: etree._Element) -> None:
    root.replace(good, evil)
    inner = etree.SubElement(root, N + "Packet")
    inner.append(good)


ATTACKS: list[Attack] = [
    _evil_first, _evil_last, _in_wrapper, _in_header, _in_object, _in_signatures, _in_evil, _around,
]  # fmt: skip


def _attacked(signed: bytes, attack: Attack, evil_id: str | None) -> bytes:
    root = etree.fromstring(signed)
    good = root.find(N + "Body")
    assert good is not None
    evil = etree.fromstring(etree.tostring(good).replace(b"100.5", b"999.5"))
    if evil_id is None:
        del evil.attrib["Id"]
    else:
        evil.set("Id", evil_id)
    attack(root, good, evil)
    return etree.tostring(root)


@pytest.mark.parametrize("policy", ["vn-report-xml", "vn-report-xml-agency"])
@pytest.mark.parametrize("evil_id", [None, "body", "other"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_a_moved_body_never_passes(room: Room, attack: Attack, evil_id: str | None, policy: str) -> None:
    signed = room.by_agency(packet()) if policy.endswith("agency") else room.signed()
    assert room.verify(signed, policy).integrity == "passed"
    verdict = room.verify(_attacked(signed, attack, evil_id), policy)
    assert verdict.indication is not Indication.TOTAL_PASSED
    assert verdict.integrity == "failed"


@pytest.mark.parametrize("name", ["Id", "ID", "id", "{http://www.w3.org/XML/1998/namespace}id"])
def test_an_identifier_used_twice_is_a_format_failure(room: Room, name: str) -> None:
    root = etree.fromstring(room.signed())
    root[0].set(name, "body")
    assert outcome(room.verify(etree.tostring(root))) == "TOTAL-FAILED FORMAT_FAILURE"


def test_a_body_added_in_a_large_packet_does_not_pass_either(room: Room) -> None:
    # above the size that is scanned for identifiers only the position binds
    signed = room.signed(packet(16_000))
    assert len(signed) > 1024 * 1024
    assert room.verify(signed).passed
    for attack in ATTACKS:
        assert not room.verify(_attacked(signed, attack, "body")).passed


def test_a_signature_at_an_unexpected_place_is_named(room: Room) -> None:
    root = etree.fromstring(room.signed())
    root.append(root[-1][0][0])
    verdict = room.verify(etree.tostring(root))
    assert outcome(verdict) == "INDETERMINATE SIG_CONSTRAINTS_FAILURE"


def test_elements_nobody_signed_are_named(room: Room) -> None:
    root = etree.fromstring(room.signed())
    etree.SubElement(root, N + "Extra").text = "1"
    verdict = room.verify(etree.tostring(root))
    assert outcome(verdict) == "INDETERMINATE SIGNED_DATA_NOT_FOUND"
    assert any("/Packet/Extra" in check.en for check in verdict.checks)


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> tuple[SignatureVerifier, bytes]:
    authority = Authority()
    signed = packet()
    for role, organisation in (("leader", None), ("agency", "H56")):
        signed = XmlSigner(*authority.issue(role, organisation), role).sign(signed, NOW)
    trust = authority.write_trust(tmp_path_factory.mktemp("sealed") / "trust")
    return SignatureVerifier(POLICIES, trust, authority), signed


def _canonical_body(document: bytes) -> str | None:
    """By the standard library's own canonicalisation, not by the room's."""
    try:
        root = etree.fromstring(document)
    except etree.XMLSyntaxError:
        return None
    body = root.find(N + "Body")
    return None if body is None else canonicalize(etree.tostring(body, encoding="unicode", with_tail=False))


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_single_byte_changed_inside_the_body_passes(
    sealed: tuple[SignatureVerifier, bytes], data: st.DataObject
) -> None:
    verifier, signed = sealed
    start, end = signed.index(b"<Body"), signed.index(b"</Body>") + 7
    place = data.draw(st.integers(start, end - 1))
    value = data.draw(st.integers(0, 255))
    changed = signed[:place] + bytes([value]) + signed[place + 1 :]
    verdict = verifier.verify(changed, None, "vn-report-xml", NOW)
    # white space inside a tag is no content: there the canonical Body, and so what is read, is the same
    assert verdict.passed is (_canonical_body(changed) == _canonical_body(signed))


@settings(max_examples=300, deadline=None)
@given(payload=st.binary(max_size=300))
def test_any_bytes_get_a_verdict(sealed: tuple[SignatureVerifier, bytes], payload: bytes) -> None:
    verifier, signed = sealed
    assert not verifier.verify(payload, None, "vn-report-xml", NOW).passed
    assert not verifier.verify(signed, payload, "integrity-only", NOW).passed
    spliced = signed.replace(b"<ds:SignatureValue>", b"<ds:SignatureValue>" + payload + b" ", 1)
    verifier.verify(spliced, None, "vn-report-xml", NOW)


@settings(max_examples=300, deadline=None)
@given(place=st.integers(0, 10_000), value=st.integers(0, 255))
def test_any_byte_of_the_packet_may_be_wrong_without_an_accident(
    sealed: tuple[SignatureVerifier, bytes], place: int, value: int
) -> None:
    verifier, signed = sealed
    at = place % len(signed)
    verifier.verify(signed[:at] + bytes([value]) + signed[at + 1 :], None, "vn-report-xml", NOW)
