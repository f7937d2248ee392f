"""A message's XML as verification sees it: bounded, without DTD, its identifiers known and unique."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from lxml import etree

from gateway import safexml
from gateway.domain.errors import Rejected
from gateway.domain.verdict import SubIndication
from gateway.signing.findings import Unsound
from gateway.signing.limits import Budget, Limits, over
from gateway.signing.xml.weight import (
    DIGESTED,
    SMALL,
    declared,
    may_instruct,
    weigh_attributes,
    weigh_bytes,
    weigh_namespaces,
    writes_little,
)

DS = "{http://www.w3.org/2000/09/xmldsig#}"
XML = "{http://www.w3.org/XML/1998/namespace}"
ID_NAMES = ("Id", "ID", "id", XML + "id")

Element = etree._Element
Ids = Mapping[str, Collection[Element]]

# Looked for in the bytes first: most messages carry few names, and walking a tree for each costs as much as reading it.
_WRITTEN = {name: re.compile(name.encode() + rb"[ \t\r\n]*=") for name in ("Id", "ID", "id")}
_CAPITAL = re.compile(rb"I[dD][ \t\r\n]*=")  # either, at the cost of one
_RARE = 64
_SCAN_BELOW = 1024 * 1024
_DIGESTED = 128 * 1024 * 1024  # canonical bytes of one message, whoever signed it: some two seconds
_IDS_WITHIN = etree.XPath("|".join(f"descendant-or-self::*/@{name}" for name in ("Id", "ID", "id", "xml:id")))
_STARTS = re.compile(rb"\A(?:\xef\xbb\xbf)?[ \t\r\n]*<|\A(?:\xff\xfe|\xfe\xff)")


@dataclass(eq=False)
class Document:
    """One parsed message. `digests` remembers what was digested, so that two signatures over one body cost one."""

    root: Element
    data: bytes
    ids: dict[str, Element] | None  # None: too large to scan, bind by position and compare
    signed: tuple[Element, ...]  # every signature
    may_hide: bool  # whether anything may stand in it that splits a value; comments are gone when it is read
    digests: dict[tuple[object, ...], bytes] = field(default_factory=dict)
    work: Budget = field(default_factory=lambda: Budget(DIGESTED, _DIGESTED))

    whole_again: dict[Element, bool] = field(default_factory=dict)  # what comes back as it was taken out
    _weighed: set[bool] = field(default_factory=set)

    @cached_property
    def _declared(self) -> tuple[int, ...] | None:
        return declared(self.data)

    @property
    def writes_little(self) -> bool:
        """Whether a canonical form may be made at once, and counted afterwards."""
        return len(self.data) <= SMALL or self._writes_little

    @cached_property
    def _writes_little(self) -> bool:
        return writes_little(self.data, self._declared)

    def signatures(self) -> list[Element]:
        """All that are no counter-signature inside another: such a one says nothing about the document."""
        return [one for one in self.signed if not _counters(one)]

    def weigh(self, *, inclusive: bool) -> None:
        """Before it is canonicalised. Raises `Unsound` (FORMAT_FAILURE) where that would cost too much."""
        if inclusive not in self._weighed and (inclusive or len(self.data) > SMALL):
            if self._declared is None:
                weigh_namespaces(self.root, self.data, inclusive=inclusive)
            self._weighed.add(inclusive)

    def all_ids(self) -> dict[str, Element]:
        """Every identifier, scanned whatever the size (12–25 ms/MB)."""
        if self.ids is None:
            self.ids = _identifiers(self.root, self.data)
        return self.ids


def _counters(signature: Element) -> bool:
    parent = signature.getparent()
    if parent is None or etree.QName(parent).localname != "CounterSignature":
        return False
    return next(signature.iterancestors(DS + "Signature"), None) is not None


def ids_within(elements: Iterable[Element]) -> Ids:
    """Whoever bears an identifier in or at `elements`."""
    found: dict[str, dict[Element, None]] = {}
    for element in elements:
        values: Any = _IDS_WITHIN(element)
        for value in values:
            found.setdefault(str(value), {})[value.getparent()] = None
    return found


def looks_like_xml(data: bytes) -> bool:
    return _STARTS.match(data) is not None


def parse(data: bytes, limits: Limits) -> Document:
    """Raises `Unsound` (FORMAT_FAILURE): malformed, DTD, over a limit, or an identifier used twice."""
    hides = may_instruct(data)
    weigh_bytes(data, instructs=hides)
    root = _root(data, limits)
    weigh_attributes(root, data)
    if b"!" in data and b"<!--" in data:
        _refuse_comments_in_signatures(data)
    ids = _identifiers(root, data) if len(data) < _SCAN_BELOW else None
    return Document(root, data, ids, tuple(root.iter(DS + "Signature")), hides)


def reparse(data: bytes) -> Element:
    """Our own serialisation read again, or bytes that `safexml` has passed; comments stay."""
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


def _refuse_comments_in_signatures(data: bytes) -> None:
    """Our reader leaves comments out, others do not: what stands in a digest or a value must be one thing to all."""
    for comment in reparse(data).iter(etree.Comment):
        inside = [str(one.tag) for one in comment.iterancestors()]
        if DS + "Signature" in inside and DS + "Object" not in inside:
            reason = "a comment inside the signature"
            raise Unsound(SubIndication.FORMAT_FAILURE, "structure.wrong", reason=reason)


def _identifiers(root: Element, data: bytes) -> dict[str, Element]:
    found: dict[str, Element] = {}
    names = ("Id", "ID", "id") if _capital(data) else ("id",)
    written = tuple(name for name in names if _WRITTEN[name].search(data))
    # The stubs do not know that attributes come as strings with a parent.
    values: Any = _attributes(written)(root) if written else ()
    for value in values:
        if value in found:
            raise Unsound(SubIndication.FORMAT_FAILURE, "format.duplicate_id", id=value)
        found[str(value)] = value.getparent()
    return found


def _capital(data: bytes) -> bool:
    """Whether Id or ID may be written in it. A letter alone is found at a tenth of what a pattern costs, if it is as
    rare as a capital is in most of what is long."""
    if len(data) <= SMALL:
        return _CAPITAL.search(data) is not None
    at = data.find(b"I")
    for _ in range(_RARE):
        if at < 0 or _CAPITAL.match(data, at):
            return at >= 0
        at = data.find(b"I", at + 1)
    return at >= 0 and _CAPITAL.search(data, at) is not None


@cache
def _attributes(names: tuple[str, ...]) -> etree.XPath:
    ways = [f"//@{name}" for name in names] + (["//@xml:id"] if "id" in names else [])
    return etree.XPath(" | ".join(ways))


def _step(element: Element) -> str:
    local = etree.QName(element).localname
    parent = element.getparent()
    if parent is None:
        return local
    same = parent.findall(str(element.tag))
    return local if len(same) == 1 else f"{local}[{same.index(element) + 1}]"
