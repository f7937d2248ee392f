"""The figures of a report as a table for people: every value, or where there are too many, a summary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.domain.catalogue import Catalogue
from gateway.domain.report import Report

MOST_ROWS = 5_000  # about 150 pages; a clerk signs no more

_STATES = {"": "…", "not_available": "…", "nil": "–", "confidential": "(*)"}
_LEGEND = (
    "Số liệu ghi đúng như đã gửi; dấu chấm là dấu thập phân. “…”: chưa có số liệu; “–”: không phát sinh; "
    "“(*)”: không công bố. Ký tự không in được thay bằng “□”; nguyên văn trong report.json."
)


class Figures:
    """A report's columns, ready to be set."""

    def __init__(self, report: Report, catalogue: Catalogue | None) -> None:
        self._columns = report.columns
        self._names = {item.code: item.name for item in catalogue.items} if catalogue else {}
        self.count = len(report.columns)
        self.organisations = len(set(report.columns.organisation))

    def table(self) -> Mapping[str, Any]:
        """The parts of the annex that are the table: paragraphs, headings, widths, right, rows, legend."""
        return self._every() if self.count <= MOST_ROWS else self._summary()

    def _every(self) -> Mapping[str, Any]:
        return {
            "paragraphs": [f"Tổng số: {self.count} giá trị."],
            "headings": ["STT", "Chỉ tiêu", "Đơn vị, địa bàn", "Phân tổ", "Đơn vị tính", "Giá trị"],
            "widths": [0, 5, 2, 2, 2, 3],
            "right": [0, 5],
            "rows": [self._row(number) for number in range(self.count)],
            "legend": [_LEGEND],
        }

    def _row(self, row: int) -> list[str]:
        c = self._columns
        code, value = c.indicator[row], c.value[row]
        name = self._names.get(code, "")
        return [
            str(row + 1),
            f"{code} {name}".strip(),
            c.organisation[row],
            "; ".join(f"{name}={column[row]}" for name, column in sorted(c.breakdown.items()) if column[row]),
            c.unit[row],
            _STATES.get(value.strip(), value),
        ]

    def _summary(self) -> Mapping[str, Any]:
        told = (
            f"Báo cáo có {self.count} giá trị, quá {MOST_ROWS} dòng nên không in từng giá trị. Bảng dưới đây tổng hợp "
            "theo đơn vị, địa bàn; toàn bộ số liệu nằm trong gói dữ liệu máy đọc nhúng trong tệp này (report.json, "
            "packet.xml) và là một phần của Phụ lục theo mã băm ghi ở cuối."
        )
        return {
            "paragraphs": [told],
            "headings": ["STT", "Đơn vị, địa bàn", "Số chỉ tiêu", "Số giá trị", "Chưa có số liệu"],
            "widths": [0, 4, 2, 2, 2],
            "right": [0, 2, 3, 4],
            "rows": self._by_organisation(),
            "legend": [f"Tổng số: {self.count} giá trị, {self.organisations} đơn vị, địa bàn."],
        }

    def _by_organisation(self) -> list[list[str]]:
        c = self._columns
        indicators: dict[str, set[str]] = {}
        values: dict[str, int] = {}
        empty: dict[str, int] = {}
        for code, organisation, value in zip(c.indicator, c.organisation, c.value, strict=True):
            indicators.setdefault(organisation, set()).add(code)
            values[organisation] = values.get(organisation, 0) + 1
            empty[organisation] = empty.get(organisation, 0) + (_STATES.get(value.strip()) == "…")
        rows = ([name, str(len(indicators[name])), str(values[name]), str(empty[name])] for name in sorted(values))
        return [[str(number), *row] for number, row in enumerate(rows, start=1)]
