"""A whole packet: one header for all thirteen, exactly one body. Bytes in, values out, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway import safexml
from gateway.domain.catalogue import Catalogue
from gateway.domain.errors import Rejected, problem
from gateway.ports import Header
from gateway.safexml import Element
from gateway.schemas.national import (
    catalogue,
    form,
    kpi_catalogue,
    kpi_report,
    kpi_set,
    list_report,
    narrative,
    outline,
    regime,
    report_data,
    schema,
    status,
)
from gateway.schemas.national.canonical import body, body_digest, element, optional
from gateway.schemas.national.constraints import Breach, refuse
from gateway.schemas.national.model import Content, Packet
from gateway.schemas.national.schema import qualified
from gateway.schemas.national.wire import wire

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def written(packet: Packet) -> bytes:
    """The packet as it goes over a wire; valid against its schema, or `Rejected` (C-005, C-022)."""
    profile = wire()
    name = type(packet.content).__name__
    inner = body(_WRITERS[name](packet.content))
    text = element(
        "Packet",
        (_header(packet.header, body_digest(inner, profile)), inner),
        packet=packet.header.packet,
        version=profile.version,
        xmlns=profile.namespace,
    )
    result = (_DECLARATION + text).encode()
    schema.check(safexml.parse(result))  # before the constraints: they take figures for figures
    refuse(_breaches(packet.content, packet.header.packet), name)
    return result


def read(payload: bytes) -> Packet:
    """A packet from foreign bytes. Raises `Rejected` with every fault found (C-001 … C-005, C-022)."""
    root = safexml.parse(payload)
    schema.check(root)
    name = root.get("packet", "")
    content = root[1][0]
    expected = wire().bodies[name]
    if content.tag != qualified(expected):
        found = content.tag.rpartition("}")[2]
        raise Rejected(problem("C-005", path="/Packet/Body", line=content.sourceline, reason=found, expected=expected))
    return Packet(_read_header(root), _read(content, expected, name))


def _read(content: Element, name: str, packet: str) -> Content:
    if name == "Catalogue":
        return catalogue.read(content, packet)
    return _BODIES[name].read(content)


def _breaches(content: Content, packet: str) -> Iterator[Breach]:
    if isinstance(content, Catalogue):
        return kpi_catalogue.breaches(content, packet)
    return _BODIES[type(content).__name__].breaches(content)


def _header(h: Header, digest: str) -> str:
    return element(
        "Header",
        (
            element("MessageId", h.message_id),
            element("Created", h.created.isoformat(timespec="seconds")),
            element("Sender", (element("Code", h.sender_code), element("OldCode", h.sender_old_code))),
            element("Receiver", (element("Code", h.receiver_code), element("OldCode", h.receiver_old_code))),
            optional("CorrelationId", h.correlation_id),
            optional("ReplyTo", h.reply_to),
            element("BodyDigest", digest, algorithm="SHA-256"),
        ),
    )


def _read_header(root: Element) -> Header:
    header = root[0]
    said = {child.tag.rpartition("}")[2]: child for child in header}
    sender, receiver = said["Sender"], said["Receiver"]
    return Header(
        message_id=said["MessageId"].text or "",
        packet=root.get("packet", ""),
        created=datetime.fromisoformat((said["Created"].text or "").strip()),
        sender_code=sender[0].text or "",
        sender_old_code=sender[1].text or "",
        receiver_code=receiver[0].text or "",
        receiver_old_code=receiver[1].text or "",
        correlation_id=header.findtext(qualified("CorrelationId"), ""),
        reply_to=header.findtext(qualified("ReplyTo"), ""),
    )


def _none(_: Content) -> Iterator[Breach]:
    return iter(())


@dataclass(frozen=True, slots=True)
class _Body:
    """How the content of that name is written, read, and what it must keep beyond its schema."""

    written: Callable[[Any], str]
    read: Callable[[Element], Content]
    breaches: Callable[[Any], Iterator[Breach]] = _none


# A catalogue stands in four packets and is read by the packet's name.
_BODIES: Mapping[str, _Body] = {
    "Regime": _Body(regime.written, regime.read, regime.breaches),
    "FormDefinition": _Body(form.written, form.read),
    "Outline": _Body(outline.written, outline.read, outline.breaches),
    "ReportData": _Body(report_data.written, report_data.read),
    "ListReport": _Body(list_report.written, list_report.read, list_report.breaches),
    "Narrative": _Body(narrative.written, narrative.read, narrative.breaches),
    "Status": _Body(status.written, status.read),
    "KpiSet": _Body(kpi_set.written, kpi_set.read, kpi_set.breaches),
    "KpiReport": _Body(kpi_report.written, kpi_report.read, kpi_report.breaches),
}
_WRITERS = {name: one.written for name, one in _BODIES.items()} | {"Catalogue": catalogue.written}
