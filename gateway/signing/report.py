"""The verdict as the document that `gateway verify` and the exchange's evidence show."""

from __future__ import annotations

from typing import Any

from gateway.domain.record import plain
from gateway.domain.verdict import Verdict


def as_document(verdict: Verdict) -> dict[str, Any]:
    """`verdict` as JSON values: indication, sub_indication, integrity, signatures, policy, policy_digest, checks.

    Each signature: indication, sub_indication, crypto_ok, scope, format, level, signer, certificate,
    claimed_time, best_time, algorithms, checks; each check: name, outcome, vi, en. Times are RFC 3339.
    """
    document: dict[str, Any] = plain(verdict)
    return document
