"""`ports.Reader` and `ports.Writer`: submissions in, national packets out."""

from __future__ import annotations

import json
from collections.abc import Callable

from gateway.domain.catalogue import Catalogue
from gateway.domain.errors import Rejected, problem
from gateway.domain.parcel import Acknowledgement, Backfill
from gateway.domain.record import canonical, restore
from gateway.domain.report import Columns, Report, ReportHead
from gateway.ports import Header
from gateway.schemas.national import packet
from gateway.schemas.national.model import Packet, ReportData, Status
from gateway.schemas.submissions import from_csv, from_json, from_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class PacketReader:
    """Reads what the province hands in, whatever its form, and the catalogues that come down."""

    def read(self, payload: bytes, media_type: str) -> tuple[str, Report]:
        """(schema name, report). Raises `Rejected` with every fault found (C-001 … C-006, C-009)."""
        kind = media_type.partition(";")[0].strip().lower()
        if kind not in _READERS:
            raise Rejected(problem("C-006", media_type=media_type))
        return _READERS[kind](payload)

    def read_catalogue(self, payload: bytes) -> Catalogue:
        content = packet.read(payload).content
        if not isinstance(content, Catalogue):
            raise _other_packet("indicator-catalogue, period-catalogue")
        return content


class PacketWriter:
    """Writes report-data packets, and keeps translated reports as columnar JSON."""

    def write(self, header: Header, report: Report, backfill: Backfill | None) -> bytes:
        return packet.written(Packet(header, ReportData(report, backfill)))

    def keep(self, report: Report) -> bytes:
        return canonical(report)

    def recall(self, kept: bytes) -> Report:
        said = json.loads(kept)
        # Field by field, not through `restore`: a hundred thousand texts need no second look.
        return Report(restore(ReportHead, said["head"]), Columns(**said["columns"]))


def read_status(payload: bytes) -> Acknowledgement:
    """The receiver's judgement out of a status packet. Raises `Rejected` when it is none."""
    content = packet.read(payload).content
    if not isinstance(content, Status):
        raise _other_packet("status")
    return Acknowledgement(content.answer, content.tally, tuple(map(str, content.reasons)), content.at)


def _from_packet(payload: bytes) -> tuple[str, Report]:
    content = packet.read(payload).content
    if not isinstance(content, ReportData):
        raise _other_packet("report-data")
    return "report-data", content.report


def _other_packet(expected: str) -> Rejected:
    return Rejected(problem("C-005", path="/Packet/@packet", line="-", reason="another packet", expected=expected))


_READERS: dict[str, Callable[[bytes], tuple[str, Report]]] = {
    "application/xml": _from_packet,
    "text/xml": _from_packet,
    "application/json": from_json,
    "text/csv": from_csv,
    XLSX: from_workbook,
}
