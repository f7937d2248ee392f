"""The bytes a XAdES time-stamp covers (EN 319 132-1 sections 5.2.8, 5.3 and 5.5.2).

The archive time-stamp takes what the References digest, SignedInfo, value and key, every unsigned property before
itself, and every Object but the one that holds the properties.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gateway.signing.xml.c14n import canonical
from gateway.signing.xml.parse import DS, Document, Element
from gateway.signing.xml.references import Target, octets
from gateway.signing.xml.shape import Shape
from gateway.signing.xml.weight import Sink
from gateway.signing.xml.xades import SIGNED_PROPERTIES, Properties, Stamp


def write_covered(
    stamp: Stamp, shape: Shape, properties: Properties, targets: tuple[Target, ...], sink: Sink, *, document: Document
) -> None:
    """To `sink` what the token of `stamp` in `document` must be over."""
    if stamp.kind == "value":
        _write(_parts(shape, "SignatureValue"), stamp, sink)
        return
    for reference, target in zip(shape.references, targets, strict=True):
        if stamp.kind == "archive" or reference.type != SIGNED_PROPERTIES:
            octets(reference, target, shape, document, sink)
    if stamp.kind == "archive":
        _write(_parts(shape, "SignedInfo", "SignatureValue", "KeyInfo"), stamp, sink)
        _write(_before(stamp, properties), stamp, sink)
        _write(_others(shape, properties), stamp, sink)


def _write(parts: Iterable[Element], stamp: Stamp, sink: Sink) -> None:
    for one in parts:
        canonical(one, stamp.method, sink=sink)


def _parts(shape: Shape, *names: str) -> Iterator[Element]:
    for name in names:
        found = shape.element.find(DS + name)
        if found is not None:
            yield found


def _before(stamp: Stamp, properties: Properties) -> Iterator[Element]:
    for one in properties.unsigned:
        if one is stamp.element:
            return
        yield one


def _others(shape: Shape, properties: Properties) -> Iterator[Element]:
    holding = list(properties.element.iterancestors(DS + "Object"))
    for thing in shape.objects:
        if thing not in holding:
            yield thing
