"""The packets of the tests: one of each of the eight that announce outlines, lists and KPIs, and how to spoil one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from hashlib import sha256

from lxml import etree

from gateway.domain.calendar import PeriodKind
from gateway.domain.catalogue import Catalogue, Item
from gateway.domain.kpi import GroupWeight, Kpi, KpiReport, KpiSet, KpiValue, Score
from gateway.domain.listing import ListColumn, ListReport
from gateway.domain.outline import Attachment, Narrative, Outline, Section, Words
from gateway.domain.regime import FormUse, Regime, RegimeKind, SendTime
from gateway.domain.report import ReportHead
from gateway.ports import Header
from gateway.schemas.national import packet
from gateway.schemas.national.model import Content, Packet

AT = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
DAY = date(2026, 1, 1)
HEAD = ReportHead("KTXH-THANG", "DC-01", "ND09:2025M06", "H56", 1, "Chủ tịch", "Kèm phụ lục")
PDF = "application/pdf"

REGIME = Regime(
    code="KTXH", version="1", valid_from=DAY, valid_to=date(2027, 12, 31), name="Báo cáo kinh tế - xã hội",
    legal_basis="QĐ 293/QĐ-TTg", kind=RegimeKind.PERIODIC, content="both", calendar="ND09", subjects="UBND cấp tỉnh",
    recipient="Văn phòng Chính phủ", means="Hệ thống thông tin báo cáo",
    cycles=(PeriodKind.MONTH, PeriodKind.QUARTER),
    send_times=(
        SendTime(PeriodKind.MONTH, "don-vi", 18),
        SendTime(PeriodKind.MONTH, "tinh", 20, inclusive=False, before="16:30"),
        SendTime(PeriodKind.QUARTER, "tinh", 20),
    ),
    forms=(FormUse("01/KTXH", "data", True), FormUse("DC-01", "narrative", True), FormUse("DS-02", "list", False)),
)  # fmt: skip
OUTLINE = Outline(
    "DC-01", "2026", DAY, "Đề cương báo cáo tháng", "Thông tư 01", "UBND cấp tỉnh", "trước ngày 20", "Chủ tịch",
    (
        Section("I", "I", "Tình hình kinh tế", required=False),
        Section("I.1", "1", "Thu ngân sách", "I", "Nêu & so sánh <cùng kỳ>", True, 2000, ("0601", "0602")),
        Section("I.2", "2", "Chi ngân sách", "I", longest=500),
    ),
    attachments=3, valid_to=date(2027, 12, 31),
)  # fmt: skip
LIST = ListReport(
    HEAD,
    (
        ListColumn("MA", "text", "Mã dự án", required=True, key=True),
        ListColumn("VON", "decimal", "Vốn"),
        ListColumn("SO", "integer", "Số hộ"),
        ListColumn("NGAY", "date", "Ngày khởi công"),
    ),
    (("DA-1", "1050.0005", "12", "2025-06-01"), ("DA-2 <mới>", "", "-3", "")),
)
NARRATIVE = Narrative(
    HEAD,
    "2026",
    (Words("I.1", "Thu đạt 1.050 tỷ đồng & tăng <5%>"), Words("I.2", "Chi đạt dự toán")),
    (
        Attachment("Báo cáo tháng 6.pdf", PDF, 1024, "a" * 64, "narrative"),
        Attachment("Biểu 01.PDF", PDF, 2048, "b" * 64, "form", "01/KTXH"),
        Attachment("ảnh.jpg", "image/jpeg", 10, "c" * 64, "annex"),
    ),
)
KPIS = KpiSet(
    "PAR", "2026", DAY, "Chỉ số cải cách hành chính", "QĐ 1149/QĐ-BNV",
    (GroupWeight("TC", "40.5"), GroupWeight("TT", "59.5")),
    (
        Kpi("TC1", "Tỷ lệ đúng hạn", "TC", "phan_tram", "higher", "100", "0", "100", "98.5", required=True, dimensions=("CAP",)),
        Kpi("TT1", "Hồ sơ trễ", "TT", "ho_so", "lower", "30", "-5.5", "10", formula="[TC1] / 2 + [TT2]"),
        Kpi("TT2", "Mức hài lòng", "TT", "diem", "neutral", "70"),
    ),
    valid_to=date(2026, 12, 31),
)  # fmt: skip
GROUPS = Catalogue(
    "VPCP-NHOM", "2026.1", DAY,
    (
        Item("TC", "Thể chế", attributes={"order": "1"}),
        Item("TT", "Thủ tục", attributes={"order": "2"}, valid_from=DAY),
        Item("TT.1", "Một cửa", "TT", valid_from=DAY, attributes={"order": "1"}),
        Item("TT.2", "Trực tuyến", "TT", valid_from=DAY, valid_to=date(2026, 12, 31), attributes={"order": "2"}),
    ),
)  # fmt: skip
DISAGGREGATIONS = Catalogue(
    "VPCP-PHANTO", "2026.1", DAY,
    (
        Item("SEX", "Giới tính"),
        Item("SEX=_T", "Tổng", "SEX", attributes={"total": "true"}),
        Item("SEX=F", "Nữ", "SEX=_T"),
        Item("SEX=M", "Nam", "SEX=_T"),
        Item("CAP", "Cấp"),
        Item("CAP=X", "Xã", "CAP"),
    ),
)  # fmt: skip
VALUES = KpiReport(
    HEAD,
    "2026",
    (
        KpiValue("TC1", "H56", "98.75", points="40.25", evidence="128/BC-UBND"),
        KpiValue("TC1", "H56", "99", "CAP=X;SEX=F"),
        KpiValue("TT1", "H56", "-3", points="9.5"),
        KpiValue("TT2", "H56", "…"),
        KpiValue("TT2", "H57", "x"),
    ),
    (Score("H56", "49.75"),),
)
ALL: dict[str, Content] = {
    "regime": REGIME, "outline": OUTLINE, "list-report": LIST, "narrative": NARRATIVE, "kpi-set": KPIS,
    "kpi-groups": GROUPS, "kpi-disaggregations": DISAGGREGATIONS, "kpi-report": VALUES,
}  # fmt: skip


def of(name: str, content: Content) -> Packet:
    """The content as a packet of that name."""
    return Packet(Header("gd-1", name, AT, "H56", "000.00.00.H56", "G22", "000.00.00.G22"), content)


def spoiled(name: str, before: str, after: str) -> bytes:
    """The packet of that name with one thing altered, and its digest made right again."""
    text = packet.written(of(name, ALL[name])).decode()
    assert before in text, f"{before} is not in the packet"
    altered = text.replace(before, after, 1)
    root = etree.fromstring(altered.encode())
    digest = sha256(etree.tostring(root[1], method="c14n", exclusive=True)).hexdigest()
    return altered.replace(root.findtext(".//{*}BodyDigest") or "", digest, 1).encode()
