"""What a message would cost libxml2, known before it is asked to.

Canonicalisation sorts attributes by insertion, and at every element looks through the namespaces in scope: 200,000
attributes on one element, or 20,000 declarations on the root, are a few hundred kilobytes and cost minutes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice

from lxml import etree

from gateway.signing.limits import Budget, over, within

DIGESTED = "digested bytes"
SMALL = 32 * 1024  # bytes; nothing of all this is slow, or large, below
_ATTRIBUTES = 1_250_000  # of a message: each is 250 bytes in memory
_ON_ONE = 256  # attributes of one element
_COMMENTS = 10_000  # and instructions as many
_LEAST = 5  # bytes that an attribute or an instruction takes at least
_IN_SCOPE = 512  # namespace declarations above one element, whatever the canonicalisation
_LOOKED_UP = 1_000_000_000  # in scope squared, for each element, which is what the inclusive one does
_FREE = 64  # declarations in a message that need no looking at
_FEW, _LOOKED_AT = 8, 64
_DECLARATION = re.compile(rb"""xmlns(?::[^\s=<>"'/]+)?=(?:"[^"<]*"|'[^'<]*')""")
_MARK = b"\xef\xbb\xbf"
_DECLARED = 128  # bytes within which an XML declaration ends
_LITTLE = 32 * 1024 * 1024  # canonical bytes that may be in memory at once
_ESCAPED = 7  # `"` becomes `&quot;`, and a part may inherit some attributes
_SHORTEST = _ON_ONE * _LEAST  # bytes that too many on one element take at least
_MANY_ON_ONE = etree.XPath(f"boolean(//@*[{_ON_ONE + 1}])")


class Sink:
    """Takes canonical bytes as they come, and ends it where they are too many: an element of five bytes may need a
    namespace of a megabyte written out."""

    def __init__(self, take: Callable[[bytes], object], *budgets: Budget) -> None:
        self._take, self._budgets = take, budgets

    def write(self, data: bytes) -> None:
        for budget in self._budgets:
            budget.spend(len(data))
        self._take(data)


def weigh_bytes(data: bytes, *, instructs: bool) -> None:
    """Before it is read; `instructs`: `may_instruct`. Raises `Unsound` (FORMAT_FAILURE): memory is not for so much."""
    if len(data) > _ATTRIBUTES * _LEAST:
        within("attributes", data.count(b"="), _ATTRIBUTES)
    # One letter is looked for at a twentieth of what several cost, and most messages have neither of these.
    if b"!" in data:
        within("comments", data.count(b"<!--"), _COMMENTS)
    if instructs and data.count(b"?") > _COMMENTS:
        within("instructions", data.count(b"<?"), _COMMENTS)


def may_instruct(data: bytes) -> bool:
    """Whether an instruction may stand in it, besides the declaration that it begins with."""
    declared = data.removeprefix(_MARK).startswith(b"<?xml ")
    return data.find(b"?", data.find(b"?>", 0, _DECLARED) + 2 if declared else 0) >= 0


def declared(data: bytes) -> tuple[int, ...] | None:
    """Where xmlns is said, in a value or a text too; None: too often to look at each."""
    found: list[int] = []
    at = data.find(b"xmlns")
    while at >= 0:
        if len(found) == _FREE:
            return None
        found.append(at)
        at = data.find(b"xmlns", at + 1)
    return tuple(found)


def writes_little(data: bytes, said: tuple[int, ...] | None) -> bool:
    """Whether no canonical form of any part can be large, where xmlns is `said` there: a byte may be escaped into six,
    and each tag may write out every namespace that is declared."""
    if said is None or len(data) > _LITTLE:
        return False
    found = [match for match in (_DECLARATION.match(data, at) for at in said) if match]
    written = sum(len(match[0]) for match in found) * data.count(b"<") if found else 0
    return len(found) == len(said) and (len(data) + written) * _ESCAPED <= _LITTLE


def weigh_attributes(root: etree._Element, data: bytes) -> None:
    """Once it is read. Raises `Unsound` (FORMAT_FAILURE): too many on one element."""
    if len(data) > SMALL and _crowded(data) and _MANY_ON_ONE(root):
        raise over("attributes of an element", _ON_ONE + 1, _ON_ONE)


def _crowded(data: bytes) -> bool:
    """Whether some tag may bear too many: no tag holds another ``<``, so only long stretches without one are counted.
    Asking the tree costs a sixth of reading it, this a fiftieth."""
    at, end = 0, len(data)
    while end - at > _SHORTEST:
        last = data.rfind(b"<", at, at + _SHORTEST)
        if last < 0:
            last = data.find(b"<", at)
            last = end if last < 0 else last
            if data.count(b"=", at, last) > _ON_ONE:
                return True
        at = last + 1
    return False


def weigh_namespaces(root: etree._Element, data: bytes, *, inclusive: bool) -> None:
    """Before it is canonicalised, if more are `declared` than can be looked at. Raises `Unsound` (FORMAT_FAILURE): too
    many in scope."""
    if not inclusive and _said_again(data):
        return
    found = _most_in_scope(root)
    within("namespaces in scope", found, _IN_SCOPE)
    if inclusive:
        within("namespaces to look up", found * found * data.count(b"<"), _LOOKED_UP)


def _said_again(data: bytes) -> bool:
    """Whether a few declarations are said again and again, as serialisers do on siblings, and hardly any others."""
    known: dict[bytes, bytes] = {}
    for found in islice(_DECLARATION.finditer(data), _LOOKED_AT):
        known.setdefault(found[0].partition(b"=")[0], found[0])
    others = data.count(b"xmlns") - sum(data.count(one) for one in known.values())
    return len(known) <= _FEW and others <= _FREE


def _most_in_scope(root: etree._Element) -> int:
    most = now = 0
    for event, _ in etree.iterwalk(root, events=("start-ns", "end-ns")):
        now += 1 if event == "start-ns" else -1
        most = max(most, now)
    return most
