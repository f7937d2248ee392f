"""Whose signature it was, judged at the time of receipt: dates, revocation, services that do not answer."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from gateway.domain.errors import Misconfigured
from gateway.domain.verdict import Indication, Outcome
from gateway.signing import SignatureVerifier
from gateway.signing.xml.sign import XmlSigner
from tests.signing.authority import DAY, NOW
from tests.signing.conftest import POLICIES, Room, outcome, packet

HOUR = timedelta(hours=1)


def _checks(room: Room, signed: bytes, name: str) -> list[Outcome]:
    verdict = room.verify(signed)
    return [check.outcome for one in verdict.signatures for check in one.checks if check.name == name]


def test_an_expired_certificate_is_indeterminate_expired(room: Room) -> None:
    signed = room.signed()
    assert outcome(room.verify(signed, at=NOW + 301 * DAY)) == "INDETERMINATE EXPIRED"


def test_a_certificate_from_the_future_fails_as_not_yet_valid(room: Room) -> None:
    signed = room.signed()
    assert outcome(room.verify(signed, at=NOW - 301 * DAY)) == "TOTAL-FAILED NOT_YET_VALID"


def test_a_certificate_revoked_before_receipt_fails(room: Room) -> None:
    room.authority.revoke(room.leader[1], NOW - DAY)
    verdict = room.verify(room.signed())
    assert outcome(verdict) == "TOTAL-FAILED REVOKED"
    said = [check for check in verdict.signatures[0].checks if check.outcome is Outcome.FAILED]
    assert ["thu hồi" in check.vi and "revoked" in check.en for check in said] == [True]


def test_a_certificate_revoked_after_receipt_passes_with_a_warning(room: Room) -> None:
    room.authority.revoke(room.leader[1], NOW + HOUR)
    room.authority.now = NOW + 2 * HOUR
    signed = room.signed()
    assert room.verify(signed).passed
    assert Outcome.WARNING in _checks(room, signed, "revocation")


def test_a_revoked_authority_fails_what_it_issued(room: Room) -> None:
    room.authority.root.revoked[room.authority.sub.certificate.serial_number] = NOW - DAY
    assert outcome(room.verify(room.signed())) == "TOTAL-FAILED REVOKED"


def test_offline_means_try_later(room: Room) -> None:
    verdict = room.verify(room.signed(), offline=True)
    assert outcome(verdict) == "INDETERMINATE TRY_LATER"
    assert verdict.integrity == "passed"
    assert room.authority.asked == []


def test_services_that_do_not_answer_mean_try_later_and_later_it_passes(room: Room) -> None:
    verifier, signed = room.verifier(), room.signed()
    room.authority.down = True
    assert outcome(verifier.verify(signed, None, "vn-report-xml", NOW)) == "INDETERMINATE TRY_LATER"
    asked = len(room.authority.asked)
    room.authority.down = False
    assert outcome(verifier.verify(signed, None, "vn-report-xml", NOW)) == "INDETERMINATE TRY_LATER"
    assert len(room.authority.asked) == asked  # a host that failed is left in peace for a minute
    room.seconds = 61
    assert verifier.verify(signed, None, "vn-report-xml", NOW).passed


def test_a_stale_list_means_try_later(room: Room) -> None:
    room.authority.now = NOW - 3 * DAY
    assert outcome(room.verify(room.signed())) == "INDETERMINATE TRY_LATER"


def test_a_host_not_listed_is_never_asked(room: Room, tmp_path: Path) -> None:
    anchors = room.trust / "anchors.yaml"
    anchors.write_text(anchors.read_text().replace("hosts: [crl.example]", "hosts: [elsewhere.example]"))
    assert outcome(room.verify(room.signed())) == "INDETERMINATE TRY_LATER"
    assert room.authority.asked == []


def test_a_certificate_that_names_no_service_cannot_be_judged_by_waiting(room: Room) -> None:
    room.leader = room.authority.issue("Người đứng đầu", listed=None)
    assert outcome(room.verify(room.signed())) == "INDETERMINATE CHAIN_CONSTRAINTS_FAILURE"


def test_a_certificate_not_for_signing_is_refused(room: Room) -> None:
    room.leader = room.authority.issue("Người đứng đầu", signs=False)
    assert outcome(room.verify(room.signed())) == "INDETERMINATE SIG_CONSTRAINTS_FAILURE"


def test_ocsp_is_asked_first_and_its_word_counts(room: Room) -> None:
    room.leader = room.authority.issue("Người đứng đầu", with_ocsp=True)
    signed = room.signed()
    assert room.verify(signed).passed
    assert "http://crl.example/ocsp" in room.authority.asked
    room.authority.revoke(room.leader[1], NOW - DAY)
    assert outcome(room.verify(signed)) == "TOTAL-FAILED REVOKED"


def test_where_ocsp_is_silent_the_list_is_asked(room: Room) -> None:
    room.leader = room.authority.issue("Người đứng đầu", with_ocsp=True)
    room.authority.ocsp_down = True
    assert room.verify(room.signed()).passed


def test_good_answers_are_asked_for_once_while_they_last(room: Room) -> None:
    verifier, signed = room.verifier(), room.signed()
    for _ in range(5):
        assert verifier.verify(signed, None, "vn-report-xml", NOW).passed
    assert sorted(room.authority.asked) == ["http://crl.example/root.crl", "http://crl.example/sub.crl"]


def test_a_kept_good_judgement_does_not_outlive_its_evidence(room: Room) -> None:
    verifier, signed = room.verifier(), room.signed()
    assert verifier.verify(signed, None, "vn-report-xml", NOW).passed
    room.authority.revoke(room.leader[1], NOW + HOUR)
    room.authority.now = NOW + 2 * DAY
    later = verifier.verify(signed, None, "vn-report-xml", NOW + 2 * DAY)
    assert outcome(later) == "TOTAL-FAILED REVOKED"


def test_an_old_receipt_is_judged_anew_once_time_has_moved_on(room: Room) -> None:
    verifier, signed = room.verifier(), room.signed()
    assert verifier.verify(signed, None, "vn-report-xml", NOW).passed
    room.authority.revoke(room.leader[1], NOW - DAY)  # told late, dated back
    room.authority.now = NOW + 2 * DAY
    other = room.by_agency(packet())
    assert verifier.verify(other, None, "vn-report-xml-agency", NOW + 2 * DAY).passed
    assert outcome(verifier.verify(signed, None, "vn-report-xml", NOW)) == "TOTAL-FAILED REVOKED"


def test_a_folder_without_anchors_trusts_nobody(room: Room, tmp_path: Path) -> None:
    verifier = SignatureVerifier(POLICIES, tmp_path / "none", room.authority)
    verdict = verifier.verify(room.signed(), None, "vn-report-xml", NOW)
    assert verdict.indication is Indication.INDETERMINATE
    assert outcome(verdict).endswith("NO_CERTIFICATE_CHAIN_FOUND")


def test_certificates_without_anchors_yaml_stop_the_start(room: Room) -> None:
    (room.trust / "anchors.yaml").unlink()
    with pytest.raises(Misconfigured):
        room.verifier()


def test_a_pin_that_does_not_fit_stops_the_start(room: Room) -> None:
    anchors = room.trust / "anchors.yaml"
    anchors.write_text(anchors.read_text().replace("sha256: ", "sha256: 00"))
    with pytest.raises(Misconfigured) as found:
        room.verifier()
    assert found.value.problem.code == "F-005"


def test_a_key_that_is_not_the_certificates_makes_no_signer(room: Room) -> None:
    with pytest.raises(Misconfigured):
        XmlSigner(room.leader[0], room.agency[1], "leader")
