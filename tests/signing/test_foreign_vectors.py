"""Signatures that other projects test with: what is right there is right here, and nothing else passes."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from gateway.signing import SignatureVerifier
from tests.signing.authority import NOW
from tests.signing.conftest import POLICIES

VECTORS = Path(__file__).parents[1] / "vectors"
WHOLE = {
    "xmldsig/enveloped-in-the-middle.xml", "xmldsig/enveloped-first.xml", "xmldsig/enveloping-sha512.xml",
    "xmldsig/inclusive-namespaces.xml", "xades/dss-signed.xml", "xades/xades-extended-epes.xml",
    "xades/xades-extended-t.xml", "xades/xades-lta-valid.xml", "xades/xades-fake-counter-signature.xml",
    "xades/xades-counter-signature-injected.xml", "xades/dk_tl-sn21.xml",
    "pades/certified-with-indirect-refs-in-dir.pdf.gz", "pades/form-update-override-appearance-stream.pdf.gz",
    "pades/pades-lta-dss-indirect-arrs-test.pdf.gz", "pades/separate-annots-kids-indir.pdf.gz",
}  # fmt: skip
NAMES = sorted(
    f"{folder}/{file.name}"
    for folder, pattern in (("xmldsig", "*.xml"), ("xades", "*.xml"), ("pades", "*.pdf.gz"))
    for file in (VECTORS / folder).glob(pattern)
)
LEVELS = {
    "xades/dss-signed.xml": "XADES B",
    "xades/xades-extended-t.xml": "XADES T",
    "xades/xades-lta-valid.xml": "XADES LTA",
    "pades/pades-lta-dss-indirect-arrs-test.pdf.gz": "PADES LTA",
}
ADDED = "xades/xades-lta-with-additional-cert-in-keyinfo.xml"
_CERTIFICATE = re.compile(rb"<ds:X509Certificate>[^<]*</ds:X509Certificate>\s*")
_VALUE = re.compile(rb"<(?:\w+:)?SignatureValue[^>]*>")


def read(name: str) -> bytes:
    data = (VECTORS / name).read_bytes()
    return gzip.decompress(data) if name.endswith(".gz") else data


@pytest.fixture(scope="module")
def verifier(tmp_path_factory: pytest.TempPathFactory) -> SignatureVerifier:
    return SignatureVerifier(POLICIES, tmp_path_factory.mktemp("nobody"), None)


def test_there_are_vectors_of_both_kinds() -> None:
    assert set(NAMES) > WHOLE
    assert {name.partition("/")[0] for name in set(NAMES) - WHOLE} == {"xmldsig", "xades", "pades"}


@pytest.mark.parametrize("name", NAMES)
def test_a_foreign_signature_is_whole_where_its_makers_say_so_and_only_there(
    verifier: SignatureVerifier, name: str
) -> None:
    verdict = verifier.verify(read(name), None, "integrity-only", NOW)
    assert (verdict.integrity == "passed") is (name in WHOLE)
    assert not verdict.passed


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("policy", sorted(file.stem for file in POLICIES.glob("*.yaml")))
def test_no_policy_lets_a_foreign_signature_pass(verifier: SignatureVerifier, policy: str, name: str) -> None:
    assert not verifier.verify(read(name), None, policy, NOW).passed


@pytest.mark.parametrize("name", sorted(LEVELS))
def test_a_foreign_signatures_level_is_told(verifier: SignatureVerifier, name: str) -> None:
    [signature] = verifier.verify(read(name), None, "integrity-only", NOW).signatures
    assert f"{signature.format} {signature.level}" == LEVELS[name]


@pytest.mark.parametrize(
    "name", ["xades/xades-fake-counter-signature.xml", "xades/xades-counter-signature-injected.xml"]
)
def test_a_counter_signature_is_told_as_not_judged(verifier: SignatureVerifier, name: str) -> None:
    [signature] = verifier.verify(read(name), None, "integrity-only", NOW).signatures
    assert any("CounterSignature" in check.en for check in signature.checks)


def test_a_certificate_added_later_breaks_the_archive_time_stamp_and_nothing_else(verifier: SignatureVerifier) -> None:
    """EN 319 132-1 section 5.5.2 puts KeyInfo under it. Its makers have level T valid and level A not, since EN 319
    102-1 leaves such a stamp out; here it fails the signature, which was changed after somebody closed it."""
    data = read(ADDED)
    [signature] = verifier.verify(data, None, "integrity-only", NOW).signatures
    failed = [check.en for check in signature.checks if check.outcome == "failed"]
    assert failed == ["The time-stamp of 2020-03-13T07:35:26+00:00 is over other content."]
    *_, added = _CERTIFICATE.finditer(data)
    verdict = verifier.verify(data[: added.start()] + data[added.end() :], None, "integrity-only", NOW)
    assert verdict.integrity == "passed"
    assert [f"{one.format} {one.level}" for one in verdict.signatures] == ["XADES LTA"]


@pytest.mark.parametrize("name", sorted(name for name in WHOLE if name.startswith("x")))
def test_whole_ones_are_not_any_more_once_a_byte_of_them_is_changed(verifier: SignatureVerifier, name: str) -> None:
    data = read(name)
    root = re.search(rb"<[\w:]+(?=[\s/>])", data)
    assert root is not None
    for changed in (
        _VALUE.sub(lambda found: found[0] + b"A", data, count=1),
        data[: root.end()] + b' later=""' + data[root.end() :],
    ):
        assert changed != data
        assert verifier.verify(changed, None, "integrity-only", NOW).integrity == "failed"
