"""Every profile as a deployment at work: its sample handed in, delivered, judged and reconciled by the other side."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.deploy import connect, create
from gateway.domain.agreement import Agreement, SignatureDuty
from gateway.domain.exchange import Stage
from gateway.journey.accept import Incoming
from gateway.ports import Header
from gateway.sandbox import Sandbox
from gateway.schemas.packets import PacketReader, PacketWriter
from gateway.signing.xml.sign import XmlSigner
from gateway.wiring import build
from gateway.working import synchronised
from tests.faults.scenarios import AGREEMENT, Scene


@pytest.mark.parametrize("name", ["bac-kan", "dong-thap", "lao-cai", "soc-trang"])
def test_a_sample_goes_the_whole_way_under_the_provinces_own_agreement(
    tmp_path: Path, database: str, name: str
) -> None:
    home = tmp_path / "deployment"
    create(home, name)
    with Sandbox.thread(tmp_path / "other-side") as other_side:
        other_side.mode(judge_after=0.05)
        connect(home, other_side)
        with build(home, {"GATEWAY_DATABASE_URL": database}) as gateway:
            synchronised(gateway, AGREEMENT, "VPCP-CT")
            agreed = gateway.declarations.agreements[AGREEMENT]
            payload = (home / "samples" / "01-minh-hoa.json").read_bytes()
            incoming = as_agreed(payload, agreed, other_side)
            x, _ = gateway.accept(incoming)
            Scene(gateway, other_side, {}).drain(lambda: gateway.journal.read(x.id).settled)
            arrived = gateway.journal.read(x.id)

    assert arrived.stage is Stage.RECONCILED
    assert arrived.account is not None
    assert arrived.account.mapped == arrived.account.received == 2


def as_agreed(payload: bytes, agreed: Agreement, other_side: Sandbox) -> Incoming:
    """As the form is, or as a packet signed by leader and agency where the regulation demands signatures."""
    if agreed.signature is not SignatureDuty.REQUIRED:
        return Incoming(AGREEMENT, "k1", "ht", "application/json", payload)
    now, party = datetime.now(UTC), agreed.sender
    report = PacketReader().read(payload, "application/json")[1]
    header = Header("mau-01", "report-data", now, party.code, party.old_code, party.code, party.old_code)
    packet = PacketWriter().write(header, report, None)
    for role in ("leader", "agency"):
        packet = XmlSigner(*other_side.issue(role, party.code), role).sign(packet, now)
    return Incoming(AGREEMENT, "k1", "ht", "application/xml", packet)
