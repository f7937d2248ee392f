"""`ports.Verifier` for XML signatures: policies and anchors read once, at the start."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from gateway.domain.verdict import Indication, Integrity, Outcome, SubIndication, Verdict
from gateway.ports import Fetcher
from gateway.signing.findings import finding
from gateway.signing.message import judge
from gateway.signing.pki.certificate import Certificates
from gateway.signing.pki.store import read_store
from gateway.signing.policy import read_policies
from gateway.signing.signature import Setting
from gateway.signing.trust import Trust


class XmlVerifier:
    """Safe between threads. `policies`: a folder of ``<id>.yaml`` or one such file; `trust`: the folder with
    ``anchors.yaml`` (absent: nobody is trusted); `fetcher` None: offline.

    Raises `Misconfigured` (F-005) with every fault when made, and nothing afterwards.
    """

    def __init__(self, policies: Path, trust: Path, fetcher: Fetcher | None) -> None:
        self._policies = read_policies(policies)
        self._trust = Trust(read_store(trust), fetcher)
        self._certificates = Certificates()

    def verify(self, payload: bytes, signature: bytes | None, policy: str, at: datetime) -> Verdict:
        """The verdict on `payload` (with a detached `signature` beside it) under `policy`, judged at `at`."""
        known = self._policies.get(policy)
        if known is None:
            return _no_policy(policy)
        return judge(payload, signature, Setting(known, at, self._trust, self._certificates))


def _no_policy(name: str) -> Verdict:
    check = finding("policy.unknown", Outcome.UNDETERMINED, name=name)
    sub = SubIndication.SIGNATURE_POLICY_NOT_AVAILABLE
    return Verdict(Indication.INDETERMINATE, sub, Integrity.UNDETERMINED, (), name, "", (check,))
