"""What can stand against a value, by code. Held means: nobody may guess; a person decides.

Families: M1 indicator, M2 breakdown, M3 unit, M4 period, M5 organisation, M6 duplicates, M7 formulas, M8 rules,
M9 figures. The rules an officer writes (kiem_tra) bring codes and sentences of their own: K01, K02, …
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    HELD = "held"
    WARNING = "warning"
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
    "M105": Rule(
        Severity.HELD,
        "Không chỉ tiêu nào của tỉnh dẫn tới {what} trong kỳ này.",
        "No indicator of the province leads to {what} in this period.",
    ),
    "M106": Rule(
        Severity.HELD,
        "{what} có nhiều nguồn; không suy ngược được.",
        "{what} has several sources; it cannot be traced back to one.",
    ),
    "M201": Rule(Severity.HELD, "Phân tổ {what} chưa có trong gói ánh xạ.", "Breakdown {what} is not in the pack."),
    "M202": Rule(
        Severity.HELD,
        "Tổ hợp phân tổ {what} không có ở nơi nhận.",
        "The receiver does not take the breakdown {what}.",
    ),
    "M203": Rule(
        Severity.WARNING,
        "Tổng của các phân tổ không bằng tổng số: {what}.",
        "The parts do not make the total: {what}.",
    ),
    "M301": Rule(Severity.HELD, "Đơn vị tính {what} chưa có trong gói.", "Unit {what} is not in the pack."),
    "M302": Rule(
        Severity.HELD,
        "Đơn vị tính {what} khác đại lượng với đơn vị đã khai; không quy đổi được.",
        "Unit {what} measures another quantity than the one declared; nothing can convert it.",
    ),
    "M303": Rule(
        Severity.INFO,
        "Đơn vị tính {what} khác đơn vị đã khai cho chỉ tiêu; đã quy đổi.",
        "Unit {what} is not the one declared for the indicator; it was converted.",
    ),
    "M304": Rule(
        Severity.WARNING,
        "{what} lệch từ 100 lần so với kỳ trước; xem lại đơn vị tính.",
        "{what} is a hundred times off the period before; look at its unit.",
    ),
    "M402": Rule(
        Severity.HELD, "Kỳ {what} không có trong gói ánh xạ.", "Period {what} is not one the pack can carry over."
    ),
    "M403": Rule(
        Severity.WARNING,
        "Tiêu đề biểu ghi kỳ khác kỳ báo cáo: {what}.",
        "The form's title names another period than the report: {what}.",
    ),
    "M501": Rule(Severity.HELD, "Đơn vị {what} không có trong gói ánh xạ.", "Organisation {what} is not in the pack."),
    "M502": Rule(
        Severity.HELD,
        "Đơn vị {what} không có hiệu lực trong kỳ này.",
        "Organisation {what} is not valid in this period.",
    ),
    "M503": Rule(
        Severity.HELD,
        "Đơn vị {what} đã chia tách mà chưa có tỷ trọng, hoặc chỉ tiêu không chia được theo tỷ trọng.",
        "Organisation {what} was split and its shares are not known, or the indicator cannot be shared out.",
    ),
    "M504": Rule(
        Severity.HELD,
        "Kỳ báo cáo vắt qua ngày đơn vị {what} thay đổi.",
        "The period straddles a change of organisation {what}.",
    ),
    "M505": Rule(
        Severity.HELD,
        "Không gộp được {what}: chỉ tiêu không gộp, hoặc thiếu số liệu của một phần.",
        "{what} cannot be combined: it has no sum, or a part is missing.",
    ),
    "M601": Rule(
        Severity.HELD, "{what} có nhiều giá trị khác nhau.", "{what} is given several different values."
    ),
    "M602": Rule(Severity.INFO, "{what} được khai lặp, cùng giá trị.", "{what} is given twice with the same value."),
    "M701": Rule(
        Severity.WARNING,
        "Không tính được {what}: thiếu số liệu đầu vào.",
        "{what} cannot be computed: an input is missing.",
    ),
    "M702": Rule(Severity.HELD, "Không tính được {what}: chia cho 0.", "{what} cannot be computed: division by 0."),
    "M703": Rule(
        Severity.WARNING,
        "{what} khác số tính theo công thức quá mức cho phép.",
        "{what} differs from what its formula gives by more than is tolerated.",
    ),
    "M801": Rule(
        Severity.WARNING, "Thiếu chỉ tiêu bắt buộc {what}.", "Required indicator {what} is missing."
    ),
    "M803": Rule(
        Severity.INFO,
        "Quy tắc {what} chưa kiểm tra được: thiếu số liệu.",
        "Rule {what} was not evaluated: figures are missing.",
    ),
    "M901": Rule(Severity.HELD, "Giá trị {what} không phải là số.", "Value {what} is not a number."),
    "M902": Rule(
        Severity.HELD,
        "Giá trị {what} không quy đổi được mà không mất độ chính xác.",
        "Value {what} cannot be converted without losing precision.",
    ),
    "M903": Rule(
        Severity.INFO, "Chữ mã cũ đã được chuyển: {what}.", "Text in a legacy encoding was decoded: {what}."
    ),
    "M904": Rule(
        Severity.HELD, "Không rõ bảng mã của {what}.", "The encoding of {what} is not certain."
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Conflict:
    """All rows with one cause. `rows` count from 0, in the order of the submission; none is of the whole report.

    `own` is the rule of a pack's own code.
    """

    code: str
    what: str
    rows: tuple[int, ...] = ()
    proposal: str = ""
    own: Rule | None = None

    @property
    def rule(self) -> Rule:
        return self.own or RULES[self.code]

    @property
    def holds(self) -> bool:
        return self.rule.severity is Severity.HELD

    def as_json(self) -> dict[str, object]:
        return {
            "code": self.code,
            "severity": self.rule.severity.value,
            "level": "value" if self.rows else "set",
            "object": self.what,
            "rows": list(self.rows),
            "count": len(self.rows),
            "message": self.said(self.rule.vi),
            "message_en": self.said(self.rule.en),
            "proposal": self.proposal,
        }

    def said(self, sentence: str) -> str:
        """`sentence` with its object. An officer's own sentence is taken as it stands."""
        return sentence if self.own else sentence.format(what=self.what)
