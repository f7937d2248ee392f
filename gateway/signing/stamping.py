"""Time-stamps: each proves that what it covers existed before, as far as its authority is to be believed.

A token over other bytes, or from after our receipt, fails the signature: nobody honest makes one. EN 319 102-1 section
5.5.4 would leave it out and judge by the rest; but what it closed was opened since, and by whom nobody can say. A token
whose authority cannot be believed proves nothing and is told; then our own receipt is the earliest proof.
"""

from __future__ import annotations

from datetime import datetime

from gateway.domain.verdict import Outcome, SubIndication
from gateway.signing.findings import Unsound
from gateway.signing.gathered import Gathered
from gateway.signing.look import Look, Setting
from gateway.signing.pki.certificate import Unreadable
from gateway.signing.pki.tsp import Token, read_token
from gateway.signing.policy import day_of
from gateway.signing.trust import Case


def token_of(data: bytes, setting: Setting) -> Token:
    """The token in `data`, whatever it covers. Raises `Unsound`."""
    setting.parsed.spend(len(data))
    try:
        return read_token(data)
    except Unreadable as error:
        raise Unsound(SubIndication.FORMAT_FAILURE, "timestamp.unreadable", reason=str(error)) from error


def token_over(data: bytes, covered: bytes, setting: Setting) -> Token:
    """The token in `data`, whose imprint is of `covered`. Raises `Unsound`."""
    token = token_of(data, setting)
    if not token.covers(covered):
        raise elsewhere(token)
    return token


def elsewhere(token: Token) -> Unsound:
    """That a token is over something else."""
    return Unsound(SubIndication.HASH_FAILURE, "timestamp.imprint", at=token.at.isoformat())


def proven_time(found: Look, token: Token, setting: Setting, existed: datetime) -> datetime | None:
    """The token's time, if it is to be believed; the token itself is proven to have existed at `existed`."""
    told = token.at.isoformat()
    if token.at > setting.at + setting.policy.timestamp.skew:
        found.note(Unsound(SubIndication.TIMESTAMP_ORDER_FAILURE, "timestamp.future", at=told))
        return None
    if not setting.policy.trust:
        found.warn("timestamp.not_judged", at=told)
        return None
    reasons = [f"{name} of the token" for name in _outdated(token, setting, existed)]
    given = setting.given + found.brought
    others = (*token.others, *setting.readable(given.certificates))
    best = existed if existed < setting.at else None
    case = Case(token.authority, others, None, setting.policy, setting.at, best, given, stamps=True)
    judgement = setting.trust.judge(case)
    found.gathered += judgement.gathered + Gathered(timestamps=(token.der,))
    reasons += [check.en for check in judgement.checks if check.outcome not in (Outcome.PASSED, Outcome.WARNING)]
    if reasons:
        found.warn("timestamp.unproven", at=told, authority=token.authority.said, reason=" ".join(reasons))
        return None
    setting.trust.saw(token.authority)
    found.good("timestamp.proven", at=told, authority=token.authority.said)
    return min(token.at, setting.at)


def require(found: Look, setting: Setting) -> None:
    """Where the policy wants a time-stamp, one must have proven the signature's time."""
    if setting.policy.timestamp.required and found.best is None:
        found.note(Unsound(SubIndication.SIG_CONSTRAINTS_FAILURE, "timestamp.required", Outcome.UNDETERMINED))


def _outdated(token: Token, setting: Setting, existed: datetime) -> list[str]:
    rules, day = setting.policy.algorithms, day_of(existed)
    return sorted(name for name in {token.digest, token.signed_with} if not rules.good(rules.digest, name, day))
