"""Coverage, both ways: what the nation asks for and no row gives, what a row gives and nobody asks for, dead rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from gateway.domain.catalogue import Catalogue
from gateway.domain.impact import Row
from gateway.mapping.pack import Pack
from gateway.mapping.sheets import Line


def coverage(
    pack: Pack,
    catalogue: Catalogue,
    day: date,
    sources: Iterable[str] = (),
    forms: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, Any]:
    """On `day`: national indicators and forms without a source, rows whose target the catalogue has not or has in
    another unit.

    `sources` are the codes that reports really carry; where some are given, rows for others are dead. `forms`: the
    indicators of each national form; where some are given, rows whose target stands on none of them are told, too.
    """
    wanted = {item.code: item for item in catalogue.items if item.valid_on(day)}
    lines = [line for line in pack.lines["chi_tieu"] if line["dich"] and line.valid_on(day)]
    given = {line["dich"] for line in lines} | {one.code for one in pack.formulas if one.line.valid_on(day)}
    used, asked = set(sources), {code for codes in (forms or {}).values() for code in codes}
    return {
        "catalogue": f"{catalogue.name}@{catalogue.version}",
        "day": day.isoformat(),
        "indicators": len(wanted),
        "covered": len(given & wanted.keys()),
        "without_source": [
            {"indicator": code, "name": item.name, "required": item.required}
            for code, item in sorted(wanted.items())
            if code not in given
        ],
        "forms": [_form(name, codes, given) for name, codes in sorted((forms or {}).items())],
        "on_no_form": [_row(line) for line in lines if asked and line["dich"] not in asked],
        "not_in_catalogue": [_row(line) for line in lines if line["dich"] not in wanted],
        "other_unit": [_row(line) for line in lines if _differs(pack, catalogue, line, day)],
        "dead_rows": [_row(line) for line in lines if used and line["nguon"] not in used],
        "expired_rows": [_row(line) for line in pack.lines["chi_tieu"] if line.valid_to and line.valid_to < day],
    }


def rows_of(pack: Pack) -> tuple[Row, ...]:
    """Every row that gives figures for a national indicator: of chi_tieu, and of cong_thuc."""
    mapped = (
        Row(pack.name, line.place, line["nguon"], line["dich"], line.valid_from, line.valid_to)
        for line in pack.lines["chi_tieu"]
        if line["dich"]
    )
    computed = (
        Row(pack.name, one.line.place, "", one.code, one.line.valid_from, one.line.valid_to) for one in pack.formulas
    )
    return (*mapped, *computed)


def _form(name: str, codes: Sequence[str], given: set[str]) -> dict[str, Any]:
    missing = [code for code in codes if code not in given]
    return {"form": name, "indicators": len(codes), "without_source": missing, "sourced": len(missing) < len(codes)}


def _differs(pack: Pack, catalogue: Catalogue, line: Line, day: date) -> bool:
    unit = pack.units.named(line["dvt_dich"])
    items = [item for item in catalogue.items if item.code == line["dich"] and item.valid_on(day)]
    return bool(items) and unit is not None and all(item.unit not in ("", unit.code) for item in items)


def _row(line: Line) -> dict[str, str]:
    return {"row": line.place, "source": line["nguon"], "target": line["dich"], "unit": line["dvt_dich"]}
