"""CMS and CAdES: what holds, what does not, and that nothing in the bytes makes the verifier stumble."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.domain.verdict import Integrity
from gateway.signing.algorithms import Scheme
from gateway.signing.cms.tlv import split
from gateway.signing.keys import HeldKey
from tests.signing.authority import NOW, Authority, new_key
from tests.signing.cms_archived import with_archive
from tests.signing.cms_made import Making, envelope
from tests.signing.conftest import outcome
from tests.signing.documents import Desk, codes, desk

__all__ = ["desk"]

CONTENT = b"N\xe1\xbb\x99i dung b\xc3\xa1o c\xc3\xa1o\n" * 20
POLICY = "vn-cms"


def test_a_detached_signature_over_its_content_passes(desk: Desk) -> None:
    verdict = desk.verify(CONTENT, POLICY, Making(CONTENT, desk.agency).made())
    assert outcome(verdict) == "TOTAL-PASSED"
    [one] = verdict.signatures
    assert (one.format, one.level, one.claimed_time, one.scope) == ("CADES", "B", NOW, ("/",))
    assert one.algorithms == ("RSA-PSS SHA-256", "RSA-2048", "SHA-256")


@pytest.mark.parametrize("data", [b"", b"%PDX", CONTENT])
def test_a_file_that_bears_none_is_told_which_the_policy_takes(desk: Desk, data: bytes) -> None:
    verdict = desk.verify(data, POLICY)
    assert outcome(verdict) == "TOTAL-FAILED FORMAT_FAILURE"
    assert ["CADES" in check.vi and "XML" not in check.vi for check in verdict.checks] == [True]


def test_an_attached_signature_passes_alone_and_beside_the_same_content(desk: Desk) -> None:
    made = Making(CONTENT, desk.agency, detached=False).made()
    assert outcome(desk.verify(made, POLICY)) == "TOTAL-PASSED"
    assert outcome(desk.verify(CONTENT, POLICY, made)) == "TOTAL-PASSED"
    assert outcome(desk.verify(CONTENT + b"!", POLICY, made)) == "TOTAL-FAILED HASH_FAILURE"


@pytest.mark.parametrize("framed", [b"CMS", b"PKCS7", b""])
def test_it_may_come_in_base_64_with_or_without_a_frame(desk: Desk, framed: bytes) -> None:
    body = base64.encodebytes(Making(CONTENT, desk.agency).made())
    made = b"-----BEGIN %b-----\n%b-----END %b-----\n" % (framed, body, framed) if framed else body
    assert outcome(desk.verify(CONTENT, POLICY, made)) == "TOTAL-PASSED"


def test_the_signer_may_be_named_by_key_identifier(desk: Desk) -> None:
    own = new_key()
    identifier = x509.SubjectKeyIdentifier.from_public_key(own.public_key())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(desk.agency.certificate.subject)
        .issuer_name(desk.authority.sub.name)
        .public_key(own.public_key())
        .serial_number(77)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
        .add_extension(identifier, critical=False)
        .sign(desk.authority.sub.key, hashes.SHA256())
    )
    made = Making(CONTENT, HeldKey(own, certificate), by_key_id=True).made()
    assert desk.verify(CONTENT, "integrity-only", made).integrity is Integrity.PASSED


def test_openssl_and_we_agree(desk: Desk, tmp_path: Path) -> None:
    made, content = tmp_path / "a.p7s", tmp_path / "a.txt"
    root, sub = desk.authority.root.certificate, desk.authority.sub.certificate
    (tmp_path / "ca.pem").write_bytes(root.public_bytes(Encoding.PEM) + sub.public_bytes(Encoding.PEM))
    made.write_bytes(Making(CONTENT, desk.agency).made())
    content.write_bytes(CONTENT)
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", made, "-content", content]
    done = subprocess.run(
        [*command, "-CAfile", tmp_path / "ca.pem", "-purpose", "any", "-attime", str(int(NOW.timestamp()))],
        check=False,
        capture_output=True,
    )
    assert (done.returncode, done.stdout) == (0, CONTENT), done.stderr


def test_a_detached_signature_without_its_content_is_undecided(desk: Desk) -> None:
    verdict = desk.verify(Making(CONTENT, desk.agency).made(), POLICY)
    assert outcome(verdict) == "INDETERMINATE SIGNED_DATA_NOT_FOUND"
    assert verdict.integrity is Integrity.UNDETERMINED


def test_a_plain_signature_is_said_to_bind_no_certificate(desk: Desk) -> None:
    verdict = desk.verify(CONTENT, POLICY, Making(CONTENT, desk.agency, plain=True).made())
    assert outcome(verdict) == "TOTAL-PASSED"
    assert (verdict.signatures[0].format, codes(verdict)["binding"]) == ("CMS", "warning")


def test_a_time_stamp_proves_the_time(desk: Desk) -> None:
    stamped = NOW - timedelta(hours=1)
    verdict = desk.verify(CONTENT, POLICY, with_stamp(desk, Making(CONTENT, desk.agency), stamped))
    assert outcome(verdict) == "TOTAL-PASSED"
    [one] = verdict.signatures
    assert (one.level, one.best_time, one.best_time_source) == ("T", stamped, "timestamp")


def test_a_copied_time_stamp_fails(desk: Desk) -> None:
    other = with_stamp(desk, Making(b"other", desk.agency), NOW)
    token = cms.ContentInfo.load(other)["content"]["signer_infos"][0]["unsigned_attrs"][0]["values"][0]
    making = Making(CONTENT, desk.agency, unsigned=[("signature_time_stamp_token", token)])
    assert outcome(desk.verify(CONTENT, POLICY, making.made())) == "TOTAL-FAILED HASH_FAILURE"


# ── archive time-stamps ──
EARLIER, LATER = NOW - timedelta(hours=3), NOW - timedelta(hours=1)


def archived(desk: Desk, at: datetime = LATER, more: Sequence[bytes] = ()) -> bytes:
    stamped = with_stamp(desk, Making(CONTENT, desk.agency), EARLIER)
    return with_archive(stamped, CONTENT, desk.stamping(at).token_over, more)


def test_an_archive_time_stamp_proves_what_was_there_before_it(desk: Desk) -> None:
    verdict = desk.verify(CONTENT, POLICY, archived(desk))
    assert outcome(verdict) == "TOTAL-PASSED", [check.en for check in verdict.signatures[0].checks]
    [one] = verdict.signatures
    assert (one.best_time, one.best_time_source) == (EARLIER, "timestamp")
    assert sum(check.en.startswith("The time-stamp of") for check in one.checks) == 2
    assert not any("not judged" in check.en for check in one.checks)


def test_a_second_one_covers_the_first(desk: Desk) -> None:
    twice = with_archive(archived(desk), CONTENT, desk.stamping(NOW - timedelta(minutes=5)).token_over)
    verdict = desk.verify(CONTENT, POLICY, twice)
    assert outcome(verdict) == "TOTAL-PASSED", [check.en for check in verdict.signatures[0].checks]
    assert verdict.signatures[0].best_time == EARLIER


def test_an_archive_time_stamp_alone_proves_the_time(desk: Desk) -> None:
    made = with_archive(Making(CONTENT, desk.agency).made(), CONTENT, desk.stamping(LATER).token_over)
    assert desk.verify(CONTENT, POLICY, made).signatures[0].best_time == LATER


def without_the_first_stamp(made: bytes) -> bytes:
    whole = cms.ContentInfo.load(made)
    signer = whole["content"]["signer_infos"][0]
    kept = [one for one in signer["unsigned_attrs"] if one["type"].native != "signature_time_stamp_token"]
    signer["unsigned_attrs"] = cms.CMSAttributes(kept)
    data: bytes = whole.dump()
    return data


BROKEN: dict[str, Callable[[Desk], bytes]] = {
    "something it covered is gone": lambda desk: without_the_first_stamp(archived(desk)),
    "a certificate in its index is not there": lambda desk: archived(desk, more=[b"\1" * 32]),
    "it is over other content": lambda desk: with_archive(
        Making(CONTENT, desk.agency).made(), b"other", desk.stamping(LATER).token_over
    ),
    "it is over something else": lambda desk: with_archive(
        Making(CONTENT, desk.agency).made(), CONTENT, lambda data: desk.stamping(LATER).token_over(data + b"!")
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_an_archive_time_stamp_fails_where(desk: Desk, name: str) -> None:
    assert outcome(desk.verify(CONTENT, POLICY, BROKEN[name](desk))) == "TOTAL-FAILED HASH_FAILURE"


def test_an_archive_time_stamp_older_than_what_it_covers_is_out_of_order(desk: Desk) -> None:
    verdict = desk.verify(CONTENT, POLICY, archived(desk, at=EARLIER - timedelta(hours=1)))
    assert verdict.signatures[0].sub_indication == "TIMESTAMP_ORDER_FAILURE"


def test_a_time_stamp_of_a_stranger_proves_nothing(desk: Desk) -> None:
    made = with_stamp(desk, Making(CONTENT, desk.agency), NOW - timedelta(hours=1), of=Authority("Gốc lạ"))
    [one] = desk.verify(CONTENT, POLICY, made).signatures
    assert (one.best_time, one.best_time_source) == (NOW, "receipt")


def test_two_signers_are_both_judged_and_one_too_many_is_refused(desk: Desk) -> None:
    one, two = Making(CONTENT, desk.agency), Making(CONTENT, desk.leader)
    given = [key.certificate.public_bytes(Encoding.DER) for key in (desk.agency, desk.leader)]
    both = envelope([one.signer(), two.signer()], Making(CONTENT, desk.agency, certificates=given))
    verdict = desk.verify(CONTENT, "integrity-only", both)
    assert (verdict.integrity, len(verdict.signatures)) == (Integrity.PASSED, 2)
    assert outcome(desk.verify(CONTENT, POLICY, both)) == "TOTAL-FAILED FORMAT_FAILURE"


def test_one_wrong_signer_of_two_spoils_both(desk: Desk) -> None:
    one, two = Making(CONTENT, desk.agency), Making(CONTENT + b"!", desk.leader)
    given = [key.certificate.public_bytes(Encoding.DER) for key in (desk.agency, desk.leader)]
    both = envelope([one.signer(), two.signer()], Making(CONTENT, desk.agency, certificates=given))
    assert desk.verify(CONTENT, "integrity-only", both).integrity is Integrity.FAILED


def _without(name: str) -> Callable[[list[Any]], list[Any]]:
    return lambda found: [one for one in found if one["type"].native != name]


def _twice(name: str) -> Callable[[list[Any]], list[Any]]:
    return lambda found: [*found, *(one for one in found if one["type"].native == name)]


@pytest.mark.parametrize(
    "change",
    [
        {"attributes": _without("message_digest")},
        {"attributes": _without("content_type")},
        {"attributes": _twice("message_digest")},
        {"attributes": _twice("content_type")},
        {"named": "signed_data"},
        {"content_type": "1.2.840.113549.1.9.16.1.4"},
        {"signed": False},
    ],
    ids=["no digest", "no type", "two digests", "two types", "another type signed", "another type", "no attributes"],
)
def test_attributes_that_are_missing_doubled_or_about_something_else_fail(desk: Desk, change: dict[str, Any]) -> None:
    verdict = desk.verify(CONTENT, POLICY, Making(CONTENT, desk.agency, **change).made())
    assert outcome(verdict) == "TOTAL-FAILED FORMAT_FAILURE"
    assert verdict.integrity is Integrity.FAILED


def test_signed_attributes_cannot_be_passed_off_as_content(desk: Desk) -> None:
    """The signature over attributes, shown as one over a content that is those attributes' bytes."""
    signer = Making(CONTENT, desk.agency).signer()
    stolen = signer["signed_attrs"].untag().dump()
    kept = ("version", "sid", "digest_algorithm", "signature_algorithm", "signature")
    forged = cms.SignerInfo({name: signer[name] for name in kept})
    made = envelope([forged], Making(stolen, desk.agency, detached=False))
    assert outcome(desk.verify(made, POLICY)) == "TOTAL-FAILED FORMAT_FAILURE"


def test_another_certificate_than_the_bound_one_is_not_the_signer(desk: Desk) -> None:
    other = desk.authority.issue("Người khác")[1]
    verdict = desk.verify(CONTENT, POLICY, Making(CONTENT, desk.agency, bound=other).made())
    assert outcome(verdict) == "INDETERMINATE NO_SIGNING_CERTIFICATE_FOUND"


def test_the_same_key_in_another_certificate_does_not_pass_for_the_agency(desk: Desk) -> None:
    stranger = Authority("Gốc lạ")
    _, twin = stranger.issue("Uỷ ban", "H56", key=desk.agency._key)
    made = Making(CONTENT, HeldKey(desk.agency._key, twin)).made()
    assert outcome(desk.verify(CONTENT, POLICY, made)) == "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND"


def test_a_person_does_not_sign_for_the_agency(desk: Desk) -> None:
    verdict = desk.verify(CONTENT, POLICY, Making(CONTENT, desk.leader).made())
    assert outcome(verdict) == "INDETERMINATE SIG_CONSTRAINTS_FAILURE"


def test_without_a_certificate_there_is_no_signer(desk: Desk) -> None:
    verdict = desk.verify(CONTENT, POLICY, Making(CONTENT, desk.agency, certificates=[]).made())
    assert outcome(verdict) == "INDETERMINATE NO_SIGNING_CERTIFICATE_FOUND"


def test_pkcs1_is_taken_with_a_warning_and_sha1_is_not(desk: Desk) -> None:
    named = Making(CONTENT, desk.agency, scheme=Scheme("", "RSA-PKCS1v15", "SHA-256"))
    verdict = desk.verify(CONTENT, POLICY, named.made())
    assert (outcome(verdict), codes(verdict)["algorithm"]) == ("TOTAL-PASSED", "warning")
    old = Making(CONTENT, desk.agency, digest="sha1", scheme=Scheme("", "RSA-PKCS1v15", "SHA-1"))
    assert outcome(desk.verify(CONTENT, POLICY, old.made())) == "INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE"


def test_a_digest_for_the_content_and_another_for_the_value_is_refused(desk: Desk) -> None:
    mixed = Making(CONTENT, desk.agency, digest="sha512", scheme=Scheme("", "RSA-PKCS1v15", "SHA-256"))
    assert outcome(desk.verify(CONTENT, POLICY, mixed.made())) == "TOTAL-FAILED FORMAT_FAILURE"


def test_a_counter_signature_of_another_signature_is_refused(desk: Desk) -> None:
    for value, expected in ((b"other", "TOTAL-FAILED FORMAT_FAILURE"), (None, "TOTAL-PASSED")):
        made = Making(CONTENT, desk.agency)
        signer = made.signer()
        counter = Making(signer["signature"].native if value is None else value, desk.leader, plain=True).signer()
        signer["unsigned_attrs"] = [{"type": "counter_signature", "values": [counter]}]
        assert outcome(desk.verify(CONTENT, POLICY, envelope([signer], made))) == expected


def test_attributes_out_of_order_are_taken_with_a_warning(desk: Desk) -> None:
    """Readers differ on whether to sort before they digest (RFC 5652 section 5.4): either way is the same content."""
    made = Making(CONTENT, desk.agency).made()
    attributes = _attributes(made)
    turned = made.replace(attributes, b"".join(reversed([one.raw for one in split(attributes)])))
    assert turned != made
    verdict = desk.verify(CONTENT, POLICY, turned)
    assert (outcome(verdict), codes(verdict)["structure"]) == ("TOTAL-PASSED", "warning")


@pytest.mark.parametrize("part", ["content", "attributes", "value", "certificate"])
def test_no_bit_of_what_is_signed_can_be_turned(desk: Desk, part: str) -> None:
    made = Making(CONTENT, desk.agency, detached=False).made()
    signed = {
        "content": CONTENT,
        "attributes": _attributes(made),
        "value": cms.ContentInfo.load(made)["content"]["signer_infos"][0]["signature"].native,
        "certificate": desk.agency.certificate.public_bytes(Encoding.DER),
    }[part]
    begins = made.index(signed)
    for at in range(begins, begins + len(signed), 3):
        turned = made[:at] + bytes([made[at] ^ (1 << at % 8)]) + made[at + 1 :]
        assert not desk.verify(turned, POLICY).passed, at - begins


def _attributes(made: bytes) -> bytes:
    found: bytes = cms.ContentInfo.load(made)["content"]["signer_infos"][0]["signed_attrs"].contents
    return found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(tail=st.binary(max_size=200))
def test_no_bytes_make_it_stumble(desk: Desk, tail: bytes) -> None:
    made = Making(CONTENT, desk.leader).made()
    for data in (tail, b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02" + tail, made[:60] + tail):
        assert not desk.verify(CONTENT, POLICY, data).passed


def test_lengths_without_an_end_inside_one_another_are_refused_at_once(desk: Desk) -> None:
    bomb = b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02" + b"\xa0\x80\x30\x80" * 100_000
    assert outcome(desk.verify(CONTENT, POLICY, bomb)) == "TOTAL-FAILED FORMAT_FAILURE"


def test_an_rsa_key_too_short_is_refused(desk: Desk) -> None:
    key = HeldKey(*desk.authority.issue("Uỷ ban", "H56", key=rsa.generate_private_key(65537, 1024)))
    made = Making(CONTENT, key, scheme=Scheme("", "RSA-PSS", "SHA-256")).made()
    assert outcome(desk.verify(CONTENT, POLICY, made)) == "INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE"


def with_stamp(desk: Desk, making: Making, at: datetime, of: Authority | None = None) -> bytes:
    signer = making.signer()
    token = desk.stamping(at, of=of).token_over(signer["signature"].native)
    signer["unsigned_attrs"] = [{"type": "signature_time_stamp_token", "values": [cms.ContentInfo.load(token)]}]
    return envelope([signer], making)
