"""Packet 6, gửi đề cương báo cáo: the words, and the list of the files that travel beside them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from gateway.domain.enclosed import fits
from gateway.domain.outline import Attachment, Narrative, Role, Words
from gateway.safexml import Element
from gateway.schemas.national import head
from gateway.schemas.national.canonical import element
from gateway.schemas.national.constraints import Breach, refuse, repeated
from gateway.schemas.national.wire import wire

_EACH = "Attachments/Attachment[{}]"


def written(report: Narrative) -> str:
    """The Narrative element."""
    return element(
        "Narrative",
        (
            head.written(report.head, report.backfill),
            element("Sections", (element("Section", w.text, code=w.section) for w in report.words)),
            element("Attachments", map(_attachment, report.attachments)),
        ),
        outlineVersion=report.outline_version,
    )


def read(body: Element) -> Narrative:
    """From a body that its schema has passed. Raises `Rejected` (C-005 the period, C-022)."""
    found = head.named(body)
    said, backfill = head.sound(found, "Narrative")
    report = Narrative(
        said,
        body.get("outlineVersion", ""),
        tuple(Words(e.get("code", ""), head.text(e)) for e in found["Sections"]),
        tuple(map(_read_attachment, found["Attachments"])),
        backfill,
    )
    refuse(breaches(report), "Narrative", body)
    return report


def breaches(report: Narrative) -> Iterator[Breach]:
    """Constraints of packet 6 that this report does not keep."""
    files = report.attachments
    signed = [a for a in files if a.role == "narrative"]
    yield from repeated("narrative-section-once", [w.section for w in report.words], "Sections/Section[{}]")
    yield from repeated("narrative-attachment-once", [a.name.casefold() for a in files], _EACH + "/@name")
    if not report.words and not signed:
        yield Breach("narrative-something", "Sections", "0")
    if len(signed) > 1:
        yield Breach("narrative-signed-once", "Attachments", str(len(signed)))
    for number, a in enumerate(files, start=1):
        if not fits(a.name, a.media_type):
            yield Breach("narrative-attachment-type", _at(number), f"{a.name}: {a.media_type}")
        if (a.role == "form") != bool(a.form):
            yield Breach("narrative-attachment-form", _at(number), f"{a.role}: {a.form}")
    total = sum(a.size for a in files)
    if total > wire().most_attached:
        yield Breach("narrative-size", "Attachments", f"{total} > {wire().most_attached}")


def _at(number: int) -> str:
    return _EACH.format(number)


def _attachment(a: Attachment) -> str:
    return element(
        "Attachment", digest=a.digest, form=a.form, mediaType=a.media_type, name=a.name, role=a.role, size=str(a.size)
    )


def _read_attachment(e: Element) -> Attachment:
    return Attachment(
        name=e.get("name", ""),
        media_type=e.get("mediaType", ""),
        size=int(e.get("size", "")),
        digest=e.get("digest", ""),
        role=cast(Role, e.get("role", "")),
        form=e.get("form", ""),
    )
