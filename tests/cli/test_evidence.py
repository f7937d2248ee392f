"""Signing and proving from the command line: a file signed and verified, an exchange's evidence taken and judged."""

from __future__ import annotations

import shutil
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from gateway.journey.evidence import bundled
from gateway.ports import Header
from gateway.schemas.packets import PacketReader, PacketWriter
from tests.api.house import as_json
from tests.cli.house import Office, run
from tests.signing.pdf_files import report

PIN = "không ai đoán ra"


@pytest.fixture(scope="module")
def seal(office: Office) -> Path:
    """The deployment again, with a key of the agency's in a file, and what it may sign."""
    home = Path(shutil.copytree(office.home, office.home.parent / "seal"))
    key, certificate = office.other_side.issue("agency", "H56")
    chain = [x509.load_der_x509_certificate(path.read_bytes()) for path in (home / "trust" / "pool").glob("*.der")]
    sealed = BestAvailableEncryption(PIN.encode())
    (home / "agency.p12").write_bytes(pkcs12.serialize_key_and_certificates(b"k", key, certificate, chain, sealed))
    (home / "agency.pin").write_text(PIN, "utf-8")
    told = 'key_file = "agency.p12"\npin_file = "agency.pin"\n'
    with (home / "gateway.toml").open("a", encoding="utf-8") as file:
        for name, form, policy in (
            ("xml", "xades", "vn-report-xml-agency"),
            ("pdf", "pades", "vn-report-pdf"),
            ("json", "jws-detached", "jws"),
        ):
            file.write(f'\n[signers.{name}]\nformat = "{form}"\npolicy = "{policy}"\n{told}')
    return home


def test_a_signed_packet_passes_and_so_does_the_evidence_of_its_exchange(office: Office, seal: Path) -> None:
    _, given = PacketReader().read(as_json(), "application/json")
    header = Header("m7", "report-data", datetime.now(UTC), "H56", "000.00.00.H56", "H56", "000.00.00.H56")
    packet = office.file(PacketWriter().write(header, given, None), ".xml")
    signed = packet.replace(".xml", "-da-ky.xml")
    told = run("sign", packet, "--profile", "xml", "--out", signed, "--home", str(seal), "--json")
    assert told.code == 0, told.err
    assert told.document["file"] == signed
    assert PIN not in told.err + told.out
    verdict = run("verify", signed, "--policy", "vn-report-xml-agency", "--home", str(seal)).document
    assert (verdict["indication"], verdict["signatures"][0]["format"]) == ("TOTAL-PASSED", "XADES")


def test_a_pdf_is_signed_beside_itself(office: Office, seal: Path) -> None:
    file = office.file(report(), ".pdf")
    assert run("sign", file, "--profile", "pdf", "--home", str(seal)).code == 0
    told = run("verify", file.replace(".pdf", "-signed.pdf"), "--policy", "vn-report-pdf", "--home", str(seal))
    assert (told.code, told.document["integrity"]) == (3, "passed")  # the leader's is still to come


def test_a_detached_signature_is_judged_with_its_content(office: Office, seal: Path) -> None:
    file, other = office.file(b'{"a":1}'), office.file(b'{"a":2}')
    made = str(Path(file).with_suffix(".jws"))
    assert run("sign", file, "--profile", "json", "--out", made, "--home", str(seal)).code == 0
    words = ("verify", made, "--policy", "jws", "--home", str(seal))
    assert run(*words, "--content", file).document["indication"] == "TOTAL-PASSED"
    assert run(*words, "--content", other).document["indication"] == "TOTAL-FAILED"
    assert run(*words).document["sub_indication"] == "SIGNED_DATA_NOT_FOUND"
    assert run(*words, "--content", file, "--content", other).code == 2


def test_a_profile_nobody_declared_and_a_file_that_is_no_pdf_are_said_to_be(office: Office, seal: Path) -> None:
    file = office.file(b"%PDF-1.7 nothing", ".pdf")
    told = run("sign", file, "--profile", "khong-co", "--home", str(seal), "--json")
    assert (told.code != 0, "khong-co" in told.err) == (True, True)
    assert run("sign", file, "--profile", "pdf", "--home", str(seal), "--json").code == 1


@pytest.fixture(scope="module")
def bundle(office: Office) -> str:
    exchange = office.submitted()
    office.prepare()
    target = str(office.home.parent / f"{exchange}.zip")
    told = office.run("evidence", "export", exchange, "--out", target, "--json")
    assert told.code == 0, told.err
    return target


def test_the_evidence_of_an_exchange_holds_without_the_deployment(office: Office, bundle: str) -> None:
    told = run("evidence", "verify", bundle, "--json")
    assert (told.code, told.document["holds"], told.document["chain_intact"]) == (0, True, True), told.err
    assert told.document["faults"] == []
    assert told.document["facts"] > 2


def test_evidence_changed_by_a_byte_does_not_hold(office: Office, bundle: str) -> None:
    with zipfile.ZipFile(bundle) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    last = max(name for name in files if name.startswith("blobs/"))
    files[last] = files[last][:-1] + bytes([files[last][-1] ^ 1])
    broken = office.file(bundled(files.items()), ".zip")
    told = run("evidence", "verify", broken, "--json")
    assert (told.code, told.document["holds"]) == (1, False)
