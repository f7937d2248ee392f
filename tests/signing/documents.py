"""What the tests of whole files share: two signers, their authority, a stamp service, and one verifier for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from cryptography import x509

from gateway.domain.verdict import Verdict
from gateway.sandbox.ca_stamps import answered
from gateway.signing import SignatureVerifier
from gateway.signing.create.stamp import Stamping
from gateway.signing.keys import HeldKey
from tests.signing.authority import NOW, Authority, new_rsa
from tests.signing.conftest import POLICIES

TSA = "http://tsa.example/"


@dataclass
class Stamps:
    """`Fetcher` in front of a time-stamping authority."""

    chain: tuple[x509.Certificate, ...]
    key: object
    at: datetime = NOW
    wrong: bool = False
    asked: list[str] = field(default_factory=list)

    def get(self, url: str) -> bytes:
        raise AssertionError(url)

    def post(self, url: str, body: bytes, media_type: str) -> bytes:
        self.asked.append(url)
        assert media_type == "application/timestamp-query"
        return answered(body, self.key, self.chain, self.at, wrong=self.wrong)  # type: ignore[arg-type]


@dataclass
class Desk:
    """Where files are signed and judged."""

    authority: Authority
    leader: HeldKey
    agency: HeldKey
    verifier: SignatureVerifier
    trust: Path

    def stamping(self, at: datetime = NOW, *, wrong: bool = False, of: Authority | None = None) -> Stamping:
        authority = of or self.authority
        key, certificate = authority.issue_tsa()
        return Stamping(TSA, Stamps((certificate, authority.sub.certificate), key, at, wrong))

    def verify(self, payload: bytes, policy: str, signature: bytes | None = None, *, at: datetime = NOW) -> Verdict:
        return self.verifier.verify(payload, signature, policy, at)


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """One for all tests: nothing in it changes, and the process that reads PDF is started once."""
    authority = Authority()
    leader = HeldKey(*authority.issue("Người đứng đầu"))
    agency = HeldKey(*authority.issue("Uỷ ban", "H56", key=new_rsa()))
    trust = authority.write_trust(tmp_path_factory.mktemp("desk") / "trust")
    return Desk(authority, leader, agency, SignatureVerifier(POLICIES, trust, authority), trust)


def codes(verdict: Verdict) -> Mapping[str, str]:
    """Every check's outcome by name, the worst of those that share one."""
    order = ("passed", "warning", "undetermined", "failed")
    found: dict[str, str] = {}
    for check in (*verdict.checks, *(check for one in verdict.signatures for check in one.checks)):
        found[check.name] = max(found.get(check.name, "passed"), check.outcome.value, key=order.index)
    return found
