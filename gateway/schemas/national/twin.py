"""The JSON twin of a packet: the same names in camelCase, the same constraints.

Its `bodyDigest` is the SHA-256 of the canonical JSON of ``body``. Reading goes through the XML form,
so that one schema rules both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any, get_args

from gateway.domain.calendar import period
from gateway.domain.catalogue import Catalogue, Item
from gateway.domain.errors import Rejected, problem
from gateway.domain.parcel import Backfill
from gateway.domain.record import canonical, plain, restore
from gateway.domain.report import Report, ReportHead
from gateway.ports import Header
from gateway.schemas.national import packet as xml
from gateway.schemas.national.model import Beside, Content, Packet, Plain, ReportData
from gateway.schemas.national.wire import wire
from gateway.schemas.values import columns_of, values_of

_BODIES: dict[str, type[Plain]] = {
    f"{shape.__name__[0].lower()}{shape.__name__[1:]}": shape for shape in get_args(Plain)
}


def twin(packet: Packet) -> dict[str, Any]:
    """The packet as JSON values."""
    name, content = _body(packet.content)
    body = {name: content}
    return {
        "packet": packet.header.packet,
        "version": wire().version,
        "header": {**_header(packet.header), "bodyDigest": sha256(canonical(body)).hexdigest()},
        "body": body,
    }


def read(said: Mapping[str, Any]) -> Packet:
    """The packet a twin stands for. Raises `Rejected` (C-005) like its XML form."""
    body = said.get("body")
    header = said.get("header")
    if not isinstance(body, dict) or not isinstance(header, dict) or len(body) != 1:
        raise _wrong("body", f"one of reportData, {', '.join(_BODIES)}")
    if header.get("bodyDigest") != sha256(canonical(body)).hexdigest():
        raise Rejected(
            problem(
                "C-005",
                path="$.header.bodyDigest",
                line="-",
                reason=f"“{header.get('bodyDigest')}”",
                expected=sha256(canonical(body)).hexdigest(),
            )
        )
    if said.get("version") != wire().version:
        raise _wrong("version", wire().version)
    try:
        packet = Packet(_read_header(header, str(said.get("packet"))), _content(body))
        return _through_the_schema(packet)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _wrong(f"body: {error}", "the packet's own fields") from None


def _through_the_schema(packet: Packet) -> Packet:
    """What the XML schema refuses, its twin refuses: it is written once and read once.

    What comes back otherwise than it went in was of another type than its field: a list where a text should stand.
    """
    read_back = xml.read(xml.written(packet))
    if isinstance(packet.content, Plain) and read_back.content != packet.content:
        raise _wrong("body: fields of another type", "the packet's own fields")
    return read_back


def _body(content: Content) -> tuple[str, Any]:
    if isinstance(content, ReportData):
        return "reportData", _report(content)
    name = next(name for name, shape in _BODIES.items() if isinstance(content, shape))
    return name, _camel(plain(content))


def _content(body: Mapping[str, Any]) -> Content:
    [(name, said)] = body.items()
    if name == "reportData":
        return _read_report(said)
    if name not in _BODIES:
        raise ValueError(name)
    content = restore(_BODIES[name], _snake(said))
    if isinstance(content, Catalogue):
        return replace(content, items=tuple(map(_with_attributes, content.items)))
    return content


def _with_attributes(item: Item) -> Item:
    return replace(item, attributes=dict(item.attributes))


def _report(data: ReportData) -> dict[str, Any]:
    head, covers = data.report.head, period(data.report.head.period)
    said: dict[str, Any] = {
        "regime": head.regime,
        "form": head.form,
        "period": {
            "regime": covers.regime,
            "code": covers.code,
            "start": covers.start.isoformat(),
            "end": covers.end.isoformat(),
        },
        "reporter": head.reporter,
        "revision": head.revision,
    }
    if head.approver:
        said["approver"] = head.approver
    if head.note:
        said["note"] = head.note
    if data.backfill:
        said["backfill"] = _camel(plain(data.backfill))
    said["values"] = values_of(data.report.columns, wire().states)
    if data.narrative:
        said["narrative"] = plain(data.narrative)
    return said


def _read_report(said: Mapping[str, Any]) -> ReportData:
    head = ReportHead(
        regime=said["regime"],
        form=said["form"],
        period=f"{said['period']['regime']}:{said['period']['code']}",
        reporter=said["reporter"],
        revision=said["revision"],
        approver=said.get("approver", ""),
        note=said.get("note", ""),
    )
    covers = period(head.period)
    if (said["period"]["start"], said["period"]["end"]) != (covers.start.isoformat(), covers.end.isoformat()):
        raise ValueError(f"period {head.period} = {covers.start}…{covers.end}")
    backfill = restore(Backfill, _snake(said["backfill"])) if "backfill" in said else None
    narrative = restore(Beside, said["narrative"]) if "narrative" in said else None
    return ReportData(Report(head, columns_of(said["values"], wire().marks)), backfill, narrative)


def _header(h: Header) -> dict[str, Any]:
    said: dict[str, Any] = {
        "messageId": h.message_id,
        "created": h.created.isoformat(timespec="seconds"),
        "sender": {"code": h.sender_code, "oldCode": h.sender_old_code},
        "receiver": {"code": h.receiver_code, "oldCode": h.receiver_old_code},
    }
    if h.correlation_id:
        said["correlationId"] = h.correlation_id
    if h.reply_to:
        said["replyTo"] = h.reply_to
    return said


def _read_header(said: Mapping[str, Any], packet: str) -> Header:
    return Header(
        message_id=said["messageId"],
        packet=packet,
        created=datetime.fromisoformat(said["created"]),
        sender_code=said["sender"]["code"],
        sender_old_code=said["sender"]["oldCode"],
        receiver_code=said["receiver"]["code"],
        receiver_old_code=said["receiver"]["oldCode"],
        correlation_id=said.get("correlationId", ""),
        reply_to=said.get("replyTo", ""),
    )


def _camel(value: Any) -> Any:
    if isinstance(value, dict):
        return {_camel_name(key): _camel(inner) for key, inner in value.items() if inner not in (None, "", {})}
    return [_camel(inner) for inner in value] if isinstance(value, list) else value


def _camel_name(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


def _snake(value: Any) -> Any:
    if isinstance(value, dict):
        return {_snake_name(key): _snake(inner) for key, inner in value.items()}
    return [_snake(inner) for inner in value] if isinstance(value, list) else value


def _snake_name(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def _wrong(reason: str, expected: str) -> Rejected:
    return Rejected(problem("C-005", path="$", line="-", reason=reason, expected=expected))
