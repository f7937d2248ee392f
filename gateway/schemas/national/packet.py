"""A whole packet: one header for all thirteen, exactly one body. Bytes in, values out, and back."""

from __future__ import annotations

from datetime import datetime

from gateway import safexml
from gateway.domain.catalogue import Catalogue
from gateway.domain.errors import Rejected, problem
from gateway.ports import Header
from gateway.safexml import Element
from gateway.schemas.national import catalogue, form, report_data, schema, status
from gateway.schemas.national.canonical import body, body_digest, element, optional
from gateway.schemas.national.model import Content, FormDefinition, Packet, ReportData, Status
from gateway.schemas.national.schema import qualified
from gateway.schemas.national.wire import wire

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def written(packet: Packet) -> bytes:
    """The packet as it goes over a wire; valid against its schema, or `Rejected` (C-005)."""
    profile = wire()
    inner = body(_written(packet.content))
    text = element(
        "Packet",
        (_header(packet.header, body_digest(inner, profile)), inner),
        packet=packet.header.packet,
        version=profile.version,
        xmlns=profile.namespace,
    )
    result = (_DECLARATION + text).encode()
    schema.check(safexml.parse(result))
    return result


def read(payload: bytes) -> Packet:
    """A packet from foreign bytes. Raises `Rejected` with every fault found (C-001 … C-005)."""
    root = safexml.parse(payload)
    schema.check(root)
    name = root.get("packet", "")
    content = root[1][0]
    expected = wire().bodies[name]
    if content.tag != qualified(expected):
        found = content.tag.rpartition("}")[2]
        raise Rejected(problem("C-005", path="/Packet/Body", line=content.sourceline, reason=found, expected=expected))
    return Packet(_read_header(root), _read(content, expected))


def _written(content: Content) -> str:
    match content:
        case ReportData():
            return report_data.written(content)
        case Status():
            return status.written(content)
        case Catalogue():
            return catalogue.written(content)
        case FormDefinition():
            return form.written(content)


def _read(content: Element, name: str) -> Content:
    match name:
        case "ReportData":
            return report_data.read(content)
        case "Status":
            return status.read(content)
        case "Catalogue":
            return catalogue.read(content)
        case _:
            return form.read(content)


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
