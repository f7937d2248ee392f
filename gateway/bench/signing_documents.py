"""CMS, JWS and PDF signatures, beside one raw RSA-2048 verification of the same run.

Figures are of whole verdicts in two languages under `integrity-only`; `jws_core` is a JWS up to its proven value.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from gateway.sandbox.ca_generations import leaf
from gateway.signing.create.jws import JwsSigner
from gateway.signing.create.pades import PadesSigner
from gateway.signing.jose.core import proven_jws
from gateway.signing.judging import examine
from gateway.signing.keys import HeldKey
from gateway.signing.look import Setting
from gateway.signing.pdf.reading import read
from gateway.signing.pki.certificate import Certificates
from gateway.signing.pki.revocation import Revocations
from gateway.signing.pki.store import store_of
from gateway.signing.policies import read_policy
from gateway.signing.trust import Trust

_CONTENT = b"x" * 10_000
_POLICY = ("thanh-hoa", "policies", "integrity-only.yaml")


def measure() -> dict[str, Any]:
    """Milliseconds of CPU (medians), and ratios to a raw RSA-2048 verification over 10 KB."""
    with TemporaryDirectory() as folder:
        private = rsa.generate_private_key(65537, 2048)
        key = HeldKey(private, _certificate(Path(folder), private))
        judged = partial(_judged, _setting(Path(folder)))
        figures = _small(private, key, judged, _setting(Path(folder)))
        return {**figures, **_pdf(key, judged, figures["raw_rsa2048_10kb_ms"])}


def _small(
    private: rsa.RSAPrivateKey, key: HeldKey, judged: Callable[[bytes, bytes | None], None], setting: Setting
) -> dict[str, Any]:
    public, scheme = key.certificate.public_key(), hashes.SHA256()
    assert isinstance(public, rsa.RSAPublicKey)
    value = private.sign(_CONTENT, padding.PKCS1v15(), scheme)
    cms, jws = _cms(private, key.certificate), JwsSigner(key).sign(b"x" * 2000, datetime.now(UTC))
    works = (
        lambda: public.verify(value, _CONTENT, padding.PKCS1v15(), scheme),
        lambda: judged(_CONTENT, cms),
        lambda: judged(jws, None),
        lambda: proven_jws(jws, setting.anew()),
    )
    raw, by_cms, by_jws, core = _by_turns(600, *works)
    return {
        "raw_rsa2048_10kb_ms": round(raw, 4),
        "cms_10kb_ms": round(by_cms, 3),
        "cms_10kb_ratio_to_raw": round(by_cms / raw, 1),
        "jws_2kb_ms": round(by_jws, 3),
        "jws_2kb_ratio_to_raw": round(by_jws / raw, 1),
        "jws_core_2kb_ratio_to_raw": round(core / raw, 1),
    }


def _pdf(key: HeldKey, judged: Callable[[bytes, bytes | None], None], raw: float) -> dict[str, Any]:
    """The reading is done in this process, so that its CPU is counted."""
    one = PadesSigner(key).sign(_document(200_000), datetime.now(UTC))
    five = one
    for _ in range(4):
        five = PadesSigner(key).sign(five, datetime.now(UTC))
    large = PadesSigner(key).sign(_document(2_000_000), datetime.now(UTC))
    by_one, by_five, by_large = _by_turns(15, *(partial(judged, pdf, None) for pdf in (one, five, large)))
    return {
        "pdf_200kb_ms": round(by_one, 1),
        "pdf_200kb_ratio_to_raw": round(by_one / raw),
        "pdf_200kb_5_signatures_ms": round(by_five, 1),
        "pdf_2mb_to_200kb": round(by_large / by_one, 2),
    }


def _judged(setting: Setting, payload: bytes, signature: bytes | None) -> None:
    if examine(payload, signature, setting.anew(), read).verdict.integrity != "passed":
        raise RuntimeError("what was signed here does not verify")


def _setting(folder: Path) -> Setting:
    policy = folder / "integrity-only.yaml"
    policy.write_bytes(files("gateway.profiles").joinpath(*_POLICY).read_bytes())
    store = store_of([])
    return Setting(read_policy(policy), datetime.now(UTC), Trust(store, Revocations(None, store)), Certificates())


def _certificate(folder: Path, private: rsa.RSAPrivateKey) -> x509.Certificate:
    return leaf(folder, "national", "http://127.0.0.1:1", private.public_key(), role="agency", code="H56")


def _cms(private: rsa.RSAPrivateKey, certificate: x509.Certificate) -> bytes:
    builder = pkcs7.PKCS7SignatureBuilder().set_data(_CONTENT).add_signer(certificate, private, hashes.SHA256())
    return builder.sign(Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary])


def _document(size: int) -> bytes:
    """A PDF of one empty page and `size` bytes of filler."""
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (size, b" " * size),
    )
    body, table = bytearray(b"%PDF-1.7\n"), [b"0000000000 65535 f \n"]
    for number, content in enumerate(objects, start=1):
        table.append(b"%010d 00000 n \n" % len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    at = len(body)
    tail = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(table), at)
    return bytes(body) + b"xref\n0 %d\n" % len(table) + b"".join(table) + tail


def _by_turns(rounds: int, *works: Callable[[], object]) -> list[float]:
    """Median milliseconds of CPU of each, one after the other in every round."""
    spent: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for kept, work in zip(spent, works, strict=True):
            began = time.process_time()
            work()
            kept.append(time.process_time() - began)
    return [statistics.median(kept) * 1000 for kept in spent]
