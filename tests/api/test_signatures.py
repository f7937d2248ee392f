"""Signed packets through the front door, under an agreement that requires the leader's and the agency's signature."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree

from gateway.signing.evidence_zip import judged
from gateway.signing.xml.sign import XmlSigner
from tests.api import hostile
from tests.api.house import SIGNED, House
from tests.api.test_hostile_payloads import refused
from tests.signing.authority import Authority

Signers = dict[str, tuple[Any, x509.Certificate]]
XML = "application/xml"


def of_the_sandbox(house: House) -> Signers:
    return {role: house.other_side.issue(role, "H56") for role in ("leader", "agency")}


def signed(signers: Signers, at: datetime | None = None) -> bytes:
    packet = hostile.packet()
    for role, (key, certificate) in signers.items():
        packet = XmlSigner(key, certificate, role).sign(packet, at or datetime.now(UTC))
    return packet


def expired(house: House) -> bytes:
    """Signed while it was valid, by a certificate that is none any more; everything else about it is right."""
    [file] = house.other_side_folder.rglob("issuing.pem")
    issuer = x509.load_pem_x509_certificate(file.read_bytes())
    issuing_key = load_pem_private_key(file.with_suffix(".key").read_bytes(), None)
    assert isinstance(issuing_key, ec.EllipticCurvePrivateKey)
    signers = of_the_sandbox(house)
    key, model = signers["agency"]
    ended = datetime.now(UTC) - timedelta(days=1)
    builder = x509.CertificateBuilder(issuer.subject, model.subject, model.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(model.not_valid_before_utc).not_valid_after(ended)
    for extension in model.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    signers["agency"] = key, builder.sign(issuing_key, hashes.SHA256())
    return signed(signers, at=ended - timedelta(days=1))


def untrusted(house: House) -> bytes:
    authority = Authority("Gốc tự lập")
    return signed({"leader": authority.issue("Người đứng đầu"), "agency": authority.issue("Uỷ ban", "H56")})


def revoked(house: House) -> bytes:
    signers = of_the_sandbox(house)
    house.other_side.revoke(signers["agency"][1])
    return signed(signers)


def of_another_agency(house: House) -> bytes:
    return signed({**of_the_sandbox(house), "agency": house.other_side.issue("agency", "H57")})


def by_one_alone(house: House, role: str) -> bytes:
    return signed({role: of_the_sandbox(house)[role]})


def by_one_for_both(house: House) -> bytes:
    agency = house.other_side.issue("agency", "H56")
    return signed({"leader": agency, "agency": agency})


def changed(house: House) -> bytes:
    return signed(of_the_sandbox(house)).replace(b"<Revision>1<", b"<Revision>2<")


def another_value(house: House) -> bytes:
    whole = signed(of_the_sandbox(house))
    start = whole.index(b"<ds:SignatureValue>") + 19
    return whole[:start] + (b"B" if whole[start : start + 1] == b"A" else b"A") + whole[start + 1 :]


def with_an_extra_signature(house: House) -> bytes:
    root = etree.fromstring(signed(of_the_sandbox(house)))
    agency = root[-1][-1]
    root[-1].append(etree.fromstring(etree.tostring(agency)))
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def with_a_wrapped_body(house: House) -> bytes:
    whole = signed(of_the_sandbox(house))
    body = whole[whole.index(b"<Body Id") : whole.index(b"</Body>") + 7]
    return whole.replace(b"<Body Id", body.replace(b'"body"', b'"khac"') + b"<Body Id", 1)


CASES: dict[str, tuple[str, str, Callable[[House], bytes]]] = {
    "not signed": ("B-004", "", lambda _: hostile.packet()),
    "signed by the leader alone": ("B-003", "agency", partial(by_one_alone, role="leader")),
    "signed by the agency alone": ("B-003", "leader", partial(by_one_alone, role="agency")),
    "signed by one for both": ("B-003", "more than one role", by_one_for_both),
    "with another signature value": ("B-003", "signature value is wrong", another_value),
    "expired": ("B-003", "expired on", expired),
    "untrusted": ("B-003", "No chain leads to a trusted authority", untrusted),
    "revoked": ("B-003", "revoked", revoked),
    "of another agency": ("B-003", "registered organisation", of_another_agency),
}


def test_a_report_signed_by_both_is_delivered_and_its_evidence_holds_the_verdict(house: House) -> None:
    location = house.taken(signed(of_the_sandbox(house)), XML, agreement=SIGNED)
    x = house.at_rest(location)
    assert x["stage"] == "reconciled", x["problem"]
    evidence = house.read(f"{location}/evidence")
    verdict = evidence["verdict"]
    assert (verdict["indication"], verdict["integrity"]) == ("TOTAL-PASSED", "passed")
    assert verdict["policy"] == "vn-report-xml"
    assert len(verdict["signatures"]) == 2
    assert evidence["chain_intact"] is True
    bundle = house.desk.get(f"{location}/evidence", headers={"Accept": "application/zip"})
    assert bundle.headers["content-type"] == "application/zip"
    found = judged(bundle.content, None)
    assert (found.holds, found.exchange, found.facts) == (True, x["id"], len(evidence["facts"]))
    assert found.replayed is not None
    assert found.replayed.same


@pytest.mark.parametrize("name", CASES)
def test_what_is_not_soundly_signed_is_refused_with_its_own_reason(house: House, name: str) -> None:
    code, reason, made = CASES[name]
    x = refused(house, made(house), XML, agreement=SIGNED)
    assert x["problem"]["code"] == code
    said = " ".join(one["title"]["en"] for one in x["reasons"])
    assert reason in said


def test_every_unsound_signature_has_a_reason_of_its_own(house: House) -> None:
    told = {
        name: tuple(r["title"]["en"] for r in refused(house, made(house), XML, agreement=SIGNED)["reasons"])
        for name, (_, _, made) in CASES.items()
        if name in ("not signed", "untrusted", "revoked", "of another agency", "signed by the leader alone")
    }
    assert len(set(told.values())) == len(told)


@pytest.mark.parametrize("made", [changed, with_an_extra_signature, with_a_wrapped_body])
def test_what_was_changed_around_a_signature_is_refused(house: House, made: Callable[[House], bytes]) -> None:
    assert refused(house, made(house), XML, agreement=SIGNED)["problem"]["code"] in ("B-003", "C-005")
