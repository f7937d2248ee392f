"""Biên bản gián đoạn và gửi dự phòng: an incident, what proves it, which reports it put at risk and how they went.

PDF for signatures, XLSX for the statistics (Đồng Tháp art. 20, Bắc Kạn 7.6, Sóc Trăng 17.4). Every line comes
from the record of the incident and from the journal; nothing is typed in here.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from fallback.paper import typeset
from gateway.domain.calendar import VIETNAM
from gateway.domain.incident import Incident, Timer
from gateway.domain.obligations import CAUSE_WORDS

_BLANK = "…"
_HEADS = ("STT", "Báo cáo", "Hạn", "Văn bản dự phòng", "Gửi lúc", "Nơi nhận", "Cập nhật bổ sung", "Tình trạng")
_CLOCKS = {"support": "Xử lý (Điều 20.1)", "recovery": "Khôi phục (Điều 20.2)"}


@dataclass(frozen=True, slots=True)
class Went:
    """How one report of the gap went. Empty where it did not."""

    report: str
    deadline: datetime | None
    document: str  # 128/BC-UBND ngày 20/11/2026
    sent_at: datetime | None
    office: str  # what the addressee said last
    backfilled_at: datetime | None
    stage: str  # in Vietnamese

    @property
    def in_time(self) -> bool:
        return bool(self.sent_at and (self.deadline is None or self.sent_at <= self.deadline))


@dataclass(frozen=True, slots=True)
class Minutes:
    """Everything the record says."""

    agency: str
    place: str
    destination: str  # the receiver's name, or its id
    incident: Incident
    clocks: tuple[tuple[str, Timer], ...]
    went: tuple[Went, ...]
    at: datetime


def as_pdf(told: Minutes) -> bytes:
    """The record as PDF/A-3, its lines for signatures open."""
    title = f"Biên bản gián đoạn {told.incident.id}"
    data: dict[str, Any] = {
        "title": title,
        "agency": told.agency,
        "place": told.place or _BLANK,
        "day": f"{told.at.astimezone(VIETNAM):%d/%m/%Y}",
        "facts": [list(fact) for fact in _facts(told)],
        "headings": list(_HEADS),
        "rows": _rows(told) or [[_BLANK] * len(_HEADS)],
        "totals": _totals(told),
    }
    return typeset(_LAYOUT, data, (), told.at)


def as_xlsx(told: Minutes) -> bytes:
    """The same as a workbook: the facts, and one row for each report."""
    import xlsxwriter  # noqa: PLC0415  # asked for once an incident

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"title": told.incident.id, "created": told.at.astimezone(UTC).replace(tzinfo=None)})
        bold = book.add_format({"bold": True})
        facts = book.add_worksheet("Sự cố")
        facts.set_column(0, 0, 28)
        facts.set_column(1, 1, 90)
        for row, (name, value) in enumerate(_facts(told)):
            facts.write_string(row, 0, name, bold)
            facts.write_string(row, 1, value)
        reports = book.add_worksheet("Báo cáo")
        reports.set_column(1, len(_HEADS), 24)
        for row, cells in enumerate([list(_HEADS), *_rows(told)]):
            for column, cell in enumerate(cells):
                reports.write_string(row, column, cell, bold if row == 0 else None)
    return out.getvalue()


def _facts(told: Minutes) -> list[tuple[str, str]]:
    x = told.incident
    evidence = f"{x.evidence.failures} lần lỗi liên tiếp" + (f", mã {x.evidence.problem}" if x.evidence.problem else "")
    clocks = [(_CLOCKS.get(name, name), _clock(timer)) for name, timer in told.clocks]
    return [
        ("Mã sự cố", x.id),
        ("Hệ thống", told.destination),
        ("Nội dung", x.what),
        ("Nguyên nhân", CAUSE_WORDS[x.cause]),
        ("Bắt đầu", _when(x.began)),
        ("Kết thúc", _when(x.ended)),
        ("Thời gian gián đoạn", _span((x.ended or told.at) - x.began)),
        ("Ghi nhận", f"{_when(x.opened)}, {x.opened_by}"),
        ("Bằng chứng", f"{evidence}, từ {_when(x.evidence.since)}. {x.evidence.words}".strip()),
        ("Đã thông báo hoàn thành", _when(x.promised)),
        *clocks,
        ("Đóng", f"{_when(x.closed)}, {x.closed_by}: {x.outcome}" if x.closed else "chưa đóng"),
    ]


def _rows(told: Minutes) -> list[list[str]]:
    return [
        [
            str(number),
            one.report,
            _when(one.deadline),
            one.document or _BLANK,
            _when(one.sent_at),
            one.office or _BLANK,
            _when(one.backfilled_at),
            one.stage,
        ]
        for number, one in enumerate(told.went, start=1)
    ]


def _totals(told: Minutes) -> str:
    sent = [one for one in told.went if one.sent_at]
    in_time = sum(one.in_time for one in told.went)
    filled = sum(one.backfilled_at is not None for one in told.went)
    return (
        f"Báo cáo có nguy cơ trễ: {len(told.went)}; gửi bằng văn bản: {len(sent)}, đúng hạn {in_time}; "
        f"đã cập nhật bổ sung: {filled}. Báo cáo gửi bằng văn bản tính theo giờ gửi văn bản, không tính trễ."
    )


def _clock(timer: Timer) -> str:
    return f"đến {_when(timer.until)}: {'QUÁ HẠN' if timer.overdue else 'trong hạn'}"


def _when(at: datetime | None) -> str:
    return f"{at.astimezone(VIETNAM):%H:%M ngày %d/%m/%Y}" if at else _BLANK


def _span(length: timedelta) -> str:
    minutes = round(length.total_seconds() / 60)
    return f"{minutes // 60} giờ {minutes % 60:02} phút"


def totals(went: Sequence[Went]) -> dict[str, int]:
    """How many there were, went as documents, went in time, and are entered by now."""
    return {
        "at_risk": len(went),
        "sent_as_documents": sum(one.sent_at is not None for one in went),
        "in_time": sum(one.in_time for one in went),
        "backfilled": sum(one.backfilled_at is not None for one in went),
    }


_LAYOUT = """
#grid(
  columns: (2fr, 3fr), align: center, row-gutter: 8pt,
  { set par(justify: false); text(12pt, weight: "bold", upper(d.agency)); v(-4pt); rule(35%) },
  {
    text(12pt, weight: "bold")[CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM]
    linebreak()
    text(13pt, weight: "bold")[Độc lập - Tự do - Hạnh phúc]
    v(-4pt)
    rule(70%)
  },
)
#v(10pt)
#align(center)[
  #heading(level: 1, outlined: false, text(14pt, weight: "bold")[BIÊN BẢN])
  #text(14pt, weight: "bold")[Gián đoạn hệ thống và gửi báo cáo dự phòng qua văn bản]
  #linebreak()
  #emph(d.place + ", ngày " + d.day)
]
#table(
  columns: (2fr, 5fr), stroke: 0.4pt, inset: 5pt,
  ..d.facts.map(fact => (text(12pt, weight: "bold", fact.at(0)), text(12pt, fact.at(1)))).flatten()
)
#text(12pt, d.totals)
#set text(9pt)
#table(
  columns: (auto, 3fr, 2fr, 2fr, 2fr, 2fr, 2fr, 2fr), stroke: 0.4pt, inset: 3pt,
  table.header(..d.headings.map(word => text(weight: "bold", word))),
  ..d.rows.flatten()
)
#set text(13pt)
#v(8pt)
#grid(
  columns: (1fr, 1fr), align: center,
  { text(weight: "bold")[NGƯỜI LẬP BIÊN BẢN]; v(25mm) },
  { text(weight: "bold")[ĐẠI DIỆN ĐƠN VỊ VẬN HÀNH]; v(25mm) },
)
"""
