"""What a verdict says of signed packets: whole, changed, moved, unsigned, hostile."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

from gateway import safexml
from gateway.domain.errors import Misconfigured, Rejected
from gateway.domain.verdict import Integrity, Outcome
from gateway.signing.report import as_document
from gateway.signing.xml.sign import XmlSigner
from tests.signing.authority import NOW, Authority, new_rsa
from tests.signing.conftest import Room, outcome, packet
from tests.signing.detached import SHA1, detached, plain


def test_a_packet_signed_by_leader_and_agency_passes(room: Room) -> None:
    verdict = room.verify(room.signed())
    assert outcome(verdict) == "TOTAL-PASSED"
    assert verdict.integrity is Integrity.PASSED
    assert [one.scope[0] for one in verdict.signatures] == ["/Packet/Body", "/Packet/Body"]
    assert verdict.signatures[0].claimed_time == NOW
    assert all(check.vi and check.en for one in verdict.signatures for check in one.checks)


def test_what_reads_pdf_and_its_http_client_are_loaded_by_the_reading_process_alone() -> None:
    asked = "import sys, gateway.signing; print(sorted({'aiohttp', 'pyhanko'} & sys.modules.keys()))"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_the_order_in_which_both_sign_does_not_matter(room: Room) -> None:
    assert room.verify(room.by_leader(room.by_agency(packet()))).passed


def test_an_enveloped_signature_over_everything_passes(room: Room) -> None:
    verdict = room.verify(room.by_agency(room.by_leader(packet()), enveloped=True))
    assert outcome(verdict) == "TOTAL-PASSED"
    assert verdict.signatures[1].scope[0] == "/"


def test_rsa_signers_are_taken(room: Room) -> None:
    key = new_rsa()
    room.leader = room.authority.issue("Người đứng đầu", key=key)
    verdict = room.verify(room.signed())
    assert verdict.passed
    assert "RSA-PSS SHA-256" in verdict.signatures[0].algorithms


def test_a_missing_agency_signature_is_said(room: Room) -> None:
    verdict = room.verify(room.by_leader(packet()))
    assert outcome(verdict) == "INDETERMINATE SIG_CONSTRAINTS_FAILURE"
    assert verdict.integrity is Integrity.PASSED
    assert [check.name for check in verdict.checks if check.outcome is Outcome.FAILED] == ["required"]


def test_one_certificate_cannot_fill_both_places(room: Room) -> None:
    room.leader = room.agency
    assert outcome(room.verify(room.signed())) == "INDETERMINATE SIG_CONSTRAINTS_FAILURE"


def test_leader_and_agency_swapped_are_refused(room: Room) -> None:
    room.leader, room.agency = room.agency, room.leader
    assert outcome(room.verify(room.signed())) == "INDETERMINATE SIG_CONSTRAINTS_FAILURE"


def test_another_organisations_certificate_is_refused(room: Room) -> None:
    room.agency = room.authority.issue("Uỷ ban khác", "H57")
    verdict = room.verify(room.signed())
    assert outcome(verdict) == "INDETERMINATE SIG_CONSTRAINTS_FAILURE"
    assert any(check.name == "organisation" and "H57" in check.vi for check in verdict.signatures[1].checks)


def test_an_unsigned_packet_has_no_signatures_and_does_not_pass(room: Room) -> None:
    verdict = room.verify(packet())
    assert outcome(verdict) == "INDETERMINATE SIG_CONSTRAINTS_FAILURE"
    assert verdict.signatures == ()


def test_json_is_a_format_failure_without_signatures(room: Room) -> None:
    verdict = room.verify(b'{"regime": "KTXH-THANG"}')
    assert outcome(verdict) == "TOTAL-FAILED FORMAT_FAILURE"
    assert verdict.signatures == ()


def test_an_unknown_policy_is_said(room: Room) -> None:
    assert outcome(room.verify(packet(), "no-such")) == "INDETERMINATE SIGNATURE_POLICY_NOT_AVAILABLE"


def test_a_value_changed_after_signing_is_a_hash_failure(room: Room) -> None:
    verdict = room.verify(room.signed().replace(b"</Value>", b"1</Value>", 1))
    assert outcome(verdict) == "TOTAL-FAILED HASH_FAILURE"
    assert verdict.integrity is Integrity.FAILED


def test_a_changed_signature_value_is_a_crypto_failure(room: Room) -> None:
    signed = room.by_agency(packet())
    start = signed.index(b"<ds:SignatureValue>") + 19
    other = b"A" if signed[start : start + 1] != b"A" else b"B"
    changed = signed[:start] + other + signed[start + 1 :]
    assert outcome(room.verify(changed, "vn-report-xml-agency")) == "TOTAL-FAILED SIG_CRYPTO_FAILURE"


def test_the_header_may_change_as_the_policy_says(room: Room) -> None:
    assert room.verify(room.signed().replace(b"gt-01", b"gt-02")).passed


def test_under_integrity_only_nothing_ever_passes(room: Room) -> None:
    verdict = room.verify(room.by_agency(packet(), enveloped=True), "integrity-only")
    assert outcome(verdict) == "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND"
    assert verdict.integrity is Integrity.PASSED


def test_under_integrity_only_what_nobody_signed_fails_integrity(room: Room) -> None:
    assert room.verify(room.signed(), "integrity-only").integrity is Integrity.FAILED


def test_a_self_made_authority_is_not_trusted(room: Room) -> None:
    stranger = Authority()
    room.leader = stranger.issue("Người đứng đầu")
    verdict = room.verify(room.signed())
    assert outcome(verdict) == "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND"
    assert verdict.integrity is Integrity.PASSED


def test_an_authority_of_the_same_name_with_another_key_is_not_trusted(room: Room) -> None:
    twin = Authority("Gốc thử nghiệm")
    room.leader = twin.issue("Người đứng đầu")
    assert not room.verify(room.signed()).passed


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"xmlenc#sha256", b"xmlenc#md5"),
        (b"2001/10/xml-exc-c14n#", b"1999/REC-xslt-19991116"),
        (b"xmldsig-more#ecdsa-sha256", b"xmldsig-more#hmac-sha256"),
    ],
)
def test_foreign_algorithms_and_transforms_never_pass(room: Room, old: bytes, new: bytes) -> None:
    assert not room.verify(room.signed().replace(old, new)).passed


def test_an_xslt_transform_is_a_format_failure(room: Room) -> None:
    step = b'<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>'
    xslt = b'<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/>'
    signed = room.signed()
    assert step in signed
    assert outcome(room.verify(signed.replace(step, xslt))) == "TOTAL-FAILED FORMAT_FAILURE"


def test_a_dtd_is_refused(room: Room) -> None:
    hostile = room.signed().replace(b"<Packet", b'<!DOCTYPE Packet [<!ENTITY a "b">]><Packet', 1)
    verdict = room.verify(hostile)
    assert outcome(verdict) == "TOTAL-FAILED FORMAT_FAILURE"
    assert len(verdict.signatures) == 1


def test_an_abyss_is_refused_quickly(room: Room) -> None:
    began = time.process_time()
    verdict = room.verify(b"<a>" * 200_000)
    assert outcome(verdict) == "TOTAL-FAILED FORMAT_FAILURE"
    assert time.process_time() - began < 2


def test_too_many_signatures_are_refused_before_any_work(room: Room) -> None:
    signed = room.by_agency(packet())
    start, end = signed.index(b"<ds:Signature "), signed.index(b"</ds:Signature>") + 15
    many = signed[:end] + signed[start:end].replace(b"agency-", b"x%d-") * 9 + signed[end:]
    for number in range(9):
        many = many.replace(b"x%d-", b"x%d-" % number, 3)
    assert outcome(room.verify(many, "vn-report-xml-agency")) == "TOTAL-FAILED FORMAT_FAILURE"


def test_a_comment_added_to_a_signed_value_changes_nothing_that_is_read(room: Room) -> None:
    commented = room.signed().replace(b"100.5<", b"1<!-- -->00.5<", 1)
    assert room.verify(commented).passed
    assert any(value.text == "100.5" for value in safexml.parse(commented).iter("{*}Value"))


def test_an_instruction_that_splits_a_signed_value_is_refused(room: Room) -> None:
    # it is signed, but a reader that takes the first text would see less than was signed
    hostile = room.signed(packet().replace(b"100.5<", b"1<?x y?>00.5<", 1))
    assert outcome(room.verify(hostile)) == "TOTAL-FAILED FORMAT_FAILURE"


def test_plain_signatures_as_vietnamese_tools_write_them_pass(room: Room) -> None:
    # by Id without transforms: inclusive canonical form, which takes in the Packet's default namespace
    verdict = room.verify(plain(*room.agency, packet()), "vn-report-xml-agency")
    assert outcome(verdict) == "TOTAL-PASSED"


def test_a_sha1_digest_is_refused_although_it_fits(room: Room) -> None:
    verdict = room.verify(plain(*room.agency, packet(), SHA1), "vn-report-xml-agency")
    assert outcome(verdict) == "INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE"
    assert verdict.signatures[0].crypto_ok


def test_a_detached_signature_over_the_bytes_passes(room: Room) -> None:
    payload = json.dumps({"regime": "KTXH-THANG"}).encode()
    verdict = room.verify(payload, "vn-report-xml-agency", signature=detached(*room.agency, payload))
    assert outcome(verdict) == "TOTAL-PASSED"
    changed = room.verify(payload + b" ", "vn-report-xml-agency", signature=detached(*room.agency, payload))
    assert outcome(changed) == "TOTAL-FAILED HASH_FAILURE"


def test_the_report_has_the_contracts_shape(room: Room) -> None:
    document = as_document(room.verify(room.signed()))
    assert set(document) >= {"indication", "sub_indication", "integrity", "signatures", "checks"}
    wanted = {"indication", "sub_indication", "crypto_ok", "scope", "format", "level", "signer", "claimed_time"}
    assert set(document["signatures"][0]) >= wanted | {"best_time", "algorithms", "checks"}
    assert json.loads(json.dumps(document)) == document


def test_a_signer_will_not_sign_with_an_expired_certificate_or_twice(room: Room) -> None:
    with pytest.raises(Misconfigured):
        XmlSigner(*room.leader, "leader").sign(packet(), NOW.replace(year=2030))
    with pytest.raises(Rejected):
        room.by_leader(room.by_leader(packet()))
