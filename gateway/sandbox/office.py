"""The receiving office: reads the head of a document package and answers it with status packages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from lxml import etree

from gateway import safexml
from gateway.domain.errors import Rejected

NAMESPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
_VIETNAM = timezone(timedelta(hours=7))
_BOUNDS = safexml.Bounds(bytes=128 * 1024 * 1024, depth=32, nodes=200_000)

# What an office says of a document, in this order; the axis delivers it in any, and twice if it likes.
MANNERS = {
    "accept": ("01", "03"),
    "reject": ("01", "02"),
    "recall": ("01", "15"),
    "thorough": ("01", "03", "04", "05", "06"),
    "astray": ("03", "01", "01", "03"),
    "lets_go": ("01",),
    "keeps": ("01",),
    "silent": (),
}
_WHEN_ASKED_BACK = {"recall": ("15",), "lets_go": ("15",), "silent": ()}  # others keep it
_WORDS = {
    "01": "Phần mềm đã nhận gói tin, văn thư chưa xử lý",
    "02": "Từ chối tiếp nhận: đề nghị kiểm tra lại số liệu và gửi lại",
    "03": "Đã tiếp nhận, vào sổ văn bản đến",
    "04": "Lãnh đạo đã phân công xử lý",
    "05": "Đang xử lý",
    "06": "Đã hoàn thành",
    "15": "Đồng ý lấy lại văn bản",
    "16": "Không đồng ý lấy lại văn bản",
}


class NoPackage(Exception):
    """Not an edXML package, or one without what every package must have."""


@dataclass(frozen=True, slots=True)
class Package:
    """The head of a document or a status. `code` is ``128/BC-UBND``; `status` is "" for a document."""

    sender: str
    sender_name: str
    recipients: tuple[tuple[str, str], ...]
    document_id: str
    code: str
    issued: str
    subject: str
    attachments: int
    status: str = ""


def read(payload: bytes) -> Package:
    """Raises `NoPackage`."""
    try:
        root = safexml.parse(payload, _BOUNDS)
    except Rejected as error:
        raise NoPackage(str(error)) from error
    header = root.find(f".//{_q('MessageHeader')}")
    if header is None:
        raise NoPackage("N.MessageHeader")
    return _status(header) if header.find(_q("StatusCode")) is not None else _document(root, header)


def _document(root: etree._Element, header: etree._Element) -> Package:
    recipients = tuple((_text(to, "OrganId"), _text(to, "OrganName")) for to in header.findall(_q("To")))
    if not recipients or len({code for code, _ in recipients}) != len(recipients):
        raise NoPackage("N.To")
    if header.find(_q("Content")) is None:
        raise NoPackage("R.Content")
    return Package(
        sender=_text(header, "From", "OrganId"),
        sender_name=_text(header, "From", "OrganName"),
        recipients=recipients,
        document_id=_text(header, "DocumentId"),
        code=f"{_text(header, 'Code', 'CodeNumber')}/{_text(header, 'Code', 'CodeNotation')}",
        issued=_text(header, "PromulgationInfo", "PromulgationDate"),
        subject=_text(header, "Subject"),
        attachments=len(root.findall(f".//{_q('ContentTransferEncoded')}")),
    )


def _status(header: etree._Element) -> Package:
    """A status of the document's sender (13); its ResponseFor names the receiver."""
    about = _text(header, "ResponseFor", "OrganId")
    return Package(
        sender=_text(header, "From", "OrganId"),
        sender_name=_text(header, "From", "OrganName"),
        recipients=((about, about),),
        document_id=_text(header, "ResponseFor", "DocumentId"),
        code=_text(header, "ResponseFor", "Code"),
        issued=_text(header, "ResponseFor", "PromulgationDate"),
        subject="",
        attachments=0,
        status=_text(header, "StatusCode").zfill(2),
    )


def answers(manner: str, status: str) -> tuple[str, ...]:
    """The codes an office of that manner answers a document with, or a `status` about one."""
    if status == "13":
        return _WHEN_ASKED_BACK.get(manner, ("16",))
    return () if status else MANNERS[manner]


def answer(package: Package, office: tuple[str, str], code: str, at: float) -> bytes:
    """A status package of `office` (code, name) about `package`, in the layered form."""
    default = {None: NAMESPACE}
    root = etree.Element(_q("edXML"), nsmap=default)  # type: ignore[arg-type]  # lxml's “no prefix”
    envelope = etree.SubElement(root, _q("edXMLEnvelope"), nsmap={"edXML": NAMESPACE})
    message = _sub(_sub(envelope, "edXMLHeader"), "MessageHeader")
    sender = _sub(message, "From")
    _leaves(sender, OrganId=office[0], OrganizationInCharge=office[1], OrganName=office[1], OrganAdd="")
    _leaves(sender, Email="", Telephone="", Fax="", Website="")
    about = _sub(message, "ResponseFor")
    _leaves(about, OrganId=package.sender, Code=package.code)
    _leaves(about, PromulgationDate=package.issued, DocumentId=package.document_id)
    _leaves(_sub(message, "StaffInfo"), Department="Phòng Văn thư", Staff="Lê Văn Thử", Mobile="", Email="")
    when = datetime.fromtimestamp(at, _VIETNAM)
    _leaves(message, StatusCode=code, Description=_WORDS[code], Timestamp=f"{when:%Y/%m/%d %H:%M:%S}")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _text(parent: etree._Element, *path: str) -> str:
    """Raises `NoPackage`: what is asked for here is required."""
    text = parent.findtext("/".join(_q(name) for name in path))
    if not text or not text.strip():
        raise NoPackage(f"N.{'.'.join(path)}")
    return text


def _sub(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, _q(name))


def _leaves(parent: etree._Element, **leaves: str) -> None:
    for name, text in leaves.items():
        _sub(parent, name).text = text


def _q(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
