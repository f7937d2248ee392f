"""The desk's desk: folders that a clerk empties and fills, as `ports.DocumentRoute`.

trinh-ky/    documents for number and signature          → people
cap-so/      they come back, with a filled-in slip       ← people
gui-di/      edXML packages for the document system      → people
trang-thai/  status packages of the document system      ← people
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from fallback.bundle import settled, write_durably
from gateway.domain.errors import Problem, Rejected
from gateway.ports import DocumentStatus
from gateway.schemas.edxml.reader import read_document
from gateway.schemas.edxml.statuses import document_status

TO_SIGN, SIGNED, TO_SEND, STATUSES = "trinh-ky", "cap-so", "gui-di", "trang-thai"
DONE, WRONG = "da-xong", "loi"
_SENT_BY_HAND = "da-gui"  # where a clerk may put what was sent
_NAME = re.compile(r"[^0-9A-Za-z.-]+")
_PACKAGES = (".xml", ".edxml")


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
        """Every status that lies in the folder; what is none goes to ``loi/`` with a sentence."""
        files = sorted(path for path in self._in.iterdir() if path.suffix.lower() in _PACKAGES)
        return [status for path in files if (status := self._read(path)) is not None]

    async def settle(self, axis_id: str) -> None:
        path = self._in / axis_id.removeprefix("folder:")
        if path.is_file():
            moved(path, self._in / DONE)

    async def close(self) -> None:
        return None

    def _put(self, name: str, content: bytes) -> str:
        write_durably(self._out / name, content)
        return _id(name)

    def _read(self, path: Path) -> DocumentStatus | None:
        try:
            return document_status(_id(path.name), path.read_bytes())
        except Rejected as error:
            self.aside.append(set_aside(path, self._in / WRONG, error.problem))
            return None


def set_aside(path: Path, folder: Path, why: Problem) -> SetAside:
    """Move a file away, with a sentence for the clerk beside it."""
    gone = moved(path, folder)
    explain(gone.with_name(f"{gone.name}.txt"), why)
    return SetAside(gone, why)


def explain(path: Path, why: Problem) -> None:
    told = (f"{why.code}  {why.title.vi}", why.advice.vi, "", why.title.en, why.advice.en, "")
    write_durably(path, "\n".join(told).encode())


def moved(path: Path, folder: Path) -> Path:
    """`path` into `folder`, under a name that is free there."""
    folder.mkdir(exist_ok=True)
    target, number = folder / path.name, 1
    while target.exists():
        number += 1
        target = folder / f"{path.stem}-{number}{path.suffix}"
    path.replace(target)
    settled(folder)
    settled(path.parent)
    return target


def _named(document_id: str) -> str:
    """A file name of a DocumentId, readable and of no other one."""
    readable = _NAME.sub("-", document_id).strip("-.")[:80]
    return f"{readable}-{sha256(document_id.encode()).hexdigest()[:8]}.edxml"


def _id(name: str) -> str:
    return f"folder:{name}"
