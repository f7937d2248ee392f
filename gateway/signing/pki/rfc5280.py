"""The rules of RFC 5280 section 6 over a path already found, by pyhanko-certvalidator: names, policies, constraints.

The library is right on all of PKITS; finding the path, dates, algorithms and revocation stay ours, because Vietnamese
signatures carry the leaf only, old roots are believed by date, and the library takes a second for a large list.
"""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from datetime import datetime
from typing import Any, TypeVar

from asn1crypto import x509 as asn1
from pyhanko_certvalidator.authority import CertTrustAnchor
from pyhanko_certvalidator.context import ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.policy_decl import NO_REVOCATION, AcceptAllAlgorithms, CertRevTrustPolicy
from pyhanko_certvalidator.validate import async_validate_path

from gateway.signing.pki.certificate import Certificate

T = TypeVar("T")

# What the library and its reader let through on hostile certificates, beside their own errors.
QUIET = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, NotImplementedError)


def broken_rule(path: Sequence[Certificate], at: datetime) -> str | None:
    """The rule that `path` (leaf first, anchor last) breaks, in the library's words; None where it keeps all.

    The leaf's own dates are the caller's to judge: outside them the path is looked at from the nearest moment inside.
    """
    leaf = path[0]
    moment = min(max(at, leaf.not_before), leaf.not_after)
    try:
        given = [asn1.Certificate.load(one.der) for one in reversed(path)]
        context = ValidationContext(
            trust_roots=[given[0]],
            moment=moment,
            revinfo_policy=CertRevTrustPolicy(NO_REVOCATION),
            algorithm_usage_policy=AcceptAllAlgorithms(),
        )
        run(async_validate_path(context, ValidationPath(CertTrustAnchor(given[0]), given[1:-1], given[-1])))
    except (ValidationError, PathError) as error:
        return str(error)
    except QUIET as error:
        return f"{type(error).__name__}: {error}"
    return None


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Runs the library's coroutine without a loop: it fetches nothing here, so it never waits."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    coroutine.close()
    raise ValueError("the library wanted to wait")
