"""Explain a sent value: back to the cells it came from, the rows of the pack, the factors and the legal basis."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gateway.domain.calendar import period
from gateway.domain.catalogue import Catalogue
from gateway.domain.errors import NotFound, problem
from gateway.domain.report import Columns, Report
from gateway.mapping.pack import Pack
from gateway.mapping.periods import code_in
from gateway.mapping.resolve import Resolver, Ruling
from gateway.mapping.run import Mapped, run
from gateway.mapping.sheets import Line


def explained(
    pack: Pack,
    report: Report,
    catalogue: Catalogue | None,
    indicator: str,
    organisation: str = "",
    *,
    previous: Columns | None = None,
) -> list[dict[str, Any]]:
    """Every value of a target indicator in what `report` becomes; `previous` as for `run`.

    Raises `NotFound` (F-006) where there is none.
    """
    mapped = run(pack, report, catalogue, previous)
    resolver = Resolver(pack, period(report.head.period), catalogue)
    chosen = [
        n
        for n, code in enumerate(mapped.columns.indicator)
        if code == indicator and organisation in ("", mapped.columns.organisation[n])
    ]
    if not chosen:
        raise NotFound(problem("F-006", name=f"{indicator} {organisation}".strip()))
    return [_one(pack, report, resolver, mapped, number) for number in chosen]


def sentence(value: dict[str, Any]) -> str:
    """One explanation as people read it: ``0601, 79 = 1050.0005 ty_dong ← 100000 [74] × 0.001 + …; to_chuc:2``."""
    parts = [
        f"{one['value']} {one['unit']} [{one['organisation']}] × {one['factor']}"
        + (f" × {one['share']}" if one["share"] != "1" else "")
        + (f" ({one['source']})" if one["source"] else "")
        for one in value["from"]
    ]
    formula = f" = {value['formula']}" if value["formula"] else ""
    rules = sorted({rule["row"] for one in value["from"] for rule in one["rules"]} | {r["row"] for r in value["rules"]})
    bases = sorted({rule["legal_basis"] for one in value["from"] for rule in one["rules"] if rule["legal_basis"]})
    told = f"{value['indicator']}, {value['organisation']} = {value['value']} {value['unit']}{formula}"
    return f"{told} ← {' + '.join(parts)}; {', '.join(rules)}" + (f"; {'; '.join(bases)}" if bases else "")


def _one(pack: Pack, report: Report, resolver: Resolver, mapped: Mapped, number: int) -> dict[str, Any]:
    columns = mapped.columns
    code = columns.indicator[number]
    computed = number in mapped.derived
    formulas = [formula for formula in pack.formulas if formula.code == code and formula.line.valid_on(resolver.day)]
    carried = resolver.period_line
    return {
        "indicator": code,
        "organisation": columns.organisation[number],
        "period": report.head.period,
        "period_code": code_in(carried["ma_dich"], resolver.covers) if carried else "",
        "value": columns.value[number],
        "unit": columns.unit[number],
        "breakdown": {name: column[number] for name, column in columns.breakdown.items() if column[number]},
        "formula": formulas[0].expression.text if computed and formulas else "",
        "rules": [_rule(formula.line) for formula in formulas] if computed else [],
        "from": list(_sources(pack, report, resolver, columns.organisation[number], mapped.rows[number].to_list())),
    }


def _sources(
    pack: Pack, report: Report, resolver: Resolver, organisation: str, rows: list[int]
) -> Iterator[dict[str, Any]]:
    columns = report.columns
    for row in rows:
        breakdown = {name: column[row] for name, column in columns.breakdown.items()}
        ruling = resolver.indicator(columns.indicator[row], breakdown)
        placing = resolver.organisation(columns.organisation[row])
        share = next((to.share for to in placing.to if to.organisation == organisation), None)
        lines = [*ruling.lines, *(to.line for to in placing.to if to.organisation == organisation)]
        yield {
            "row": row,
            "source": columns.source[row] if columns.source else "",
            "indicator": columns.indicator[row],
            "organisation": columns.organisation[row],
            "value": columns.value[row],
            "unit": columns.unit[row],
            "factor": _factor(resolver, ruling, columns.unit[row]),
            "share": f"{float(share):g}" if share is not None else "1",
            "rules": [_rule(line) for line in (*lines, *pack.units.lines_of(columns.unit[row], ruling.unit))],
        }


def _factor(resolver: Resolver, ruling: Ruling, unit: str) -> str:
    if ruling.declared is None or ruling.unit is None:
        return "1"
    return f"{resolver.scaling(ruling.declared, ruling.unit, unit).scale.factor:f}"


def _rule(line: Line) -> dict[str, str]:
    return {"row": line.place, "says": ",".join(line.said.values()), "legal_basis": line["can_cu"]}
