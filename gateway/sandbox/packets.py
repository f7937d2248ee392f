"""The national packets, read and written by code of this room alone.

Namespace and shape as agreed on the wire; the digest of a body is taken over its exclusive C14N by libxml2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from lxml import etree

from gateway import safexml
from gateway.domain.errors import Rejected

NAMESPACE = "urn:report-gateway:national:1"
_BOUNDS = safexml.Bounds(bytes=256 * 1024 * 1024, depth=32, nodes=8_000_000)
_STATES = frozenset({"nil", "not_available", "confidential"})


class Unfit(Exception):
    """A packet that is not to the standard; `code` as the interface says it."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of a packet without looking at its values. `narrative`: SHA-256 of the packet of its words."""

    message_id: str
    kind: str
    sender: tuple[str, str]
    receiver: tuple[str, str]
    form: str = ""
    period: str = ""
    start: str = ""
    end: str = ""
    reporter: str = ""
    revision: int = 1
    backfill: str = ""
    narrative: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What stands around a body the national system sends; `about`: the message it answers, or ""."""

    kind: str
    message_id: str
    created: str
    receiver: tuple[str, str]
    about: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """`text` is the figure as written, or the state that stands in its place."""

    indicator: str
    organisation: str
    unit: str
    breakdown: str
    text: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.indicator, self.organisation, self.breakdown


def checked(payload: bytes) -> Head:
    """The head of a packet that is to the standard. Raises `Unfit` (10 no XML, 22 not to the standard)."""
    root = parsed(payload)
    if root.tag != _q("Packet"):
        raise Unfit("22", f"root element {root.tag}")
    header, body = _one(root, "Header"), _one(root, "Body")
    said = _text(header, "BodyDigest")
    if said != body_digest(body):
        raise Unfit("22", "BodyDigest does not fit the Body")
    if _text(header, "MessageId") != _text(header, "MessageId").strip():
        raise Unfit("22", "MessageId with blanks")
    datetime_of(_text(header, "Created"))
    parties = {name: _party(_one(header, name)) for name in ("Sender", "Receiver")}
    kind = root.get("packet", "")
    head = Head(_text(header, "MessageId"), kind, parties["Sender"], parties["Receiver"])
    return _reported(head, body) if kind == "report-data" else head


def parsed(payload: bytes) -> etree._Element:
    """Raises `Unfit` (10)."""
    try:
        return safexml.parse(payload, _BOUNDS)
    except Rejected as error:
        raise Unfit("10", str(error)) from error


def body_digest(body: etree._Element) -> str:
    return sha256(etree.tostring(body, method="c14n", exclusive=True, with_comments=False)).hexdigest()


def values_of(payload: bytes) -> Iterator[Value]:
    """Every value of a report packet, in order."""
    for e in parsed(payload).iter(_q("Value")):
        get = e.attrib.get
        text = get("state") or e.text or ""
        yield Value(get("indicator", ""), get("organisation", ""), get("unit", ""), get("breakdown", ""), text)


def datetime_of(text: str) -> datetime:
    """Raises `Unfit` (22) for anything but an instant with its offset."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise Unfit("22", f"{text}: no instant") from error
    if at.tzinfo is None:
        raise Unfit("22", f"{text}: without offset")
    return at


def packet(envelope: Envelope, body: etree._Element) -> bytes:
    """A packet of the national system around `body`'s one element."""
    root = etree.Element(_q("Packet"), {"packet": envelope.kind, "version": "1.0"}, nsmap={None: NAMESPACE})  # type: ignore[dict-item]  # lxml's “no prefix”
    header = etree.SubElement(root, _q("Header"))
    leaf(header, "MessageId", envelope.message_id)
    leaf(header, "Created", envelope.created)
    for name, (code, old_code) in (("Sender", ("G22", "000.00.00.G22")), ("Receiver", envelope.receiver)):
        party = etree.SubElement(header, _q(name))
        leaf(party, "Code", code)
        leaf(party, "OldCode", old_code)
    if envelope.about:
        leaf(header, "CorrelationId", envelope.about)
    digest = leaf(header, "BodyDigest", "", algorithm="SHA-256")
    around = etree.SubElement(root, _q("Body"), Id="body")
    around.append(body)
    digest.text = body_digest(around)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def bare(name: str, attributes: Mapping[str, str] | None = None) -> etree._Element:
    """An element that stands in nothing yet."""
    return etree.Element(_q(name), dict(attributes or {}), nsmap={None: NAMESPACE})  # type: ignore[dict-item]  # lxml's “no prefix”


def leaf(parent: etree._Element, name: str, text: str, **attributes: str) -> etree._Element:
    """A child; attributes without a value are left out."""
    child = etree.SubElement(parent, _q(name), {key: value for key, value in attributes.items() if value})
    child.text = text or None
    return child


def _reported(head: Head, body: etree._Element) -> Head:
    data = _one(body, "ReportData")
    period, listed, backfill = _one(data, "Period"), _one(data, "Values"), data.find(_q("Backfill"))
    values, narrative = listed.findall(_q("Value")), data.find(_q("Narrative"))
    if listed.get("count") != str(len(values)):
        raise Unfit("22", f"Values count {listed.get('count')}, found {len(values)}")
    _shaped(values)
    _text(data, "Regime")
    revision = _text(data, "Revision")
    if not (revision.isascii() and revision.isdigit()):
        raise Unfit("22", f"Revision {revision}")
    return Head(
        head.message_id,
        head.kind,
        head.sender,
        head.receiver,
        form=_text(data, "Form"),
        period=f"{_attribute(period, 'regime')}:{_attribute(period, 'code')}",
        start=_attribute(period, "start"),
        end=_attribute(period, "end"),
        reporter=_text(data, "Reporter"),
        revision=int(revision),
        backfill="" if backfill is None else _attribute(backfill, "documentId"),
        narrative="" if narrative is None else _attribute(narrative, "digest"),
    )


def _shaped(values: Iterable[etree._Element]) -> None:
    for e in values:
        get = e.attrib.get
        if not (get("indicator") and get("organisation") and get("unit")):
            raise Unfit("22", f"Value without indicator, organisation or unit (line {e.sourceline})")
        if bool(e.text) == bool(get("state")) or get("state", "nil") not in _STATES:
            raise Unfit("22", f"Value with neither or both of figure and state (line {e.sourceline})")


def _party(e: etree._Element) -> tuple[str, str]:
    return _text(e, "Code"), _text(e, "OldCode")


def _one(parent: etree._Element, name: str) -> etree._Element:
    found = parent.findall(_q(name))
    if len(found) != 1:
        raise Unfit("22", f"{name}: one is wanted, {len(found)} found")
    return found[0]


def _text(parent: etree._Element, name: str) -> str:
    text = _one(parent, name).text
    if not text:
        raise Unfit("22", f"{name} is empty")
    return text


def _attribute(e: etree._Element, name: str) -> str:
    value = e.get(name)
    if not value:
        raise Unfit("22", f"{etree.QName(e).localname} without {name}")
    return value


def _q(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
