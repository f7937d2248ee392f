"""Packet 3, biểu mẫu báo cáo đề cương."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from gateway.domain.outline import Outline, Section
from gateway.safexml import Element
from gateway.schemas.national.canonical import element, optional
from gateway.schemas.national.constraints import Breach, refuse, repeated
from gateway.schemas.national.head import named, text
from gateway.schemas.national.validity import day, ends_before_it_begins

_DEEPEST = 6
_EACH = "Sections/Section[{}]"


def written(outline: Outline) -> str:
    """The Outline element."""
    return element(
        "Outline",
        (
            element("Name", outline.name),
            element("LegalBasis", outline.legal_basis),
            element("Subjects", outline.subjects),
            element("SendTime", outline.send_time),
            element("Approver", outline.approver),
            element("Sections", map(_section, outline.sections)),
        ),
        attachments=str(outline.attachments),
        code=outline.code,
        validFrom=outline.valid_from.isoformat(),
        validTo=outline.valid_to.isoformat() if outline.valid_to else None,
        version=outline.version,
    )


def read(body: Element) -> Outline:
    """From a body that its schema has passed. Raises `Rejected` (C-022)."""
    *words, sections = body
    name, legal_basis, subjects, send_time, approver = map(text, words)
    outline = Outline(
        code=body.get("code", ""),
        version=body.get("version", ""),
        valid_from=date.fromisoformat(body.get("validFrom", "")),
        valid_to=day(body.get("validTo")),
        name=name,
        legal_basis=legal_basis,
        subjects=subjects,
        send_time=send_time,
        approver=approver,
        sections=tuple(map(_read_section, sections)),
        attachments=int(body.get("attachments", "")),
    )
    refuse(breaches(outline), "Outline", body)
    return outline


def breaches(outline: Outline) -> Iterator[Breach]:
    """Constraints of packet 3 that this outline does not keep."""
    yield from ends_before_it_begins(outline.valid_from, outline.valid_to)
    sections = outline.sections
    yield from repeated("outline-section-once", [s.code for s in sections], _EACH + "/@code")
    yield from repeated("outline-number-once", [(s.parent, s.number) for s in sections], _EACH + "/@number")
    if not any(section.longest for section in sections):
        yield Breach("outline-words", "Sections", "0")
    depth = {"": 0}
    for number, s in enumerate(sections, start=1):
        if s.parent not in depth:
            yield Breach("outline-parent-before", f"{_at(number)}/@parent", s.parent)
        depth.setdefault(s.code, depth.get(s.parent, 0) + 1)
        if depth[s.code] > _DEEPEST:
            yield Breach("outline-depth", _at(number), str(depth[s.code]))
        if s.required and not s.longest:
            yield Breach("outline-required-words", _at(number), s.code)
        yield from repeated("outline-indicator-once", s.indicators, _at(number) + "/Indicator[{}]")


def _at(number: int) -> str:
    return _EACH.format(number)


def _section(s: Section) -> str:
    return element(
        "Section",
        (
            element("Title", s.title),
            optional("Guidance", s.guidance),
            *(element("Indicator", code=code) for code in s.indicators),
        ),
        code=s.code,
        longest=str(s.longest) if s.longest else None,
        number=s.number,
        parent=s.parent,
        required="true" if s.required else None,
    )


def _read_section(e: Element) -> Section:
    found = named(e)
    return Section(
        code=e.get("code", ""),
        number=e.get("number", ""),
        title=text(found["Title"]),
        parent=e.get("parent", ""),
        guidance=text(found["Guidance"]) if "Guidance" in found else "",
        required=e.get("required") in ("true", "1"),
        longest=int(e.get("longest", "0")),
        indicators=tuple(one.get("code", "") for one in e if "code" in one.attrib),
    )
