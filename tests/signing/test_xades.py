"""XAdES, B to LTA: what binds the certificate, what proves the time, and what a forger cannot add."""

from __future__ import annotations

import copy
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree

from gateway.domain.verdict import Outcome, SignatureVerdict, Verdict
from tests.signing.authority import DAY, NOW
from tests.signing.conftest import POLICIES, Room, outcome, packet
from tests.signing.xades import DS, XADES, Tsa, Xades, add, b64

HOUR = timedelta(hours=1)
AGENCY = "vn-report-xml-agency"


@pytest.fixture
def tsa(room: Room) -> Tsa:
    key, certificate = room.authority.issue_tsa()
    return Tsa(key, [certificate, room.authority.sub.certificate])


def signed(room: Room, **changes: object) -> Xades:
    return Xades(packet(), *room.agency, at=NOW - HOUR, **changes)  # type: ignore[arg-type]


def one(verdict: Verdict) -> SignatureVerdict:
    [found] = verdict.signatures
    return found


def said(verdict: Verdict, code: str) -> list[Outcome]:
    return [check.outcome for check in one(verdict).checks if check.name == code]


def with_rules(tmp_path: Path, rules: str) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text((POLICIES / f"{AGENCY}.yaml").read_text() + rules)
    return path


def test_a_signature_that_binds_its_certificate_is_level_b(room: Room) -> None:
    verdict = room.verify(signed(room).written(), AGENCY)
    assert outcome(verdict) == "TOTAL-PASSED"
    assert (one(verdict).format, one(verdict).level) == ("XADES", "B")
    assert one(verdict).claimed_time == NOW - HOUR
    assert (one(verdict).best_time, one(verdict).best_time_source) == (NOW, "receipt")
    assert said(verdict, "binding") == [Outcome.PASSED]


def test_another_certificate_of_the_same_key_is_refused(room: Room) -> None:
    key, _ = room.agency
    _, other = room.authority.issue("Cơ quan khác", "H57", key=key)
    verdict = room.verify(signed(room, bound=other).written(), AGENCY)
    assert outcome(verdict) == "INDETERMINATE NO_SIGNING_CERTIFICATE_FOUND"
    assert verdict.integrity == "failed"


def test_properties_without_a_bound_certificate_are_told(room: Room) -> None:
    verdict = room.verify(signed(room, bind=False).written(), AGENCY)
    assert verdict.passed
    assert said(verdict, "binding") == [Outcome.WARNING]


def test_properties_of_another_signature_are_refused(room: Room) -> None:
    verdict = room.verify(signed(room, target="#sig-Leader").written(), AGENCY)
    assert outcome(verdict) == "TOTAL-FAILED FORMAT_FAILURE"


def test_a_second_set_of_properties_is_refused(room: Room) -> None:
    xades = signed(room)
    holder = xades.signature.find(f".//{{{XADES}}}QualifyingProperties")
    assert holder is not None
    forged = copy.deepcopy(holder)
    for node in forged.iter(f"{{{XADES}}}SignedProperties"):
        node.set("Id", "forged")
    for place in (0, -1):
        evil = copy.deepcopy(xades.root)
        objects = evil.iter(f"{{{DS}}}Object")
        next(objects).insert(place, copy.deepcopy(forged))
        assert outcome(room.verify(etree.tostring(evil), AGENCY)) == "TOTAL-FAILED FORMAT_FAILURE"


def test_properties_nobody_signed_are_refused(room: Room) -> None:
    root = etree.fromstring(room.by_agency(packet()))
    held = next(root.iter(f"{{{DS}}}Object"))
    properties = add(held, "QualifyingProperties", ns=XADES, Target="#agency-signature")
    add(properties, "SignedProperties", ns=XADES)
    assert not room.verify(etree.tostring(root), AGENCY).passed


def test_a_signature_policy_of_its_own_is_told_and_not_followed(room: Room) -> None:
    verdict = room.verify(signed(room, policy="urn:oid:1.2.3").written(), AGENCY)
    assert verdict.passed
    assert said(verdict, "policy") == [Outcome.WARNING]


def test_a_time_stamp_proves_the_time(room: Room, tsa: Tsa) -> None:
    verdict = room.verify(signed(room).with_timestamp(tsa, NOW - HOUR).written(), AGENCY)
    assert outcome(verdict) == "TOTAL-PASSED"
    assert one(verdict).level == "T"
    assert (one(verdict).best_time, one(verdict).best_time_source) == (NOW - HOUR, "timestamp")


def test_a_time_stamp_over_other_bytes_fails(room: Room, tsa: Tsa) -> None:
    verdict = room.verify(signed(room).with_timestamp(tsa, NOW - HOUR, lambda data: data + b" ").written(), AGENCY)
    assert outcome(verdict) == "TOTAL-FAILED HASH_FAILURE"
    assert verdict.integrity == "failed"


def test_a_time_stamp_copied_from_another_signature_fails(room: Room, tsa: Tsa) -> None:
    genuine, other = (signed(room).with_timestamp(tsa, NOW - HOUR) for _ in range(2))
    held = [one.root.find(f".//{{{XADES}}}EncapsulatedTimeStamp") for one in (genuine, other)]
    assert held[0] is not None
    assert held[1] is not None
    held[1].text = held[0].text
    assert outcome(room.verify(other.written(), AGENCY)) == "TOTAL-FAILED HASH_FAILURE"


def test_a_time_stamp_from_after_receipt_is_out_of_order(room: Room, tsa: Tsa) -> None:
    verdict = room.verify(signed(room).with_timestamp(tsa, NOW + HOUR).written(), AGENCY)
    assert outcome(verdict) == "INDETERMINATE TIMESTAMP_ORDER_FAILURE"


def test_clocks_may_differ_by_a_minute(room: Room, tsa: Tsa) -> None:
    assert room.verify(signed(room).with_timestamp(tsa, NOW + timedelta(seconds=30)).written(), AGENCY).passed


def test_a_time_stamp_by_nobody_we_trust_proves_nothing_and_breaks_nothing(room: Room, tsa: Tsa) -> None:
    key, certificate = room.authority.issue("Không phải TSA")
    verdict = room.verify(signed(room).with_timestamp(Tsa(key, [certificate]), NOW - HOUR).written(), AGENCY)
    assert verdict.passed
    assert (one(verdict).best_time, one(verdict).best_time_source) == (NOW, "receipt")
    assert said(verdict, "timestamp") == [Outcome.WARNING]


def test_a_policy_may_require_a_time_stamp(room: Room, tsa: Tsa, tmp_path: Path) -> None:
    rules = with_rules(tmp_path, "timestamp: {required: true}\n")
    verifier = room.verifier(policies=rules)
    without = verifier.verify(signed(room).written(), None, AGENCY, NOW)
    assert outcome(without) == "INDETERMINATE SIG_CONSTRAINTS_FAILURE"
    assert verifier.verify(signed(room).with_timestamp(tsa, NOW - HOUR).written(), None, AGENCY, NOW).passed


def test_a_policy_may_want_a_level_and_takes_the_higher_ones(room: Room, tsa: Tsa, tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    path.write_text((POLICIES / f"{AGENCY}.yaml").read_text().replace("[XMLDSIG, XADES_B]", "[XADES_T]"))
    verifier = room.verifier(policies=path)
    assert (
        outcome(verifier.verify(signed(room).written(), None, AGENCY, NOW)) == "INDETERMINATE SIG_CONSTRAINTS_FAILURE"
    )
    plain = verifier.verify(room.by_agency(packet()), None, AGENCY, NOW)
    assert outcome(plain) == "INDETERMINATE SIG_CONSTRAINTS_FAILURE"
    assert verifier.verify(signed(room).with_timestamp(tsa, NOW - HOUR).written(), None, AGENCY, NOW).passed


def test_a_certificate_that_has_expired_since_the_time_stamp_is_judged_at_it(room: Room, tsa: Tsa) -> None:
    room.agency = room.authority.issue("Uỷ ban", "H56", until=NOW - DAY)
    xades = signed(room).with_timestamp(tsa, NOW - 2 * DAY)
    lists = [room.authority.root.crl(NOW - 2 * DAY), room.authority.sub.crl(NOW - 2 * DAY)]
    xades.with_values([room.authority.sub.certificate], lists)
    assert outcome(room.verify(signed(room).written(), AGENCY)) == "INDETERMINATE EXPIRED"
    verdict = room.verify(xades.written(), AGENCY)
    assert one(verdict).level == "LT"
    assert one(verdict).best_time == NOW - 2 * DAY, [check.en for check in one(verdict).checks]
    assert outcome(verdict) == "TOTAL-PASSED", [check.en for check in one(verdict).checks]


def test_a_certificate_revoked_after_the_time_stamp_still_counts(room: Room, tsa: Tsa) -> None:
    room.authority.revoke(room.agency[1], NOW - HOUR)
    stamped = signed(room).with_timestamp(tsa, NOW - 2 * HOUR).written()
    assert outcome(room.verify(signed(room).written(), AGENCY)) == "TOTAL-FAILED REVOKED"
    verdict = room.verify(stamped, AGENCY)
    assert verdict.passed
    assert Outcome.WARNING in said(verdict, "revocation")


def test_what_it_brings_along_lets_it_be_judged_without_a_network(room: Room, tsa: Tsa) -> None:
    lists = [room.authority.root.crl(NOW), room.authority.sub.crl(NOW)]
    bare = signed(room).with_timestamp(tsa, NOW - HOUR)
    assert outcome(room.verify(bare.written(), AGENCY, offline=True)) == "INDETERMINATE TRY_LATER"
    full = bare.with_values([room.authority.sub.certificate], lists)
    verdict = room.verify(full.written(), AGENCY, offline=True)
    assert outcome(verdict) == "TOTAL-PASSED"
    assert one(verdict).level == "LT"


def test_revocation_values_of_a_stranger_prove_nothing(room: Room, tsa: Tsa) -> None:
    stranger = type(room.authority)("Gốc lạ")
    lists = [stranger.root.crl(NOW), stranger.sub.crl(NOW), b"no list"]
    full = signed(room).with_timestamp(tsa, NOW - HOUR).with_values([], lists, [b"no answer"])
    assert outcome(room.verify(full.written(), AGENCY, offline=True)) == "INDETERMINATE TRY_LATER"


def test_an_archive_time_stamp_outlives_the_first_authority(room: Room, tsa: Tsa) -> None:
    key, short = room.authority.issue_tsa(until=NOW - DAY)
    first = Tsa(key, [short, room.authority.sub.certificate])
    then = NOW - 3 * DAY
    room.agency = room.authority.issue("Uỷ ban", "H56", until=NOW - DAY)
    lists = [room.authority.root.crl(then), room.authority.sub.crl(then)]
    xades = signed(room).with_timestamp(first, then).with_values([room.authority.sub.certificate], lists)
    late = room.verify(copy.deepcopy(xades).written(), AGENCY)
    assert not late.passed  # the first authority has ended: its word alone is worth nothing now
    verdict = room.verify(xades.with_archive(tsa, then + HOUR).written(), AGENCY)
    assert outcome(verdict) == "TOTAL-PASSED", [check.en for check in one(verdict).checks]
    assert (one(verdict).level, one(verdict).best_time) == ("LTA", then)


def test_an_archive_time_stamp_over_other_properties_fails(room: Room, tsa: Tsa) -> None:
    lists = [room.authority.root.crl(NOW), room.authority.sub.crl(NOW)]
    xades = signed(room).with_timestamp(tsa, NOW - HOUR).with_values([room.authority.sub.certificate], lists)
    xades.with_archive(tsa, NOW - HOUR / 2)
    assert room.verify(xades.written(), AGENCY).passed
    value = xades.root.find(f".//{{{XADES}}}EncapsulatedCRLValue")
    assert value is not None
    value.text = b64(room.authority.sub.crl(NOW - DAY))
    assert outcome(room.verify(xades.written(), AGENCY)) == "TOTAL-FAILED HASH_FAILURE"


def test_a_counter_signature_says_nothing_about_the_document(room: Room, tsa: Tsa) -> None:
    xades = signed(room).with_timestamp(tsa, NOW - HOUR)
    held = add(xades._unsigned(), "CounterSignature", ns=XADES)
    held.append(etree.fromstring(etree.tostring(xades.signature)))
    for node in held.iter("*"):
        node.attrib.pop("Id", None)
    verdict = room.verify(xades.written(), AGENCY)
    assert verdict.passed
    assert said(verdict, "properties") == [Outcome.WARNING]


@pytest.mark.parametrize("spoilt", [b"", b"0", b"\x30\x80", b"\x30\x03\x02\x01\x01"])
def test_what_is_no_token_is_refused(room: Room, tsa: Tsa, spoilt: bytes) -> None:
    xades = signed(room).with_timestamp(tsa, NOW - HOUR)
    held = xades.root.find(f".//{{{XADES}}}EncapsulatedTimeStamp")
    assert held is not None
    held.text = b64(spoilt)
    assert outcome(room.verify(xades.written(), AGENCY)) == "TOTAL-FAILED FORMAT_FAILURE"


def test_too_many_time_stamps_are_refused_before_they_are_read(room: Room, tsa: Tsa) -> None:
    xades = signed(room).with_timestamp(tsa, NOW - HOUR)
    unsigned = xades._unsigned()
    for _ in range(8):
        unsigned.append(copy.deepcopy(unsigned[0]))
    assert outcome(room.verify(xades.written(), AGENCY)) == "TOTAL-FAILED FORMAT_FAILURE"


def test_integrity_alone_is_judged_of_a_time_stamp_too(room: Room, tsa: Tsa) -> None:
    good = room.verify(signed(room).with_timestamp(tsa, NOW - HOUR).written(), "integrity-only")
    assert (said(good, "timestamp"), one(good).sub_indication) == ([Outcome.WARNING], "NO_CERTIFICATE_CHAIN_FOUND")
    bad = room.verify(signed(room).with_timestamp(tsa, NOW, lambda data: b"").written(), "integrity-only")
    assert said(bad, "timestamp") == [Outcome.FAILED]


def test_both_sign_in_the_same_packet(room: Room, tsa: Tsa) -> None:
    first = Xades(packet(), *room.leader, role="Leader", at=NOW).with_timestamp(tsa, NOW)
    both = Xades(first.written(), *room.agency, at=NOW)
    assert room.verify(both.written()).passed
