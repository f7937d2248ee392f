"""A signer that shows nothing which our own verifier would not let pass, and never signs with a dead certificate."""

from __future__ import annotations

from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from gateway.domain.errors import GatewayError, Misconfigured, Rejected, Unavailable, problem
from gateway.domain.verdict import Check, Integrity, Outcome, SignatureVerdict, SubIndication, Verdict
from gateway.ports import Signer, Verifier

# A warning that the profile has asked for by name: v1.5 for partners that read nothing else.
_BY_NAME = {"RSA-PKCS1v15": ("algorithm",)}


class GuardedSigner:
    """`ports.Signer` around another: expired or revoked keys are refused (circular 15/2025), what is made is verified.

    `policy`: by which it is verified; `detached`: what is signed is not in what is made; `named`: the algorithm, where
    the profile names one.
    """

    def __init__(
        self, signer: Signer, certificate: x509.Certificate, verifier: Verifier, policy: str,
        *, detached: bool = False, named: str | None = None,
    ) -> None:  # fmt: skip
        self._signer, self._certificate = signer, certificate
        self._verifier, self._policy = verifier, policy
        self._detached, self._suffered = detached, _BY_NAME.get(named or "", ())

    def sign(self, document: bytes, at: datetime) -> bytes:
        """Raises `Misconfigured` (B-010) for a certificate that may not sign now, `Unavailable` (B-007) while its
        revocation is not known, `Rejected` (B-011) where the new signature does not pass."""
        if not self._certificate.not_valid_before_utc <= at <= self._certificate.not_valid_after_utc:
            until = self._certificate.not_valid_after_utc.isoformat()
            raise Misconfigured(problem("B-010", subject=_subject(self._certificate), reason=f"valid until {until}"))
        made = self._signer.sign(document, at)
        payload, signature = (document, made) if self._detached else (made, None)
        fault = self._fault(self._verifier.verify(payload, signature, self._policy, at))
        if fault is not None:
            raise fault
        return made

    def _fault(self, verdict: Verdict) -> GatewayError | None:
        """Of our signature only: others that the policy wants may still be to come."""
        own = self._certificate.fingerprint(hashes.SHA256()).hex()
        mine = [one for one in verdict.signatures if one.certificate == own]
        if not mine or verdict.integrity is not Integrity.PASSED:
            return self._refused(verdict.checks)
        newest = mine[-1]
        if newest.sub_indication is SubIndication.TRY_LATER:
            return Unavailable(problem("B-007", reason=_reasons(newest.checks)))
        if newest.sub_indication is SubIndication.REVOKED:
            return Misconfigured(problem("B-010", subject=_subject(self._certificate), reason=_reasons(newest.checks)))
        if newest.sub_indication is not None or self._warned(newest):
            return self._refused(newest.checks)
        return None

    def _warned(self, one: SignatureVerdict) -> bool:
        return any(check.outcome is Outcome.WARNING and check.name not in self._suffered for check in one.checks)

    def _refused(self, checks: tuple[Check, ...]) -> GatewayError:
        return Rejected(problem("B-011", policy=self._policy, reason=_reasons(checks)))


def _reasons(checks: tuple[Check, ...]) -> str:
    return " ".join(check.vi for check in checks if check.outcome is not Outcome.PASSED) or "-"


def _subject(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string()
