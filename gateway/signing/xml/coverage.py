"""What of a message no signature covers. “Whole document in scope” is a finding, not a hope."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gateway.signing.policy import Position
from gateway.signing.xml.parse import DS, Element, clark_path


@dataclass(frozen=True, slots=True)
class Coverage:
    """`uncovered`: elements outside every scope and not allowed there; `wrapping`: those of them that bear,
    or hold something that bears, the name of a signed element."""

    uncovered: tuple[Element, ...]
    wrapping: tuple[Element, ...]


def coverage(
    root: Element, covered: Iterable[Element], signatures: Iterable[Element], unsigned: frozenset[Position]
) -> Coverage:
    """Elements above a covered one or a signature are scaffolding: attributes they may carry, text of their own not."""
    apexes = set(covered)
    scaffold = {above for apex in (*apexes, *signatures) for above in apex.iterancestors()}
    found = tuple(_uncovered(root, apexes, scaffold, unsigned))
    names = {apex.tag for apex in apexes}
    wrapping = tuple(one for one in found if any(inner.tag in names for inner in one.iter()))
    return Coverage(found, wrapping)


def _uncovered(
    element: Element, apexes: set[Element], scaffold: set[Element], unsigned: frozenset[Position]
) -> Iterator[Element]:
    if not isinstance(element.tag, str) or element in apexes or element.tag == DS + "Signature":
        return
    if unsigned and clark_path(element) in unsigned:
        return
    if element not in scaffold:
        if len(element) or element.attrib or (element.text or "").strip():
            yield element
        return
    if (element.text or "").strip() or any((child.tail or "").strip() for child in element):
        yield element
        return
    for child in element:
        yield from _uncovered(child, apexes, scaffold, unsigned)
