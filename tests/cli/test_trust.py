"""What is trusted, from the command line: two people, what stops when, and a path looked at alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.domain.calendar import VIETNAM
from tests.cli.house import Office, run
from tests.signing.authority import NOW, Authority


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    made = Authority()
    made.write_trust(tmp_path / "trust")
    (tmp_path / "crl").mkdir()
    for name, issuer in (("root", made.root), ("sub", made.sub)):
        (tmp_path / "crl" / f"{name}.crl").write_bytes(issuer.crl(NOW))
    return made


def path_of(folder: Path, certificate: Path, *words: str) -> tuple[int, str, str | None]:
    told = run(
        "trust", "path", str(certificate), "--anchor", str(folder / "trust" / "root.pem"), "--pool",
        str(folder / "trust" / "pool"), "--at", "2026-11-24T14:00:00", *words,
    )  # fmt: skip
    return told.code, told.document["indication"], told.document["sub_indication"]


def written(folder: Path, authority: Authority, **how: object) -> Path:
    certificate = authority.issue("Người ký", **how)[1]  # type: ignore[arg-type]
    file = folder / f"{certificate.serial_number:x}.pem"
    file.write_bytes(certificate.public_bytes(Encoding.PEM))
    return file


def test_a_path_is_judged_with_and_without_lists(authority: Authority, tmp_path: Path) -> None:
    good = written(tmp_path, authority)
    lists = ("--crl", str(tmp_path / "crl"))
    assert path_of(tmp_path, good) == (0, "TOTAL-PASSED", None)
    assert path_of(tmp_path, good, *lists) == (0, "TOTAL-PASSED", None)
    _, certificate = authority.issue("Bị thu hồi")
    authority.revoke(certificate, NOW.replace(day=1))
    revoked = tmp_path / "revoked.pem"
    revoked.write_bytes(certificate.public_bytes(Encoding.DER))
    (tmp_path / "crl" / "sub.crl").write_bytes(authority.sub.crl(NOW))
    assert path_of(tmp_path, revoked, *lists) == (1, "TOTAL-FAILED", "REVOKED")
    (tmp_path / "crl" / "sub.crl").unlink()
    assert path_of(tmp_path, good, *lists) == (3, "INDETERMINATE", "TRY_LATER")


def test_a_path_that_leads_nowhere_or_is_nonsense_is_judged_too(authority: Authority, tmp_path: Path) -> None:
    stranger = written(tmp_path, Authority("Kẻ lạ"))
    assert path_of(tmp_path, stranger)[:2] == (3, "INDETERMINATE")
    for content in (b"", b"0" * 100, b"\x30\x82", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        nonsense = tmp_path / "nonsense"
        nonsense.write_bytes(content)
        assert path_of(tmp_path, nonsense) == (1, "TOTAL-FAILED", "FORMAT_FAILURE")


def test_two_people_bring_in_an_anchor(authority: Authority, tmp_path: Path) -> None:
    new = Authority("Gốc mới").root.certificate
    (tmp_path / "moi.crt").write_bytes(new.public_bytes(Encoding.DER))
    pin = new.fingerprint(hashes.SHA256()).hex(":").upper()
    words = ("--trust", str(tmp_path / "trust"))
    told = run("trust", "import", str(tmp_path / "moi.crt"), "--id", "moi", "--sha256", pin, "--by", "an", *words)
    assert told.code == 0, told.err
    assert run("trust", "approve", "moi", "--by", "an", *words).code == 6
    approved = run("trust", "approve", "moi", "--by", "binh", *words)
    assert approved.code == 0
    assert "không phải khởi động lại" in approved.err
    listed = run("trust", "ls", *words, "--json").document
    assert {one["id"]: one["approved_by"] for one in listed["anchors"]} == {"test-root": "", "moi": "binh"}
    assert len(listed["version"]) == 64
    assert "moi" in run("trust", "ls", *words).out


def test_anchors_and_intermediates_are_listed_with_their_last_day_as_an_office_writes_it(
    authority: Authority, tmp_path: Path
) -> None:
    told = run("trust", "ls", "--trust", str(tmp_path / "trust"))
    kinds = {cells[1]: cells[3] for cells in (line.split("\t") for line in told.lines)}
    assert kinds == {
        "root": f"{authority.root.certificate.not_valid_after_utc.astimezone(VIETNAM):%d/%m/%Y}",
        "trung gian": f"{authority.sub.certificate.not_valid_after_utc.astimezone(VIETNAM):%d/%m/%Y}",
    }


def test_the_runway_of_a_deployment_names_what_stops_and_for_which_policy(office: Office) -> None:
    stops = office.run("trust", "runway", "--json", "--without", "tsa").document["stops"]
    assert {one["kind"] for one in stops} >= {"anchor", "intermediate", "algorithm"}
    assert all(one["at"] and one["vi"] and one["en"] for one in stops)
    assert office.run("trust", "runway", "--without", "sun").code == 2
    assert office.run("trust", "runway", "--days", "36500").out
