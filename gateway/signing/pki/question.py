"""One question about one certificate's revocation, and what a list or an OCSP answer says to it.

A good answer counts for the time asked about while it had not ended by then and was younger than `max_age`, or was
made later; not when it was made after the certificate's own end, for then the issuer may have forgotten it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.signing.gathered import NOTHING, Gathered
from gateway.signing.pki.certificate import Certificate
from gateway.signing.pki.crl_index import CrlIndex, Unusable
from gateway.signing.pki.ocsp import OcspAnswer


class State(StrEnum):
    GOOD = "good"
    REVOKED = "revoked"
    ON_HOLD = "on hold"
    STALE = "stale"  # good when last heard of, within the policy's grace
    UNKNOWN = "unknown"
    UNNAMED = "unnamed"  # the certificate names no service we can ask


@dataclass(frozen=True, slots=True)
class Answer:
    """`until`: how long a good answer may be relied on; `since`: when it was made; `proof`: the answer itself.

    `why` says why the state is not known. `contradicted`: another source said good.
    """

    state: State
    by: str = ""
    until: datetime | None = None
    since: datetime | None = None
    revoked_at: datetime | None = None
    why: str = ""
    proof: Gathered = NOTHING
    contradicted: bool = False

    @property
    def decides(self) -> bool:
        return self.state in {State.GOOD, State.REVOKED, State.ON_HOLD}


@dataclass(frozen=True, slots=True)
class Question:
    """About `certificate`, asked at `at`, for a signature proven to have existed at `best` (None: at `at`).

    `sha1`: whether a CRL signed with SHA-1 is believed (old anchors). `given`: what came with the signature.
    """

    certificate: Certificate
    issuer: Certificate
    at: datetime
    max_age: timedelta
    prefer: tuple[str, ...]
    sha1: bool = False
    best: datetime | None = None
    grace: timedelta = timedelta(0)
    given: Gathered = field(default=NOTHING)

    @property
    def time(self) -> datetime:
        return self.best or self.at


def by_list(question: Question, found: CrlIndex) -> Answer:
    """Raises `Unusable` where the list does not speak of such certificates."""
    if found.for_ca not in {None, question.certificate.ca}:
        raise Unusable("the CRL does not speak of such certificates")
    proof = Gathered(crls=(found.der,))
    revoked_at = found.revoked.get(question.certificate.serial)
    if revoked_at is not None:
        return _revoked("CRL", revoked_at, proof, held=found.on_hold(question.certificate.serial))
    return _good(question, "CRL", found, proof)


def by_ocsp(question: Question, found: OcspAnswer) -> Answer:
    proof = Gathered(ocsps=(found.der,))
    if found.status == "revoked":
        return _revoked("OCSP", found.revoked_at, proof, held=found.on_hold)
    if found.status == "unknown":
        return Answer(State.UNKNOWN, "OCSP", why="the OCSP service does not know the certificate")
    return _good(question, "OCSP", found, proof)


def _revoked(by: str, at: datetime | None, proof: Gathered, *, held: bool) -> Answer:
    if held:
        return Answer(State.ON_HOLD, by, revoked_at=at, why="the certificate is on hold", proof=proof)
    return Answer(State.REVOKED, by, revoked_at=at, proof=proof)


def _good(question: Question, by: str, found: CrlIndex | OcspAnswer, proof: Gathered) -> Answer:
    made = found.this_update
    if made > question.certificate.not_after:
        return Answer(State.UNKNOWN, by, why=f"{by} of {made.isoformat()} was made after the certificate's end")
    ends = min(found.next_update, made + question.max_age)
    if question.time < ends:
        return Answer(State.GOOD, by, until=ends, since=made, proof=proof)
    why = f"{by} of {made.isoformat()} is stale"
    state = State.STALE if question.time - made <= question.grace else State.UNKNOWN
    return Answer(state, by, since=made, why=why, proof=proof)
