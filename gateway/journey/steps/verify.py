"""Verify: nothing unsigned goes on where signatures are due, and a broken one never does."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.domain.agreement import SignatureDuty
from gateway.domain.errors import Problem, Rejected, Unavailable, problem
from gateway.domain.facts import Verified
from gateway.domain.problems import Text
from gateway.domain.verdict import Outcome, SubIndication, Verdict
from gateway.journey import attached
from gateway.journey.case import Case, blob
from gateway.journey.intake import keep_until_open
from gateway.ports import Entry


def verify(case: Case) -> Iterator[Entry]:
    """Yields `Verified` for each signed file of a composite, then for the report; nothing unless all of them pass.

    Raises `Rejected` (B-003, B-004; B-020, B-021, C-036 of a file), or `Unavailable` (B-007, C-015) to try later.
    """
    keep_until_open(case)
    x = case.exchange
    assert x.submission is not None
    detached = case.bytes_of(x.submission.signature) if x.submission.signature else None
    files = attached.judged(case)
    required = case.agreement.signature is SignatureDuty.REQUIRED and not files.stands
    own = list(judged(case, case.agreement.policy, detached, required=required))
    yield from (*files.entries, *own)


def judged(case: Case, policy: str, detached: bytes | None = None, *, required: bool) -> Iterator[Entry]:
    """Yields `Verified` for what came, by `policy`. Raises `Rejected` (B-003, B-004), `Unavailable` (B-007)."""
    x = case.exchange
    assert x.opened_at is not None
    # Judged at the time we received it: our own record of receipt is the proof of existence.
    proven = case.doors.verifier.prove(case.bytes_of(x.payload), detached, policy, x.opened_at)
    verdict = proven.verdict
    if not verdict.signatures:
        if required:
            raise Rejected(problem("B-004", agreement=case.agreement.id))
        yield case.entry(Verified(None))
    elif verdict.passed:
        materials = tuple(blob(one, "application/octet-stream") for one in proven.materials)
        record = blob(proven.record, "application/json")
        yield case.entry(Verified(verdict, record, materials), proven.record, *proven.materials)
    elif verdict.sub_indication is SubIndication.TRY_LATER:
        raise Unavailable(problem("B-007", reason=_said(verdict)))
    else:
        raise Rejected(*_findings(verdict))


def _said(verdict: Verdict) -> str:
    return f"{verdict.indication} {verdict.sub_indication or ''}".strip()


def _findings(verdict: Verdict) -> Iterator[Problem]:
    whole = problem("B-003", indication=_said(verdict))
    yield whole
    checks = [*verdict.checks, *(check for signature in verdict.signatures for check in signature.checks)]
    for check in checks:
        if check.outcome is Outcome.FAILED:
            yield Problem("B-003", Text(check.vi, check.en), whole.advice, whole.owner, {"check": check.name})
