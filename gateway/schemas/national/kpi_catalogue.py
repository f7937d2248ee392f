"""Packets 11 and 12, danh mục nhóm chỉ số and danh mục phân tổ chỉ số: catalogues that keep more rules.

Disaggregations are a catalogue like any other, so that they are compared, published and withdrawn on the same road:
``SEX`` is a dimension, ``SEX=F`` its value, as breakdowns are written.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from gateway.domain.catalogue import Catalogue, Item
from gateway.schemas.national.constraints import Breach, circular

GROUPS, DISAGGREGATIONS = "kpi-groups", "kpi-disaggregations"
_ATTRIBUTES = {GROUPS: {"order"}, DISAGGREGATIONS: {"order", "total"}}


def breaches(catalogue: Catalogue, packet: str) -> Iterator[Breach]:
    """Constraints of packets 11 and 12 that this catalogue does not keep; none for other packets."""
    if packet not in _ATTRIBUTES:
        return
    items = catalogue.items
    by_code: dict[str, list[Item]] = {}
    for item in items:
        by_code.setdefault(item.code, []).append(item)
    cyclic = circular({code: {one.parent for one in same if one.parent} for code, same in by_code.items()})
    for number, item in enumerate(items, start=1):
        odd = item.attributes.keys() - _ATTRIBUTES[packet]
        if odd or item.unit or item.required:
            yield Breach("catalogue-fields", _at(number), ", ".join(sorted(odd)) or item.unit or "required")
        if item.code in cyclic:
            yield Breach("catalogue-cycle", f"{_at(number)}/@parent", item.parent)
        elif item.parent and not _covered(item, by_code.get(item.parent, [])):
            yield Breach("catalogue-parent", f"{_at(number)}/@parent", item.parent)
    yield from _of_orders(items)
    if packet == DISAGGREGATIONS:
        yield from _of_disaggregations(items)


def _of_orders(items: tuple[Item, ...]) -> Iterator[Breach]:
    until: dict[tuple[str, int], date] = {}
    numbered = sorted(enumerate(items, start=1), key=lambda pair: pair[1].valid_from or date.min)
    for number, item in (pair for pair in numbered if "order" in pair[1].attributes):
        place = item.parent, int(item.attributes["order"])
        if place in until and until[place] >= (item.valid_from or date.min):
            yield Breach("catalogue-order", f"{_at(number)}/@order", item.attributes["order"])
        until[place] = max(until.get(place, date.min), item.valid_to or date.max)


def _of_disaggregations(items: tuple[Item, ...]) -> Iterator[Breach]:
    with_values = {item.code.partition("=")[0] for item in items if "=" in item.code}
    totals: dict[str, set[str]] = {}
    for number, item in enumerate(items, start=1):
        dimension, equals, value = item.code.partition("=")
        if ";" in item.code or not dimension or bool(equals) != bool(value) or "=" in value:
            yield Breach("disaggregation-code", f"{_at(number)}/@code", item.code)
        if (item.parent.partition("=")[0] if equals else dimension) != dimension or bool(equals) != bool(item.parent):
            yield Breach("disaggregation-parent", f"{_at(number)}/@parent", f"{item.code}: {item.parent}")
        if not equals and dimension not in with_values:
            yield Breach("disaggregation-values", _at(number), item.code)
        if item.attributes.get("total") in ("true", "1"):
            same = totals.setdefault(dimension, set())
            same.add(item.code)
            if len(same) > 1 or not equals:
                yield Breach("disaggregation-total", f"{_at(number)}/@total", ", ".join(sorted(same)))


def _covered(item: Item, parents: list[Item]) -> bool:
    """Whether some entry of the parent is valid on every day the item is, one after another."""
    need, end = item.valid_from or date.min, item.valid_to or date.max
    for parent in sorted(parents, key=lambda one: one.valid_from or date.min):
        if (parent.valid_from or date.min) > need:
            return False
        until = parent.valid_to or date.max
        if until >= end:
            return True
        need = max(need, date.fromordinal(until.toordinal() + 1))
    return False


def _at(number: int) -> str:
    return f"Item[{number}]"
