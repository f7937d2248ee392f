"""The tolerant reader: layered, flat and damaged packages, documents and statuses.

By local name, whatever the order; what had to be mended stands in `notes`. Only what cannot be
understood at all is refused: whether a document is acceptable is a clerk's judgement, not a parser's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from gateway import safexml
from gateway.domain.errors import Problem, Rejected, problem
from gateway.schemas.edxml.attachments import TOGETHER, decoded
from gateway.schemas.edxml.elements import anywhere, child, children, exact, iso_date, iso_time, text
from gateway.schemas.edxml.model import Answered, Business, Document, File, Organ, Replaced, Signer, Status

_UNDECLARED = re.compile(rb"""\sxlink:\w+\s*=\s*("[^"]*"|'[^']*')""")
_DIGITS = re.compile(r"[0-9]{1,2}")
_ORDINARY = "%Y/%m/%d"
_BOUNDS = safexml.Bounds(bytes=96 * 1024 * 1024, depth=32, nodes=200_000)  # 50 MB of files, as base64


def read(payload: bytes) -> Document | Status:
    """The package, of whichever kind. Raises `Rejected` (C-001 … C-005)."""
    root, notes = _parsed(payload)
    header = anywhere(root, "MessageHeader")
    if header is None:
        raise Rejected(_missing("MessageHeader"))
    if child(header, "StatusCode") is not None:
        return _status(header, notes)
    return _document(root, header, notes)


def read_document(payload: bytes) -> Document:
    """A document package. Raises `Rejected`, also for a status."""
    package = read(payload)
    if not isinstance(package, Document):
        raise Rejected(_missing("Code"))
    return package


def read_status(payload: bytes) -> Status:
    """A status package. Raises `Rejected`, also for a document."""
    package = read(payload)
    if not isinstance(package, Status):
        raise Rejected(_missing("StatusCode"))
    return package


def _parsed(payload: bytes) -> tuple[etree._Element, list[str]]:
    """The root, after mending what official samples themselves do wrong (edXML is older than its validators)."""
    notes = []
    start = payload.find(b"<")
    if start > 0 and payload[:start] != b"\xef\xbb\xbf":
        payload = payload[start:]
        notes.append("junk before the XML declaration")
    if b"xlink:" in payload and b"xmlns:xlink" not in payload:
        payload = _UNDECLARED.sub(b"", payload)
        notes.append("undeclared prefix xlink")
    return safexml.parse(payload, _BOUNDS), notes


def _status(header: etree._Element, notes: list[str]) -> Status:
    written = text(header, "StatusCode")
    if not _DIGITS.fullmatch(written):
        raise Rejected(problem("C-005", path="StatusCode", line="-", reason=f"“{written}”", expected="01 … 16"))
    if len(written) == 1:
        notes.append("StatusCode of one digit")
    about = next(_answers(header, notes), None) or Answered("", "", "", "")
    return Status(
        sender=_organ(child(header, "From")),
        about=about,
        code=written.zfill(2),
        description=text(header, "Description"),
        at=iso_time(text(header, "Timestamp")),
        notes=tuple(notes),
    )


def _document(root: etree._Element, header: etree._Element, notes: list[str]) -> Document:
    trace = anywhere(root, "TraceHeaderList")
    business = child(trace, "Bussiness")
    kind = child(header, "DocumentType")
    typed = kind is not None and len(kind) > 0  # flat: the name itself
    files = tuple(_files(root, notes))
    other = child(header, "OtherInfo")
    return Document(
        sender=_organ(child(header, "From")),
        recipients=tuple(_organ(element) for element in children(header, "To")),
        document_id=exact(header, "DocumentId"),
        number=text(header, "Code", "CodeNumber"),
        notation=text(header, "Code", "CodeNotation"),
        place=text(header, "PromulgationInfo", "Place"),
        issued=_date(text(header, "PromulgationInfo", "PromulgationDate"), notes),
        subject=text(header, "Subject"),
        sent_at=_sent_at(trace, notes),
        files=files,
        content=text(header, "Content"),
        type=text(kind, "Type"),
        type_detail=text(kind, "TypeDetail"),
        type_name=text(kind, "TypeName") if typed else text(header, "DocumentType"),
        signer=_signer(child(header, "SignerInfo")),
        priority=text(other, "Priority") or "0",
        pages=_count(text(other, "PageAmount")),
        appendixes=_texts(child(other, "Appendixes"), "Appendix"),
        answers=tuple(_answers(header, notes)),
        steering=text(header, "SteeringType") or "0",
        places=_texts(child(header, "ToPlaces"), "Place"),
        business=_business(text(business, "BussinessDocType"), notes),
        reason=text(business, "BussinessDocReason"),
        paper=text(business, "Paper") == "1",
        replaces=tuple(_replaced(child(business, "ReplacementInfoList"))),
        notes=tuple(notes),
    )


def _organ(element: etree._Element | None) -> Organ:
    return Organ(
        id=text(element, "OrganId"),
        name=text(element, "OrganName"),
        in_charge=text(element, "OrganizationInCharge"),
        address=text(element, "OrganAdd"),
        email=text(element, "Email"),
        telephone=text(element, "Telephone"),
        fax=text(element, "Fax"),
        website=text(element, "Website"),
    )


def _signer(element: etree._Element | None) -> Signer:
    name = text(element, "FullName") or text(element, "Signer")
    return Signer(text(element, "Competence"), text(element, "Position"), name)


def _answers(header: etree._Element, notes: list[str]) -> Iterator[Answered]:
    """Every ResponseFor that says something; empty ones are frequent."""
    for element in children(header, "ResponseFor"):
        code = text(element, "Code") or "/".join(_texts(child(element, "Code"), "CodeNumber", "CodeNotation"))
        written = text(element, "PromulgationDate")
        answered = Answered(
            organ_id=text(element, "OrganId"),
            code=code,
            issued=_date(written, notes),
            document_id=exact(element, "DocumentId"),
            written=written,
        )
        if answered.document_id.strip() or answered.code:
            yield answered
        else:
            notes.append("empty ResponseFor")


def _replaced(listed: etree._Element | None) -> Iterator[Replaced]:
    for info in children(listed, "ReplacementInfo"):
        yield Replaced(exact(info, "DocumentId"), _texts(child(info, "OrganIdList"), "OrganId"))


def _files(root: etree._Element, notes: list[str]) -> Iterator[File]:
    bodies = child(root, "AttachmentEncoded")
    if bodies is None:
        bodies = anywhere(root, "Manifest")  # flat
    described = {
        _identity(reference): text(reference, "Description")
        for reference in children(anywhere(root, "edXMLManifest"), "Reference")
    }
    room = TOGETHER
    for element in children(bodies, "Attachment"):
        name = text(element, "AttachmentName") or text(element, "FileName")
        encoded = child(element, "ContentTransferEncoded")
        body = encoded if encoded is not None else child(element, "Content")
        content, mended = decoded(name, (body.text or "") if body is not None else "", room)
        room -= len(content)
        notes.extend(mended)
        yield File(name, text(element, "Description") or described.get(_identity(element), ""), content)


def _identity(element: etree._Element) -> str:
    return text(element, "ContentId").removeprefix("cid:") or text(element, "AttachmentName")


def _sent_at(trace: etree._Element | None, notes: list[str]) -> str:
    stamps = list(children(trace, "TraceHeader"))
    if any(not text(stamp, "OrganId") for stamp in stamps):
        notes.append("TraceHeader without OrganId")
    return iso_time(text(stamps[0], "Timestamp")) if stamps else ""


def _date(written: str, notes: list[str]) -> str:
    day, form = iso_date(written)
    if written and form != _ORDINARY:
        notes.append(f"date “{written}” read as {form or 'none'}")
    return day


def _business(written: str, notes: list[str]) -> Business:
    try:
        return Business(written or "0")
    except ValueError:
        notes.append(f"BussinessDocType “{written}”")
        return Business.NEW


def _count(written: str) -> int:
    return int(written) if written.isascii() and written.isdigit() else 0


def _texts(parent: etree._Element | None, *names: str) -> tuple[str, ...]:
    return tuple(found for name in names for element in children(parent, name) if (found := text(element)))


def _missing(path: str) -> Problem:
    return problem("C-005", path=path, line="-", reason="thiếu / missing", expected="edXML QCVN 102:2016")
