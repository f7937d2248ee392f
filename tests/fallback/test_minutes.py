"""The record of an incident: every line of it out of what was written down, on paper and as a workbook."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from python_calamine import CalamineWorkbook

from fallback.minutes import Minutes, Went, as_pdf, as_xlsx, totals
from gateway.domain.incident import Evidence, Incident, Timer
from gateway.domain.obligations import Cause
from tests.fallback.test_document import text_of

BEGAN = datetime(2026, 11, 19, 6, tzinfo=UTC)
DUE = datetime(2026, 11, 19, 17, tzinfo=UTC)
INCIDENT = Incident(
    "sc-1", "quoc-gia", Cause.LINK, "Đứt cáp quang", BEGAN, BEGAN + timedelta(minutes=20), "Lê Thị Mẫu",
    Evidence(7, BEGAN, "A-001", "VNPT ghi nhận phiếu 4711"),
    ended=BEGAN + timedelta(hours=6), closed=BEGAN + timedelta(hours=7), closed_by="Trần Văn Thử", outcome="đã hàn nối",
)  # fmt: skip
SENT = Went("KTXH|01/KTXH|H56|LICH:2026M11", DUE, "128/BC-UBND ngày 20/11/2026", BEGAN + timedelta(hours=2),
            "Văn bản đã được tiếp nhận", BEGAN + timedelta(hours=8), "Đã đối soát")  # fmt: skip
WAITED = Went("=cmd()|B", DUE, "", None, "", None, "Chờ gửi")
LATE = replace(SENT, report="C", sent_at=DUE + timedelta(minutes=1), backfilled_at=None)
MINUTES = Minutes(
    "Ủy ban nhân dân tỉnh Giả Định", "Giả Định", "Hệ thống thông tin báo cáo quốc gia", INCIDENT,
    (("support", Timer(BEGAN + timedelta(hours=2, minutes=20), timedelta(), overdue=True)),),
    (SENT, WAITED, LATE), BEGAN + timedelta(days=1),
)  # fmt: skip


def test_the_paper_tells_what_happened_who_saw_it_and_how_the_reports_went() -> None:
    text = text_of(as_pdf(MINUTES))
    for words in (
        "BIÊN BẢN", "ỦY BAN NHÂN DÂN TỈNH GIẢ ĐỊNH", "Đứt cáp quang", "sự cố kỹ thuật, đường truyền", "6 giờ 00 phút",
        "13:00 ngày 19/11/2026", "VNPT ghi nhận phiếu 4711", "Lê Thị Mẫu", "đã hàn nối", "QUÁ HẠN",
        "gửi bằng văn bản: 2, đúng hạn 1", "đã cập nhật bổ sung: 1",
    ):  # fmt: skip
        assert words in text


def test_the_same_record_is_the_same_paper() -> None:
    assert as_pdf(MINUTES) == as_pdf(MINUTES)


def test_the_workbook_has_the_same_lines_and_runs_nothing() -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(as_xlsx(MINUTES)))
    facts = dict(row[:2] for row in book.get_sheet_by_name("Sự cố").to_python())
    rows = book.get_sheet_by_name("Báo cáo").to_python()

    assert facts["Nguyên nhân"] == "sự cố kỹ thuật, đường truyền"
    assert [row[1] for row in rows] == ["Báo cáo", SENT.report, WAITED.report, LATE.report]
    assert rows[1][3:5] == ["128/BC-UBND ngày 20/11/2026", "15:00 ngày 19/11/2026"]


def test_an_open_incident_without_reports_is_a_record_too() -> None:
    bare = replace(MINUTES, incident=replace(INCIDENT, ended=None, closed=None), went=(), clocks=())
    assert "chưa đóng" in text_of(as_pdf(bare))
    assert totals(bare.went) == {"at_risk": 0, "sent_as_documents": 0, "in_time": 0, "backfilled": 0}


def test_what_went_as_a_document_in_time_is_not_late() -> None:
    assert totals(MINUTES.went) == {"at_risk": 3, "sent_as_documents": 2, "in_time": 1, "backfilled": 1}
