"""Who may change what is trusted, what of it is kept, and what stops when."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.domain.errors import Conflict, Misconfigured, NotFound
from gateway.signing import read_policies, read_store
from gateway.signing.create.stamp import Stamping
from gateway.signing.create.xades import XadesSigner
from gateway.signing.keys import HeldKey
from gateway.signing.pki.changing import Proposal, add_to_pool, approve, proposals, propose
from gateway.signing.runway import Stop, read_certificates, runway
from tests.signing.authority import DAY, NOW, Authority
from tests.signing.conftest import POLICIES, Room, outcome, packet
from tests.signing.documents import TSA, Stamps

NEW = Authority("Gốc mới")
PEM = NEW.root.certificate.public_bytes(Encoding.PEM)
PIN = NEW.root.certificate.fingerprint(hashes.SHA256()).hex()


def proposal(**changes: object) -> Proposal:
    values: dict[str, object] = {
        "id": "moi", "role": "root", "sha256": PIN, "proposed_by": "an", "proposed_at": NOW, "because": "G3",
    }  # fmt: skip
    return Proposal(**{**values, **changes})  # type: ignore[arg-type]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "goc-moi.pem"
    path.write_bytes(PEM)
    return path


def test_a_proposal_changes_nothing_until_another_person_approves(room: Room, file: Path) -> None:
    before = read_store(room.trust).version
    propose(room.trust, proposal(sha1_until=date(2027, 1, 1)), file)
    assert [waits.id for waits in proposals(room.trust)] == ["moi"]
    assert read_store(room.trust).version == before
    with pytest.raises(Conflict):
        approve(room.trust, "moi", " An ", NOW)
    version = approve(room.trust, "moi", "binh", NOW)
    store = read_store(room.trust)
    assert store.version == version != before
    anchor = store.anchors[PIN]
    assert (anchor.id, anchor.sha1_until, anchor.proposed_by, anchor.approved_by) == (
        "moi",
        date(2027, 1, 1),
        "an",
        "binh",
    )
    assert proposals(room.trust) == []
    assert [path.stem for path in (room.trust / "versions").iterdir()] == [before]


def test_a_change_of_trust_changes_verdicts_and_their_version(room: Room, file: Path) -> None:
    signed, before = room.signed(), room.verify(room.signed())
    propose(room.trust, proposal(), file)
    approve(room.trust, "moi", "binh", NOW)
    after = room.verify(signed)
    assert after.passed
    assert after.trust_version != before.trust_version
    propose(room.trust, proposal(id="test-root", role="", sha256=""), None)
    approve(room.trust, "test-root", "binh", NOW)
    assert outcome(room.verify(signed)) == "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND"


def test_a_fingerprint_that_does_not_fit_is_no_proposal(room: Room, file: Path) -> None:
    with pytest.raises(Misconfigured):
        propose(room.trust, proposal(sha256="0" * 64), file)
    with pytest.raises(Misconfigured):
        propose(room.trust, proposal(id="../ngoai"), file)
    with pytest.raises(Misconfigured):
        propose(room.trust, proposal(role="king"), file)
    assert proposals(room.trust) == []


def test_a_proposal_spoilt_on_the_way_stops_at_the_approval(room: Room, file: Path) -> None:
    before = (room.trust / "anchors.yaml").read_bytes()
    propose(room.trust, proposal(), file)
    (room.trust / "proposed" / "moi.der").write_bytes(Authority("Khác").root.certificate.public_bytes(Encoding.DER))
    with pytest.raises(Misconfigured):
        approve(room.trust, "moi", "binh", NOW)
    assert (room.trust / "anchors.yaml").read_bytes() == before


def test_what_is_not_there_cannot_be_approved_or_removed(room: Room) -> None:
    with pytest.raises(NotFound):
        approve(room.trust, "moi", "binh", NOW)
    propose(room.trust, proposal(id="khong-co", role="", sha256=""), None)
    with pytest.raises(NotFound):
        approve(room.trust, "khong-co", "binh", NOW)


def test_a_new_folder_can_be_filled(tmp_path: Path, file: Path) -> None:
    folder = tmp_path / "trust"
    propose(folder, proposal(), file)
    approve(folder, "moi", "binh", NOW)
    assert PIN in read_store(folder).anchors


@pytest.mark.parametrize("form", ["PEM", "CRLF", "DER"])
def test_intermediates_come_in_any_form_and_need_no_second_person(room: Room, tmp_path: Path, form: str) -> None:
    certificate = NEW.sub.certificate
    data = certificate.public_bytes(Encoding.DER if form == "DER" else Encoding.PEM)
    path = tmp_path / "trung-gian.cer"
    path.write_bytes(data.replace(b"\n", b"\r\n") if form == "CRLF" else data)
    [added] = add_to_pool(room.trust, path)
    assert added.sha256 in {one.sha256 for found in read_store(room.trust).by_subject.values() for one in found}


def test_the_runway_tells_everything_that_stops_the_next_first(room: Room, tmp_path: Path) -> None:
    verifier = room.verifier(kept=tmp_path / "kept")
    assert verifier.verify(room.signed(), None, "vn-report-xml", NOW).passed
    leader = tmp_path / "leader.pem"
    leader.write_bytes(room.leader[1].public_bytes(Encoding.PEM))
    policies = read_policies(POLICIES).values()
    store = read_store(room.trust)
    found = runway(store, policies, NOW, kept=tmp_path / "kept", certificates=read_certificates([leader]))
    assert [stop.at for stop in found] == sorted(stop.at for stop in found)
    assert {stop.kind for stop in found} == {"anchor", "intermediate", "certificate", "crl", "algorithm"}
    whom = {stop.kind: stop.whom for stop in found}
    assert "vn-report-xml" in whom["certificate"]
    assert "integrity-only" not in whom["anchor"]
    assert all(stop.vi and stop.en for stop in found)


def test_what_if_lists_can_no_longer_be_fetched(room: Room, tmp_path: Path) -> None:
    verifier = room.verifier(kept=tmp_path / "kept")
    assert verifier.verify(room.signed(), None, "vn-report-xml", NOW).passed
    store, policies = read_store(room.trust), read_policies(POLICIES).values()
    found = runway(store, policies, NOW, kept=tmp_path / "kept", without=frozenset({"crl", "ocsp"}))
    lost = [stop for stop in found if stop.kind == "outage-crl"]
    assert {stop.at for stop in lost} == {NOW - timedelta(hours=1) + DAY}  # made an hour ago, good for 24
    assert (
        outcome(verifier.verify(room.signed(), None, "vn-report-xml", lost[0].at - timedelta(minutes=1)))
        == "TOTAL-PASSED"
    )
    room.authority.down = True
    assert outcome(verifier.verify(room.signed(), None, "vn-report-xml", lost[0].at)) == "INDETERMINATE TRY_LATER"


def test_what_if_responders_can_no_longer_be_asked(room: Room, tmp_path: Path) -> None:
    room.leader = room.authority.issue("Người đứng đầu", with_ocsp=True)
    verifier = room.verifier(kept=tmp_path / "kept")
    assert verifier.verify(room.signed(), None, "vn-report-xml", NOW).passed
    store, policies = read_store(room.trust), read_policies(POLICIES).values()

    def lost(*ways: str) -> Stop:
        found = runway(store, policies, NOW, kept=tmp_path / "kept", without=frozenset(ways))
        [stop] = [one for one in found if one.kind == "outage-ocsp"]
        assert "vn-report-xml" in stop.whom
        return stop

    assert "rest on lists" in lost("ocsp").en
    stop = lost("ocsp", "crl")
    assert stop.en.endswith("wait.")
    assert "rest on" not in stop.en
    room.authority.now, room.authority.ocsp_down = stop.at, True
    assert verifier.verify(room.signed(), None, "vn-report-xml", stop.at).passed
    room.authority.down = True
    later = room.verifier(kept=tmp_path / "kept").verify(room.signed(), None, "vn-report-xml", stop.at + 2 * DAY)
    assert outcome(later) == "INDETERMINATE TRY_LATER"


def test_what_if_nobody_stamps_the_time_any_more(room: Room, tmp_path: Path) -> None:
    wanting = tmp_path / "policies"
    shutil.copytree(POLICIES, wanting)
    file = wanting / "vn-report-pdf.yaml"
    file.write_text(file.read_text("utf-8").replace("required: false, skew", "required: true, skew"), "utf-8")
    found = runway(read_store(room.trust), read_policies(wanting).values(), NOW, without=frozenset({"tsa"}))
    assert [(one.at, one.whom) for one in found if one.kind == "outage-tsa"] == [(NOW, ("vn-report-pdf",))]


# ── changed while it is used ──
def test_a_changed_anchor_counts_without_a_restart_and_a_faulty_change_does_not(room: Room) -> None:
    verifier, signed = room.verifier(), room.signed()
    anchors = room.trust / "anchors.yaml"
    good = anchors.read_text("utf-8")
    assert verifier.verify(signed, None, "vn-report-xml", NOW).passed

    anchors.write_text("anchors: [", "utf-8")
    room.seconds += 10
    before = verifier.verify(signed, None, "vn-report-xml", NOW)
    assert before.passed

    anchors.write_text(good.replace("role: root", "role: tls"), "utf-8")
    assert verifier.verify(signed, None, "vn-report-xml", NOW).passed  # not looked at again yet
    room.seconds += 10
    after = verifier.verify(signed, None, "vn-report-xml", NOW)
    assert outcome(after) == "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND"
    assert after.trust_version != before.trust_version

    anchors.write_text(good, "utf-8")
    room.seconds += 10
    assert verifier.verify(signed, None, "vn-report-xml", NOW).passed


def test_the_runway_watches_the_authority_whose_time_stamp_was_believed(room: Room, tmp_path: Path) -> None:
    key, certificate = room.authority.issue_tsa()
    stamping = Stamping(TSA, Stamps((certificate, room.authority.sub.certificate), key))
    signed = XadesSigner(HeldKey(*room.agency), "agency", stamps=stamping).sign(room.by_leader(packet()), NOW)
    assert room.verifier(kept=tmp_path / "kept").verify(signed, None, "vn-report-xml", NOW).passed
    store, policies = read_store(room.trust), read_policies(POLICIES).values()
    [stop] = [one for one in runway(store, policies, NOW, kept=tmp_path / "kept") if one.kind == "tsa"]
    assert stop.at == certificate.not_valid_after_utc
    assert "vn-report-xml" in stop.whom
    add_to_pool(room.trust, written(tmp_path / "tsa.pem", certificate))
    assert len([one for one in runway(read_store(room.trust), policies, NOW) if one.kind == "tsa"]) == 1


def written(file: Path, certificate: x509.Certificate) -> Path:
    file.write_bytes(certificate.public_bytes(Encoding.PEM))
    return file
