"""What the reading process tells of a PDF's signatures, as JSON goes between the two processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.domain.record import restore


@dataclass(frozen=True, slots=True)
class Rules:
    """What may be done to the file after its last content signature (`PdfRules`), and how much work it may ask for."""

    after: tuple[str, ...]
    form_fill: tuple[str, ...]
    signatures: int
    values: int


@dataclass(frozen=True, slots=True)
class Told:
    """One signature. `contents` in hex. `changed`: why what came after is refused, else None; `added`: what came.

    `kind` is Sig or DocTimeStamp; `revision` counts from 0.
    """

    field: str
    kind: str
    filter: str
    ranges: tuple[int, ...]
    contents: str
    changed: str | None
    added: str
    revision: int
    claimed: str  # /M as RFC 3339, or nothing


@dataclass(frozen=True, slots=True)
class Reading:
    """`fault`: why the file cannot be read; then nothing else is told. `repaired`: what a lenient reader passed over.

    Values are in hex, as they stand in the document's security store (DSS).
    """

    signatures: tuple[Told, ...] = ()
    certificates: tuple[str, ...] = ()
    crls: tuple[str, ...] = ()
    ocsps: tuple[str, ...] = ()
    fault: str | None = None
    repaired: str | None = None


def reading_of(document: Mapping[str, Any]) -> Reading:
    return restore(Reading, document)
