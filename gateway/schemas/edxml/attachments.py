"""Attachments by the rule of the SDK that the receivers run, and back from whatever was really sent.

Written: pdf, doc, docx and zip go raw; everything else goes in a ZIP of one entry (its tests for Excel
are misspelt, so Excel files too). Read: magic bytes decide, for declared types are often wrong.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import PurePosixPath
from uuid import NAMESPACE_OID, uuid5

from gateway.domain.errors import Rejected, problem

_RAW = ("pdf", "doc", "docx", "zip")
_ZIPPED = "application/zip"
_LONGEST = 50 * 1024 * 1024
TOGETHER = 2 * _LONGEST
"""Bytes that the files of one package may unpack to: twice what the axis carries, for tables are sent zipped."""

_SPACE = re.compile(rb"\s+")
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the earliest a ZIP can say: the same files are the same bytes, always


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A ZIP of `files` in the order given; its bytes depend on nothing else."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _FIRST_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return out.getvalue()


def content_id(document_id: str, name: str) -> str:
    """``cid:`` and a UUID that is the same whenever the same package is written."""
    return f"cid:{uuid5(NAMESPACE_OID, chr(10).join((document_id, name)))}"


def encoded(name: str, content: bytes, identity: str) -> tuple[str, str]:
    """(ContentType, base64 text) of an attachment. `identity` is its ContentId."""
    extension = extension_of(name)
    if extension in _RAW:
        return f"application/{extension}", base64.b64encode(content).decode()
    inside = f"{identity.removeprefix('cid:')}.{extension}"
    return _ZIPPED, base64.b64encode(zipped({inside: content})).decode()


def decoded(name: str, text: str, room: int = TOGETHER) -> tuple[bytes, tuple[str, ...]]:
    """(bytes, what had to be mended or looks wrong). `room`: bytes left for it beside the package's other files.

    Raises `Rejected` (C-003, C-005).
    """
    most = min(room, _LONGEST)
    try:
        content = base64.b64decode(_SPACE.sub(b"", text.encode()), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise Rejected(
            problem("C-005", path=f"Attachment “{name}”", line="-", reason=error, expected="base64")
        ) from error
    inner = _only_entry(name, content, most) if extension_of(name) != "zip" else None
    notes = () if inner is None else (f"{name}: unzipped",)
    content = _bounded(name, content if inner is None else inner, most)
    if extension_of(name) == "pdf" and not content.startswith(b"%PDF-"):
        notes = (*notes, f"{name}: not a PDF")
    return content, notes


def extension_of(name: str) -> str:
    return PurePosixPath(name).suffix.removeprefix(".").lower()


def _only_entry(name: str, content: bytes, most: int) -> bytes | None:
    """What a one-entry ZIP of the right extension holds; None for anything else (docx and xlsx are ZIPs too)."""
    if not content.startswith(b"PK\x03\x04"):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) != 1 or extension_of(entries[0].filename) != extension_of(name):
                return None
            if entries[0].file_size > most:
                raise Rejected(problem("C-003", what=name, found=entries[0].file_size, limit=most))
            with archive.open(entries[0]) as stream:
                return _bounded(name, stream.read(most + 1), most)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError, ValueError) as error:
        if extension_of(name) in _RAW:
            return None  # never in an archive by the rule: handed on as it came
        raise Rejected(problem("C-005", path=f"Attachment “{name}”", line="-", reason=error, expected="ZIP")) from error


def _bounded(name: str, content: bytes, most: int) -> bytes:
    if len(content) > most:
        raise Rejected(problem("C-003", what=name, found=f"> {most}", limit=most))
    return content
