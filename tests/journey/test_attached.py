"""The signed files of a composite: each judged by its policy, all of them good or nothing goes on; and the same figures."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.domain.exchange import Exchange, Stage
from gateway.domain.facts import Postponed, Refused, Verified
from gateway.domain.verdict import Indication, SubIndication, Verdict
from gateway.journey.accept import Incoming, accept
from gateway.journey.enclosing import File
from tests.journey.composite import FILES, LETTER, PDF_BYTES, TERMS, as_packet, composite, linked, narrative
from tests.journey.conftest import Build
from tests.journey.scene import SIGNED, House
from tests.journey.steps.test_verify import PASSED, verdict
from tests.journey.wires import UNSIGNED, figures

POLICIES = {"narrative": "vn-report-pdf", "form.xml": "vn-report-xml", "form": "vn-annex-pdf"}
FORM = "Biểu 01.xml"
BROKEN = verdict(Indication.TOTAL_FAILED, SubIndication.HASH_FAILURE)
LATER = verdict(Indication.INDETERMINATE, SubIndication.TRY_LATER)


def with_form(key: str = "k1", form: bytes | None = None, **changes: object) -> Incoming:
    """The letter, and the form's figures as a packet of their own."""
    files = (FILES[0], File(FORM, form or as_packet()))
    named = [{"name": LETTER, "role": "narrative"}, {"name": FORM, "role": "form", "form": "01/KTXH"}]
    return composite(key, files=files, told=narrative(attachments=named), **changes)


def signed_house(build: Build, **terms: object) -> House:
    """Letters and forms are signed there; a report need not be."""
    house = build(linked(policies=POLICIES, **terms))
    house.expert.by_policy = {"vn-report-pdf": PASSED, "vn-report-xml": PASSED}
    return house


def worked(house: House, given: Incoming) -> Exchange:
    x, _ = accept(house.doors, given)
    house.work()
    return house.read(x)


def test_the_verdict_on_every_signed_file_is_kept_with_its_evidence(build: Build) -> None:
    house = signed_house(build)
    house.expert.by_policy["vn-report-xml"] = PASSED
    x = worked(house, with_form())

    facts = [r.fact for r in house.ledger.history(x.id) if isinstance(r.fact, Verified)]
    assert [(fact.part, fact.verdict) for fact in facts] == [(LETTER, PASSED), (FORM, PASSED), ("", PASSED)]
    assert all(fact.evidence and house.ledger.bytes_of(fact.evidence.digest) for fact in facts)
    assert [policy for _, _, policy, _ in house.expert.shown] == ["vn-report-pdf", "vn-report-xml", "vn-report-xml"]
    assert house.expert.shown[0][0] == PDF_BYTES
    assert x.stage is Stage.RECONCILED


def test_a_file_whose_role_has_no_policy_is_not_judged(build: Build) -> None:
    house = signed_house(build)
    worked(house, composite())
    assert [policy for _, _, policy, _ in house.expert.shown] == ["vn-report-pdf", "vn-report-xml"]


@pytest.mark.parametrize(("found", "code"), [(UNSIGNED, "B-020"), (BROKEN, "B-021")])
def test_one_bad_file_refuses_the_whole_and_is_named(build: Build, found: Verdict, code: str) -> None:
    house = signed_house(build)
    house.expert.by_policy["vn-report-pdf"] = found
    x = worked(house, with_form())

    [reason] = house.last(x, Refused).reasons
    assert (reason.code, reason.details["name"]) == (code, LETTER)
    assert house.receiver.sends == []
    assert not any(isinstance(r.fact, Verified) for r in house.ledger.history(x.id))


def test_all_bad_files_are_told_at_once(build: Build) -> None:
    house = signed_house(build)
    house.expert.by_policy = {"vn-report-pdf": UNSIGNED, "vn-report-xml": BROKEN}
    x = worked(house, with_form())
    told = {(r.code, r.details["name"]) for r in house.last(x, Refused).reasons}
    assert told == {("B-020", LETTER), ("B-021", FORM)}


def test_while_revocation_of_a_file_cannot_be_known_the_whole_waits(build: Build) -> None:
    house = signed_house(build)
    house.expert.by_policy["vn-report-pdf"] = LATER
    x = worked(house, with_form())
    assert (x.stage, house.last(x, Postponed).why.code) == (Stage.VALIDATED, "B-007")

    house.expert.by_policy["vn-report-pdf"] = PASSED
    house.until(x, Stage.RECONCILED)
    parts = [r.fact.part for r in house.ledger.history(x.id) if isinstance(r.fact, Verified)]
    assert parts == [LETTER, FORM, ""]


OTHER = {
    "a figure": {"values": figures(("T0601", "trieu_dong", "1050001"), ("T0401", "trieu_dong", "1103111"), ("T0101", "phan_tram", "12.5"))},
    "one figure less": {"values": figures(("T0601", "trieu_dong", "1050000.5"))},
    "the period": {"period": "LICH:2026M10"},
    "the reporter": {"reporter": "H56.01"},
}  # fmt: skip


@pytest.mark.parametrize("name", OTHER)
def test_a_signed_form_with_other_figures_than_those_handed_in_refuses_the_whole(build: Build, name: str) -> None:
    house = signed_house(build)
    x = worked(house, with_form(form=as_packet(**OTHER[name])))
    assert [(r.code, r.details["name"]) for r in house.last(x, Refused).reasons] == [("C-036", FORM)]


def test_the_same_figures_written_otherwise_are_the_same(build: Build) -> None:
    values = figures(
        ("T0101", "phan_tram", "12.5"), ("T0601", "trieu_dong", "1050000.50"), ("T0401", "trieu_dong", "1103111")
    )
    assert worked(signed_house(build), with_form(form=as_packet(values=values))).stage is Stage.RECONCILED


# ── in place of the report's own signature (Thanh Hóa 11) ────────────────────────────────────────
def instead(build: Build, **terms: object) -> House:
    """Reports are signed, or come with files that are."""
    agreed = replace(
        SIGNED,
        media_types=("application/json",),
        composite=replace(TERMS, policies=POLICIES, **{"instead": True, **terms}),
    )
    house = build(agreed)
    house.expert.by_policy = {"vn-report-pdf": PASSED, "vn-annex-pdf": PASSED}
    return house


def unsigned_report(house: House) -> None:
    """The files' XML policy is the report's too; only the files carry signatures."""
    shown = house.expert.prove
    report = with_form().payload
    house.expert.prove = lambda payload, *more: (  # type: ignore[method-assign]
        replace(shown(payload, *more), verdict=UNSIGNED if payload == report else PASSED)
    )


def test_signed_files_with_the_same_figures_stand_for_the_signature_of_the_report(build: Build) -> None:
    house = instead(build)
    unsigned_report(house)
    x = worked(house, replace(with_form(), agreement=SIGNED.id))
    assert x.stage is Stage.RECONCILED
    assert house.last(x, Verified) == Verified(None)


def test_where_the_agreement_does_not_say_so_they_do_not(build: Build) -> None:
    house = instead(build, instead=False)
    unsigned_report(house)
    x = worked(house, replace(with_form(), agreement=SIGNED.id))
    assert [r.code for r in house.last(x, Refused).reasons] == ["B-004"]


def test_signed_words_alone_sign_no_figures(build: Build) -> None:
    house = instead(build)
    unsigned_report(house)
    x = worked(house, replace(composite(), agreement=SIGNED.id))
    assert [r.code for r in house.last(x, Refused).reasons] == ["B-004"]
