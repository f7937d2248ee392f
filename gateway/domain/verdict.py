"""The one verdict on signatures, for every format: EN 319 102-1 indications, never a boolean."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Indication(StrEnum):
    """EN 319 102-1 section 5.1.3: three answers, not two."""

    TOTAL_PASSED = "TOTAL-PASSED"
    TOTAL_FAILED = "TOTAL-FAILED"
    INDETERMINATE = "INDETERMINATE"


class SubIndication(StrEnum):
    """Why an indication is not TOTAL-PASSED (EN 319 102-1 tables 5 and 6)."""

    FORMAT_FAILURE = "FORMAT_FAILURE"
    HASH_FAILURE = "HASH_FAILURE"
    SIG_CRYPTO_FAILURE = "SIG_CRYPTO_FAILURE"
    REVOKED = "REVOKED"
    NOT_YET_VALID = "NOT_YET_VALID"
    TRY_LATER = "TRY_LATER"
    NO_CERTIFICATE_CHAIN_FOUND = "NO_CERTIFICATE_CHAIN_FOUND"
    CHAIN_CONSTRAINTS_FAILURE = "CHAIN_CONSTRAINTS_FAILURE"
    NO_SIGNING_CERTIFICATE_FOUND = "NO_SIGNING_CERTIFICATE_FOUND"
    CRYPTO_CONSTRAINTS_FAILURE = "CRYPTO_CONSTRAINTS_FAILURE"
    CRYPTO_CONSTRAINTS_FAILURE_NO_POE = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
    REVOKED_NO_POE = "REVOKED_NO_POE"
    OUT_OF_BOUNDS_NO_POE = "OUT_OF_BOUNDS_NO_POE"
    EXPIRED = "EXPIRED"
    SIG_CONSTRAINTS_FAILURE = "SIG_CONSTRAINTS_FAILURE"
    SIGNED_DATA_NOT_FOUND = "SIGNED_DATA_NOT_FOUND"
    TIMESTAMP_ORDER_FAILURE = "TIMESTAMP_ORDER_FAILURE"
    SIGNATURE_POLICY_NOT_AVAILABLE = "SIGNATURE_POLICY_NOT_AVAILABLE"
    POLICY_PROCESSING_ERROR = "POLICY_PROCESSING_ERROR"


class Integrity(StrEnum):
    """Digests, values and structure alone; trust is not judged."""

    PASSED = "passed"
    FAILED = "failed"
    UNDETERMINED = "undetermined"


class Outcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    UNDETERMINED = "undetermined"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at, its outcome, and the finding in both languages."""

    name: str
    outcome: Outcome
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class SignatureVerdict:
    """What is known of one signature. `scope` lists what it covers, as paths from the root."""

    indication: Indication
    sub_indication: SubIndication | None
    crypto_ok: bool
    scope: tuple[str, ...]
    format: str
    level: str
    signer: str | None
    certificate: str | None  # SHA-256 of the signing certificate, lowercase hex
    claimed_time: datetime | None
    best_time: datetime | None
    algorithms: tuple[str, ...]
    checks: tuple[Check, ...]
    best_time_source: str = "receipt"  # receipt: our own record of it; timestamp: RFC 3161


@dataclass(frozen=True, slots=True)
class Verdict:
    """The message's verdict: the worst of its required signatures, and everything found."""

    indication: Indication
    sub_indication: SubIndication | None
    integrity: Integrity
    signatures: tuple[SignatureVerdict, ...]
    policy: str
    policy_digest: str
    checks: tuple[Check, ...] = ()
    trust_version: str = ""  # of the trust store it was judged with

    @property
    def passed(self) -> bool:
        return self.indication is Indication.TOTAL_PASSED
