"""Packets 8, 9, 11 and 12: danh mục kỳ báo cáo, chỉ tiêu báo cáo, nhóm chỉ số, phân tổ chỉ số."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from gateway.domain.catalogue import REPLACES, WITHDRAWN, Catalogue, Item
from gateway.domain.errors import Problem, Rejected, problem
from gateway.safexml import Element
from gateway.schemas.national import kpi_catalogue
from gateway.schemas.national.canonical import element
from gateway.schemas.national.constraints import refuse
from gateway.schemas.national.validity import day

_ATTRIBUTES = ("regime", "start", "end", "order", "total", REPLACES, WITHDRAWN)
_INCREMENTAL = ("indicator-catalogue", "period-catalogue")  # the rules of the others look at the whole


def written(catalogue: Catalogue) -> str:
    """The Catalogue element."""
    return element(
        "Catalogue",
        map(_item, catalogue.items),
        name=catalogue.name,
        base=catalogue.base,
        validFrom=catalogue.valid_from.isoformat(),
        version=catalogue.version,
    )


def read(body: Element, packet: str) -> Catalogue:
    """From a body that its schema has passed. Raises `Rejected` (C-005): validities turned or overlapping; C-022."""
    items = tuple(map(_read_item, body))
    base = body.get("base", "")
    faults = [*_turned(body, items), *_overlapping(body, items), *_out_of_place(body, items, base, packet)]
    if faults:
        raise Rejected(*faults)
    valid_from = date.fromisoformat(body.get("validFrom", ""))
    catalogue = Catalogue(body.get("name", ""), body.get("version", ""), valid_from, items, base)
    refuse(kpi_catalogue.breaches(catalogue, packet), "Catalogue", body)
    return catalogue


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
        **{key: i.attributes.get(key) for key in _ATTRIBUTES},
    )


def _read_item(e: Element) -> Item:
    return Item(
        code=e.get("code", ""),
        name=e[0].text or "",
        parent=e.get("parent", ""),
        unit=e.get("unit", ""),
        required=e.get("required") in ("true", "1"),
        valid_from=day(e.get("validFrom")),
        valid_to=day(e.get("validTo")),
        attributes={key: _attribute(e, key) for key in _ATTRIBUTES if key in e.attrib},
    )


def _attribute(e: Element, key: str) -> str:
    """As written, but one spelling for what XML lets be spelt in two ways."""
    said = " ".join(e.get(key, "").split())
    return {"1": "true", "0": "false"}.get(said, said) if key == WITHDRAWN else said


def _out_of_place(body: Element, items: tuple[Item, ...], base: str, packet: str) -> Iterator[Problem]:
    """What only an increment may say, and the packets that may be one."""
    if base and packet not in _INCREMENTAL:
        path, expected = "/Packet/Body/Catalogue/@base", "a whole catalogue"
        yield problem("C-005", path=path, line=body.sourceline, reason=base, expected=expected)
    for number, item in enumerate(items, start=1):
        if WITHDRAWN in item.attributes and not base:
            yield _fault(body, number, f"{item.code} @withdrawn", "@withdrawn in an increment only")


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
