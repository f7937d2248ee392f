"""A message's XML as verification sees it: bounded, without DTD, its identifiers known and unique."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from gateway import safexml
from gateway.domain.errors import Rejected
from gateway.domain.verdict import SubIndication
from gateway.signing.findings import Unsound
from gateway.signing.limits import Limits, over

DS = "{http://www.w3.org/2000/09/xmldsig#}"
XML = "{http://www.w3.org/XML/1998/namespace}"
ID_NAMES = ("Id", "ID", "id", XML + "id")

Element = etree._Element

_IDS = etree.XPath("//@Id | //@ID | //@id | //@xml:id")
_SCAN_BELOW = 1024 * 1024
_STARTS = re.compile(rb"\A(?:\xef\xbb\xbf)?[ \t\r\n]*<|\A(?:\xff\xfe|\xfe\xff)")


@dataclass(eq=False, slots=True)
class Document:
    """One parsed message. `digests` remembers what was digested, so that two signatures over one body cost one."""

    root: Element
    size: int
    ids: dict[str, Element] | None  # None: too large to scan, bind by position and compare
    digests: dict[tuple[object, ...], bytes] = field(default_factory=dict)

    def signatures(self) -> list[Element]:
        return list(self.root.iter(DS + "Signature"))

    def all_ids(self) -> dict[str, Element]:
        """Every identifier, scanned whatever the size (12–25 ms/MB)."""
        if self.ids is None:
            self.ids = _identifiers(self.root)
        return self.ids


def looks_like_xml(data: bytes) -> bool:
    return _STARTS.match(data) is not None


def parse(data: bytes, limits: Limits) -> Document:
    """Raises `Unsound` (FORMAT_FAILURE): malformed, DTD, over a limit, or an identifier used twice."""
    root = _root(data, limits)
    return Document(root, len(data), _identifiers(root) if len(data) < _SCAN_BELOW else None)


def reparse(data: bytes) -> Element:
    """Our own serialisation read again; never foreign bytes."""
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))


def path_of(element: Element) -> str:
    """For people and machines: ``/Packet/Body``, with ``[n]`` where a name is not the only one among its siblings."""
    steps = [_step(one) for one in (element, *element.iterancestors())]
    return "/" + "/".join(reversed(steps))


def clark_path(element: Element) -> tuple[str, ...]:
    return tuple(str(one.tag) for one in reversed((element, *element.iterancestors())))


def _root(data: bytes, limits: Limits) -> Element:
    try:
        return safexml.parse(data, safexml.Bounds(limits.bytes, limits.depth))
    except Rejected as refused:
        found = refused.problem
        if found.code == "C-003":
            what, count, limit = (found.details[name] for name in ("what", "found", "limit"))
            raise over(what, count, limit) from refused
        reason = "DTD" if found.code == "C-002" else found.title.en
        raise Unsound(SubIndication.FORMAT_FAILURE, "format.parse", reason=reason) from refused


def _identifiers(root: Element) -> dict[str, Element]:
    found: dict[str, Element] = {}
    values: Any = _IDS(root)  # the stubs do not know that attributes come as strings with a parent
    for value in values:
        if value in found:
            raise Unsound(SubIndication.FORMAT_FAILURE, "format.duplicate_id", id=value)
        found[str(value)] = value.getparent()
    return found


def _step(element: Element) -> str:
    local = etree.QName(element).localname
    parent = element.getparent()
    if parent is None:
        return local
    same = parent.findall(str(element.tag))
    return local if len(same) == 1 else f"{local}[{same.index(element) + 1}]"
