"""The desk's desk: folders that a clerk empties and fills, as `ports.DocumentRoute`.

trinh-ky/    documents for number and signature          → people
cap-so/      they come back, with a filled-in slip       ← people
gui-di/      edXML packages for the document system      → people
trang-thai/  status packages of the document system      ← people
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from fallback.bundle import settled, write_durably
from gateway.domain.errors import Problem, Rejected, problem
from gateway.ports import DocumentStatus
from gateway.schemas.edxml.reader import read_document
from gateway.schemas.edxml.statuses import document_status

TO_SIGN, SIGNED, TO_SEND, STATUSES = "trinh-ky", "cap-so", "gui-di", "trang-thai"
DONE, WRONG = "da-xong", "loi"
_ID = "folder:"
_SENT_BY_HAND = "da-gui"  # where a clerk may put what was sent
_NAME = re.compile(r"[^0-9A-Za-z.-]+")
_PACKAGES = (".xml", ".edxml")
_LARGEST = 96 * 1024 * 1024  # bytes: more than any package the axis carries
_LONGEST = 200  # bytes of a name, so that a number and the clerk's sentence beside it still have room (255)


@dataclass(frozen=True, slots=True)
class SetAside:
    """A file nobody can use, where it lies now, and the sentence for the clerk (also beside it)."""

    path: Path
    why: Problem


class FolderRoute:
    """The watched folders below `home`. What is written is on disk, whole, when a call returns."""

    def __init__(self, home: Path) -> None:
        self._out, self._in = home / TO_SEND, home / STATUSES
        self.aside: list[SetAside] = []
        for folder in (self._out, self._in):
            folder.mkdir(parents=True, exist_ok=True)

    async def send(self, edxml: bytes, sender: str, recipients: Sequence[str]) -> str:
        return self._put(_named(read_document(edxml).document_id), edxml)

    async def tell(self, status: bytes, sender: str, recipient: str) -> str:
        return self._put(f"trang-thai-{sha256(status).hexdigest()[:16]}.edxml", status)

    async def sent(self, document_id: str) -> str | None:
        name = _named(document_id)
        there = any((folder / name).is_file() for folder in (self._out, self._out / _SENT_BY_HAND))
        return _id(name) if there else None

    async def statuses(self) -> list[DocumentStatus]:
        """Every status that lies in the folder; what is none goes to ``loi/`` with a sentence.

        What was still being copied when it was put there comes back once it is whole.
        """
        for path in _packages(self._in / WRONG):
            self._taken_back(path)
        return [status for path in _packages(self._in) if (status := self._read(path)) is not None]

    async def settle(self, axis_id: str) -> None:
        path = self._in / axis_id.removeprefix(_ID)
        if path.is_file():
            moved(path, self._in / DONE)

    async def close(self) -> None:
        return None

    def _put(self, name: str, content: bytes) -> str:
        write_durably(self._out / name, content)
        return _id(name)

    def _read(self, path: Path) -> DocumentStatus | None:
        try:
            path = _speakable(path)
            return self._understood(path)
        except OSError as error:  # no file, or another's: it stays where it is, and keeps nobody from the others
            reason = error.strerror or str(error)
            why = problem("C-005", path=path.name, line="-", reason=reason, expected="edXML")
            self.aside.append(SetAside(path, why))
            return None

    def _understood(self, path: Path) -> DocumentStatus | None:
        try:
            return document_status(_id(path.name), content_of(path))
        except Rejected as error:
            self.aside.append(set_aside(path, self._in / WRONG, error.problem))
            return None

    def _taken_back(self, path: Path) -> None:
        told = _sentence(path)
        try:
            if path.stat().st_ctime_ns < told.stat().st_ctime_ns:
                return  # as it was when it was told
            document_status(_id(path.name), content_of(path))
        except (Rejected, OSError):
            return
        told.unlink()
        moved(path, self._in)


def content_of(path: Path) -> bytes:
    """A file's bytes. Raises `Rejected` (C-003) when it is larger than any package, `OSError` when it is no file."""
    about = path.stat()
    if not stat.S_ISREG(about.st_mode):  # a pipe would be waited for, a device never ends
        raise OSError(errno.EINVAL, "không phải tệp / no file", str(path))
    with path.open("rb") as file:
        content = file.read(_LARGEST + 1) if about.st_size <= _LARGEST else b""
    if max(about.st_size, len(content)) > _LARGEST:
        raise Rejected(problem("C-003", what=path.name, found=about.st_size, limit=_LARGEST))
    return content


def _packages(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in _PACKAGES) if folder.is_dir() else []


def _speakable(path: Path) -> Path:
    """`path`, renamed where its name is no UTF-8: it is told to people and written down."""
    name = os.fsencode(path.name).decode("utf-8", "replace")
    return path if name == path.name else path.replace(_free(path.parent, name))


def lay_out(home: Path, document: str, files: Iterable[tuple[str, bytes]]) -> Path | None:
    """The `files` (name, bytes) of a document in ``trinh-ky/``, whole or not at all.

    None where a clerk has them already, there or in ``cap-so/``: what people fill in and sign is never written over.
    """
    folder = home / TO_SIGN / document
    if folder.exists() or (home / SIGNED / document).exists():
        return None
    part = folder.with_name(f".{document}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    for name, content in files:
        write_durably(part / name, content)
    part.replace(folder)
    settled(folder.parent)
    return folder


def set_aside(path: Path, folder: Path, why: Problem) -> SetAside:
    """Move a file away, with a sentence for the clerk beside it."""
    gone = moved(path, folder)
    explain(_sentence(gone), why)
    return SetAside(gone, why)


def explain(path: Path, why: Problem) -> None:
    told = (f"{why.code}  {why.title.vi}", why.advice.vi, "", why.title.en, why.advice.en, "")
    write_durably(path, "\n".join(told).encode())


def moved(path: Path, folder: Path) -> Path:
    """`path` into `folder`, under a name that is free there."""
    folder.mkdir(exist_ok=True)
    target = _free(folder, path.name)
    path.replace(target)
    settled(folder)
    settled(path.parent)
    return target


def _free(folder: Path, name: str) -> Path:
    """A place of that name; numbered where it is taken, and cut where no file beside it could have a longer one."""
    whole = Path(name)
    stem = os.fsencode(whole.stem)[: max(1, _LONGEST - len(os.fsencode(whole.suffix)))].decode("utf-8", "ignore")
    target, number = folder / f"{stem}{whole.suffix}", 1
    while os.path.lexists(target):
        number += 1
        target = folder / f"{stem}-{number}{whole.suffix}"
    return target


def _sentence(path: Path) -> Path:
    """Where the clerk is told what is wrong with `path`."""
    return path.with_name(f"{path.name}.txt")


def _named(document_id: str) -> str:
    """A file name of a DocumentId, readable and of no other one."""
    readable = _NAME.sub("-", document_id).strip("-.")[:80]
    return f"{readable}-{sha256(document_id.encode()).hexdigest()[:8]}.edxml"


def package_id(named: str) -> str:
    """The id of a package as a clerk names it: by its id, its file, or where that lies."""
    return _id(Path(named.removeprefix(_ID)).name)


def _id(name: str) -> str:
    return f"{_ID}{name}"
