"""Keys and signers: strong by default, dead certificates refused, and nothing let out that does not pass."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pkcs11
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

from gateway.domain.errors import Misconfigured, Rejected, Unavailable
from gateway.ports import Signer
from gateway.schemas.signers import SignerText, pin_of
from gateway.signing import SignatureVerifier
from gateway.signing.create.opening import Form, guarded, key_in_file, key_in_token
from gateway.signing.create.stamp import Stamping
from gateway.signing.create.xades import XadesSigner
from gateway.signing.keys import HeldKey, Key
from tests.signing.authority import NOW, Authority, new_rsa
from tests.signing.conftest import POLICIES, outcome, packet
from tests.signing.documents import Desk, Stamps, codes, desk
from tests.signing.pdf_files import report

__all__ = ["desk"]

PIN = "một mật khẩu dài"
CASES = {
    "xades": ("vn-report-xml-agency", packet()),
    "pades": ("vn-report-pdf", report()),
    "jws": ("jws", b'{"ok":1}'),
    "jws-detached": ("jws", b'{"ok":1}'),
}


def signer(desk: Desk, name: str, key: Key | None = None, algorithm: str | None = None) -> Signer:
    return guarded(key or desk.agency, Form(name, CASES[name][0], algorithm=algorithm), desk.verifier, None)


@pytest.mark.parametrize("name", CASES)
def test_every_form_is_made_with_strong_algorithms_by_default(desk: Desk, name: str) -> None:
    policy, document = CASES[name]
    for key, family in (
        (desk.agency, "RSA-PSS SHA-256"),
        (HeldKey(*desk.authority.issue("EC", "H56")), "ECDSA SHA-256"),
    ):
        made = signer(desk, name, key).sign(document, NOW)
        payload, beside = (document, made) if name == "jws-detached" else (made, None)
        [one] = desk.verify(payload, policy, beside).signatures
        assert one.algorithms[0] == family
        assert one.sub_indication is None


@pytest.mark.parametrize("name", ["xades", "pades"])
def test_pkcs1_is_made_only_where_the_profile_names_it(desk: Desk, name: str) -> None:
    policy, document = CASES[name]
    made = signer(desk, name, algorithm="RSA-PKCS1v15").sign(document, NOW)
    [one] = desk.verify(made, policy).signatures
    assert one.algorithms[0] == "RSA-PKCS1v15 SHA-256"


def test_xades_has_its_certificate_bound_and_its_time_proven(desk: Desk) -> None:
    stamps = desk.stamping(NOW - timedelta(minutes=5))
    made = XadesSigner(desk.leader, "leader", stamps=stamps).sign(packet(), NOW)
    both = XadesSigner(desk.agency, "agency").sign(made, NOW)
    verdict = desk.verify(both, "vn-report-xml")
    assert outcome(verdict) == "TOTAL-PASSED"
    assert [(one.format, one.level) for one in verdict.signatures] == [("XADES", "T"), ("XADES", "B")]
    assert codes(verdict)["binding"] == "passed"


def test_a_packet_is_not_signed_twice_at_one_place(desk: Desk) -> None:
    once = XadesSigner(desk.agency, "agency").sign(packet(), NOW)
    with pytest.raises(Rejected, match="signed already"):
        XadesSigner(desk.agency, "agency").sign(once, NOW)


def test_an_expired_certificate_signs_nothing(desk: Desk) -> None:
    old = HeldKey(*desk.authority.issue("Cũ", "H56", until=NOW - timedelta(days=1)))
    with pytest.raises(Misconfigured, match="B-010"):
        signer(desk, "jws", old).sign(b"{}", NOW)


def test_a_certificate_whose_time_has_not_come_signs_nothing(desk: Desk) -> None:
    early = HeldKey(*desk.authority.issue("Sớm", "H56", since=NOW + timedelta(days=1)))
    with pytest.raises(Misconfigured, match="B-010"):
        signer(desk, "jws", early).sign(b"{}", NOW)


def test_a_revoked_certificate_signs_nothing(tmp_path: Path) -> None:
    authority = Authority()
    key, certificate = authority.issue("Thu hồi", "H56")
    authority.revoke(certificate, NOW - timedelta(days=1))
    verifier = SignatureVerifier(POLICIES, authority.write_trust(tmp_path / "trust"), authority)
    with pytest.raises(Misconfigured, match="B-010"):
        guarded(HeldKey(key, certificate), Form("jws", "jws"), verifier, None).sign(b"{}", NOW)


def test_while_revocation_is_not_known_nothing_is_let_out(tmp_path: Path) -> None:
    authority = Authority()
    held = HeldKey(*authority.issue("Chưa rõ", "H56"))
    offline = SignatureVerifier(POLICIES, authority.write_trust(tmp_path / "trust"), None)
    with pytest.raises(Unavailable, match="B-007"):
        guarded(held, Form("jws", "jws"), offline, None).sign(b"{}", NOW)


def test_a_signature_that_our_own_policy_refuses_is_not_let_out(desk: Desk) -> None:
    stranger = HeldKey(*Authority("Gốc lạ").issue("Lạ", "H56"))
    with pytest.raises(Rejected, match="B-011"):
        signer(desk, "jws", stranger).sign(b"{}", NOW)


def test_a_short_key_signs_nothing(desk: Desk) -> None:
    short = HeldKey(*desk.authority.issue("Ngắn", "H56", key=rsa.generate_private_key(65537, 1024)))
    with pytest.raises(Misconfigured, match="F-005"):
        signer(desk, "jws", short)


def test_a_stamp_service_that_answers_another_question_is_not_believed(desk: Desk) -> None:
    class Replaying(Stamps):
        def post(self, url: str, body: bytes, media_type: str) -> bytes:
            self.kept = getattr(self, "kept", None) or super().post(url, body, media_type)
            return self.kept

    key, certificate = desk.authority.issue_tsa()
    stamps = Stamping("http://tsa.example/", Replaying((certificate,), key))
    stamps.token_over(b"one")
    with pytest.raises(Unavailable):
        stamps.token_over(b"two")


def test_a_token_over_other_bytes_is_not_kept(desk: Desk) -> None:
    with pytest.raises(Unavailable, match="A-004"):
        desk.stamping(wrong=True).token_over(b"one")


def test_a_token_over_other_bytes_is_not_let_out(desk: Desk) -> None:
    wrong = desk.stamping(wrong=True)
    form = Form("pades", "vn-report-pdf", tsa=wrong.url)
    with pytest.raises(Rejected, match="B-011"):
        guarded(desk.agency, form, desk.verifier, wrong._fetcher).sign(report(), NOW)


def _pkcs12(key: HeldKey, path: Path, passphrase: bytes | None) -> Path:
    sealed = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"k", key._key, key.certificate, None, sealed))
    return path


def test_a_key_in_a_file_signs(desk: Desk, tmp_path: Path) -> None:
    file = _pkcs12(desk.agency, tmp_path / "agency.p12", PIN.encode())
    made = signer(desk, "jws", key_in_file(file, PIN)).sign(b"{}", NOW)
    assert outcome(desk.verify(made, "jws")) == "TOTAL-PASSED"


@pytest.mark.parametrize("passphrase", ["sai", None])
def test_a_wrong_passphrase_is_said_without_saying_it(desk: Desk, tmp_path: Path, passphrase: str | None) -> None:
    file = _pkcs12(desk.agency, tmp_path / "agency.p12", PIN.encode())
    with pytest.raises(Misconfigured) as wrong:
        key_in_file(file, passphrase)
    assert "agency.p12" in str(wrong.value)
    assert PIN not in str(wrong.value)
    assert "sai" not in str(wrong.value)


def test_a_pin_comes_from_a_file_or_from_the_environment(tmp_path: Path) -> None:
    (tmp_path / "pin").write_text(f"{PIN}\n", "utf-8")
    told = SignerText(format="jws", policy="jws", key_file="a.p12", pin_file="pin")
    assert pin_of(tmp_path, "con-dau", told, {}) == PIN
    assert pin_of(tmp_path, "con-dau", told, {"GATEWAY_SIGNER_CON_DAU_PIN": "khác"}) == "khác"
    gone = told.model_copy(update={"pin_file": "không có"})
    with pytest.raises(Misconfigured, match="F-005"):
        pin_of(tmp_path, "con-dau", gone, {})


def test_a_profile_names_one_place_for_its_key() -> None:
    for wrong in ({}, {"key_file": "a.p12", "module": "m", "token": "t", "label": "l"}, {"module": "m", "token": "t"}):
        with pytest.raises(ValueError, match="either key_file, or module, token and label"):
            SignerText(format="jws", policy="jws", **wrong)  # type: ignore[arg-type]


# ── a real PKCS#11 token ──────────────────────────────────────────────────────────────────────────
MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory, desk: Desk) -> Iterator[tuple[Path, dict[str, HeldKey]]]:
    """A SoftHSM2 token with an RSA and an EC key of the agency."""
    tool = shutil.which("softhsm2-util")
    module = next((Path(path) for path in MODULES if Path(path).exists()), None)
    if tool is None or module is None:
        if os.environ.get("CI") == "true" and os.geteuid() == 0:
            pytest.fail("softhsm2 is not installed")
        pytest.skip("softhsm2 is not installed")
    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    command = [tool, "--init-token", "--free", "--label", "con-dau", "--pin", "2468", "--so-pin", "13579"]
    subprocess.run(command, check=True, capture_output=True)
    keys = {
        "rsa": HeldKey(*desk.authority.issue("Uỷ ban", "H56", key=new_rsa())),
        "ec": HeldKey(*desk.authority.issue("Uỷ ban", "H56")),
    }
    for number, (name, key) in enumerate(keys.items(), start=1):
        _import(folder, module, tool, f"{number:02}", name, key)
    yield module, keys
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before


def _import(folder: Path, module: Path, tool: str, number: str, name: str, key: HeldKey) -> None:
    file = folder / f"{name}.pem"
    file.write_bytes(key._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    command = [tool, "--import", str(file), "--token", "con-dau", "--label", name, "--id", number, "--pin", "2468"]
    subprocess.run(command, check=True, capture_output=True)
    with pkcs11.lib(str(module)).get_token(token_label="con-dau").open(rw=True, user_pin="2468") as session:
        session.create_object(
            {
                pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE,
                pkcs11.Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                pkcs11.Attribute.TOKEN: True,
                pkcs11.Attribute.LABEL: name,
                pkcs11.Attribute.ID: bytes.fromhex(number),
                pkcs11.Attribute.SUBJECT: key.certificate.subject.public_bytes(),
                pkcs11.Attribute.VALUE: key.certificate.public_bytes(Encoding.DER),
            }
        )


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("label", ["rsa", "ec"])
def test_a_key_that_never_leaves_its_token_signs(
    desk: Desk, token: tuple[Path, dict[str, HeldKey]], label: str, name: str
) -> None:
    module, keys = token
    with closing(key_in_token(module, "con-dau", label, "2468")) as key:
        assert key.certificate == keys[label].certificate
        assert signer(desk, name, key).sign(CASES[name][1], NOW)
        key.close()
        assert signer(desk, name, key).sign(CASES[name][1], NOW)  # opened again by itself


def test_pkcs1_by_name_signs_in_a_token_too(desk: Desk, token: tuple[Path, dict[str, HeldKey]]) -> None:
    with closing(key_in_token(token[0], "con-dau", "rsa", "2468")) as key:
        assert signer(desk, "xades", key, "RSA-PKCS1v15").sign(packet(), NOW)


def test_two_keys_of_one_token_sign_beside_each_other(desk: Desk, token: tuple[Path, dict[str, HeldKey]]) -> None:
    with (
        closing(key_in_token(token[0], "con-dau", "rsa", "2468")) as one,
        closing(key_in_token(token[0], "con-dau", "ec", "2468")) as other,
    ):
        for key in (one, other, one):
            assert signer(desk, "jws", key).sign(b"{}", NOW)


@pytest.mark.parametrize(
    ("label", "pin", "name"), [("rsa", "0000", "con-dau"), ("none", "2468", "con-dau"), ("rsa", "2468", "other")]
)
def test_a_wrong_pin_label_or_token_is_said_without_the_pin(
    token: tuple[Path, dict[str, HeldKey]], label: str, pin: str, name: str
) -> None:
    with pytest.raises(Misconfigured) as wrong:
        key_in_token(token[0], name, label, pin)
    assert f"{name}/{label}" in str(wrong.value)
    assert pin not in str(wrong.value).replace("libsofthsm2", "")
