"""A report near its deadline, and the agreement that lets it go as a document."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from gateway.domain.agreement import Agreement, Classification, FallbackTerms, Party, SignatureDuty, WhenUnaskable
from gateway.domain.catalogue import Catalogue, Item
from gateway.domain.exchange import Exchange, Kind
from gateway.domain.facts import Numbered
from gateway.domain.report import Columns, Report, ReportHead

AT = datetime(2026, 11, 24, 7, 0, 1, 42_000, tzinfo=UTC)
PARENT = Exchange("gt-01", Kind.OUTBOUND, "ktxh-thang", "k1", "0" * 64, "quoc-gia", None)
PACKET = '<?xml version="1.0"?>\r\n<Packet>ghi chú “số liệu” &amp; [#]</Packet>\n'.encode()
TERMS = FallbackTerms(
    "vxp", "G22.01", "Văn phòng Bộ Ví Dụ", timedelta(days=1), timedelta(hours=4), 5, "Điều 11 Quy chế ban hành kèm theo"
)
AGREEMENT = Agreement(
    id="ktxh-thang", partner="quoc-gia", regime="KTXH-THANG", forms=("01/KTXH",), classification=Classification.OPEN,
    sender=Party("H56", "000.00.00.H56", "Ủy ban nhân dân tỉnh Giả Định"),
    receiver=Party("G22", "000.00.00.G22", "Bộ Ví Dụ"), destination="quoc-gia", pack="p", policy="p",
    signature=SignatureDuty.NONE, catalogue="VPCP-CT", media_types=("application/json",), max_bytes=1,
    when_unaskable=WhenUnaskable.PARK, fallback=TERMS,
)  # fmt: skip
CATALOGUE = Catalogue("VPCP-CT", "1", date(2026, 1, 1), (Item("0601", "Tổng sản phẩm trên địa bàn (GRDP)"),))
HEAD = ReportHead("KTXH-THANG", "01/KTXH", "ND09:2025M06", "H56", approver="Trần Thị Mẫu")
NUMBERED = Numbered("128", "BC-UBND", "2026-11-20", "Nguyễn Văn Giả Lập", "Chủ tịch", "văn thư", ())


class Names:
    """Catalogues with one in force."""

    def current(self, name: str) -> Catalogue | None:
        return CATALOGUE if name == CATALOGUE.name else None

    def publish(self, catalogue: Catalogue, exchange: str) -> None:
        raise AssertionError("a scribe publishes nothing")


def report(rows: int = 3, note: str = "", organisations: int = 1, **head: object) -> Report:
    values = ["1050.0005", "", "nil"]
    return Report(
        replace(HEAD, note=note, **head),  # type: ignore[arg-type]
        Columns(
            ["0601"] * rows,
            [str(38 + row % organisations) for row in range(rows)],
            ["tỷ đồng"] * rows,
            [values[row % 3] for row in range(rows)],
            {"SEX": ["F" if row % 2 else "" for row in range(rows)]},
        ),
    )
