"""A composite report for the journey's tests: an outline, words that follow it, and files it names."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

from gateway.domain.agreement import Agreement, CompositeTerms
from gateway.domain.enclosed import kind_of
from gateway.domain.ids import digest_of
from gateway.domain.outline import Attachment, Narrative, Outline, Section, Words
from gateway.journey.accept import Incoming
from gateway.journey.enclosing import File
from gateway.ports import Header
from gateway.schemas.national import packet
from gateway.schemas.national.model import Packet, ReportData
from gateway.schemas.packets import PacketReader
from tests.journey.scene import AGREED, QUIET, incoming, submission

PDF_BYTES = b"%PDF-1.7 b\xc3\xa1o c\xc3\xa1o \xc4\x91\xc3\xa3 k\xc3\xbd"
LETTER, ANNEX = "Báo cáo tháng 11.pdf", "ảnh công trình.png"
PNG_BYTES = b"\x89PNG\r\n\x1a\n..."
OUTLINE = Outline(
    "DC-01", "2026", date(2026, 1, 1), "Đề cương báo cáo tháng", "Quy chế", "UBND tỉnh", "trước ngày 20", "Chủ tịch",
    (
        Section("I", "I", "Tình hình kinh tế"),
        Section("I.1", "1", "Thu ngân sách", "I", required=True, longest=200),
        Section("I.2", "2", "Khó khăn", "I", longest=20),
    ),
    attachments=4,
)  # fmt: skip
TERMS = CompositeTerms("Quy chế Đồng Tháp, Điều 17.2", (OUTLINE,), files=4, file_bytes=4000, together_bytes=6000)
HEADER = Header("dms-1", "report-data", QUIET, "H56", "000.00.00.H56", "G22", "000.00.00.G22")
FILES = (File(LETTER, PDF_BYTES, "application/octet-stream"), File(ANNEX, PNG_BYTES, "text/html"))


def words(**changes: Any) -> dict[str, Any]:
    """The short form of the narrative."""
    return {
        "outline": "DC-01",
        "version": "2026",
        "sections": [{"code": "I.1", "text": "Thu đạt 1.050 tỷ đồng"}],
        "attachments": [{"name": LETTER, "role": "narrative"}, {"name": ANNEX, "role": "annex"}],
        **changes,
    }


def narrative(**changes: Any) -> File:
    return File("loi.json", json.dumps(words(**changes), ensure_ascii=False).encode(), "application/json")


def linked(**changes: Any) -> Agreement:
    """The shipped agreement, with composite reports."""
    terms = {name: changes.pop(name) for name in list(changes) if name in CompositeTerms.__slots__}
    return replace(AGREED, composite=replace(TERMS, **terms), **changes)


def composite(
    key: str = "k1", *, files: tuple[File, ...] = FILES, told: File | None = None, **changes: Any
) -> Incoming:
    """A whole composite as it is handed in."""
    return replace(incoming(key, **changes), narrative=told or narrative(), attachments=files)


def as_words(form: str = "DC-01", **changes: Any) -> File:
    """The same words as a packet 6 in XML, which carries digest and size of each file itself."""
    head = replace(PacketReader().read(submission(**changes), "application/json")[1].head, form=form)
    attached = tuple(
        Attachment(f.name, kind_of(f.content), len(f.content), digest_of(f.content), role)
        for f, role in zip(FILES, ("narrative", "annex"), strict=True)
    )
    told = Narrative(head, "2026", (Words("I.1", "Thu đạt 1.050 tỷ đồng"),), attached)
    return File("loi.xml", packet.written(Packet(replace(HEADER, packet="narrative"), told)), "application/xml")


def as_packet(**changes: Any) -> bytes:
    """The same figures as a packet 4, as the document system would have had them signed."""
    report = PacketReader().read(submission(**changes), "application/json")[1]
    units = {"triệu đồng": "trieu_dong"}
    columns = replace(report.columns, unit=[units.get(unit, unit) for unit in report.columns.unit])
    return packet.written(Packet(HEADER, ReportData(replace(report, columns=columns))))
