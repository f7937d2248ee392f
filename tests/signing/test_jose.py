"""JWS and JAdES: the algorithm is ours to say, the header is read once and strictly, and no key comes from a header."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import RSAKey

from gateway.domain.verdict import Integrity
from gateway.signing.algorithms import Scheme
from gateway.signing.create.jws import JwsSigner
from gateway.signing.keys import HeldKey, fixed_length, scheme_of
from tests.signing.authority import NOW, Authority
from tests.signing.conftest import outcome
from tests.signing.documents import Desk, codes, desk

__all__ = ["desk"]

CONTENT = '{"nội dung":"báo cáo"}'.encode()
POLICY = "jws"
Header = dict[str, Any]


def text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def header_of(key: HeldKey, **more: Any) -> Header:
    own = key.certificate.public_bytes(Encoding.DER)
    return {"alg": "PS256", "x5c": [base64.b64encode(own).decode()], **more}


def made(key: HeldKey, header: Header | str, content: bytes = CONTENT, scheme: Scheme | None = None) -> bytes:
    protected = header if isinstance(header, str) else json.dumps(header)
    signed = f"{text(protected.encode())}.{text(content)}".encode()
    value = fixed_length(key.sign(signed, scheme or scheme_of(key.certificate)), key.certificate)
    return signed + b"." + text(value).encode()


def test_what_our_signer_makes_passes_enclosed_and_detached(desk: Desk) -> None:
    verdict = desk.verify(JwsSigner(desk.agency).sign(CONTENT, NOW), POLICY)
    assert outcome(verdict) == "TOTAL-PASSED"
    [one] = verdict.signatures
    assert (one.format, one.level, one.claimed_time) == ("JADES", "B", NOW)
    beside = JwsSigner(desk.agency, detached=True).sign(CONTENT, NOW)
    assert b".." in beside
    assert outcome(desk.verify(CONTENT, POLICY, beside)) == "TOTAL-PASSED"
    assert outcome(desk.verify(CONTENT + b"!", POLICY, beside)) == "TOTAL-FAILED SIG_CRYPTO_FAILURE"
    assert outcome(desk.verify(beside, POLICY)) == "INDETERMINATE SIGNED_DATA_NOT_FOUND"


def test_joserfc_reads_what_we_make(desk: Desk) -> None:
    """Another reader agrees, its bound on the header's length aside."""
    registry = jws.JWSRegistry(algorithms=["PS256"], strict_check_header=False)
    registry.max_header_length = 8192
    public = desk.agency.certificate.public_key()
    key = RSAKey.import_key(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    read = jws.deserialize_compact(JwsSigner(desk.agency).sign(CONTENT, NOW), key, registry=registry)
    assert read.payload == CONTENT


def test_an_ec_key_signs_with_a_value_of_fixed_length(desk: Desk) -> None:
    key = HeldKey(*desk.authority.issue("Uỷ ban", "H56"))
    signed = JwsSigner(key).sign(CONTENT, NOW)
    assert outcome(desk.verify(signed, POLICY)) == "TOTAL-PASSED"
    assert len(base64.urlsafe_b64decode(signed.rsplit(b".", 1)[1] + b"==")) == 64


def test_flattened_and_general_json_are_read_too(desk: Desk) -> None:
    header, payload, value = made(desk.agency, header_of(desk.agency)).decode().split(".")
    one = {"protected": header, "signature": value}
    for written in ({"payload": payload, **one}, {"payload": payload, "signatures": [one]}):
        assert outcome(desk.verify(json.dumps(written).encode(), POLICY)) == "TOTAL-PASSED"


def test_a_plain_jws_is_said_to_bind_no_certificate(desk: Desk) -> None:
    verdict = desk.verify(made(desk.agency, header_of(desk.agency)), POLICY)
    assert (verdict.signatures[0].format, codes(verdict)["binding"]) == ("JWS", "warning")


def test_the_key_says_nothing_unless_an_anchor_stands_above_it(desk: Desk) -> None:
    stranger = HeldKey(*Authority("Gốc lạ").issue("Uỷ ban", "H56"))
    verdict = desk.verify(JwsSigner(stranger).sign(CONTENT, NOW), POLICY)
    assert outcome(verdict) == "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND"


def test_a_header_without_a_certificate_names_no_signer(desk: Desk) -> None:
    verdict = desk.verify(made(desk.agency, {"alg": "PS256", "kid": "1"}), POLICY)
    assert outcome(verdict) == "INDETERMINATE NO_SIGNING_CERTIFICATE_FOUND"


def test_none_is_no_algorithm(desk: Desk) -> None:
    for name in ("none", "None", "NONE", ""):
        header = text(json.dumps({**header_of(desk.agency), "alg": name}).encode())
        for value in ("", "AAAA"):
            unsigned = f"{header}.{text(CONTENT)}.{value}".encode()
            assert not desk.verify(unsigned, POLICY).passed
            assert desk.verify(unsigned, "integrity-only").integrity is not Integrity.PASSED


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_a_public_key_taken_for_a_shared_secret_forges_nothing(desk: Desk, encoding: Encoding) -> None:
    """RS256 to HS256, keyed with what everybody knows."""
    secret = desk.agency.certificate.public_key().public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)
    signed = f"{text(json.dumps(header_of(desk.agency, alg='HS256')).encode())}.{text(CONTENT)}"
    forged = f"{signed}.{text(hmac.digest(secret, signed.encode(), 'sha256'))}".encode()
    for policy in (POLICY, "integrity-only"):
        verdict = desk.verify(forged, policy)
        assert (verdict.passed, verdict.integrity) == (False, Integrity.UNDETERMINED)


def test_an_algorithm_that_was_not_agreed_is_refused_even_when_it_holds(desk: Desk) -> None:
    v15 = made(desk.agency, header_of(desk.agency, alg="RS256"), scheme=Scheme("", "RSA-PKCS1v15", "SHA-256"))
    assert desk.verify(v15, "integrity-only").integrity is Integrity.PASSED
    assert outcome(desk.verify(v15, POLICY)) == "INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE"


def test_an_algorithm_for_another_kind_of_key_is_a_wrong_value(desk: Desk) -> None:
    for name in ("ES256", "ES384", "PS384"):
        assert desk.verify(made(desk.agency, header_of(desk.agency, alg=name)), "integrity-only").integrity is (
            Integrity.FAILED
        )


HOSTILE: Mapping[str, Callable[[Header], Header | str]] = {
    "jku": lambda header: {**header, "jku": "http://evil.example/keys"},
    "jwk": lambda header: {**header, "jwk": {"kty": "oct", "k": "AAAA"}},
    "x5u": lambda header: {**header, "x5u": "http://evil.example/cert"},
    "b64 false": lambda header: {**header, "b64": False, "crit": ["b64"]},
    "b64 without crit": lambda header: {**header, "b64": False},
    "crit unknown": lambda header: {**header, "crit": ["exp"], "exp": 1},
    "crit of a name that is not there": lambda header: {**header, "crit": ["sigT"]},
    "crit empty": lambda header: {**header, "crit": []},
    "crit no list": lambda header: {**header, "crit": "sigT"},
    "crit twice": lambda header: {**header, "sigT": "2026-11-24T07:00:00Z", "crit": ["sigT", "sigT"]},
    "crit of a registered name": lambda header: {**header, "crit": ["alg"]},
    "a doubled member": lambda header: json.dumps(header)[:-1] + ', "alg": "PS256"}',
    "a doubled member below": lambda header: json.dumps({**header, "sigPId": 0})[:-2] + '{"id": "a", "id": "b"}}',
    "x5c no list": lambda header: {**header, "x5c": header["x5c"][0]},
    "x5c with blanks": lambda header: {**header, "x5c": [header["x5c"][0] + "\n"]},
    "NaN": lambda header: json.dumps(header)[:-1] + ', "iat": NaN}',
    "sigD of HTTP headers": lambda header: {**header, "sigD": {"mId": "http://uri.etsi.org/19182/HttpHeaders", "pars": ["a"]}},
    "deep": lambda header: json.dumps(header)[:-1] + ', "x": ' + "[" * 20_000 + "]" * 20_000 + "}",
}  # fmt: skip


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_header_that_says_too_much_or_says_it_twice_is_refused(
    desk: Desk, change: Callable[[Header], Header | str]
) -> None:
    """Each is signed, and rightly: it is the header that must not be."""
    verdict = desk.verify(made(desk.agency, change(header_of(desk.agency))), POLICY)
    assert (outcome(verdict), verdict.integrity) == ("TOTAL-FAILED FORMAT_FAILURE", Integrity.FAILED)


def test_what_must_be_protected_is_not_taken_from_outside(desk: Desk) -> None:
    header, payload, value = made(desk.agency, header_of(desk.agency)).decode().split(".")
    written = {"payload": payload, "protected": header, "signature": value, "header": {"alg": "none"}}
    assert outcome(desk.verify(json.dumps(written).encode(), POLICY)) == "TOTAL-FAILED FORMAT_FAILURE"
    doubled = json.dumps({"payload": payload, "protected": header, "signature": value})[:-1] + ', "payload": "e30"}'
    assert outcome(desk.verify(doubled.encode(), POLICY)) == "TOTAL-FAILED FORMAT_FAILURE"


@pytest.mark.parametrize("part", [0, 1, 2])
def test_no_character_can_be_changed_and_none_written_in_two_ways(desk: Desk, part: int) -> None:
    parts = made(desk.agency, header_of(desk.agency)).split(b".")
    letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    step = max(1, len(parts[part]) // 40)
    for at in [*range(0, len(parts[part]), step), len(parts[part]) - 1]:
        other = letters[letters.index(parts[part][at]) ^ 1]
        changed = [*parts]
        changed[part] = parts[part][:at] + bytes([other]) + parts[part][at + 1 :]
        assert not desk.verify(b".".join(changed), POLICY).passed, at
    padded = [*parts]
    padded[part] += b"="
    assert not desk.verify(b".".join(padded), POLICY).passed


def test_the_bound_certificate_is_the_signers(desk: Desk) -> None:
    other = hashlib.sha256(desk.leader.certificate.public_bytes(Encoding.DER)).digest()
    verdict = desk.verify(made(desk.agency, header_of(desk.agency, **{"x5t#S256": text(other)})), POLICY)
    assert outcome(verdict) == "INDETERMINATE NO_SIGNING_CERTIFICATE_FOUND"


def test_an_object_named_by_its_digest_is_the_content_beside(desk: Desk) -> None:
    named = {
        "mId": "http://uri.etsi.org/19182/ObjectIdByURIHash",
        "pars": ["bao-cao.json"],
        "hashM": "S256",
        "hashV": [text(hashlib.sha256(text(CONTENT).encode()).digest())],
    }
    signed = made(desk.agency, header_of(desk.agency, sigD=named, crit=["sigD"]), content=b"")
    assert outcome(desk.verify(CONTENT, POLICY, signed)) == "TOTAL-PASSED"
    assert outcome(desk.verify(CONTENT + b" ", POLICY, signed)) == "TOTAL-FAILED HASH_FAILURE"
    assert outcome(desk.verify(signed, POLICY)) == "INDETERMINATE SIGNED_DATA_NOT_FOUND"


def test_a_time_stamp_among_the_unsigned_properties_proves_the_time(desk: Desk) -> None:
    header, payload, value = JwsSigner(desk.agency).sign(CONTENT, NOW).decode().split(".")
    for over, expected in ((value.encode(), "TOTAL-PASSED"), (b"other", "TOTAL-FAILED HASH_FAILURE")):
        token = desk.stamping(NOW - timedelta(hours=1)).token_over(over)
        unsigned = {"sigTst": {"tstTokens": [{"val": base64.b64encode(token).decode()}]}}
        written = {"payload": payload, "protected": header, "signature": value, "header": {"etsiU": [unsigned]}}
        verdict = desk.verify(json.dumps(written).encode(), POLICY)
        assert outcome(verdict) == expected
        if verdict.passed:
            assert (verdict.signatures[0].level, verdict.signatures[0].best_time_source) == ("T", "timestamp")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(tail=st.binary(max_size=200))
def test_no_bytes_make_it_stumble(desk: Desk, tail: bytes) -> None:
    for data in (b"eyJ" + tail, b"eyJ.." + tail, b'{"protected":"","signature":"' + tail, b'{"signatures":[' + tail):
        assert not desk.verify(data, POLICY).passed
