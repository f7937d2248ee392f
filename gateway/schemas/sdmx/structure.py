"""SDMX-ML structure messages, read only: representation maps of 3.0, codelist maps of 2.1.

Not written: the common Python tools lose the validity of SDMX-ML mappings, so what we send is JSON.
"""

from __future__ import annotations

from gateway import safexml
from gateway.safexml import Element
from gateway.schemas.sdmx.lookup import Lookup, Row, checked, day, wrong

_V21 = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1"
_V30 = "http://www.sdmx.org/resources/sdmxml/schemas/v3_0"


def read(payload: bytes, bounds: safexml.Bounds = safexml.DEFAULT) -> tuple[Lookup, ...]:
    """The lookups of a structure message; other structures are left alone.

    A code map of 2.1 has no validity of its own and takes that of its structure set. Raises `Rejected`: C-001 … C-004,
    C-005 for another document, for regular expressions and for parts of values.
    """
    root = safexml.parse(payload, bounds)
    if root.tag not in (f"{{{_V21}/message}}Structure", f"{{{_V30}/message}}Structure"):
        raise wrong("/", root.tag, "SDMX-ML 2.1 | 3.0, message:Structure")
    maps = root.iter(f"{{{_V30}/structure}}RepresentationMap")
    sets = root.iter(f"{{{_V21}/structure}}StructureSet")
    return (*map(_map, maps), *(_codelist_map(of, one) for of in sets for one in of.iter(_old("CodelistMap"))))


def _map(e: Element) -> Lookup:
    sides = {
        side: sum(1 for _ in e.iterchildren(*(_new(f"{side}{kind}") for kind in ("Codelist", "ValueList", "DataType"))))
        for side in ("Source", "Target")
    }
    width = sides["Source"], sides["Target"]
    return Lookup(
        id=e.get("id", ""),
        agency=e.get("agencyID", ""),
        version=e.get("version", "1.0"),
        name=e.findtext(f"{{{_V30}/common}}Name", e.get("id", "")),
        source=tuple(f"source{n}" for n in range(1, width[0] + 1)),
        target=tuple(f"target{n}" for n in range(1, width[1] + 1)),
        rows=tuple(checked(_place(one), _row(one), width) for one in e.iterchildren(_new("RepresentationMapping"))),
    )


def _row(e: Element) -> Row:
    sources = list(e.iterchildren(_new("SourceValue")))
    for source in sources:
        if source.get("isRegEx") in ("true", "1") or "startIndex" in source.attrib or "endIndex" in source.attrib:
            raise wrong(_place(e), source.text or "", "a whole value, no regular expression")
    return Row(
        tuple(source.text or "" for source in sources),
        tuple(target.text or "" for target in e.iterchildren(_new("TargetValue"))),
        day(_place(e), e.get("validFrom")),
        day(_place(e), e.get("validTo"), ends=True),
    )


def _codelist_map(of: Element, e: Element) -> Lookup:
    valid_from, valid_to = day(_place(of), of.get("validFrom")), day(_place(of), of.get("validTo"), ends=True)
    return Lookup(
        id=e.get("id", ""),
        agency=of.get("agencyID", ""),
        version=of.get("version", "1.0"),
        name=e.findtext(f"{{{_V21}/common}}Name", e.get("id", "")),
        source=("source1",),
        target=("target1",),
        rows=tuple(
            checked(_place(one), Row((_code(one, "Source"),), (_code(one, "Target"),), valid_from, valid_to), (1, 1))
            for one in e.iterchildren(_old("CodeMap"))
        ),
    )


def _code(e: Element, side: str) -> str:
    found = e.find(f"{_old(side)}/Ref")
    if found is None or not found.get("id"):
        raise wrong(_place(e), f"{side}: -", "Ref/@id")
    return found.get("id", "")


def _old(name: str) -> str:
    return f"{{{_V21}/structure}}{name}"


def _new(name: str) -> str:
    return f"{{{_V30}/structure}}{name}"


def _place(e: Element) -> str:
    return f"{e.tag.rpartition('}')[2]} (dòng {e.sourceline})"
