"""Signatures that other projects test with: what is right there is right here, and nothing else passes."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.signing import SignatureVerifier
from tests.signing.authority import NOW
from tests.signing.conftest import POLICIES

VECTORS = Path(__file__).parents[1] / "vectors" / "xmldsig"
WHOLE = {"enveloped-in-the-middle.xml", "enveloped-first.xml"}
NAMES = sorted(file.name for file in VECTORS.glob("*.xml"))


@pytest.fixture(scope="module")
def verifier(tmp_path_factory: pytest.TempPathFactory) -> SignatureVerifier:
    return SignatureVerifier(POLICIES, tmp_path_factory.mktemp("nobody"), None)


def test_there_are_vectors_of_both_kinds() -> None:
    assert set(NAMES) > WHOLE


@pytest.mark.parametrize("name", NAMES)
def test_a_foreign_signature_is_whole_where_its_makers_say_so_and_only_there(
    verifier: SignatureVerifier, name: str
) -> None:
    verdict = verifier.verify((VECTORS / name).read_bytes(), None, "integrity-only", NOW)
    assert (verdict.integrity == "passed") is (name in WHOLE)
    assert not verdict.passed


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("policy", sorted(file.stem for file in POLICIES.glob("*.yaml")))
def test_no_policy_lets_a_foreign_signature_pass(verifier: SignatureVerifier, policy: str, name: str) -> None:
    assert not verifier.verify((VECTORS / name).read_bytes(), None, policy, NOW).passed


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_whole_ones_are_not_any_more_once_a_byte_of_them_is_changed(verifier: SignatureVerifier, name: str) -> None:
    data = (VECTORS / name).read_bytes()
    for changed in (
        data.replace(b'"othersibling"', b'"anothersibling"'),
        data.replace(b"<SignatureValue>", b"<SignatureValue>A"),
    ):
        assert changed != data
        assert verifier.verify(changed, None, "integrity-only", NOW).integrity == "failed"
