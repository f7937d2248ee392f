"""What can stand against a value, by code. Held means: nobody may guess; a person decides.

Families: M1 indicator, M2 breakdown, M3 unit, M4 period, M5 organisation, M6 duplicates, M9 figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    HELD = "held"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Rule:
    """A conflict's severity and its sentence; ``{what}`` names the object."""

    severity: Severity
    vi: str
    en: str


RULES: dict[str, Rule] = {
    "M101": Rule(Severity.HELD, "Chỉ tiêu {what} không có trong gói ánh xạ.", "Indicator {what} is not in the pack."),
    "M102": Rule(
        Severity.HELD,
        "Chỉ tiêu {what} không có hiệu lực trong kỳ này.",
        "Indicator {what} is not valid in this period.",
    ),
    "M103": Rule(
        Severity.HELD,
        "Chỉ tiêu {what} được khai là chưa có mã tương ứng ở nơi nhận.",
        "Indicator {what} is declared to have no counterpart at the receiver.",
    ),
    "M104": Rule(
        Severity.HELD,
        "Chỉ tiêu đích {what} không có trong danh mục đang áp dụng, hoặc khác đơn vị tính.",
        "Target indicator {what} is not in the catalogue in force, or has another unit there.",
    ),
    "M201": Rule(Severity.HELD, "Phân tổ {what} chưa có trong gói ánh xạ.", "Breakdown {what} is not in the pack."),
    "M301": Rule(Severity.HELD, "Đơn vị tính {what} chưa có trong gói.", "Unit {what} is not in the pack."),
    "M302": Rule(
        Severity.HELD,
        "Đơn vị tính {what} khác đại lượng với đơn vị đã khai; không quy đổi được.",
        "Unit {what} measures another quantity than the one declared; nothing can convert it.",
    ),
    "M402": Rule(
        Severity.HELD, "Kỳ {what} không có trong gói ánh xạ.", "Period {what} is not one the pack can carry over."
    ),
    "M501": Rule(Severity.HELD, "Đơn vị {what} không có trong gói ánh xạ.", "Organisation {what} is not in the pack."),
    "M502": Rule(
        Severity.HELD,
        "Đơn vị {what} không có hiệu lực trong kỳ này.",
        "Organisation {what} is not valid in this period.",
    ),
    "M503": Rule(
        Severity.HELD,
        "Đơn vị {what} đã chia tách mà chưa có tỷ trọng.",
        "Organisation {what} was split and its shares are not known.",
    ),
    "M504": Rule(
        Severity.HELD,
        "Kỳ báo cáo vắt qua ngày đơn vị {what} thay đổi.",
        "The period straddles a change of organisation {what}.",
    ),
    "M505": Rule(
        Severity.HELD,
        "Không cộng gộp được {what}: có phần chưa có số liệu.",
        "{what} cannot be added up: a part has no figure.",
    ),
    "M601": Rule(
        Severity.HELD, "{what} có nhiều giá trị khác nhau.", "{what} is given several different values."
    ),
    "M602": Rule(Severity.INFO, "{what} được khai lặp, cùng giá trị.", "{what} is given twice with the same value."),
    "M901": Rule(Severity.HELD, "Giá trị {what} không phải là số.", "Value {what} is not a number."),
    "M902": Rule(
        Severity.HELD,
        "Giá trị {what} không quy đổi được mà không mất độ chính xác.",
        "Value {what} cannot be converted without losing precision.",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Conflict:
    """All rows with one cause. `rows` count from 0, in the order of the submission."""

    code: str
    what: str
    rows: tuple[int, ...]
    proposal: str = ""

    @property
    def rule(self) -> Rule:
        return RULES[self.code]

    def as_json(self) -> dict[str, object]:
        return {
            "code": self.code,
            "severity": self.rule.severity.value,
            "level": "value" if self.rows else "set",
            "object": self.what,
            "rows": list(self.rows),
            "count": len(self.rows),
            "message": self.rule.vi.format(what=self.what),
            "message_en": self.rule.en.format(what=self.what),
            "proposal": self.proposal,
        }
