"""What is wrong with a pack, found before any data is: the rules of the language, sheet by sheet.

A tie of two rows, an overlap of validities, units of two quantities, a share that does not add up, a formula in a
circle: each names its rows. A gap between validities only warns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from itertools import combinations

from gateway.domain.calendar import REGIMES, PeriodKind
from gateway.mapping import organisations, periods
from gateway.mapping.expression import Reference
from gateway.mapping.formulas import Formula, Rule, allowed, decimal_of, formulas_of, ordered, rules_of
from gateway.mapping.sheets import Line
from gateway.mapping.units import Units

RELATIONS = ("tuong_duong", "rong_hon", "hep_hon", "lien_quan", "khong_co")
WEIGHTED = "bq_gia_quyen:"
_COLLAPSES = ("", "cong", "cuoi", "ty_so", "khong_gop")
FIELDS = {
    "che_do": "regime", "bieu": "form", "don_vi": "reporter", "nguoi_duyet": "approver", "ghi_chu": "note",
}  # fmt: skip


@dataclass(slots=True)
class Compiled:
    formulas: tuple[Formula, ...] = ()
    rules: tuple[Rule, ...] = ()
    faults: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def compiled(lines: Mapping[str, list[Line]], units: Units) -> Compiled:
    """The formulas and rules of a pack, and everything wrong with all of it."""
    done = Compiled()
    formulas = list(formulas_of(lines["cong_thuc"], units, done.faults))
    done.formulas = tuple(ordered(formulas, done.faults))
    done.rules = tuple(rules_of(lines["kiem_tra"], done.faults))
    done.faults += [*_indicators(lines["chi_tieu"], units), *_meetings(lines["chi_tieu"])]
    done.faults += [*_twice(lines), *organisations.faults(lines["to_chuc"]), *_constants(lines["hang_so"])]
    done.faults += [*_periods(lines["ky"]), *_asked(done, lines["chi_tieu"])]
    done.warnings += [*_gaps(lines["chi_tieu"], ("nguon", "phan_to")), *_gaps(lines["to_chuc"], ("nguon",))]
    return done


def conditions(line: Line) -> dict[str, str]:
    """``nguon_von=NSNN;khu_vuc=*`` of a row, as dimension → value; ``*`` is any value but the total."""
    return _conditions(line["phan_to"])


@lru_cache(maxsize=65_536)
def _conditions(text: str) -> dict[str, str]:
    parts = (part.partition("=") for part in text.split(";") if part.strip())
    return {name.strip(): value.strip() for name, _, value in parts}


def specificity(line: Line) -> tuple[int, int]:
    """How many values a row names, then how many whole dimensions: the greater one wins."""
    said = conditions(line).values()
    return sum(value != "*" for value in said), sum(value == "*" for value in said)


def _indicators(lines: list[Line], units: Units) -> Iterator[str]:
    for line in lines:
        yield from _one_indicator(line, units)
    codes: dict[str, list[Line]] = {}
    for line in lines:
        codes.setdefault(line["nguon"], []).append(line)
    for code, same in codes.items():
        for one, other in combinations(same, 2):
            if one.meets(other) and _could_tie(one, other):
                yield (
                    f"{one.place} và / and {other.place}: cùng được chọn cho / both could be chosen for “{code}”; "
                    "hãy nêu cụ thể hơn ở một dòng / make one more specific"
                )


def _one_indicator(line: Line, units: Units) -> Iterator[str]:
    if line["quan_he"] not in RELATIONS:
        yield allowed(line, "quan_he", RELATIONS)
    if line["gop"] not in _COLLAPSES and not line["gop"].startswith(WEIGHTED):
        yield allowed(line, "gop", (*filter(None, _COLLAPSES), f"{WEIGHTED}…"))
    if any(not name or not value for name, value in conditions(line).items()):
        yield f"{line.place} phan_to: “{line['phan_to']}”; chieu=gia_tri;…"
    if line["quan_he"] == "khong_co":
        return
    if line["quan_he"] in RELATIONS[1:4] and not line["ghi_chu"]:
        yield f"{line.place} ghi_chu: quan_he {line['quan_he']} phải được giải thích / must be explained"
    if not line["dich"]:
        yield f"{line.place} dich: trống / dich is empty; where there is no counterpart say quan_he = khong_co"
    tolerance = decimal_of(line["dung_sai"] or "0")
    if tolerance is None or tolerance < 0:
        yield f"{line.place} dung_sai: “{line['dung_sai']}”"
    yield from _units_of(line, units)


def _units_of(line: Line, units: Units) -> Iterator[str]:
    named = [(column, units.named(line[column])) for column in ("dvt_nguon", "dvt_dich")]
    missing = [column for column, unit in named if unit is None]
    if missing:
        yield f"{line.place} {', '.join(missing)}: unit not in don_vi_tinh / chưa có trong don_vi_tinh"
    elif len({unit.quantity for _, unit in named if unit}) > 1:
        yield (
            f"{line.place} dvt_dich: {line['dvt_nguon']} và / and {line['dvt_dich']} khác đại lượng / "
            "measure different quantities"
        )


def _could_tie(one: Line, other: Line) -> bool:
    """Two rows of equal specificity that some value could satisfy both."""
    if specificity(one) != specificity(other):
        return False
    mine, theirs = conditions(one), conditions(other)
    return all("*" in (value, theirs[name]) or theirs[name] == value for name, value in mine.items() if name in theirs)


def _meetings(lines: list[Line]) -> Iterator[str]:
    """Two sources of one target may only meet where every row says how they combine."""
    targets: dict[str, list[Line]] = {}
    for line in lines:
        if line["dich"]:
            targets.setdefault(line["dich"], []).append(line)
    for target, same in targets.items():
        silent = [line for line in same if line["gop"] in ("", "khong_gop")]
        pairs = ((a, b) for a in silent for b in same if a["nguon"] != b["nguon"] and a.meets(b))
        pair = next(pairs, None)
        if pair:
            yield (
                f"{pair[0].place} và / and {pair[1].place} gop: “{target}” có nhiều nguồn / has several sources; "
                "nêu gop ở mọi dòng / say gop on every one of its rows"
            )
        ways = {line["gop"] for line in same} - {"", "khong_gop"}
        if len(ways) > 1:
            yield f"{same[0].place} gop: “{target}” gộp theo nhiều cách / combines in several ways: {sorted(ways)}"


def _twice(lines: Mapping[str, list[Line]]) -> Iterator[str]:
    keys = {
        "to_chuc": ("nguon", "dich"),
        "phan_to": ("chieu", "nguon"),
        "hang_so": ("truong",),
        "cong_thuc": ("dich",),
        "kiem_tra": ("ma",),
        "ky": ("che_do", "loai"),
        "loai_tru": ("chi_tieu", "phan_to"),
    }
    for sheet, columns in keys.items():
        found: dict[tuple[str, ...], list[Line]] = {}
        for line in lines[sheet]:
            found.setdefault(tuple(line[column] for column in columns), []).append(line)
        for same in found.values():
            for one, other in combinations(same, 2):
                if one.meets(other):
                    yield f"{one.place} và / and {other.place}: trùng trong một ngày / the same row twice on one day"


def _gaps(lines: list[Line], columns: tuple[str, ...]) -> Iterator[str]:
    """Days between two validities of one key on which nothing is said."""
    found: dict[tuple[str, ...], list[Line]] = {}
    for line in lines:
        found.setdefault(tuple(line[column] for column in columns), []).append(line)
    for same in found.values():
        ordered = sorted(same, key=lambda line: (line.valid_from is not None, line.valid_from or 0))
        covered = ordered[0].valid_to
        for line in ordered[1:]:
            if covered and line.valid_from and line.valid_from > covered + timedelta(days=1):
                gap = f"{covered + timedelta(days=1)} – {line.valid_from - timedelta(days=1)}"
                yield f"{line.place} tu_ngay: khoảng trống hiệu lực / a gap between validities: {gap}"
            covered = None if covered is None or line.valid_to is None else max(covered, line.valid_to)


def _constants(lines: list[Line]) -> Iterator[str]:
    for line in lines:
        if line["truong"] not in FIELDS:
            yield allowed(line, "truong", tuple(FIELDS))


def _periods(lines: list[Line]) -> Iterator[str]:
    kinds = [kind.value for kind in PeriodKind]
    for line in lines:
        if line["che_do"] not in REGIMES:
            yield allowed(line, "che_do", REGIMES)
        elif line["loai"] not in kinds:
            yield allowed(line, "loai", tuple(kinds))
        else:
            yield from periods.faults(line)


def _asked(done: Compiled, lines: list[Line]) -> Iterator[str]:
    """Formulas and rules only name what can be there; weights too."""
    targets = {line["dich"] for line in lines} | {formula.code for formula in done.formulas}
    asking: list[tuple[Line, tuple[Reference, ...]]] = [(one.line, one.expression.references) for one in done.formulas]
    asking += [(one.line, one.expression.references) for one in done.rules]
    for line, references in asking:
        for reference in references:
            if reference.code not in targets:
                yield f"{line.place} bieu_thuc: [{reference.code}] không chỉ tiêu nào cho ra / nothing leads to it"
    sources = {line["nguon"] for line in lines}
    for line in lines:
        weight = line["gop"].removeprefix(WEIGHTED)
        if weight != line["gop"] and weight not in sources:
            yield f"{line.place} gop: quyền số / weight “{weight}” không có trong / is not in chi_tieu"
        if line["gop"] == "ty_so" and line["dich"] not in {formula.code for formula in done.formulas}:
            yield f"{line.place} gop: ty_so cần một dòng / needs a row cong_thuc dich = {line['dich']}"
