"""Signatures judged from the command line: what the exit says, and that nothing in a file makes it stumble."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.ports import Header
from gateway.schemas.packets import PacketReader, PacketWriter
from gateway.signing.xml.sign import XmlSigner
from tests.api.house import as_json
from tests.cli.house import Office, Told, process, run

POLICY = "vn-report-xml"


@pytest.fixture(scope="module")
def bare() -> bytes:
    _, report = PacketReader().read(as_json(), "application/json")
    header = Header("m1", "report-data", datetime.now(UTC), "H56", "000.00.00.H56", "H56", "000.00.00.H56")
    return PacketWriter().write(header, report, None)


@pytest.fixture(scope="module")
def signed(office: Office, bare: bytes) -> bytes:
    """By the leader and by the agency, as the policy asks."""
    packet = bare
    for role in ("leader", "agency"):
        key, certificate = office.other_side.issue(role, "H56")
        packet = XmlSigner(key, certificate, role).sign(packet, datetime.now(UTC))
    return packet


def judged(office: Office, content: bytes, *words: str) -> Told:
    return office.run("verify", office.file(content, ".xml"), "--policy", POLICY, *words)


def test_a_file_signed_by_both_passes(office: Office, signed: bytes) -> None:
    told = judged(office, signed, "--json")
    assert told.code == 0, told.err
    verdict = told.document
    assert (verdict["indication"], verdict["integrity"], len(verdict["signatures"])) == ("TOTAL-PASSED", "passed", 2)
    assert all(one["crypto_ok"] and one["signer"] and one["checks"] for one in verdict["signatures"])
    assert told.err.startswith("TOTAL-PASSED")


def test_a_file_changed_after_signing_fails(office: Office, signed: bytes) -> None:
    told = judged(office, signed.replace(b"</Value>", b"1</Value>", 1))
    assert (told.code, told.document["indication"], told.document["integrity"]) == (1, "TOTAL-FAILED", "failed")


def test_a_file_signed_by_nobody_we_know_is_undecided(office: Office, signed: bytes, tmp_path: Path) -> None:
    told = judged(office, signed, "--trust", str(tmp_path))
    assert (told.code, told.document["indication"], told.document["integrity"]) == (3, "INDETERMINATE", "passed")


def test_a_policy_nobody_has_decides_nothing(office: Office, signed: bytes) -> None:
    told = office.run("verify", office.file(signed, ".xml"), "--policy", "khong-co")
    assert (told.code, told.document["sub_indication"]) == (3, "SIGNATURE_POLICY_NOT_AVAILABLE")


def test_a_policy_file_and_a_trust_folder_need_no_deployment(office: Office, signed: bytes, tmp_path: Path) -> None:
    shutil.copy(office.home / "policies" / f"{POLICY}.yaml", tmp_path / "mine.yaml")
    shutil.copytree(office.home / "trust", tmp_path / "trust")
    (tmp_path / "report.xml").write_bytes(signed)
    told = process("verify", "report.xml", "--policy", "mine.yaml", "--trust", "trust", cwd=tmp_path)
    assert (told.code, told.document["indication"]) == (0, "TOTAL-PASSED"), told.err


def test_without_the_net_only_answers_kept_from_before_can_say_that_a_certificate_is_not_revoked(
    office: Office, signed: bytes, tmp_path: Path
) -> None:
    assert judged(office, signed).code == 0
    assert judged(office, signed, "--offline").code == 0
    shutil.copytree(office.home, tmp_path / "new", ignore=shutil.ignore_patterns("var"))
    told = run("verify", office.file(signed), "--policy", POLICY, "--offline", "--home", str(tmp_path / "new"))
    assert (told.code, told.document["sub_indication"]) == (3, "TRY_LATER")


def test_a_time_without_a_zone_is_vietnam_time(office: Office, signed: bytes) -> None:
    file = office.file(signed, ".xml")
    words = ("verify", file, "--policy", POLICY, "--at")
    typed = office.run(*words, "2020-01-01T00:00:00").document
    assert typed == office.run(*words, "2020-01-01T00:00:00+07:00").document
    assert typed["indication"] != "TOTAL-PASSED"


def test_several_files_are_one_document_a_line_in_order_and_the_worst_decides(
    office: Office, signed: bytes, bare: bytes
) -> None:
    files = [office.file(content, ".xml") for content in (signed, b"", bare)]
    for words in (("--jsonl",), ()):
        told = office.run("verify", *files, "--policy", POLICY, *words)
        assert told.code == 1
        verdicts = [json.loads(line) for line in told.lines]
        assert [verdict["file"] for verdict in verdicts] == files
        assert verdicts[0]["indication"] == "TOTAL-PASSED"


def _packed() -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as packed:
        packed.writestr("a.xml", b"<a/>")
    return kept.getvalue()


HOSTILE = {
    "empty": b"",
    "null": b"\x00" * 100,
    "not UTF-8": b"\xff\xfe\xfa",
    "cut off": b"<Packet><Body>",
    "another encoding": b'<?xml version="1.0" encoding="x-nonsense"?><a/>',
    "UTF-16": '<?xml version="1.0"?><a>đ</a>'.encode("utf-16"),
    "entities": b'<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><a>&d;</a>',
    "a file of ours": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "deep": b"<a>" * 100_000,
    "wide": b"<a>" + b"<b/>" * 100_000 + b"</a>",
    "attributes": b"<a " + b" ".join(b'b%d="c"' % n for n in range(10_000)) + b"/>",
    "a signature of nothing": b'<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>',
    "a packed file": _packed(),
    "a PDF": b"%PDF-1.7\n%%EOF",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_judged_and_never_believed(office: Office, content: bytes) -> None:
    told = judged(office, content)
    assert told.code in (1, 3)
    assert told.document["indication"] in ("TOTAL-FAILED", "INDETERMINATE")
    assert "F-004" not in told.err
    assert len(told.stdout) < 100_000


def test_a_hostile_detached_signature_is_judged_and_never_believed(office: Office) -> None:
    for content in HOSTILE.values():
        told = judged(office, b"anything", "--signature", office.file(content))
        assert told.code in (1, 3)
        assert told.document["indication"] != "TOTAL-PASSED"


@pytest.mark.parametrize("policy", [b"", b"colour: red", b"\xff", b"[", b"a: 1\na: 2", b"- x"])
def test_a_broken_policy_file_is_named_with_its_fault(tmp_path: Path, policy: bytes) -> None:
    (tmp_path / "mine.yaml").write_bytes(policy)
    (tmp_path / "report.xml").write_bytes(b"<a/>")
    told = run("verify", str(tmp_path / "report.xml"), "--policy", str(tmp_path / "mine.yaml"), "--home", str(tmp_path))
    assert told.code == 1
    assert "mine.yaml" in told.err
    assert "F-005" in told.err


def test_a_policy_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "report.xml").write_bytes(b"<a/>")
    told = run("verify", str(tmp_path / "report.xml"), "--policy", str(tmp_path / "none.yaml"))
    assert told.code == 1
    assert "none.yaml" in told.err


def test_a_time_nobody_can_read_is_a_slip_of_the_hand(office: Office) -> None:
    assert judged(office, b"<a/>", "--at", "hôm qua").code == 2
