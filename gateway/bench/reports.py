"""Signed provincial reports for benchmarks, made as a province would."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files

from gateway.domain.report import Columns, Report, ReportHead
from gateway.ports import Header
from gateway.sandbox import Sandbox
from gateway.schemas.packets import PacketReader, PacketWriter
from gateway.signing.xml.sign import XmlSigner

_SAMPLE = "12-ktxh-6-thang-2021.json"


def signers(other_side: Sandbox) -> tuple[XmlSigner, XmlSigner]:
    """A leader's and an agency's signer under the other side's CA."""
    leader, agency = (XmlSigner(*other_side.issue(role, "H56"), role) for role in ("leader", "agency"))
    return leader, agency


def signed(report: Report, number: int, by: tuple[XmlSigner, XmlSigner]) -> bytes:
    """`report` as the XML packet of the `number`-th unit of the province, signed by both: a lane of its own."""
    head = replace(report.head, reporter=f"{report.head.reporter}.{number}")
    now = datetime.now(UTC)
    header = Header(f"bench-{number}", "report-data", now, "H56", "000.00.00.H56", "H56", "000.00.00.H56")
    packet = PacketWriter().write(header, Report(head, report.columns), None)
    for signer in by:
        packet = signer.sign(packet, now)
    return packet


def small() -> Report:
    """One of the shipped reports, with units in codes as a system writes them."""
    payload = (files("gateway.profiles") / "thanh-hoa" / "samples" / _SAMPLE).read_bytes()
    return PacketReader().read(payload, "application/json")[1]


def organisations(sample: Report, values: int) -> list[str]:
    """The codes of the organisations that `large` makes."""
    return [f"{number:05}" for number in range(-(-values // len(sample.columns)))]


def large(sample: Report, values: int) -> Report:
    """A report of `values` values: the sample's rows over ever new organisations."""
    rows, places = len(sample.columns), organisations(sample, values)
    times = len(places)
    return Report(
        ReportHead(sample.head.regime, sample.head.form, sample.head.period, sample.head.reporter),
        Columns(
            indicator=(list(sample.columns.indicator) * times)[:values],
            organisation=[places[index // rows] for index in range(values)],
            unit=(list(sample.columns.unit) * times)[:values],
            value=(list(sample.columns.value) * times)[:values],
        ),
    )
