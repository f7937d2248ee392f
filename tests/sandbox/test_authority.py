"""The CA: chains, CRLs and OCSP answers, fetched from where the certificates say."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import NameOID

from gateway.sandbox import Sandbox
from gateway.signing.pki.store import read_store


def certificate(other_side: Sandbox, name: str) -> x509.Certificate:
    pem = httpx.get(f"{other_side.control_url}/pki/{name}.pem", trust_env=False).content
    return x509.load_pem_x509_certificate(pem)


def crl_of(one: x509.Certificate) -> x509.CertificateRevocationList:
    points = one.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert points[0].full_name is not None
    return x509.load_der_x509_crl(httpx.get(points[0].full_name[0].value, trust_env=False).content)


def ocsp_of(one: x509.Certificate, issuer: x509.Certificate) -> ocsp.OCSPResponse:
    access = one.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    question = ocsp.OCSPRequestBuilder().add_certificate(one, issuer, hashes.SHA1()).build()
    body = question.public_bytes(Encoding.DER)
    answer = httpx.post(access[0].access_location.value, content=body, trust_env=False)
    assert answer.headers["content-type"] == "application/ocsp-response"
    return ocsp.load_der_ocsp_response(answer.content)


def test_a_certificate_chains_to_the_root_and_names_its_agency(other_side: Sandbox) -> None:
    key, one = other_side.issue("agency", "H56")
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert key.public_key() == one.public_key()
    issuing, root = certificate(other_side, "issuing"), certificate(other_side, "root")
    one.verify_directly_issued_by(issuing)
    issuing.verify_directly_issued_by(root)
    assert one.subject.get_attributes_for_oid(NameOID.ORGANIZATION_IDENTIFIER)[0].value == "H56"
    usage = one.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.content_commitment
    assert usage.digital_signature


def test_a_leader_s_certificate_is_a_person_s(other_side: Sandbox) -> None:
    key, one = other_side.issue("leader", "H56", kind="rsa")
    assert isinstance(key, rsa.RSAPrivateKey)
    assert one.subject.get_attributes_for_oid(NameOID.ORGANIZATION_IDENTIFIER) == []
    assert one.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)[0].value == "H56"


def test_ocsp_and_crl_tell_good_from_revoked(other_side: Sandbox) -> None:
    issuing = certificate(other_side, "issuing")
    _, good = other_side.issue("leader", "H56")
    _, revoked = other_side.issue("leader", "H56")
    other_side.revoke(revoked)
    assert ocsp_of(good, issuing).certificate_status is ocsp.OCSPCertStatus.GOOD
    answer = ocsp_of(revoked, issuing)
    assert answer.certificate_status is ocsp.OCSPCertStatus.REVOKED
    key = issuing.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(answer.signature, answer.tbs_response_bytes, ec.ECDSA(hashes.SHA256()))
    crl = crl_of(revoked)
    assert crl.is_signature_valid(key)
    assert crl.get_revoked_certificate_by_serial_number(revoked.serial_number) is not None
    assert crl.get_revoked_certificate_by_serial_number(good.serial_number) is None


def test_the_root_answers_for_the_issuing_ca(other_side: Sandbox) -> None:
    issuing, root = certificate(other_side, "issuing"), certificate(other_side, "root")
    assert ocsp_of(issuing, root).certificate_status is ocsp.OCSPCertStatus.GOOD
    assert crl_of(issuing).issuer == root.subject


def test_a_question_about_another_ca_s_certificate_is_not_answered(other_side: Sandbox) -> None:
    issuing, root = certificate(other_side, "issuing"), certificate(other_side, "root")
    _, one = other_side.issue("leader", "H56")
    assert ocsp_of(one, root).response_status is ocsp.OCSPResponseStatus.UNAUTHORIZED
    assert ocsp_of(one, issuing).response_status is ocsp.OCSPResponseStatus.SUCCESSFUL


def test_garbage_is_a_malformed_request(other_side: Sandbox) -> None:
    answer = httpx.post(f"{other_side.control_url}/pki/issuing/ocsp", content=b"x", trust_env=False)
    malformed = ocsp.load_der_ocsp_response(answer.content).response_status
    assert malformed is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


def test_the_trust_folder_pins_the_root(other_side: Sandbox, tmp_path: Path) -> None:
    other_side.write_trust(tmp_path / "trust")
    declared = yaml.safe_load((tmp_path / "trust" / "anchors.yaml").read_bytes())
    root = certificate(other_side, "root")
    assert declared["anchors"][0]["sha256"] == root.fingerprint(hashes.SHA256()).hex()
    store = read_store(tmp_path / "trust")
    assert len(store.by_subject) == 2
    assert store.hosts == {"127.0.0.1"}


def test_an_unknown_role_is_refused(other_side: Sandbox) -> None:
    with pytest.raises(httpx.HTTPStatusError, match="leader"):
        other_side.issue("king", "H56")
