"""One authority, two signers and a verifier with the profile's own policies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from cryptography import x509

import gateway
from gateway.domain.verdict import Verdict
from gateway.signing import SignatureVerifier
from gateway.signing.xml.sign import PrivateKey, XmlSigner
from tests.signing.authority import NOW, Authority

POLICIES = Path(gateway.__file__).parent / "profiles" / "thanh-hoa" / "policies"
Signer = tuple[PrivateKey, x509.Certificate]


def packet(values: int = 2) -> bytes:
    rows = "".join(
        f'<Value indicator="{number:04}" organisation="38" unit="ty_dong">10{number}.5</Value>'
        for number in range(values)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Packet xmlns="urn:report-gateway:national:1" packet="report-data" version="1.0">'
        "<Header><MessageId>gt-01</MessageId><Created>2026-11-24T14:00:00+07:00</Created>"
        "<Sender><Code>H56</Code><OldCode>000.00.00.H56</OldCode></Sender></Header>"
        '<Body Id="body"><ReportData><Regime>KTXH-THANG</Regime><Form>01/KTXH</Form><Note>số liệu tháng</Note>'
        f'<Values count="{values}">{rows}</Values></ReportData></Body></Packet>'
    ).encode()


@dataclass
class Room:
    """Everything a test of a signed packet needs."""

    authority: Authority
    leader: Signer
    agency: Signer
    trust: Path
    seconds: float = 0.0  # that have gone by

    def verifier(
        self, *, offline: bool = False, policies: Path = POLICIES, kept: Path | None = None
    ) -> SignatureVerifier:
        fetcher = None if offline else self.authority
        return SignatureVerifier(policies, self.trust, fetcher, kept, ticks=lambda: self.seconds)

    def verify(
        self,
        payload: bytes,
        policy: str = "vn-report-xml",
        *,
        at: datetime = NOW,
        signature: bytes | None = None,
        offline: bool = False,
    ) -> Verdict:
        return self.verifier(offline=offline).verify(payload, signature, policy, at)

    def signed(self, document: bytes | None = None) -> bytes:
        return self.by_agency(self.by_leader(document or packet()))

    def by_leader(self, document: bytes) -> bytes:
        return XmlSigner(*self.leader, "leader").sign(document, NOW)

    def by_agency(self, document: bytes, *, enveloped: bool = False) -> bytes:
        return XmlSigner(*self.agency, "agency", enveloped=enveloped).sign(document, NOW)


@pytest.fixture
def room(tmp_path: Path) -> Room:
    authority = Authority()
    leader = authority.issue("Người đứng đầu")
    agency = authority.issue("Uỷ ban", "H56")
    return Room(authority, leader, agency, authority.write_trust(tmp_path / "trust"))


def outcome(verdict: Verdict) -> str:
    return f"{verdict.indication} {verdict.sub_indication or ''}".strip()
