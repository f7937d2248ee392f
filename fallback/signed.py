"""What comes back from the document system, looked at before it goes anywhere: is it what it says it is.

A file ruined on the way is told to the clerk by name, here, and not by a receiving office days later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from gateway.domain.errors import Problem, problem

_RUINED = b"\xef\xbf\xbd"  # U+FFFD: what a text converter writes for a byte it does not know
MOST_BYTES = 36 * 1024 * 1024  # of all files: 50 MB once they are base64
_SHORT = 4096
_LONGEST_END = 22 + 0xFFFF  # of a ZIP: its last record, with the longest comment
_CUT = "tệp chép dở / cut off"  # not even where no policy judges signatures
_MAGIC = {b"PK\x03\x04": "ZIP", b"<?xml": "XML", b"<html": "HTML", b"\xd0\xcf\x11\xe0": "DOC/XLS"}


def faults_of(files: Iterable[tuple[str, bytes]]) -> Iterator[Problem]:
    """Everything that keeps these files (name, bytes) from being a document (C-003, C-005, F-108, F-109)."""
    listed = list(files)
    papers = [(name, content) for name, content in listed if _extension(name) == "pdf"]
    if not papers:
        yield problem("C-005", path="Attachment", line="-", reason="thiếu / missing", expected="PDF")
    for name, content in papers:
        yield from _of_paper(name, content)
    for name, content in listed:
        if _extension(name) == "zip":
            yield from _of_package(name, content)
    size = sum(len(content) for _, content in listed)
    if size > MOST_BYTES:
        yield problem("C-003", what="Attachment", found=size, limit=MOST_BYTES)


def _of_package(name: str, content: bytes) -> Iterator[Problem]:
    ruined = content.count(_RUINED)
    if ruined and _is_ruined(content, ruined):
        yield problem("F-108", name=name, count=ruined)
    elif not content.startswith(b"PK"):
        yield problem("F-109", name=name, declared="zip", found=_looks_like(content))
    elif b"PK\x05\x06" not in content[-_LONGEST_END:]:
        yield problem("F-109", name=name, declared="zip", found=_CUT)


def _of_paper(name: str, content: bytes) -> Iterator[Problem]:
    ruined = content.count(_RUINED)
    if ruined and _is_ruined(content, ruined):
        yield problem("F-108", name=name, count=ruined)
    elif not content.startswith(b"%PDF-"):
        yield problem("F-109", name=name, declared="pdf", found=_looks_like(content))
    elif b"/Encrypt" in content[-_SHORT:] or b"/Encrypt" in content[:_SHORT]:
        yield problem("F-109", name=name, declared="pdf", found="PDF đặt mật khẩu / encrypted")
    elif b"%%EOF" not in content[-_SHORT:]:
        yield problem("F-109", name=name, declared="pdf", found=_CUT)


def _is_ruined(content: bytes, ruined: int) -> bool:
    """Binary passed through text is valid UTF-8 from end to end; a real PDF with a stray U+FFFD is not."""
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return ruined > 1


def _looks_like(content: bytes) -> str:
    return next((kind for magic, kind in _MAGIC.items() if content.lower().startswith(magic.lower())), "?")


def _extension(name: str) -> str:
    return PurePosixPath(name).suffix.removeprefix(".").lower()
