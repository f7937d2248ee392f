"""What no schema can say of a packet: each constraint by name, in both languages, with the place it was broken at.

The table is printed in docs/packets.md; every row has an example that it refuses in the tests.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from gateway.domain.errors import Problem, Rejected, problem
from gateway.domain.problems import Text
from gateway.safexml import Element
from gateway.schemas.national.wire import wire

_MOST = 50


@dataclass(frozen=True, slots=True)
class Breach:
    """A constraint broken at `path` below the body's element (ElementPath, empty for the element itself)."""

    constraint: str
    path: str
    found: str


def refuse(breaches: Iterable[Breach], name: str, body: Element | None = None) -> None:
    """Raises `Rejected` (C-022) with the first fifty; lines are told where the packet was read from bytes."""
    told = [_told(breach, name, body) for breach in islice(breaches, _MOST)]
    if told:
        raise Rejected(*told)


def repeated(constraint: str, keys: Sequence[Hashable], path: str) -> Iterator[Breach]:
    """Every key that stood before; ``{}`` in `path` is its place, counted from 1."""
    seen: set[Hashable] = set()
    for number, key in enumerate(keys, start=1):
        if key in seen:
            yield Breach(constraint, path.format(number), str(key))
        seen.add(key)


def circular(parents: Mapping[str, Iterable[str]]) -> set[str]:
    """The codes that reach themselves by what they refer to, however long the way; linear in the references."""
    open_ = dict.fromkeys(parents, 0)
    users: dict[str, list[str]] = {}
    for code, referred in parents.items():
        for other in set(referred) & parents.keys():
            open_[code] += 1
            users.setdefault(other, []).append(code)
    waiting = [code for code, count in open_.items() if not count]
    while waiting:
        for user in users.get(waiting.pop(), ()):
            open_[user] -= 1
            if not open_[user]:
                waiting.append(user)
    return {code for code, count in open_.items() if count}


def _told(breach: Breach, name: str, body: Element | None) -> Problem:
    said = CONSTRAINTS[breach.constraint]
    return problem(
        "C-022",
        constraint=breach.constraint,
        path=f"/Packet/Body/{name}" + (f"/{breach.path}" if breach.path else ""),
        line=_line(breach.path, body),
        what_vi=said.vi,
        what_en=said.en,
        found=breach.found,
    )


def _line(path: str, body: Element | None) -> str:
    if body is None:
        return "-"
    steps = [step for step in path.split("/") if step and not step.startswith("@")]
    namespace = wire().namespace
    at = body.find("/".join(f"{{{namespace}}}{step}" for step in steps)) if steps else body
    return str((body if at is None else at).sourceline)


CONSTRAINTS: Mapping[str, Text] = {
    "validity": Text("ngày hết hiệu lực không trước ngày có hiệu lực", "validity ends no sooner than it begins"),
    # 1  regime
    "regime-cycles": Text(
        "chế độ định kỳ có ít nhất một kỳ; chuyên đề và đột xuất không có kỳ nào",
        "a periodic regime has at least one cycle, the others have none",
    ),
    "regime-cycle-calendar": Text("kỳ có trong chế độ lịch của chế độ báo cáo", "each cycle is one of the calendar"),
    "regime-cycle-once": Text("mỗi kỳ chỉ nêu một lần", "a cycle is named once"),
    "regime-send-time-cycle": Text("thời hạn gửi thuộc một kỳ của chế độ", "a send time belongs to a cycle named"),
    "regime-send-time-present": Text("mỗi kỳ có thời hạn gửi", "each cycle has a send time"),
    "regime-send-time-once": Text("một kỳ, một cấp: một thời hạn", "one send time for a cycle and a stage"),
    "regime-send-time-order": Text(
        "thời hạn của cấp sau không sớm hơn cấp trước", "a later stage is due no sooner than the one before"
    ),
    "regime-form-once": Text("mỗi biểu chỉ nêu một lần", "a form is named once"),
    "regime-forms-content": Text(
        "biểu hợp với nội dung: số liệu cần biểu số liệu, lời văn cần đề cương, không hơn không kém",
        "forms fit the content: data needs a form, words need an outline, and neither comes unasked",
    ),
    # 3  outline
    "outline-section-once": Text("mã mục không lặp", "a section code stands once"),
    "outline-number-once": Text("số thứ tự không lặp trong một mục cha", "a number stands once below one parent"),
    "outline-parent-before": Text("mục cha đứng trước mục con", "a parent stands before its sections"),
    "outline-depth": Text("đề cương sâu nhất sáu cấp", "an outline is six levels deep at most"),
    "outline-words": Text("có ít nhất một mục để viết", "at least one section takes words"),
    "outline-required-words": Text("mục bắt buộc phải viết được", "a required section takes words"),
    "outline-indicator-once": Text("mỗi chỉ tiêu dẫn một lần trong mục", "an indicator is quoted once in a section"),
    # 5  list report
    "list-column-once": Text("mã cột không lặp", "a column code stands once"),
    "list-key-required": Text("cột khoá là cột bắt buộc", "a key column is required"),
    "list-count": Text("số dòng đúng với @count", "@count is the number of rows"),
    "list-nil": Text("không có dòng nào khi và chỉ khi không phát sinh (@nil)", "no rows if and only if @nil"),
    "list-number": Text("số thứ tự dòng liên tục từ 1", "rows are numbered from 1 without a gap"),
    "list-cell-column": Text("ô thuộc một cột đã khai", "a cell belongs to a declared column"),
    "list-cell-once": Text("một dòng, một cột: một ô", "one cell for a row and a column"),
    "list-cell-required": Text("cột bắt buộc không để trống", "a required column is not empty"),
    "list-cell-type": Text("ô đúng kiểu của cột", "a cell is of its column's type"),
    "list-key-once": Text("khoá của dòng không lặp", "the key of a row stands once"),
    # 6  narrative
    "narrative-section-once": Text("mỗi mục viết một lần", "a section is written once"),
    "narrative-something": Text("có lời văn hoặc bản báo cáo đã ký", "there are words or a signed report"),
    "narrative-signed-once": Text("nhiều nhất một bản báo cáo đã ký", "at most one signed report"),
    "narrative-attachment-once": Text("tên tệp không lặp, dù khác hoa thường", "a file name stands once in any case"),
    "narrative-attachment-type": Text("đuôi tệp hợp với loại nội dung", "the file's ending fits its media type"),
    "narrative-attachment-form": Text(
        "tệp biểu số liệu nêu mã biểu, tệp khác không nêu", "a form's file names its form, no other does"
    ),
    "narrative-size": Text("tổng dung lượng tệp trong giới hạn", "the files together keep to the limit"),
    # 10  KPI set
    "kpi-group-once": Text("mỗi nhóm nêu một lần", "a group is named once"),
    "kpi-once": Text("mã chỉ số không lặp", "a KPI code stands once"),
    "kpi-group-known": Text("chỉ số thuộc một nhóm của bộ", "a KPI belongs to a group of the set"),
    "kpi-group-used": Text("nhóm có ít nhất một chỉ số", "a group has at least one KPI"),
    "kpi-weights-all": Text("mọi nhóm và chỉ số có trọng số, hoặc không có gì", "all weigh something or none does"),
    "kpi-group-weights": Text("trọng số các nhóm cộng bằng 100", "weights of the groups add up to 100"),
    "kpi-weights": Text("trọng số trong một nhóm cộng bằng 100", "weights within a group add up to 100"),
    "kpi-scale": Text("mức thấp nhất nhỏ hơn mức cao nhất", "the lowest is below the highest"),
    "kpi-target": Text("chỉ tiêu phấn đấu nằm trong thang", "the target lies on the scale"),
    "kpi-dimension-once": Text("mỗi phân tổ nêu một lần", "a dimension is named once"),
    "kpi-formula-known": Text("công thức chỉ dẫn mã trong bộ", "a formula refers to codes of the set"),
    "kpi-formula-cycle": Text("công thức không dẫn về chính nó", "no formula leads back to itself"),
    # 11, 12  catalogues of groups and disaggregations
    "catalogue-fields": Text("mục chỉ mang trường của loại danh mục", "an item has the fields of its catalogue only"),
    "catalogue-parent": Text("mục cha có hiệu lực suốt kỳ của mục con", "a parent is valid while its items are"),
    "catalogue-cycle": Text("mục không là cha của chính nó", "no item is its own ancestor"),
    "catalogue-order": Text("thứ tự không lặp trong một mục cha", "an order stands once below one parent"),
    "disaggregation-code": Text("mã là CHIỀU hoặc CHIỀU=giá trị", "a code is DIMENSION or DIMENSION=value"),
    "disaggregation-parent": Text(
        "giá trị đứng dưới chiều của nó, chiều không đứng dưới gì",
        "a value stands below its dimension, which has no parent",
    ),
    "disaggregation-values": Text("chiều có ít nhất một giá trị", "a dimension has at least one value"),
    "disaggregation-total": Text("chiều có nhiều nhất một giá trị tổng", "a dimension has at most one total"),
    # 13  KPI values
    "values-count": Text("số giá trị đúng với @count", "@count is the number of values"),
    "value-or-state": Text("có số hoặc @state, đúng một", "a figure or @state, exactly one"),
    "value-once": Text("chỉ số, đơn vị, phân tổ: một giá trị", "one value for a KPI, an organisation and a breakdown"),
    "breakdown-order": Text("chiều của phân tổ xếp theo tên, không lặp", "dimensions are sorted and stand once"),
    "points-figure": Text("điểm chỉ cho giá trị có số", "points are given to figures only"),
    "points-total": Text("điểm chỉ cho giá trị không phân tổ", "points are given to totals only"),
    "score-once": Text("mỗi đơn vị một tổng điểm", "an organisation has one score"),
    "score-sum": Text("tổng điểm bằng đúng tổng các điểm của đơn vị", "a score is exactly the sum of its points"),
    # one packet against another
    "answers-what": Text("báo cáo trả lời đúng mẫu và phiên bản đã nêu", "a report answers what it names"),
    "answers-validity": Text("mẫu có hiệu lực vào ngày cuối kỳ", "the form is in force on the period's last day"),
    "answers-section": Text("mục có trong đề cương, lời văn không quá dài", "a section is the outline's and no longer"),
    "answers-quoted": Text(
        "mục dẫn chỉ tiêu thì lời văn nêu số của chỉ tiêu trong báo cáo",
        "a section that quotes an indicator states its figure in the report",
    ),
    "answers-required": Text("mục, chỉ số bắt buộc đều có", "what is required is there"),
    "answers-attachments": Text("số tệp không quá mức của đề cương", "no more files than the outline takes"),
    "answers-kpi": Text("chỉ số có trong bộ", "a KPI is one of the set"),
    "answers-dimension": Text("phân tổ đúng chỉ số và danh mục", "a dimension is the KPI's and the catalogue's"),
    "answers-points": Text("điểm không quá trọng số trong bộ", "points are no more than the KPI weighs in the set"),
    "answers-group": Text("nhóm có trong danh mục nhóm", "a group is one of the catalogue"),
}  # fmt: skip
