"""Examples (ví dụ) are part of a pack: rows in, results or conflicts out. No approval while one fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.domain.calendar import period
from gateway.domain.errors import Rejected
from gateway.domain.report import Columns, Report, ReportHead
from gateway.mapping.compiling import conditions
from gateway.mapping.pack import Pack
from gateway.mapping.periods import code_in
from gateway.mapping.run import Mapped, run
from gateway.mapping.sheets import Line

Result = tuple[str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Tried:
    """One example by name; `fault` is empty where it comes out as told."""

    name: str
    place: str
    fault: str

    @property
    def passed(self) -> bool:
        return not self.fault


def tried(pack: Pack) -> list[Tried]:
    """Every example of the pack, run through it. Rows of one name are one report; a row without chi_tieu only tells
    of one more result."""
    named: dict[str, list[Line]] = {}
    for line in pack.lines["vi_du"]:
        named.setdefault(line["ten"], []).append(line)
    return [Tried(name, lines[0].place, _fault(pack, lines)) for name, lines in named.items()]


def _fault(pack: Pack, lines: list[Line]) -> str:
    name = lines[0]["ky"].replace(" ", ":", 1)
    if any(line["ky"] != lines[0]["ky"] for line in lines):
        return "ky: một ví dụ, một kỳ / one example, one period"
    try:
        covers = period(name)
    except Rejected as refused:
        return refused.problem.title.vi
    mapped = run(pack, _report(name, [line for line in lines if line["chi_tieu"]]), None)
    wanted = {_wanted(line) for line in lines if line["dich"]}
    codes = {code.strip() for line in lines for code in line["ma_loi"].split(";") if code.strip()}
    got, found = set(_results(mapped)), {one.code for one in mapped.conflicts if one.holds}
    faults = [f"thiếu / missing: {' '.join(one)}" for one in sorted(wanted - got)]
    faults += [f"thừa / unexpected: {' '.join(one)}" for one in sorted(got - wanted)]
    faults += [f"mã lỗi / codes: {', '.join(sorted(found)) or '–'}"] if found != codes else []
    told = {line["ky_dich"] for line in lines if line["ky_dich"]}
    carried = next((line for line in pack.lines["ky"] if _carries(line, covers.regime, covers.kind.value)), None)
    if told and (carried is None or told != {code_in(carried["ma_dich"], covers)}):
        faults.append(f"ky_dich: {code_in(carried['ma_dich'], covers) if carried else '–'}")
    return "; ".join(faults)


def _carries(line: Line, regime: str, kind: str) -> bool:
    return (line["che_do"], line["loai"]) == (regime, kind)


def _report(name: str, lines: list[Line]) -> Report:
    dimensions = sorted({dimension for line in lines for dimension in conditions(line)})
    columns = Columns(
        indicator=[line["chi_tieu"] for line in lines],
        organisation=[line["to_chuc"] for line in lines],
        unit=[line["dvt"] for line in lines],
        value=[line["gia_tri"] for line in lines],
        breakdown={name: [conditions(line).get(name, "") for line in lines] for name in dimensions},
    )
    return Report(ReportHead("VI-DU", "VI-DU", name, "VI-DU"), columns)


def _wanted(line: Line) -> Result:
    broken = ";".join(sorted(part.strip() for part in line["phan_to_dich"].split(";") if part.strip()))
    return line["dich"], line["to_chuc_dich"], line["dvt_dich"], line["gia_tri_dich"], broken


def _results(mapped: Mapped) -> Iterator[Result]:
    c = mapped.columns
    for n in range(len(c)):
        broken = ";".join(f"{name}={column[n]}" for name, column in sorted(c.breakdown.items()) if column[n])
        yield c.indicator[n], c.organisation[n], c.unit[n], c.value[n], broken
