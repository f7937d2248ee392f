"""Verify: nothing unsigned where signatures are due, nothing broken anywhere, and patience with the certifiers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from gateway.domain.exchange import Stage
from gateway.domain.facts import Postponed, Refused, Verified
from gateway.domain.verdict import Check, Indication, Integrity, Outcome, SignatureVerdict, SubIndication, Verdict
from tests.journey.conftest import Build
from tests.journey.scene import QUIET, House, signed, submission


def check(name: str, outcome: Outcome) -> Check:
    return Check(name, outcome, f"{name}: sai", f"{name}: wrong")


def verdict(indication: Indication, sub: SubIndication | None = None, *checks: Check) -> Verdict:
    one = SignatureVerdict(
        indication, sub, crypto_ok=True, scope=("/",), format="XMLDSig", level="B", signer="CN=UBND", certificate=None,
        claimed_time=None, best_time=None, algorithms=("rsa-sha256",), checks=checks,
    )  # fmt: skip
    return Verdict(
        indication, sub, Integrity.PASSED, (one,), "vn-report-xml", "d" * 64, (check("format", Outcome.PASSED),)
    )


PASSED = verdict(Indication.TOTAL_PASSED)


@pytest.fixture
def house(build: Build) -> House:
    return build(signed())


def test_an_unsigned_report_is_refused_where_a_signature_is_due(house: House) -> None:
    x = house.hand_in("k1", "ktxh-ky-so")
    house.work()

    assert [reason.code for reason in house.last(x, Refused).reasons] == ["B-004"]


def test_an_unsigned_report_goes_on_where_none_is_due(house: House) -> None:
    x = house.hand_in()
    house.work()

    assert house.last(x, Verified) == Verified(None)


def test_a_good_signature_is_kept_as_the_verdict_it_was_even_where_none_is_due(house: House) -> None:
    house.expert.verdict = PASSED
    for x in (house.hand_in("k1", "ktxh-ky-so"), house.hand_in("k2", reporter="H56.01")):
        house.work()
        kept = house.last(x, Verified)
        assert kept.verdict == PASSED
        assert kept.evidence is not None
        assert house.ledger.bytes_of(kept.evidence.digest) == b'{"evidence":1}'
        assert [house.ledger.bytes_of(one.digest) for one in kept.materials] == [b"policy", b"list"]


@pytest.mark.parametrize("agreement", ["ktxh-ky-so", "ktxh-thang"])
def test_a_broken_signature_is_refused_with_everything_found_whether_one_was_due_or_not(
    house: House, agreement: str
) -> None:
    broken = (check("digest", Outcome.FAILED), check("chain", Outcome.PASSED), check("revocation", Outcome.FAILED))
    said = verdict(Indication.TOTAL_FAILED, SubIndication.HASH_FAILURE, *broken)
    house.expert.verdict = replace(said, checks=(check("policy", Outcome.FAILED),))
    x = house.hand_in("k1", agreement)
    house.work()

    reasons = house.last(x, Refused).reasons
    assert {reason.code for reason in reasons} == {"B-003"}
    assert "TOTAL-FAILED HASH_FAILURE" in reasons[0].title.en
    assert [reason.details["check"] for reason in reasons[1:]] == ["policy", "digest", "revocation"]
    assert reasons[1].title.vi == "policy: sai"


def test_a_verdict_that_cannot_be_reached_at_all_is_a_refusal(house: House) -> None:
    house.expert.verdict = verdict(Indication.INDETERMINATE, SubIndication.NO_CERTIFICATE_CHAIN_FOUND)
    x = house.hand_in("k1", "ktxh-ky-so")
    house.work()

    assert house.read(x).stage is Stage.REFUSED


def test_while_the_certifiers_do_not_answer_the_report_waits_and_then_goes_on(house: House) -> None:
    house.expert.verdict = verdict(Indication.INDETERMINATE, SubIndication.TRY_LATER)
    x = house.hand_in("k1", "ktxh-ky-so")
    house.work()
    assert house.read(x).stage is Stage.VALIDATED
    assert house.last(x, Postponed).why.code == "B-007"
    assert house.receiver.sends == []

    house.expert.verdict = PASSED
    house.until(x, Stage.RECONCILED)


def test_it_is_judged_by_the_agreed_policy_as_of_the_time_of_receipt(house: House) -> None:
    house.expert.verdict = verdict(Indication.INDETERMINATE, SubIndication.TRY_LATER)
    x = house.hand_in("k1", "ktxh-ky-so", signature=b"<Signature/>")
    house.later(hours=8)

    shown: list[tuple[bytes, bytes | None, str, datetime]] = house.expert.shown
    assert len(shown) > 1
    assert set(shown) == {(submission(), b"<Signature/>", "vn-report-xml", QUIET)}
    assert house.read(x).opened_at == QUIET
