"""What comes back from the document system: whose signatures it bears is known before its number is taken down."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from gateway.domain.agreement import Agreement
from gateway.domain.errors import Conflict, Rejected, Unavailable
from gateway.domain.exchange import Exchange, Stage
from gateway.domain.facts import Verified
from gateway.domain.verdict import Indication
from gateway.journey import returned
from gateway.journey.case import Doors
from gateway.journey.operate import Registration
from gateway.journey.returned import File
from gateway.ports import Signer
from gateway.schemas.edxml.reader import read_document
from gateway.signing import SignatureVerifier
from gateway.signing.create.opening import Form, guarded
from gateway.signing.create.pades import PadesSigner
from gateway.signing.keys import HeldKey
from tests.fallback.test_document import text_of
from tests.journey.scene import WHO, House, agreed
from tests.signing.authority import NOW
from tests.signing.conftest import POLICIES
from tests.signing.documents import Desk, desk

__all__ = ["desk"]

REGISTERED = Registration("128", "BC-UBND", "2026-11-24", "Nguyễn Văn Giả Lập", "Chủ tịch")
LETTER, ANNEX = "vn-report-pdf", "vn-annex-pdf"


def terms(**changes: object) -> Agreement:
    judged = {"policy": LETTER, "annex_policy": ANNEX}
    fallback = replace(agreed().fallback, **judged | changes)  # type: ignore[type-var, arg-type]
    return agreed(fallback=fallback)


@dataclass
class Registry:
    """A house whose documents are judged by the real verifier, and the pens that sign them."""

    house: House
    desk: Desk
    pens: dict[str, Signer]

    @property
    def doors(self) -> Doors:
        return replace(self.house.doors, verifier=self.desk.verifier, signer=self.pens.__getitem__)

    def prepared(self, key: str = "k1") -> Exchange:
        x = self.house.diverted(key, reporter=f"H56.{key}")
        return self.house.read(x.paper or "")

    def files(self, paper: Exchange) -> list[File]:
        assert paper.prepared is not None
        return [
            (a.name, a.description, a.content.media_type, self.house.ledger.bytes_of(a.content.digest))
            for a in paper.prepared.files
        ]

    def signed(self, paper: Exchange, letter: Sequence[str], annex: Sequence[str]) -> list[File]:
        """The files as an office would sign them: by the named pens, in that order."""
        by = {"bao-cao.pdf": letter, "phu-luc.pdf": annex}
        done = []
        for name, told, kind, content in self.files(paper):
            made = content
            for pen in by.get(name, ()):
                made = self.pens[pen].sign(made, NOW)
            done.append((name, told, kind, made))
        return done

    def number(self, paper: Exchange, files: Sequence[File], told: Registration = REGISTERED) -> Exchange:
        return returned.number(self.doors, paper.id, told, files, WHO)


@pytest.fixture
def registry(tmp_path: Path, desk: Desk) -> Iterator[Callable[..., Registry]]:
    pens: dict[str, Signer] = {
        "leader": guarded(desk.leader, Form("pades", LETTER), desk.verifier, None),
        "agency": guarded(desk.agency, Form("pades", LETTER), desk.verifier, None),
        "stranger": PadesSigner(HeldKey(*desk.authority.issue("Sở khác", "H99"))),
    }
    opened: list[House] = []

    def built(**changes: object) -> Registry:
        opened.append(House(tmp_path / f"ledger-{len(opened)}", terms(**changes), at=NOW))
        return Registry(opened[-1], desk, pens)

    yield built
    for house in opened:
        house.close()


def refused(registry: Registry, paper: Exchange, files: Sequence[File], told: Registration = REGISTERED) -> Rejected:
    before = registry.house.facts(paper)
    with pytest.raises(Rejected) as caught:
        registry.number(paper, files, told)
    assert registry.house.facts(paper) == before
    assert registry.house.read(paper).stage is Stage.PREPARED
    return caught.value


def codes(error: Rejected) -> list[tuple[str, object]]:
    return [(each.code, each.details.get("name")) for each in error.problems]


# ── signed by people ─────────────────────────────────────────────────────────────────────────────
def test_a_report_signed_by_leader_and_agency_is_numbered_and_what_proves_it_is_kept(
    registry: Callable[..., Registry],
) -> None:
    there = registry()
    paper = there.prepared()
    now = there.number(paper, there.signed(paper, ["leader", "agency"], ["agency"]))

    assert now.stage is Stage.NUMBERED
    facts = [r.fact for r in there.house.ledger.history(paper.id) if isinstance(r.fact, Verified)]
    assert [fact.verdict.indication for fact in facts if fact.verdict] == [Indication.TOTAL_PASSED] * 2
    for fact in facts:
        assert fact.evidence is not None
        assert there.house.ledger.bytes_of(fact.evidence.digest).startswith(b"{")


def test_a_document_signed_by_another_agency_is_named_with_both(registry: Callable[..., Registry]) -> None:
    there = registry()
    paper = there.prepared()
    error = refused(there, paper, there.signed(paper, ["leader", "stranger"], ["stranger"]))

    assert codes(error) == [("F-110", "bao-cao.pdf"), ("F-110", "phu-luc.pdf")]
    for said in (error.problem.title.vi, error.problem.title.en):
        assert "Ủy ban nhân dân tỉnh Thanh Hóa (H56)" in said
        assert "H99" in said


def test_an_agency_of_the_province_that_is_not_the_sender_is_another_agency(
    registry: Callable[..., Registry], tmp_path: Path
) -> None:
    """The policy registers both; the document is the other one's all the same."""
    there = registry()
    policies = tmp_path / "policies"
    policies.mkdir()
    for name in (LETTER, ANNEX):
        text = (POLICIES / f"{name}.yaml").read_text("utf-8")
        (policies / f"{name}.yaml").write_text(text.replace("registered: [H56]", "registered: [H56, H99]"), "utf-8")
    there.desk = replace(there.desk, verifier=SignatureVerifier(policies, there.desk.trust, there.desk.authority))
    paper = there.prepared()
    error = refused(there, paper, there.signed(paper, ["leader", "stranger"], ["agency"]))

    assert codes(error) == [("F-110", "bao-cao.pdf")]


def test_an_unsigned_file_is_named_and_the_signed_ones_are_not(registry: Callable[..., Registry]) -> None:
    there = registry()
    paper = there.prepared()
    assert codes(refused(there, paper, there.signed(paper, ["leader", "agency"], []))) == [("F-107", "phu-luc.pdf")]
    assert codes(refused(there, paper, there.files(paper))) == [("F-107", "bao-cao.pdf"), ("F-107", "phu-luc.pdf")]


def test_without_the_leader_the_report_does_not_pass_and_the_reason_is_told(registry: Callable[..., Registry]) -> None:
    there = registry()
    paper = there.prepared()
    error = refused(there, paper, there.signed(paper, ["agency"], ["agency"]))

    assert codes(error) == [("F-114", "bao-cao.pdf")]
    assert error.problem.details["reason"] not in ("", "–")


def test_a_changed_file_does_not_pass(registry: Callable[..., Registry]) -> None:
    there = registry()
    paper = there.prepared()
    files = there.signed(paper, ["leader", "agency"], ["agency"])
    name, told, kind, content = files[0]
    changed = content.replace(b"/CreationDate(D:2026", b"/CreationDate(D:2025", 1)
    assert changed != content
    error = refused(there, paper, [(name, told, kind, changed), *files[1:]])

    assert codes(error) == [("F-114", "bao-cao.pdf")]


def test_a_ruined_pdf_is_told_as_ruined_and_not_as_unsigned(registry: Callable[..., Registry]) -> None:
    there = registry()
    paper = there.prepared()
    files = there.signed(paper, ["leader", "agency"], ["agency"])
    name, told, kind, content = files[0]
    through_text = content.decode("utf-8", "replace").encode()
    error = refused(there, paper, [(name, told, kind, through_text), *files[1:]])
    assert "F-108" in {each.code for each in error.problems}


def test_while_revocation_cannot_be_asked_nothing_is_recorded_and_later_it_is(
    registry: Callable[..., Registry], tmp_path: Path
) -> None:
    there = registry()
    paper = there.prepared()
    files = there.signed(paper, ["leader", "agency"], ["agency"])
    known = there.desk
    there.desk = replace(known, verifier=SignatureVerifier(POLICIES, known.trust, None))
    with pytest.raises(Unavailable) as caught:
        there.number(paper, files)
    assert caught.value.problem.code == "B-007"
    assert there.house.read(paper).stage is Stage.PREPARED

    there.desk = known
    assert there.number(paper, files).stage is Stage.NUMBERED


def test_a_desk_without_a_wire_takes_what_it_cannot_ask_about_and_keeps_the_verdict(
    registry: Callable[..., Registry],
) -> None:
    there = registry()
    paper = there.prepared()
    files = there.signed(paper, ["leader", "agency"], ["agency"])
    there.desk = replace(there.desk, verifier=SignatureVerifier(POLICIES, there.desk.trust, None))
    there.house.channels.clear()

    assert there.number(paper, files).stage is Stage.NUMBERED
    assert there.house.facts(paper).count("Verified") == 2
    other = there.signed(paper, ["leader", "stranger"], ["agency"])
    assert other  # and a stranger's is refused there, too
    there.house.channels["quoc-gia"] = there.house.receiver
    second = there.prepared("k2")
    there.house.channels.clear()
    assert codes(refused(there, second, there.signed(second, ["leader", "stranger"], ["agency"])))[0][0] == "F-110"


def test_where_no_policy_is_agreed_nothing_is_judged(registry: Callable[..., Registry]) -> None:
    there = registry(policy="", annex_policy="")
    paper = there.prepared()
    assert there.number(paper, there.files(paper)).stage is Stage.NUMBERED
    assert "Verified" not in there.house.facts(paper)


# ── signed here ──────────────────────────────────────────────────────────────────────────────────
def test_where_the_agency_lets_the_gateway_sign_a_number_is_enough(registry: Callable[..., Registry]) -> None:
    there = registry(signers=("leader", "agency"))
    paper = there.prepared()
    now = there.number(paper, [])
    assert now.numbered is not None
    contents = {each.name: there.house.ledger.bytes_of(each.content.digest) for each in now.numbered.files}

    letter = there.desk.verify(contents["bao-cao.pdf"], LETTER)
    annex = there.desk.verify(contents["phu-luc.pdf"], ANNEX)
    assert (letter.indication, len(letter.signatures)) == (Indication.TOTAL_PASSED, 2)
    assert (annex.indication, len(annex.signatures)) == (Indication.TOTAL_PASSED, 1)
    there.house.work()
    [(_, name, package)] = there.house.axis.documents
    assert name == "H56,2026/11/24,128/BC-UBND"
    assert {file.name: file.content for file in read_document(package).files} == contents


def test_what_the_gateway_signs_bears_number_date_and_signer(registry: Callable[..., Registry]) -> None:
    there = registry(signers=("leader", "agency"))
    now = there.number(there.prepared(), [])
    assert now.numbered is not None
    letter, annex = (text_of(there.house.ledger.bytes_of(each.content.digest)) for each in now.numbered.files[:2])

    assert "Số: 128/BC-UBND" in letter
    assert "Thanh Hóa, ngày 24 tháng 11 năm 2026" in letter
    assert "CHỦ TỊCH" in letter
    assert "Nguyễn Văn Giả Lập" in letter
    assert re.search(r"128/BC-UBND; 24/11/2026 \d\d:\d\d:\d\d \+07:00", annex)
    assert "(Kèm theo Báo cáo số 128/BC-UBND ngày 24/11/2026 của Ủy ban nhân dân tỉnh Thanh Hóa)" in annex


def test_a_key_of_another_agency_signs_nothing_that_goes_out(registry: Callable[..., Registry]) -> None:
    there = registry(signers=("leader", "stranger"))
    paper = there.prepared()
    assert codes(refused(there, paper, []))[0][0] == "F-110"


def test_where_people_sign_a_number_alone_is_not_enough(registry: Callable[..., Registry]) -> None:
    there = registry()
    assert refused(there, there.prepared(), []).problem.code == "C-005"


# ── the number ───────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "wrong",
    [
        replace(REGISTERED, number=""),
        replace(REGISTERED, number="128/BC"),
        replace(REGISTERED, number="1,28"),
        replace(REGISTERED, notation=" "),
        replace(REGISTERED, notation="BC-\x00UBND"),
        replace(REGISTERED, issued="24/11/2026"),
        replace(REGISTERED, issued="2026-02-30"),
    ],
)
def test_a_number_that_no_register_has_is_told_to_the_clerk(
    registry: Callable[..., Registry], wrong: Registration
) -> None:
    there = registry()
    paper = there.prepared()
    assert refused(there, paper, there.files(paper), wrong).problem.code == "F-115"


def test_a_number_is_given_once_in_a_year(registry: Callable[..., Registry]) -> None:
    there = registry(signers=("leader", "agency"))
    first, second = there.prepared("k1"), there.prepared("k2")
    there.number(first, [])
    with pytest.raises(Conflict) as caught:
        there.number(second, [])
    assert caught.value.problem.code == "F-105"
    assert caught.value.problem.details["document"] == first.id
    assert there.number(second, [], replace(REGISTERED, issued="2025-12-31")).stage is Stage.NUMBERED
