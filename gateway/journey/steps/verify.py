"""Verify: nothing unsigned goes on where signatures are due, and a broken one never does."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.domain.agreement import SignatureDuty
from gateway.domain.errors import Problem, Rejected, Unavailable, problem
from gateway.domain.facts import Verified
from gateway.domain.problems import Text
from gateway.domain.verdict import Outcome, SubIndication, Verdict
from gateway.journey.case import Case
from gateway.ports import Entry


def verify(case: Case) -> Iterator[Entry]:
    """Yields `Verified`. Raises `Rejected` (B-003, B-004), or `Unavailable` (B-007) to try later."""
    x = case.exchange
    assert x.submission is not None
    assert x.opened_at is not None
    detached = case.bytes_of(x.submission.signature) if x.submission.signature else None
    payload = case.bytes_of(x.payload)
    # Judged at the time we received it: our own record of receipt is the proof of existence.
    verdict = case.doors.verifier.verify(payload, detached, case.agreement.policy, x.opened_at)
    if not verdict.signatures:
        yield from _unsigned(case)
    elif verdict.passed:
        yield case.entry(Verified(verdict))
    elif verdict.sub_indication is SubIndication.TRY_LATER:
        raise Unavailable(problem("B-007", reason=_said(verdict)))
    else:
        raise Rejected(*_findings(verdict))


def _unsigned(case: Case) -> Iterator[Entry]:
    if case.agreement.signature is SignatureDuty.REQUIRED:
        raise Rejected(problem("B-004", agreement=case.agreement.id))
    yield case.entry(Verified(None))


def _said(verdict: Verdict) -> str:
    return f"{verdict.indication} {verdict.sub_indication or ''}".strip()


def _findings(verdict: Verdict) -> Iterator[Problem]:
    whole = problem("B-003", indication=_said(verdict))
    yield whole
    checks = [*verdict.checks, *(check for signature in verdict.signatures for check in signature.checks)]
    for check in checks:
        if check.outcome is Outcome.FAILED:
            yield Problem("B-003", Text(check.vi, check.en), whole.advice, whole.owner, {"check": check.name})
