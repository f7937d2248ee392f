"""BER and DER taken apart into elements, and nothing more: what they mean is the caller's.

asn1crypto builds ten objects for each element, which is most of the cost of a signature; a signature has some sixty.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from asn1crypto import core

from gateway.signing.findings import malformed
from gateway.signing.limits import Budget, within

_DEEPEST = 32  # indefinite lengths inside one another
_INDEFINITE = 0x80
_MOST = 50_000  # elements in one: a megabyte of the smallest would cost half a second

INTEGER, OCTETS, OID, SEQUENCE, SET = 0x02, 0x04, 0x06, 0x30, 0x31
CONSTRUCTED_OCTETS = 0x24


def context(number: int) -> int:
    """The tag [number], constructed."""
    return 0xA0 | number


@dataclass(frozen=True, slots=True)
class Element:
    """`raw` as received, header and all; `content` without the end of an indefinite length."""

    tag: int
    content: bytes
    raw: bytes

    def inside(self) -> list[Element]:
        return split(self.content)

    @property
    def oid(self) -> str:
        if self.tag != OID:
            raise malformed(f"an object identifier is expected, not tag {self.tag:#x}")
        return dotted(self.content)

    @property
    def integer(self) -> int:
        if self.tag != INTEGER or not self.content:
            raise malformed(f"a number is expected, not tag {self.tag:#x}")
        return int.from_bytes(self.content, "big", signed=True)

    @property
    def octets(self) -> bytes:
        """An OCTET STRING's, which BER may hand over in pieces."""
        if self.tag == OCTETS:
            return self.content
        if self.tag == CONSTRUCTED_OCTETS:
            return b"".join(_piece(one) for one in self.inside())
        raise malformed(f"octets are expected, not tag {self.tag:#x}")

    def must(self, tag: int) -> Element:
        if self.tag != tag:
            raise malformed(f"tag {tag:#x} is expected, not {self.tag:#x}")
        return self


def only(data: bytes) -> Element:
    """The one element that is all of `data`. Raises `Unsound`."""
    found = split(data)
    if len(found) != 1:
        raise malformed(f"{len(found)} elements where one is expected")
    return found[0]


def split(data: bytes) -> list[Element]:
    """The elements one after another. Raises `Unsound`."""
    found: list[Element] = []
    at, end, seen = 0, len(data), Budget("elements of unknown length", _MOST)
    while at < end:
        begins, size, after = _measured(data, at, end, 0, seen)
        found.append(Element(data[at], data[begins : begins + size], data[at:after]))
        at = after
        within("elements in one", len(found), _MOST)
    return found


def first(data: bytes) -> Element:
    """The first element of `data`, whatever follows it. Raises `Unsound`."""
    begins, size, after = _measured(data, 0, len(data), 0, Budget("elements of unknown length", _MOST))
    return Element(data[0], data[begins : begins + size], data[:after])


def emitted(tag: int, content: bytes) -> bytes:
    """One element in DER."""
    size = len(content)
    if size < _INDEFINITE:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, _INDEFINITE | len(length))) + length + content


@lru_cache(maxsize=1024)
def dotted(content: bytes) -> str:
    try:
        told: str = core.ObjectIdentifier(contents=content).dotted
    except (ValueError, IndexError) as error:
        raise malformed(f"object identifier: {error}") from error
    return told


def _piece(one: Element) -> bytes:
    return one.must(OCTETS).content


def _measured(data: bytes, at: int, end: int, depth: int, seen: Budget) -> tuple[int, int, int]:
    """(where the content begins, its size, where the next element begins) of the element at `at`."""
    if end - at < 2 or data[at] & 0x1F == 0x1F:  # a tag above 30: none in what we read
        raise malformed(f"an element is cut off or strange at {at}")
    length = data[at + 1]
    if length < _INDEFINITE:
        begins, size = at + 2, length
    elif length == _INDEFINITE:
        return _indefinite(data, at + 2, end, depth + 1, seen)
    else:
        begins = at + 2 + (length & 0x7F)
        if begins > end:
            raise malformed(f"an element is cut off at {at}")
        size = int.from_bytes(data[at + 2 : begins], "big")
    if begins + size > end:
        raise malformed(f"an element is longer than what holds it at {at}")
    return begins, size, begins + size


def _indefinite(data: bytes, begins: int, end: int, depth: int, seen: Budget) -> tuple[int, int, int]:
    if depth > _DEEPEST:
        raise malformed(f"deeper than {_DEEPEST}")
    at = begins
    while data[at : at + 2] != b"\0\0":
        seen.spend(1)
        _, _, at = _measured(data, at, end, depth, seen)
    return begins, at - begins, at + 2
