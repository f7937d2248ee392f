"""Packets 8 and 9, danh mục kỳ báo cáo and danh mục chỉ tiêu báo cáo."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from gateway.domain.catalogue import Catalogue, Item
from gateway.domain.errors import Problem, Rejected, problem
from gateway.safexml import Element
from gateway.schemas.national.canonical import element

_OF_PERIODS = ("regime", "start", "end")


def written(catalogue: Catalogue) -> str:
    """The Catalogue element."""
    return element(
        "Catalogue",
        map(_item, catalogue.items),
        name=catalogue.name,
        validFrom=catalogue.valid_from.isoformat(),
        version=catalogue.version,
    )


def read(body: Element) -> Catalogue:
    """From a body that its schema has passed. Raises `Rejected` (C-005): validities turned or overlapping."""
    items = tuple(map(_read_item, body))
    faults = [*_turned(body, items), *_overlapping(body, items)]
    if faults:
        raise Rejected(*faults)
    valid_from = date.fromisoformat(body.get("validFrom", ""))
    return Catalogue(body.get("name", ""), body.get("version", ""), valid_from, items)


def _item(i: Item) -> str:
    return element(
        "Item",
        (element("Name", i.name),),
        code=i.code,
        parent=i.parent,
        unit=i.unit,
        required="true" if i.required else None,
        validFrom=i.valid_from.isoformat() if i.valid_from else None,
        validTo=i.valid_to.isoformat() if i.valid_to else None,
        **{key: i.attributes.get(key) for key in _OF_PERIODS},
    )


def _read_item(e: Element) -> Item:
    return Item(
        code=e.get("code", ""),
        name=e[0].text or "",
        parent=e.get("parent", ""),
        unit=e.get("unit", ""),
        required=e.get("required") in ("true", "1"),
        valid_from=_day(e.get("validFrom")),
        valid_to=_day(e.get("validTo")),
        attributes={key: e.get(key, "") for key in _OF_PERIODS if key in e.attrib},
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _turned(body: Element, items: tuple[Item, ...]) -> Iterator[Problem]:
    for number, item in enumerate(items, start=1):
        if item.valid_from and item.valid_to and item.valid_to < item.valid_from:
            yield _fault(body, number, f"{item.code}: {item.valid_from} > {item.valid_to}", "validFrom ≤ validTo")


def _overlapping(body: Element, items: tuple[Item, ...]) -> Iterator[Problem]:
    """(code, validity) identifies; the same code twice on one day would leave the choice to chance."""
    numbered = sorted(enumerate(items, start=1), key=lambda pair: (pair[1].code, pair[1].valid_from or date.min))
    for (_, before), (number, item) in pairwise(numbered):
        if before.code == item.code and (before.valid_to or date.max) >= (item.valid_from or date.min):
            yield _fault(body, number, f"{item.code} twice", "validities that do not overlap")


def _fault(body: Element, number: int, reason: str, expected: str) -> Problem:
    path = f"/Packet/Body/Catalogue/Item[{number}]"
    return problem("C-005", path=path, line=body[number - 1].sourceline, reason=reason, expected=expected)
