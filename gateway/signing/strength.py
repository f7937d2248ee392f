"""Which algorithms a signature uses, and whether they were good when it is proven to have existed."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from gateway.domain.verdict import Check, Outcome, SubIndication
from gateway.signing.algorithms import Scheme, key_name
from gateway.signing.findings import finding
from gateway.signing.look import Look, Setting
from gateway.signing.pki.certificate import Certificate
from gateway.signing.pki.path import key_good
from gateway.signing.policy import Algorithms, day_of


def describe_algorithms(found: Look) -> None:
    assert found.scheme is not None
    found.algorithms = _names(found.scheme, found.digests, found.signer)


def judge_algorithms(found: Look, setting: Setting) -> None:
    """Judged when the signature is proven to have existed: what was good then makes no forgery now."""
    assert found.scheme is not None
    day = day_of(found.best or setting.at)
    checks, subs = _judged(setting.policy.algorithms, found.scheme, found.digests, found.signer, day)
    found.checks += checks
    found.subs += subs


@lru_cache(maxsize=1024)  # a sender signs the same way every time
def _names(scheme: Scheme, digests: tuple[str, ...], signer: Certificate | None) -> tuple[str, ...]:
    key = (key_name(signer.key),) if signer is not None else ()
    return tuple(dict.fromkeys([scheme.name, *key, *digests]))


@lru_cache(maxsize=1024)
def _judged(
    rules: Algorithms, scheme: Scheme, digests: tuple[str, ...], signer: Certificate | None, day: date
) -> tuple[tuple[Check, ...], tuple[SubIndication, ...]]:
    outdated = _outdated(rules, scheme, digests, signer, day)
    checks = [finding("algorithm.outdated", Outcome.FAILED, name=name) for name in outdated]
    if not outdated:
        names = ", ".join(_names(scheme, digests, signer))
        checks.append(finding("algorithm.accepted", Outcome.PASSED, names=names))
    if scheme.family == "RSA-PKCS1v15":
        checks.append(finding("algorithm.pkcs1", Outcome.WARNING))
    return tuple(checks), (SubIndication.CRYPTO_CONSTRAINTS_FAILURE,) * len(outdated)


def _outdated(
    rules: Algorithms, scheme: Scheme, digests: tuple[str, ...], signer: Certificate | None, day: date
) -> tuple[str, ...]:
    names = {name for name in (scheme.digest, *digests) if not rules.good(rules.digest, name, day)}
    if not rules.good(rules.signature, scheme.family, day):
        names.add(scheme.family)
    if signer is not None and not key_good(signer, rules, day):
        names.add(key_name(signer.key))
    return tuple(sorted(names))
