"""Báo cáo liên kết: what lies beside the figures of a report, as one with them: its words and its files.

Đồng Tháp 17.2, Bắc Kạn 6.2 (“gồm cả phần số liệu và thuyết minh”), Thanh Hóa 11 (files signed elsewhere).
What a file is called and what it is are two questions: its name is the sender's, its kind is read from its bytes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

PDF = "application/pdf"
XML = "application/xml"
CMS = "application/pkcs7-mime"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOC = "application/msword"
XLS = "application/vnd.ms-excel"

# The kinds of files that may travel, and what their names end in.
ENDINGS: Mapping[str, tuple[str, ...]] = {
    PDF: (".pdf",),
    DOCX: (".docx",),
    XLSX: (".xlsx",),
    XLS: (".xls",),
    DOC: (".doc",),
    XML: (".xml",),
    CMS: (".p7m",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
}
_LONGEST_NAME = 200
_LONGEST_NAME_BYTES = 255  # of a name in a usual file system
_UNSAFE = frozenset('/\\:*?"<>|')
_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})  # controls, marks that turn the reading direction

_MAGIC: Mapping[bytes, str] = {b"%PDF-": PDF, b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
# What only one of two packagings holds: of a ZIP in its directory, of an OLE file in its directory sector.
_OFFICE = {b"word/document.xml": DOCX, b"xl/workbook.xml": XLSX}
_OLE = {"WordDocument".encode("utf-16-le"): DOC, "Workbook".encode("utf-16-le"): XLS}
_END_OF_ZIP = b"PK\x05\x06"
_LONGEST_DIRECTORY = 1 << 20
# ContentInfo with id-signedData (RFC 5652 section 3), its length in DER or left open in BER.
_SIGNED_DATA = re.compile(
    rb"\x30(?:[\x00-\x80]|\x81.|\x82..|\x83...|\x84....)\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", re.DOTALL
)


def safe_name(said: str) -> str:
    """The file's own name, in NFC, without the folders some browsers send along; empty where it is none to keep."""
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", said)[-1]).strip()
    fits = len(name) <= _LONGEST_NAME and len(name.encode("utf-8", "replace")) <= _LONGEST_NAME_BYTES
    hidden = any(c in _UNSAFE or unicodedata.category(c) in _INVISIBLE for c in name)
    return name if name and fits and not hidden and not name.startswith(".") else ""


def kind_of(content: bytes) -> str:
    """The media type that the bytes themselves show; empty where they show none of `ENDINGS`."""
    for magic, kind in _MAGIC.items():
        if content.startswith(magic):
            return kind
    if content.startswith(b"PK\x03\x04"):
        return _only(_OFFICE, _directory(content))
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _only(_OLE, content)
    if _SIGNED_DATA.match(content):
        return CMS
    return XML if content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<" else ""


def fits(name: str, media_type: str) -> bool:
    """Whether a file of that kind may be called so."""
    return name.lower().endswith(ENDINGS.get(media_type, ()))


def _directory(content: bytes) -> bytes:
    """The central directory of a ZIP (APPNOTE 4.3.16): what lies packed inside, without looking into any of it."""
    end = content.rfind(_END_OF_ZIP)
    size, start = (int.from_bytes(content[end + at : end + at + 4], "little") for at in (12, 16))
    return content[start : start + min(size, _LONGEST_DIRECTORY)] if end >= 0 else b""


def _only(signs: Mapping[bytes, str], where: bytes) -> str:
    found = [kind for sign, kind in signs.items() if sign in where]
    return found[0] if len(found) == 1 else ""
