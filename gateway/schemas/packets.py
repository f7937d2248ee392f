"""`ports.Reader` and `ports.Writer`: submissions in, national packets out."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from gateway.domain.agreement import Agreement
from gateway.domain.announced import Announced, as_catalogue
from gateway.domain.catalogue import Catalogue
from gateway.domain.errors import Rejected, problem
from gateway.domain.outline import Narrative
from gateway.domain.parcel import Acknowledgement, Backfill, Blob, Enclosed
from gateway.domain.part import Place
from gateway.domain.record import canonical, restore
from gateway.domain.report import Columns, Report, ReportHead
from gateway.ports import Header
from gateway.schemas import narratives
from gateway.schemas.national import packet
from gateway.schemas.national.model import Beside, Packet, ReportData, Status
from gateway.schemas.submissions import from_csv, from_json, from_workbook
from gateway.schemas.workbooks import XLS, XLSX


class PacketReader:
    """Reads what the province hands in, whatever its form, and the catalogues that come down.

    files_of  (name, content) of each data file in a PDF; without it none is looked for
    """

    def __init__(self, files_of: Callable[[bytes], Sequence[tuple[str, bytes]]] = lambda pdf: ()) -> None:
        self._files_of = files_of

    def read(self, payload: bytes, media_type: str) -> tuple[str, Report]:
        """(schema name, report). Raises `Rejected` with every fault found (C-001 … C-006, C-009)."""
        kind = media_type.partition(";")[0].strip().lower()
        if kind not in _READERS:
            raise Rejected(problem("C-006", media_type=media_type))
        return _READERS[kind](payload)

    def read_narrative(
        self,
        payload: bytes,
        media_type: str,
        head: ReportHead,
        files: Sequence[Enclosed],
        agreed: Agreement,
        *,
        figures: Columns | None = None,
    ) -> Narrative:
        """Raises `Rejected` as `narratives.read` and, where outlines were agreed, `narratives.follow` do."""
        found = narratives.read(payload, media_type, head, files)
        if agreed.composite and agreed.composite.outlines:
            narratives.follow(found, agreed.composite.outlines, agreed.id, figures)
        return found

    def figures(self, content: bytes, media_type: str) -> list[Report]:
        """Of a signed packet 4, and of a PDF with data files in it; any other file is words to us."""
        if media_type == "application/pdf":
            return [report for name, data in self._files_of(content) if (report := _data(name, data)) is not None]
        report = _data("x.xml", content) if media_type == "application/xml" else None
        return [report] if report is not None else []

    def read_catalogue(self, payload: bytes, sender: str = "") -> Catalogue:
        """Raises `Rejected` (C-005): another packet, or one of another agency than the code `sender`, where given."""
        came = packet.read(payload)
        if not isinstance(came.content, Catalogue | Announced):
            raise _other_packet(_COMING_DOWN)
        if sender and came.header.sender_code != sender:
            said = {"path": "/Packet/Header/Sender/Code", "line": "-", "reason": f"“{came.header.sender_code}”"}
            raise Rejected(problem("C-005", expected=f"“{sender}”", **said))
        return came.content if isinstance(came.content, Catalogue) else as_catalogue(came.content)


class PacketWriter:
    """Writes report-data packets, and keeps translated reports as columnar JSON."""

    def write(self, header: Header, report: Report, backfill: Backfill | None, narrative: Blob | None = None) -> bytes:
        beside = Beside(narrative.digest, narrative.size) if narrative else None
        return packet.written(Packet(header, ReportData(report, backfill, beside)))

    def write_narrative(self, header: Header, narrative: Narrative) -> bytes:
        return packet.written(Packet(header, narrative))

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
    rejected = dict.fromkeys(Place(r.indicator, r.organisation, r.breakdown) for r in content.reasons if r.indicator)
    reasons = tuple(map(str, content.reasons))
    judged, of = tuple(rejected), content.reference
    return Acknowledgement(content.answer, content.tally, reasons, content.at, rejected=judged, reference=of)


def _from_packet(payload: bytes) -> tuple[str, Report]:
    content = packet.read(payload).content
    if not isinstance(content, ReportData):
        raise _other_packet("report-data")
    return "report-data", content.report


def _data(name: str, content: bytes) -> Report | None:
    """The report in a data file of that name; None where it is none."""
    read = _DATA.get(name.lower().rpartition(".")[2])
    try:
        return read(content)[1] if read else None
    except Rejected:
        return None


def _other_packet(expected: str) -> Rejected:
    return Rejected(problem("C-005", path="/Packet/@packet", line="-", reason="another packet", expected=expected))


_COMING_DOWN = "indicator-catalogue, period-catalogue, kpi-groups, kpi-disaggregations, regime, form, outline, kpi-set"
_READERS: dict[str, Callable[[bytes], tuple[str, Report]]] = {
    "application/xml": _from_packet,
    "text/xml": _from_packet,
    "application/json": from_json,
    "text/csv": from_csv,
    XLSX: from_workbook,
    XLS: from_workbook,
}
_DATA = {"xml": _from_packet, "json": from_json, "csv": from_csv}
