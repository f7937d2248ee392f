"""Authorities shaped as the real ones: SHA-1 roots, signers for nonRepudiation alone, internal host names, long names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from gateway.adapters.http import HttpFetcher
from gateway.domain.verdict import Verdict
from gateway.sandbox import Sandbox
from gateway.signing import SignatureVerifier, read_store
from gateway.signing.xml.sign import XmlSigner
from tests.signing.conftest import POLICIES, outcome, packet

AGENCY = "vn-report-xml-agency"


@pytest.fixture(scope="module")
def other_side() -> Iterator[Sandbox]:
    with Sandbox.thread() as sandbox:
        yield sandbox


@cache
def signer(other_side: Sandbox, generation: str) -> XmlSigner:
    """Made once: large RSA keys take their time."""
    return XmlSigner(*other_side.issue("agency", "H56", generation=generation), "agency")


def judged(other_side: Sandbox, folder: Path, generation: str, policy: str) -> Verdict:
    now = datetime.now(UTC)
    signed = signer(other_side, generation).sign(packet(), now)
    other_side.write_trust(folder, generation)
    verifier = SignatureVerifier(POLICIES, folder, HttpFetcher(["127.0.0.1"]))
    return verifier.verify(signed, None, policy, now)


@pytest.mark.parametrize("generation", ["g1", "g2"])
def test_signers_of_both_government_generations_pass(other_side: Sandbox, tmp_path: Path, generation: str) -> None:
    verdict = judged(other_side, tmp_path, generation, AGENCY)
    assert outcome(verdict) == "TOTAL-PASSED", [check.en for one in verdict.signatures for check in one.checks]


def test_a_sha1_chain_is_not_believed_where_the_anchor_does_not_allow_it(other_side: Sandbox, tmp_path: Path) -> None:
    judged(other_side, tmp_path, "g1", AGENCY)
    anchors = tmp_path / "anchors.yaml"
    anchors.write_text(anchors.read_text("utf-8").replace(", sha1_until: 2030-03-05", ""), "utf-8")
    signed = signer(other_side, "g1").sign(packet(), datetime.now(UTC))
    verdict = SignatureVerifier(POLICIES, tmp_path, None).verify(signed, None, AGENCY, datetime.now(UTC))
    assert outcome(verdict) == "INDETERMINATE CHAIN_CONSTRAINTS_FAILURE"


def test_a_company_s_tax_code_is_bound_by_the_attribute_the_policy_names(other_side: Sandbox, tmp_path: Path) -> None:
    text = (POLICIES / f"{AGENCY}.yaml").read_text("utf-8")
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        text.replace("attribute: organizationIdentifier, registered: [H56]", 'attribute: UID, registered: ["MST:H56"]')
    )
    now = datetime.now(UTC)
    signed = signer(other_side, "national").sign(packet(), now)
    other_side.write_trust(tmp_path / "trust", "national")
    verifier = SignatureVerifier(rules, tmp_path / "trust", HttpFetcher(["127.0.0.1"]))
    assert verifier.verify(signed, None, AGENCY, now).passed


@pytest.mark.parametrize("manner", ["stale", "wrong_signer", "stopped"])
def test_whatever_the_responder_does_the_list_is_asked(other_side: Sandbox, tmp_path: Path, manner: str) -> None:
    other_side.mode(ocsp=manner)
    try:
        assert outcome(judged(other_side, tmp_path, "g2", AGENCY)) == "TOTAL-PASSED"
    finally:
        other_side.mode(ocsp="right")


@pytest.mark.parametrize("manner", ["stale", "wrong_signer", "unknown", "stopped", "stalled"])
def test_without_lists_a_responder_that_cannot_be_believed_means_waiting(
    other_side: Sandbox, tmp_path: Path, manner: str
) -> None:
    text = (POLICIES / f"{AGENCY}.yaml").read_text("utf-8").replace("prefer: [ocsp, crl]", "prefer: [ocsp]")
    rules = tmp_path / "rules.yaml"
    rules.write_text(text, "utf-8")
    now = datetime.now(UTC)
    signed = signer(other_side, "g2").sign(packet(), now)
    other_side.write_trust(tmp_path / "trust", "g2")
    other_side.mode(ocsp=manner)
    try:
        verifier = SignatureVerifier(rules, tmp_path / "trust", HttpFetcher(["127.0.0.1"], deadline=2))
        assert outcome(verifier.verify(signed, None, AGENCY, now)) == "INDETERMINATE TRY_LATER"
    finally:
        other_side.mode(ocsp="right")


def test_a_long_list_is_fetched_once_and_costs_nothing_afterwards(other_side: Sandbox, tmp_path: Path) -> None:
    other_side.mode(crl_entries=20_000, ocsp="stopped")
    try:
        assert outcome(judged(other_side, tmp_path, "g2", AGENCY)) == "TOTAL-PASSED"
    finally:
        other_side.mode(crl_entries=0, ocsp="right")


def test_the_anchors_written_for_a_generation_say_how_long_sha1_is_believed(
    other_side: Sandbox, tmp_path: Path
) -> None:
    other_side.write_trust(tmp_path, "g1", "national")
    store = read_store(tmp_path)
    dates = {anchor.id: anchor.sha1_until for anchor in store.anchors.values()}
    assert dates["sandbox-g1"] is not None
    assert dates["sandbox-national"] is None
    assert dates["sandbox-g1"] > datetime.now(UTC).date() + timedelta(days=365)
