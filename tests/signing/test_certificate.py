"""A certificate is read or it is not; no byte of it makes an accident."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from gateway.signing.pki.certificate import Unreadable, read

_ECDSA_SHA256 = bytes.fromhex("2a8648ce3d040302")


def _made() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Nguyễn Văn Thử")])
    building = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    begins = datetime(2026, 1, 1, tzinfo=UTC)
    dated = building.serial_number(5).not_valid_before(begins).not_valid_after(begins.replace(year=2027))
    return dated.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


MADE = _made()


def test_a_healthy_certificate_is_read() -> None:
    assert read(MADE).der == MADE


def test_a_signature_algorithm_nobody_knows_makes_it_unreadable() -> None:
    start = MADE.rindex(_ECDSA_SHA256)
    with pytest.raises(Unreadable):
        read(MADE[:start] + b"\0" + MADE[start + 1 :])


def test_a_version_nobody_knows_makes_it_unreadable() -> None:
    start = MADE.index(b"\xa0\x03\x02\x01\x02")
    with pytest.raises(Unreadable):
        read(MADE[: start + 4] + b"\x05" + MADE[start + 5 :])


@given(st.integers(0, len(MADE) - 1), st.integers(0, 255))
def test_with_any_byte_wrong_it_is_read_or_unreadable(place: int, value: int) -> None:
    try:
        read(MADE[:place] + bytes([value]) + MADE[place + 1 :])
    except Unreadable:
        return
