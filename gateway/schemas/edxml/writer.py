"""The canonical writer: layered form, the SDK's spelling (`Bussiness`), the literal prefix `edXML:`.

The prefix is not a matter of taste: the same URI without it is legal XML, passes the provincial hub,
and is lost beyond it. lxml keeps it as long as elements are built by SubElement under the envelope.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lxml import etree

from gateway.domain.errors import Problem, Rejected, problem
from gateway.schemas.edxml.attachments import content_id, encoded
from gateway.schemas.edxml.model import NAMESPACE, Answered, Document, Organ, Replaced, Status

_PREFIXED = {"edXML": NAMESPACE}
_CODE = re.compile(r"[A-Za-z0-9]+(\.[A-Za-z0-9]+)*")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")

# Decree 30/2020 appendix VI; Content and attachment names as buses in the field limit them.
_LENGTHS = {
    "CodeNumber": 11,
    "CodeNotation": 30,
    "TypeName": 100,
    "Subject": 500,
    "Content": 500,
    "OrganId": 35,
    "OrganName": 200,
    "FullName": 50,
    "Position": 100,
    "ToPlaces": 1000,
    "AttachmentName": 500,
}


def write(document: Document) -> bytes:
    """The package, UTF-8. The same document is the same bytes. Raises `Rejected` with every fault."""
    faults = list(_faults(document))
    if faults:
        raise Rejected(*faults)
    root = _root()
    header = _head(root)
    _message(header, document)
    _trace(header, document)
    _manifest(root, document)
    return _sealed(root, attached=bool(document.files))


def write_status(status: Status) -> bytes:
    """A status package: no To, no trace, no body."""
    root = _root()
    message = _sub(_head(root), "MessageHeader")
    _organ(message, "From", status.sender)
    _answered(message, status.about)
    _leaves(_sub(message, "StaffInfo"), ("Department", ""), ("Staff", ""), ("Mobile", ""), ("Email", ""))
    _leaves(
        message, ("StatusCode", status.code), ("Description", status.description), ("Timestamp", _slashed(status.at))
    )
    return _sealed(root, attached=False)


def _faults(d: Document) -> Iterator[Problem]:
    required = {
        "From.OrganId": d.sender.id,
        "From.OrganName": d.sender.name,
        "DocumentId": d.document_id,
        "Code.CodeNumber": d.number,
        "Code.CodeNotation": d.notation,
        "Subject": d.subject,
        "DocumentType.TypeName": d.type_name,
        "To": "".join(organ.id for organ in d.recipients),
        "Attachment": "".join(file.name for file in d.files),
    }
    yield from (_wrong(path, "thiếu / missing", "1") for path, value in required.items() if not value.strip())
    if not _DATE.fullmatch(d.issued):
        yield _wrong("PromulgationInfo.PromulgationDate", f"“{d.issued}”", "yyyy-mm-dd")
    codes = [organ.id for organ in d.recipients]
    yield from (_wrong("To.OrganId", f"{code}: hai lần / twice", "1") for code in _repeated(codes))
    names = [file.name for file in d.files]
    yield from (_wrong("AttachmentName", f"{name}: hai lần / twice", "1") for name in _repeated(names))
    for code in (d.sender.id, *codes):
        if code and not _CODE.fullmatch(code):
            yield _wrong("OrganId", f"“{code}”", "A-Z 0-9 .")
    yield from _too_long(d)


def _too_long(d: Document) -> Iterator[Problem]:
    lengths = [
        ("CodeNumber", d.number),
        ("CodeNotation", d.notation),
        ("TypeName", d.type_name),
        ("Subject", d.subject),
        ("Content", d.content),
        ("FullName", d.signer.name),
        ("Position", d.signer.position),
        ("ToPlaces", "".join(d.places)),
        *(("OrganId", organ.id) for organ in (d.sender, *d.recipients)),
        *(("OrganName", organ.name) for organ in (d.sender, *d.recipients)),
        *(("AttachmentName", file.name) for file in d.files),
    ]
    for name, value in lengths:
        if len(value) > _LENGTHS[name]:
            yield problem("C-003", what=name, found=len(value), limit=_LENGTHS[name])


def _message(header: etree._Element, d: Document) -> None:
    message = _sub(header, "MessageHeader")
    _organ(message, "From", d.sender)
    for organ in d.recipients:
        _organ(message, "To", organ)
    _leaves(message, ("DocumentId", d.document_id))
    _leaves(_sub(message, "Code"), ("CodeNumber", d.number), ("CodeNotation", d.notation))
    _leaves(_sub(message, "PromulgationInfo"), ("Place", d.place), ("PromulgationDate", _slashed(d.issued)))
    _leaves(_sub(message, "DocumentType"), ("Type", d.type), ("TypeDetail", d.type_detail), ("TypeName", d.type_name))
    _leaves(message, ("Subject", d.subject), ("Content", d.content))  # an empty Content, never none
    signer = _sub(message, "SignerInfo")
    _leaves(signer, ("Competence", d.signer.competence), ("Position", d.signer.position), ("FullName", d.signer.name))
    _leaves(message, ("DueDate", ""))
    _other(message, d)
    for answered in d.answers:
        _answered(message, answered)
    _leaves(message, ("SteeringType", d.steering))
    _leaves(_sub(message, "ToPlaces"), *(("Place", place) for place in d.places))


def _other(message: etree._Element, d: Document) -> None:
    other = _sub(message, "OtherInfo")
    _leaves(
        other,
        ("Priority", d.priority),
        ("SphereOfPromulgation", ""),
        ("TyperNotation", ""),
        ("PromulgationAmount", "1"),
        ("PageAmount", str(d.pages or 1)),
        ("Direction", "false"),
    )
    _leaves(_sub(other, "Appendixes"), *(("Appendix", name) for name in d.appendixes))


def _trace(header: etree._Element, d: Document) -> None:
    traces = _sub(header, "TraceHeaderList")
    _leaves(_sub(traces, "TraceHeader"), ("OrganId", d.sender.id), ("Timestamp", _slashed(d.sent_at)))
    business = _sub(traces, "Bussiness")
    _leaves(
        business,
        ("DocumentId", d.document_id),
        ("BussinessDocType", d.business.value),
        ("BussinessDocReason", d.reason or _REASONS[d.business.value]),
        ("Paper", "1" if d.paper else "0"),
    )
    if d.replaces:
        _replacements(business, d.replaces)
    _leaves(_sub(business, "StaffInfo"), ("Department", ""), ("Staff", ""), ("Email", d.sender.email), ("Mobile", ""))


_REASONS = {
    "0": "Văn bản điện tử mới",
    "1": "Thu hồi văn bản điện tử",
    "2": "Cập nhật văn bản điện tử",
    "3": "Thay thế văn bản điện tử",
}


def _replacements(business: etree._Element, replaced: Iterable[Replaced]) -> None:
    listed = _sub(business, "ReplacementInfoList")
    for each in replaced:
        info = _sub(listed, "ReplacementInfo")
        _leaves(info, ("DocumentId", each.document_id))
        _leaves(_sub(info, "OrganIdList"), *(("OrganId", code) for code in each.organ_ids))


def _manifest(root: etree._Element, d: Document) -> None:
    manifest = _sub(_sub(root[0], "edXMLBody"), "edXMLManifest")
    manifest.set("version", "1.0")
    bodies = _sub(root, "AttachmentEncoded")
    for file in d.files:
        identity = content_id(d.document_id, file.name)
        media_type, text = encoded(file.name, file.content, identity)
        named = (("AttachmentName", file.name), ("Description", file.description), ("ContentType", media_type))
        _leaves(_sub(manifest, "Reference"), ("ContentId", identity), *named)
        body = _sub(bodies, "Attachment")
        _leaves(body, ("ContentId", identity), *named)
        etree.SubElement(body, _q("ContentTransferEncoded"), nsmap=_PREFIXED).text = text


def _root() -> etree._Element:
    default: dict[str, str] = {None: NAMESPACE}  # type: ignore[dict-item]  # lxml's own way to say “no prefix”
    return etree.Element(_q("edXML"), nsmap=default)


def _head(root: etree._Element) -> etree._Element:
    envelope = etree.SubElement(root, _q("edXMLEnvelope"), nsmap=_PREFIXED)
    return _sub(envelope, "edXMLHeader")


def _organ(parent: etree._Element, name: str, organ: Organ) -> None:
    _leaves(
        _sub(parent, name),
        ("OrganId", organ.id),
        ("OrganizationInCharge", organ.in_charge),
        ("OrganName", organ.name),
        ("OrganAdd", organ.address),
        ("Email", organ.email),
        ("Telephone", organ.telephone),
        ("Fax", organ.fax),
        ("Website", organ.website),
    )


def _answered(parent: etree._Element, answered: Answered) -> None:
    _leaves(
        _sub(parent, "ResponseFor"),
        ("OrganId", answered.organ_id),
        ("Code", answered.code),
        ("PromulgationDate", _slashed(answered.issued)),
        ("DocumentId", answered.document_id),
    )


def _sealed(root: etree._Element, *, attached: bool) -> bytes:
    """The bytes, with the prefixes looked for in them: what a receiver reads is bytes, not a tree."""
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    expected = [b"<edXML:MessageHeader>", *([b"<Attachment>", b"<edXML:ContentTransferEncoded "] if attached else [])]
    missing = [text for text in expected if text not in written]
    if missing:
        raise AssertionError(f"the prefix was lost: {missing}")
    return written


def _sub(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, _q(name))


def _leaves(parent: etree._Element, *leaves: tuple[str, str]) -> None:
    for name, text in leaves:
        try:
            _sub(parent, name).text = text
        except ValueError as error:  # control characters, which no XML 1.0 can carry
            raise Rejected(_wrong(name, str(error), "XML 1.0")) from error


def _repeated(values: list[str]) -> list[str]:
    return sorted({value for value in values if values.count(value) > 1})


def _wrong(path: str, reason: str, expected: str) -> Problem:
    return problem("C-005", path=path, line="-", reason=reason, expected=expected)


def _slashed(text: str) -> str:
    return text.replace("-", "/")


def _q(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
