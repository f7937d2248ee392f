"""The only way foreign XML comes in: no DTD, no entities, no network; bounded in bytes, depth and nodes.

Refused: `defusedxml.lxml` (deprecated by its authors) and trusting `resolve_entities=False` alone
(libxml2 still reads the DTD, and still spends memory on its declarations).
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from functools import cache
from typing import Any

from lxml import etree

from gateway.domain.errors import Rejected, problem

Element = etree._Element

_CHUNK = 1 << 16
_SHALLOW = 16  # what real messages keep to: asked for first, at half the cost of a larger bound
_SMALLEST = 4  # bytes of an element: `<a/>`
_OPTIONS: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": True,  # libxml2's own text limit is 10 MB; ours are `Bounds`
    "remove_comments": True,  # else `1<!---->050` would read as 1
}
_DECLARED_ENCODING = re.compile(rb"""\A<\?xml[^>]*?encoding\s*=\s*["']([^"']+)["']""")
_UTF8_NAMES = frozenset({b"UTF-8", b"UTF8", b"US-ASCII"})
_DOCTYPE = re.compile(rb"(?s)\A(?:\xef\xbb\xbf)?(?>\s+|<\?.*?\?>|<!--.*?-->)*+<!DOCTYPE")
_ENCODING_ERRORS = frozenset(
    {
        etree.ErrorTypes.ERR_INVALID_CHAR,
        etree.ErrorTypes.ERR_INVALID_ENCODING,
        etree.ErrorTypes.ERR_UNSUPPORTED_ENCODING,
        etree.ErrorTypes.ERR_UNKNOWN_ENCODING,
    }
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one document may cost: `bytes` as received, `depth` and `nodes` of elements."""

    bytes: int = 64 * 1024 * 1024
    depth: int = 64
    nodes: int = 1_000_000


DEFAULT = Bounds()


def parse(payload: bytes, bounds: Bounds = DEFAULT) -> Element:
    """The root element of a foreign document.

    Raises `Rejected`: C-001 malformed, C-002 DTD or entity, C-003 over a bound, C-004 not UTF-8.
    """
    if len(payload) > bounds.bytes:
        raise Rejected(problem("C-003", what="bytes", found=len(payload), limit=bounds.bytes))
    _refuse_other_encodings(payload)
    # Before libxml2 sees a byte: entities in attributes are expanded even where `resolve_entities` is off.
    if _DOCTYPE.match(payload):
        raise Rejected(problem("C-002"))
    try:
        # Fewer tags than nodes allowed: nothing to count on the way, which costs half as much again as reading.
        if len(payload) <= _SMALLEST * bounds.nodes or payload.count(b"<") <= bounds.nodes:
            return _shallow(etree.fromstring(payload, _parsers.whole), bounds)
        counting = etree.XMLPullParser(events=("start", "end"), **_OPTIONS)
        _feed(counting, payload, bounds)
        root: Element = counting.close()
    except etree.XMLSyntaxError as error:
        raise _refusal(error) from None
    return root


class _Parsers(threading.local):
    """One for each thread: making one costs as much as reading some kilobytes, and one for all would make them wait."""

    def __init__(self) -> None:
        self.whole = etree.XMLParser(**_OPTIONS)


_parsers = _Parsers()


def _shallow(root: Element, bounds: Bounds) -> Element:
    """`root`, when nothing lies deeper than allowed; how deep libxml2 itself goes is bounded (2,048)."""
    if _deeper(min(_SHALLOW, bounds.depth))(root) and _deeper(bounds.depth)(root):
        raise Rejected(problem("C-003", what="depth", found=bounds.depth + 1, limit=bounds.depth))
    return root


@cache
def _deeper(depth: int) -> etree.XPath:
    """Whether there is an element below `depth` others: walked in C, not in Python."""
    return etree.XPath("boolean(" + "/*" * (depth + 1) + ")")


def _feed(counting: etree.XMLPullParser, payload: bytes, bounds: Bounds) -> None:
    depth = nodes = 0
    for start in range(0, len(payload), _CHUNK):
        counting.feed(payload[start : start + _CHUNK])
        for event, _ in counting.read_events():
            if event == "end":
                depth -= 1
                continue
            depth, nodes = depth + 1, nodes + 1
            if depth > bounds.depth:
                raise Rejected(problem("C-003", what="depth", found=depth, limit=bounds.depth))
            if nodes > bounds.nodes:
                raise Rejected(problem("C-003", what="nodes", found=nodes, limit=bounds.nodes))


def _refusal(error: etree.XMLSyntaxError) -> Rejected:
    reason = (error.msg or "no element found").split(", line ")[0]
    code = getattr(error, "code", 0)  # unknown to the published types
    if code == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
        return Rejected(problem("C-003", what="depth", found=reason, limit=DEFAULT.depth))
    if code in _ENCODING_ERRORS:
        return Rejected(problem("C-004", reason=f"line {error.lineno}: {reason}"))
    return Rejected(problem("C-001", line=error.lineno or 1, reason=reason))


def _refuse_other_encodings(payload: bytes) -> None:
    """A document in UTF-16 or a legacy code page is refused before libxml2 guesses at it."""
    # Without a mark too: libxml2 recognises UTF-16 and UTF-32 by the zeros between ASCII letters.
    if payload[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in payload[:4]:
        raise Rejected(problem("C-004", reason="UTF-16"))
    declared = _DECLARED_ENCODING.match(payload.removeprefix(b"\xef\xbb\xbf"))
    if declared and declared[1].upper() not in _UTF8_NAMES:
        raise Rejected(problem("C-004", reason=declared[1].decode("ascii", "replace")))
