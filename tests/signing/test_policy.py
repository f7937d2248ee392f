"""Policies as declared: the profile's own are sound, faults come all at once, and sizes and dates bite."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.domain.errors import Misconfigured
from gateway.signing import SignatureVerifier, check_policy, policy_file
from tests.signing.authority import NOW
from tests.signing.conftest import POLICIES, Room, outcome, packet


@pytest.mark.parametrize("path", sorted(POLICIES.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_profiles_policies_are_sound(path: Path) -> None:
    assert policy_file(path) == path.stem


def test_no_agreement_may_name_a_policy_that_does_not_judge_trust() -> None:
    with pytest.raises(Misconfigured) as found:
        check_policy(POLICIES / "integrity-only.yaml")
    assert found.value.problem.details["key"] == "trust"


def test_all_faults_of_a_policy_are_told_at_once(tmp_path: Path) -> None:
    broken = (POLICIES / "vn-report-xml.yaml").read_text()
    broken = broken.replace("SHA-256: null", "SHA-255: null").replace("id: vn-report-xml", "idd: vn-report-xml")
    path = tmp_path / "vn-report-xml.yaml"
    path.write_text(broken)
    with pytest.raises(Misconfigured) as found:
        check_policy(path)
    assert {problem.code for problem in found.value.problems} == {"F-005"}
    assert {problem.details["key"] for problem in found.value.problems} >= {"id", "idd", "algorithms.digest.SHA-255"}


@pytest.mark.parametrize("text", [": [", "- a", "id: other\n", ""])
def test_what_is_no_policy_is_misconfigured(tmp_path: Path, text: str) -> None:
    path = tmp_path / "some.yaml"
    path.write_text(text)
    with pytest.raises(Misconfigured):
        check_policy(path)


def test_a_missing_policy_is_misconfigured(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured):
        check_policy(tmp_path / "none.yaml")


def test_a_policy_not_named_like_its_file_is_misconfigured(tmp_path: Path) -> None:
    path = tmp_path / "other.yaml"
    path.write_text((POLICIES / "vn-report-xml.yaml").read_text())
    with pytest.raises(Misconfigured):
        check_policy(path)


def test_one_policy_file_alone_can_be_used(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "anywhere.yaml"
    path.write_text((POLICIES / "vn-report-xml.yaml").read_text())
    verifier = SignatureVerifier(path, room.trust, room.authority)
    assert verifier.verify(room.signed(), None, policy_file(path), NOW).passed


def test_an_algorithm_past_its_last_day_is_refused(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "dated.yaml"
    path.write_text((POLICIES / "vn-report-xml.yaml").read_text().replace("ECDSA: null", "ECDSA: 2026-11-23"))
    verifier = SignatureVerifier(path, room.trust, room.authority)
    assert outcome(verifier.verify(room.signed(), None, "vn-report-xml", NOW)) == (
        "INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE"
    )
    yesterday = verifier.verify(room.signed(), None, "vn-report-xml", NOW - timedelta(days=1))
    assert yesterday.passed


def test_a_packet_over_the_size_limit_is_refused(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text((POLICIES / "vn-report-xml.yaml").read_text().replace("bytes: 32MiB", "bytes: 4KiB"))
    verifier = SignatureVerifier(path, room.trust, room.authority)
    assert outcome(verifier.verify(room.signed(), None, "vn-report-xml", NOW)) == "TOTAL-FAILED FORMAT_FAILURE"


def test_a_large_packet_is_judged_in_seconds(room: Room) -> None:
    signed, verifier = room.signed(packet(100_000)), room.verifier()
    began = time.process_time()
    assert verifier.verify(signed, None, "vn-report-xml", NOW).passed
    assert time.process_time() - began < 15  # a tenth of it on a quiet machine; the bench holds the real figure
