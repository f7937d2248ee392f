"""Whether a signer's certificate is to be believed at the judged time: dates, path, use, organisation, revocation.

Everything is looked at and said, not only the first fault. Good judgements are kept no longer than their
evidence: until the first certificate or revocation answer of the path ends, or a new list arrives.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path as FilePath

from gateway.domain.verdict import Check, Outcome, SubIndication
from gateway.signing.findings import Unsound, finding
from gateway.signing.gathered import NOTHING, Gathered
from gateway.signing.pki.certificate import Certificate
from gateway.signing.pki.kept import Kept
from gateway.signing.pki.path import Path, PathRules, find_path
from gateway.signing.pki.question import Answer, Question, State
from gateway.signing.pki.revocation import Revocations
from gateway.signing.pki.store import Store
from gateway.signing.policy import Policy, Slot, day_of


@dataclass
class Judgement:
    """`subs` is empty where everything is good; then it holds from `since` and before `until`.

    `gathered`: the path, the anchor and the revocation answers it rests on.
    """

    checks: list[Check] = field(default_factory=list)
    subs: list[SubIndication] = field(default_factory=list)
    since: datetime | None = None
    until: datetime | None = None
    news: int = 0
    gathered: Gathered = NOTHING

    def good(self, code: str, **details: object) -> None:
        self.checks.append(finding(code, Outcome.PASSED, **details))

    def bad(self, sub: SubIndication, code: str, outcome: Outcome = Outcome.FAILED, **details: object) -> None:
        self.subs.append(sub)
        self.checks.append(finding(code, outcome, **details))

    def ends(self, at: datetime) -> None:
        self.until = at if self.until is None else min(self.until, at)

    def begins(self, at: datetime) -> None:
        self.since = at if self.since is None else max(self.since, at)


@dataclass(frozen=True, slots=True)
class Case:
    """Whose certificate (`others` came along with it) is to be believed for what, and when.

    `best`: when the signature is proven to have existed (a time-stamp's time); None: at `at`, by our receipt.
    `given`: revocation answers that came along. `stamps`: it is a time-stamping authority's, not a signer's.
    """

    leaf: Certificate
    others: tuple[Certificate, ...]
    slot: Slot | None
    policy: Policy
    at: datetime
    best: datetime | None = None
    given: Gathered = NOTHING
    stamps: bool = False

    @property
    def time(self) -> datetime:
        return self.best or self.at


STAMPER = ".tsa"  # a time-stamping authority's certificate (DER), among the answers that are kept


class Trust:
    """Safe between threads."""

    def __init__(self, store: Store, revocations: Revocations, folder: FilePath | None = None) -> None:
        """`folder`: where certificates of time-stamping authorities are left, for the runway to watch."""
        self._stampers, self._folder = set[str](), folder
        self._store = store
        self._revocations = revocations
        self._kept: Kept[Judgement] = Kept()

    @property
    def version(self) -> str:
        """Of the trust store, for the evidence."""
        return self._store.version

    def judge(self, case: Case) -> Judgement:
        key = _key(case)
        latest = self._revocations.moment(case.at)
        kept = self._kept.peek(key)
        if kept is not None and self._holds(kept, case.at, latest):
            return kept
        fresh = self._judged(case)
        if not fresh.subs:
            self._kept.keep(key, fresh)
        return fresh

    def saw(self, authority: Certificate) -> None:
        """A time-stamping authority that is believed: its certificate's end is ours to watch."""
        if self._folder is None or authority.sha256 in self._stampers:
            return
        self._stampers.add(authority.sha256)
        file = self._folder / f"{authority.sha256}{STAMPER}"
        with suppress(OSError):  # nothing is decided by it
            if not file.exists():
                self._folder.mkdir(parents=True, exist_ok=True)
                file.write_bytes(authority.der)

    def _holds(self, kept: Judgement, at: datetime, latest: datetime) -> bool:
        assert kept.since is not None
        assert kept.until is not None
        return kept.news == self._revocations.news and kept.since <= at and max(at, latest) < kept.until

    def _judged(self, case: Case) -> Judgement:
        judgement = Judgement()
        _judge_dates(judgement, case)
        if case.stamps:
            _judge_stamping(judgement, case)
        else:
            _judge_use(judgement, case)
            _judge_organisation(judgement, case)
        path = self._path(judgement, case)
        if path is not None and SubIndication.EXPIRED not in judgement.subs:  # lists drop what has expired
            self._judge_revocation(judgement, case, path)
        judgement.news = self._revocations.news
        return judgement

    def _path(self, judgement: Judgement, case: Case) -> Path | None:
        rules = PathRules(case.time, case.policy.algorithms, case.policy.anchors)
        if case.stamps:
            stamp = case.policy.timestamp.anchors
            rules = PathRules(case.time, case.policy.algorithms, stamp, frozenset({"root", "tsa"}))
        try:
            path = find_path(case.leaf, case.others, self._store, rules)
        except Unsound as fault:
            judgement.subs.append(fault.sub)
            judgement.checks.append(fault.check)
            return None
        for certificate in path.certificates:
            judgement.begins(certificate.not_before)
            judgement.ends(certificate.not_after)
        judgement.good("path.found", anchor=path.anchor.id)
        chain = tuple(certificate.der for certificate in path.certificates)
        judgement.gathered += Gathered(certificates=chain, anchors=(path.anchor.id,))
        return path

    def _judge_revocation(self, judgement: Judgement, case: Case, path: Path) -> None:
        rules = case.policy.revocation
        sha1 = path.anchor.believes_sha1(day_of(case.at))
        for certificate, issuer in path.below_anchor:
            duty = rules.end_entity if certificate is case.leaf else rules.ca
            if duty == "none":
                judgement.good("revocation.not_asked")
                continue
            question = Question(
                certificate, issuer, case.at, rules.max_age, rules.prefer, sha1, case.best, rules.grace, case.given
            )
            _note_answer(judgement, self._revocations.ask(question), case.time, must_name=duty == "required")


def _key(case: Case) -> tuple[object, ...]:
    others = tuple(one.sha256 for one in case.others)
    role = case.slot.role if case.slot else ""
    return case.leaf.sha256, others, case.policy.digest, role, day_of(case.at), case.best, case.given, case.stamps


def _judge_dates(judgement: Judgement, case: Case) -> None:
    leaf = case.leaf
    if case.time < leaf.not_before:
        judgement.bad(SubIndication.NOT_YET_VALID, "validity.early", at=leaf.not_before.isoformat())
    elif case.time > leaf.not_after:
        judgement.bad(SubIndication.EXPIRED, "validity.expired", at=leaf.not_after.isoformat())
    else:
        judgement.good("validity.within")


def _judge_use(judgement: Judgement, case: Case) -> None:
    usage, wanted = case.leaf.key_usage, case.policy.key_usage_any
    if case.leaf.ca:
        judgement.bad(SubIndication.SIG_CONSTRAINTS_FAILURE, "usage.wrong", found="CA")
    elif usage is not None and wanted and not usage & wanted:  # absent: any use (RFC 5280 4.2.1.3)
        judgement.bad(SubIndication.SIG_CONSTRAINTS_FAILURE, "usage.wrong", found=_listed(sorted(usage)))
    else:
        judgement.good("usage.right")


def _judge_stamping(judgement: Judgement, case: Case) -> None:
    """RFC 3161 section 2.3: for time-stamping, critical, and for nothing else."""
    found = case.leaf.extended_usage or frozenset()
    if found == {"time_stamping"} and "extended_key_usage" in case.leaf.critical:
        judgement.good("usage.stamping")
    else:
        judgement.bad(SubIndication.SIG_CONSTRAINTS_FAILURE, "usage.wrong", found=_listed(sorted(found)) or "-")


def _judge_organisation(judgement: Judgement, case: Case) -> None:
    binding = case.policy.organisation
    if case.slot is None or case.slot.role != "organisation" or binding is None:
        return
    found = case.leaf.values(binding.oid)
    if found and binding.registered.issuperset(found):
        judgement.good("organisation.right", found=_listed(found))
    else:
        judgement.bad(
            SubIndication.SIG_CONSTRAINTS_FAILURE,
            "organisation.wrong",
            found=_listed(found),
            expected=_listed(sorted(binding.registered)),
        )


def _note_answer(judgement: Judgement, answer: Answer, at: datetime, *, must_name: bool) -> None:
    judgement.gathered += answer.proof
    if answer.contradicted:
        judgement.checks.append(finding("revocation.disagree", Outcome.WARNING, by=answer.by))
    if answer.state is State.GOOD:
        assert answer.until is not None
        judgement.ends(answer.until)
        judgement.good("revocation.good", by=answer.by)
    elif answer.state is State.STALE:
        assert answer.since is not None
        judgement.bad(
            SubIndication.TRY_LATER, "revocation.stale", Outcome.UNDETERMINED,
            at=answer.since.isoformat(), by=answer.by, reason=answer.why,
        )  # fmt: skip
    elif answer.state is State.REVOKED:
        _note_revoked(judgement, answer, at)
    elif answer.state is State.UNNAMED and not must_name:
        judgement.good("revocation.not_asked")
    else:
        # Where no service is named waiting cannot help, so it is not TRY_LATER.
        unnamed = answer.state is State.UNNAMED
        sub = SubIndication.CHAIN_CONSTRAINTS_FAILURE if unnamed else SubIndication.TRY_LATER
        judgement.bad(sub, "revocation.unknown", Outcome.UNDETERMINED, reason=answer.why)


def _note_revoked(judgement: Judgement, answer: Answer, at: datetime) -> None:
    since = answer.revoked_at
    said = since.isoformat() if since is not None else "?"
    if since is not None and since > at:  # our record of receipt proves the signature older
        judgement.ends(at)
        judgement.checks.append(finding("revocation.later", Outcome.WARNING, at=said, by=answer.by))
    else:
        judgement.bad(SubIndication.REVOKED, "revocation.revoked", at=said, by=answer.by)


def _listed(values: Sequence[str]) -> str:
    return ", ".join(values)
