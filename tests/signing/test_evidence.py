"""Evidence: the same verdict from the record alone, years later and offline, and every change to a bundle seen."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.domain.calendar import VIETNAM
from gateway.domain.chain import anchor_line, bounds, grow, merkle_path, merkle_root
from gateway.domain.exchange import Kind, Opening, begin
from gateway.domain.facts import Accepted, Fact, Recorded, Submission, Verified, link
from gateway.domain.ids import digest_of
from gateway.domain.parcel import Blob
from gateway.domain.record import canonical, plain
from gateway.journey.evidence import bundled, dossier
from gateway.ports import Proven
from gateway.signing.create.jws import JwsSigner
from gateway.signing.create.pades import PadesSigner
from gateway.signing.create.stamp import Stamping
from gateway.signing.create.xades import XadesSigner
from gateway.signing.evidence_replay import Replayed, replay
from gateway.signing.evidence_zip import judged
from tests.signing.authority import NOW, Authority
from tests.signing.cms_made import Making
from tests.signing.conftest import packet
from tests.signing.documents import Desk, desk
from tests.signing.pdf_files import report

__all__ = ["desk"]

CONTENT = "báo cáo tháng mười một".encode()


def signed(desk: Desk, policy: str) -> tuple[bytes, bytes | None]:
    if policy == "vn-report-xml":
        return XadesSigner(desk.agency, "agency").sign(
            XadesSigner(desk.leader, "leader").sign(packet(), NOW), NOW
        ), None
    if policy == "vn-report-pdf":
        return PadesSigner(desk.agency, stamps=desk.stamping()).sign(
            PadesSigner(desk.leader).sign(report(), NOW), NOW
        ), None
    if policy == "vn-cms":
        return CONTENT, Making(CONTENT, desk.agency).made()
    return b'{"ok":1}', JwsSigner(desk.agency, detached=True).sign(b'{"ok":1}', NOW)


def again(proven: Proven, payload: bytes, beside: bytes | None, trust: Path | None = None) -> Replayed:
    given = (payload, *proven.materials, *((beside,) if beside else ()))
    return replay(proven.record, {hashlib.sha256(one).hexdigest(): one for one in given}, trust)


@pytest.mark.parametrize("policy", ["vn-report-xml", "vn-report-pdf", "vn-cms", "jws"])
def test_the_same_core_gives_the_same_verdict_without_a_network(desk: Desk, policy: str) -> None:
    payload, beside = signed(desk, policy)
    proven = desk.verifier.prove(payload, beside, policy, NOW)
    assert proven.verdict.passed
    for trust in (None, desk.trust):
        found = again(proven, payload, beside, trust)
        assert (found.same, found.faults, found.trusted) == (True, (), trust is not None)
    assert set(found.pins) == {"test-root"}


def test_a_bad_verdict_is_had_again_too(desk: Desk) -> None:
    payload, _ = signed(desk, "vn-report-xml")
    broken = payload.replace(b"</Value>", b"1</Value>", 1)
    proven = desk.verifier.prove(broken, None, "vn-report-xml", NOW)
    assert not proven.verdict.passed
    assert again(proven, broken, None).same


def test_a_record_whose_sentences_were_worded_otherwise_is_of_the_same_verdict(desk: Desk) -> None:
    payload, beside = signed(desk, "jws")
    proven = desk.verifier.prove(payload, beside, "jws", NOW)
    reworded = proven.record.replace("Giá trị chữ ký đúng.".encode(), "Chữ ký số đúng.".encode())
    assert reworded != proven.record
    assert again(replace(proven, record=reworded), payload, beside).same
    changed = reworded.replace(b'"outcome":"passed"', b'"outcome":"warning"', 1)
    assert changed != reworded
    assert not again(replace(proven, record=changed), payload, beside).same


def test_a_record_is_canonical_and_names_nobody(desk: Desk) -> None:
    payload, beside = signed(desk, "jws")
    proven = desk.verifier.prove(payload, beside, "jws", NOW)
    assert proven.record == desk.verifier.prove(payload, beside, "jws", NOW).record
    assert (
        proven.record
        == json.dumps(json.loads(proven.record), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    )


def test_anchors_of_ones_own_decide_and_those_of_the_record_are_shown(desk: Desk, tmp_path: Path) -> None:
    payload, beside = signed(desk, "jws")
    proven = desk.verifier.prove(payload, beside, "jws", NOW)
    other = again(proven, payload, beside, Authority("Gốc khác").write_trust(tmp_path / "trust"))
    assert not other.same
    assert other.again is not None
    assert not other.again.passed


def test_a_revocation_learnt_later_does_not_change_what_was_right_then(desk: Desk, tmp_path: Path) -> None:
    """The record holds the answers of that day; nobody is asked again."""
    payload, beside = signed(desk, "jws")
    proven = desk.verifier.prove(payload, beside, "jws", NOW)
    asked = len(desk.authority.asked)
    assert again(proven, payload, beside).same
    assert len(desk.authority.asked) == asked


@pytest.mark.parametrize("index", range(5))
def test_a_record_that_lacks_something_is_said_to(desk: Desk, index: int) -> None:
    payload, beside = signed(desk, "jws")
    proven = desk.verifier.prove(payload, beside, "jws", NOW)
    kept = [*proven.materials[:index], *proven.materials[index + 1 :]]
    found = again(Proven(proven.verdict, proven.record, tuple(kept)), payload, beside)
    assert (found.same, len(found.faults)) == (False, 1)


def test_a_record_that_is_none_is_said_to_be_none(desk: Desk) -> None:
    for record in (b"", b"[]", b"{}", b'{"verdict": {}}', b"[" * 100_000):
        found = replay(record, {}, None)
        assert (found.same, len(found.faults)) == (False, 1)


class Kept:
    """As much of `Journal` as a dossier reads."""

    def __init__(self, facts: list[Fact], contents: list[bytes]) -> None:
        opening = Opening("gd-01", Kind.OUTBOUND, "ktxh", "k", digest_of(b"k"), "quoc-gia")
        self.exchange, self.links = grow(begin(opening, 1), [(fact, NOW) for fact in facts])
        self.contents = {digest_of(one): one for one in contents}

    def history(self, exchange: str) -> list[Recorded]:
        return list(self.links)

    def bytes_of(self, digest: str) -> bytes:
        return self.contents[digest]


@pytest.fixture(scope="module")
def kept(desk: Desk) -> Kept:
    payload, beside = signed(desk, "jws")
    assert beside is not None
    proven = desk.verifier.prove(payload, beside, "jws", NOW)

    def blob(data: bytes) -> Blob:
        return Blob(digest_of(data), len(data), "application/octet-stream")

    materials = tuple(blob(one) for one in proven.materials)
    facts: list[Fact] = [
        Accepted(Submission("ktxh", "k", "tinh", "application/json", blob(beside)), blob(payload)),
        Verified(proven.verdict, blob(proven.record), materials),
    ]
    return Kept(facts, [payload, beside, proven.record, *proven.materials])


@pytest.fixture(scope="module")
def bundle(kept: Kept) -> bytes:
    return bundled(dossier(kept, kept.exchange))  # type: ignore[arg-type]


def test_facts_written_before_they_gained_a_field_hold(kept: Kept) -> None:
    accepted, verified = kept.links
    assert json.loads(verified.body)["part"] == ""
    older = canonical({name: told for name, told in plain(verified.fact).items() if name != "part"})
    second = link("gd-01", 2, NOW, verified.fact, accepted.digest, written=older)
    before = Kept([], [])
    before.exchange, before.links, before.contents = kept.exchange, [accepted, second], kept.contents
    found = judged(bundled(dossier(before, before.exchange)), None)  # type: ignore[arg-type]
    assert (found.holds, found.head, found.faults) == (True, second.digest, ())


def test_a_bundle_holds_and_is_the_same_bytes_each_time(bundle: bytes) -> None:
    found = judged(bundle, None)
    assert (found.holds, found.chain, found.faults, found.facts) == (True, True, (), 2)
    assert found.replayed is not None
    assert found.replayed.same
    names = zipfile.ZipFile(io.BytesIO(bundle)).namelist()
    assert names[:2] == ["manifest.json", "facts.json"]


def unpacked(bundle: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(bundle)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def rewritten(bundle: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    files = unpacked(bundle)
    change(files)
    return bundled(files.items())


def _payload(files: Mapping[str, bytes]) -> str:
    return "blobs/" + json.loads(files["manifest.json"])["payload"]


CHANGES: Mapping[str, Callable[[dict[str, bytes]], object]] = {
    "another payload": lambda files: files.update({_payload(files): b"{}"}),
    "no payload": lambda files: files.pop(_payload(files)),
    "a fact changed": lambda files: files.update({"facts.json": files["facts.json"].replace(b'"tinh"', b'"khac"')}),
    "a verdict changed": lambda files: files.update(
        {"facts.json": files["facts.json"].replace(b"TOTAL-PASSED", b"TOTAL-FAILED", 1)}
    ),
    "a fact taken away": lambda files: files.update(
        {"facts.json": json.dumps(json.loads(files["facts.json"])[:1]).encode()}
    ),
    "no facts": lambda files: files.update({"facts.json": b"[]"}),
    "another exchange": lambda files: files.update(
        {"manifest.json": files["manifest.json"].replace(b"gd-01", b"gd-02")}
    ),
    "a manifest with other receipts": lambda files: files.update(
        {"manifest.json": files["manifest.json"].replace(b'"receipts":[]', b'"receipts":[{"code":"00"}]')}
    ),
    "a manifest with more attempts": lambda files: files.update(
        {"manifest.json": files["manifest.json"].replace(b'"attempts":0', b'"attempts":3')}
    ),
    "a manifest of another agreement": lambda files: files.update(
        {"manifest.json": files["manifest.json"].replace(b'"ktxh"', b'"khac"')}
    ),
    "no manifest": lambda files: files.pop("manifest.json"),
    "a stray file": lambda files: files.update({"READ ME.html": b"<p>It holds.</p>"}),
    "a stray blob": lambda files: files.update({"blobs/" + digest_of(b"x"): b"x"}),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_bundle_bent_anywhere_does_not_hold(bundle: bytes, change: Callable[[dict[str, bytes]], None]) -> None:
    found = judged(rewritten(bundle, change), None)
    assert not found.holds
    assert found.faults or not found.chain


# ── the day it was in ──
DAY = NOW.astimezone(VIETNAM).date()
OVER = bounds(DAY)[1] + timedelta(hours=3)


def dated(desk: Desk, bundle: bytes, *, stamping: Stamping | None = None, line: bytes | None = None) -> bytes:
    """`bundle` with the day that it is in with nine others."""
    with zipfile.ZipFile(io.BytesIO(bundle)) as packed:
        head = json.loads(packed.read("facts.json"))[-1]["digest"]
    heads = [head, *(digest_of(b"%d" % number) for number in range(9))]
    root = merkle_root(heads)
    stamping = stamping or desk.stamping(OVER)
    token = stamping.token_over(line or anchor_line(DAY, root, len(heads)))
    one = {"day": DAY.isoformat(), "root": root, "exchanges": len(heads), "head": head}
    told = one | {"path": merkle_path(heads, head), "token": base64.b64encode(token).decode()}
    return rewritten(bundle, lambda files: files.update({"anchors.json": json.dumps([told]).encode()}))


def bent(bundle: bytes, **other: object) -> bytes:
    def change(files: dict[str, bytes]) -> None:
        [told] = json.loads(files["anchors.json"])
        files["anchors.json"] = json.dumps([told | other]).encode()

    return rewritten(bundle, change)


@pytest.mark.parametrize("own", [True, False])
def test_that_a_record_was_in_a_closed_day_is_proven_offline(desk: Desk, bundle: bytes, own: bool) -> None:
    found = judged(dated(desk, bundle), desk.trust if own else None)
    assert (found.holds, found.faults) == (True, ())
    [day] = found.days
    assert (day.day, day.exchanges, day.stamped_at, day.trusted) == (DAY, 10, OVER, True if own else None)
    assert day.pin


def test_a_day_without_a_time_stamp_is_told_as_such(desk: Desk, bundle: bytes) -> None:
    [day] = judged(bent(dated(desk, bundle), token=None), desk.trust).days
    assert (day.stamped_at, day.trusted) == (None, None)


BENT: Mapping[str, tuple[str, dict[str, object]]] = {
    "another head": ("its head", {"head": digest_of(b"other")}),
    "another root": ("does not lead", {"root": digest_of(b"other")}),
    "no path": ("does not lead", {"path": []}),
    "more in it": ("over something else", {"exchanges": 11}),
    "another day": ("its head", {"day": (DAY + timedelta(days=1)).isoformat()}),
    "another token": ("", {"token": base64.b64encode(b"token").decode()}),
    "a path of rubbish": ("", {"path": ["up:00"]}),
    "no number": ("", {"exchanges": None}),
}


@pytest.mark.parametrize("name", BENT)
def test_a_day_bent_anywhere_does_not_hold(desk: Desk, bundle: bytes, name: str) -> None:
    reason, change = BENT[name]
    found = judged(bent(dated(desk, bundle), **change), desk.trust)
    assert (found.holds, found.days) == (False, ())
    assert reason in found.faults[0]


def test_a_day_time_stamped_by_a_stranger_too_early_or_over_something_else_does_not_hold(
    desk: Desk, bundle: bytes
) -> None:
    for made, reason in (
        (dated(desk, bundle, stamping=desk.stamping(OVER, of=Authority())), "no anchor of yours"),
        (dated(desk, bundle, stamping=desk.stamping(NOW)), "before the day was over"),
        (dated(desk, bundle, line=b"another line"), "over something else"),
    ):
        found = judged(made, desk.trust)
        assert not found.holds
        assert reason in found.faults[0]


def test_a_manifest_that_knew_fewer_names_holds(bundle: bytes) -> None:
    def older(files: dict[str, bytes]) -> None:
        manifest = json.loads(files["manifest.json"])
        del manifest["pack"], manifest["receipts"]
        files["manifest.json"] = json.dumps(manifest).encode()

    assert judged(rewritten(bundle, older), None).holds


def test_what_is_no_bundle_does_not_hold(bundle: bytes) -> None:
    for data in (b"", b"PK", bundle[:-30], bundle[: len(bundle) // 2]):
        assert not judged(data, None).holds


def test_a_byte_changed_anywhere_does_not_hold_or_changes_nothing_that_is_in_it(bundle: bytes) -> None:
    """Of the wrapping itself (dates, the rights of files) nothing is read, and none of it is proven."""
    files, found = unpacked(bundle), []
    for at in range(0, len(bundle), 37):
        broken = bundle[:at] + bytes([bundle[at] ^ 0x55]) + bundle[at + 1 :]
        found.append(judged(broken, None).holds)
        assert not found[-1] or unpacked(broken) == files
    assert found.count(False) > len(found) / 2


def test_years_later_it_still_holds(bundle: bytes) -> None:
    """Nothing in it asks what day it is."""
    assert datetime.now(UTC) != NOW
    assert judged(bundle, None).holds
