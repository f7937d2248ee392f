"""Signed provincial reports for benchmarks, made as a province would."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from gateway.domain.report import Columns, Report, ReportHead
from gateway.ports import Header
from gateway.sandbox import Sandbox
from gateway.schemas.packets import PacketReader, PacketWriter
from gateway.signing import XmlSigner


def signers(other_side: Sandbox) -> tuple[XmlSigner, XmlSigner]:
    """A leader's and an agency's signer under the other side's CA."""
    leader, agency = (XmlSigner(*other_side.issue(role, "H56"), role) for role in ("leader", "agency"))
    return leader, agency


def signed(report: Report, number: int, by: tuple[XmlSigner, XmlSigner]) -> bytes:
    """`report` as the XML packet of a distinct revision lane, signed by both."""
    head = replace(report.head, note=f"{report.head.note} {number}")
    now = datetime.now(UTC)
    header = Header(f"bench-{number}", "report-data", now, "H56", "000.00.00.H56", "H56", "000.00.00.H56")
    packet = PacketWriter().write(header, Report(head, report.columns), None)
    for signer in by:
        packet = signer.sign(packet, now)
    return packet


def small(sample: bytes) -> Report:
    """The report of a short-form sample."""
    return PacketReader().read(sample, "application/json")[1]


def large(sample: Report, values: int) -> Report:
    """A report of `values` values: the sample's rows over ever new organisations… of its own period."""
    rows = len(sample.columns)
    times = -(-values // rows)
    return Report(
        ReportHead(sample.head.regime, sample.head.form, sample.head.period, sample.head.reporter),
        Columns(
            indicator=(list(sample.columns.indicator) * times)[:values],
            organisation=[f"{index // rows:05}" for index in range(values)],
            unit=(list(sample.columns.unit) * times)[:values],
            value=(list(sample.columns.value) * times)[:values],
        ),
    )
