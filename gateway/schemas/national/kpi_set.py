"""Packet 10, bộ chỉ số (KPI)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import cast

from gateway.domain.kpi import Direction, GroupWeight, Kpi, KpiSet
from gateway.safexml import Element
from gateway.schemas.national.canonical import element, optional
from gateway.schemas.national.constraints import Breach, circular, refuse, repeated
from gateway.schemas.national.head import named, text
from gateway.schemas.national.validity import day, ends_before_it_begins

_WHOLE = Decimal(100)
_REFERENCE = re.compile(r"\[([^\]\s|]{1,60})\]")
_EACH = "Kpis/Kpi[{}]"


def written(kpi_set: KpiSet) -> str:
    """The KpiSet element."""
    return element(
        "KpiSet",
        (
            element("Name", kpi_set.name),
            element("LegalBasis", kpi_set.legal_basis),
            element("Groups", (element("Group", code=g.group, weight=g.weight) for g in kpi_set.groups)),
            element("Kpis", map(_kpi, kpi_set.kpis)),
        ),
        code=kpi_set.code,
        validFrom=kpi_set.valid_from.isoformat(),
        validTo=kpi_set.valid_to.isoformat() if kpi_set.valid_to else None,
        version=kpi_set.version,
    )


def read(body: Element) -> KpiSet:
    """From a body that its schema has passed. Raises `Rejected` (C-022)."""
    name, legal_basis, groups, kpis = body
    kpi_set = KpiSet(
        code=body.get("code", ""),
        version=body.get("version", ""),
        valid_from=date.fromisoformat(body.get("validFrom", "")),
        valid_to=day(body.get("validTo")),
        name=text(name),
        legal_basis=text(legal_basis),
        groups=tuple(GroupWeight(e.get("code", ""), e.get("weight", "")) for e in groups),
        kpis=tuple(map(_read_kpi, kpis)),
    )
    refuse(breaches(kpi_set), "KpiSet", body)
    return kpi_set


def breaches(kpi_set: KpiSet) -> Iterator[Breach]:
    """Constraints of packet 10 that this set does not keep."""
    groups, kpis = kpi_set.groups, kpi_set.kpis
    yield from ends_before_it_begins(kpi_set.valid_from, kpi_set.valid_to)
    yield from repeated("kpi-group-once", [g.group for g in groups], "Groups/Group[{}]")
    yield from repeated("kpi-once", [k.code for k in kpis], _EACH + "/@code")
    known, used = {g.group for g in groups}, {k.group for k in kpis}
    for number, group in enumerate(groups, start=1):
        if group.group not in used:
            yield Breach("kpi-group-used", f"Groups/Group[{number}]", group.group)
    for number, kpi in enumerate(kpis, start=1):
        if kpi.group not in known:
            yield Breach("kpi-group-known", f"{_at(number)}/@group", kpi.group)
        yield from _of_one(kpi, number)
    yield from _of_weights(kpi_set)
    yield from _of_formulas(kpis)


def _of_one(kpi: Kpi, number: int) -> Iterator[Breach]:
    yield from repeated("kpi-dimension-once", kpi.dimensions, _at(number) + "/Dimension[{}]")
    lowest, highest, target = (Decimal(t) if t else None for t in (kpi.lowest, kpi.highest, kpi.target))
    if lowest is not None and highest is not None and lowest >= highest:
        yield Breach("kpi-scale", _at(number), f"{lowest} ≥ {highest}")
    below = target is not None and lowest is not None and target < lowest
    if below or (target is not None and highest is not None and target > highest):
        yield Breach("kpi-target", f"{_at(number)}/@target", kpi.target)


def _of_weights(kpi_set: KpiSet) -> Iterator[Breach]:
    weights = [bool(g.weight) for g in kpi_set.groups] + [bool(k.weight) for k in kpi_set.kpis]
    if any(weights) and not all(weights):
        yield Breach("kpi-weights-all", "", f"{sum(weights)} / {len(weights)}")
    elif all(weights):
        total = sum((Decimal(g.weight) for g in kpi_set.groups), Decimal())
        if total != _WHOLE:
            yield Breach("kpi-group-weights", "Groups", str(total))
        within: dict[str, Decimal] = {}
        for kpi in kpi_set.kpis:
            within[kpi.group] = within.get(kpi.group, Decimal()) + Decimal(kpi.weight)
        for group, weight in within.items():
            if weight != _WHOLE:
                yield Breach("kpi-weights", "Kpis", f"{group}: {weight}")


def _of_formulas(kpis: tuple[Kpi, ...]) -> Iterator[Breach]:
    referred = {kpi.code: _REFERENCE.findall(kpi.formula) for kpi in kpis}
    cyclic = circular(referred)
    for number, kpi in enumerate(kpis, start=1):
        unknown = [code for code in referred[kpi.code] if code not in referred]
        if unknown:
            yield Breach("kpi-formula-known", f"{_at(number)}/Formula", ", ".join(unknown))
        if kpi.code in cyclic:
            yield Breach("kpi-formula-cycle", f"{_at(number)}/Formula", kpi.formula)


def _at(number: int) -> str:
    return _EACH.format(number)


def _kpi(k: Kpi) -> str:
    return element(
        "Kpi",
        (
            element("Name", k.name),
            optional("Formula", k.formula),
            *(element("Dimension", code=code) for code in k.dimensions),
        ),
        code=k.code,
        direction=k.direction,
        group=k.group,
        highest=k.highest,
        lowest=k.lowest,
        required="true" if k.required else None,
        target=k.target,
        unit=k.unit,
        weight=k.weight,
    )


def _read_kpi(e: Element) -> Kpi:
    found = named(e)
    return Kpi(
        code=e.get("code", ""),
        name=text(found["Name"]),
        group=e.get("group", ""),
        unit=e.get("unit", ""),
        direction=cast(Direction, e.get("direction", "")),
        weight=e.get("weight", ""),
        lowest=e.get("lowest", ""),
        highest=e.get("highest", ""),
        target=e.get("target", ""),
        formula=text(found["Formula"]) if "Formula" in found else "",
        required=e.get("required") in ("true", "1"),
        dimensions=tuple(one.get("code", "") for one in e if "code" in one.attrib),
    )
