"""The slip (phiếu cấp số) that goes to the clerk with a document and comes back filled in.

A text file, because a clerk has a text editor everywhere: a word, a colon, the answer.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from fallback.signed import MOST_BYTES
from gateway.domain.errors import Rejected, problem
from gateway.journey.operate import Registration
from gateway.text import folded

SLIP = "phieu-cap-so.txt"
WHY_NOT = "LOI.txt"  # beside a slip that could not be taken, until it can be
_LINES = {"number": "Số", "notation": "Ký hiệu", "issued": "Ngày ban hành", "signer": "Người ký", "position": "Chức vụ"}
_DAYS = ("%d/%m/%Y", "%Y-%m-%d", "%Y/%m/%d")
_LONGEST = 64 * 1024
_SIGNED = {".pdf": "application/pdf", ".zip": "application/zip"}

SignedFile = tuple[str, str, str, bytes]


def slip(document: str, subject: str) -> bytes:
    """An empty slip for `document`."""
    head = (
        "PHIẾU CẤP SỐ VĂN BẢN DỰ PHÒNG",
        f"Mã: {document}",
        f"Trích yếu: {subject}",
        "",
        "Văn thư điền sau dấu hai chấm, thay các tệp PDF bằng bản đã ký số, rồi chuyển cả thư mục vào cap-so.",
        "",
    )
    hints = {"number": " ", "notation": " BC-", "issued": " ", "signer": " ", "position": " "}
    lines = [f"{words}:{hints[name]}" for name, words in _LINES.items()]
    return ("\n".join([*head, *lines]) + "\n").encode()


def registration(folder: Path) -> Registration:
    """Number, symbol, date and signer from the slip in `folder`. Raises `Rejected` (F-111)."""
    said = _said(folder)
    missing = [words for name, words in _LINES.items() if not said.get(name)]
    if missing:
        raise _incomplete(folder, f"thiếu / missing: {', '.join(missing)}")
    issued = _day(said["issued"])
    if issued is None:
        raise _incomplete(folder, f"{_LINES['issued']}: {said['issued']}")
    return Registration(said["number"], said["notation"], issued.isoformat(), said["signer"], said["position"])


def signed_files(folder: Path, described: Mapping[str, str]) -> list[SignedFile]:
    """The files beside the slip (name, description, media type, bytes), the prepared ones in their order first.

    Raises `Rejected`: C-003 for more than a document can carry, F-111 for what cannot be read or told.
    """
    try:
        names = [path.name for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
        ours = [name for name in described if name in names]
        others = sorted(name for name in names if name not in described and Path(name).suffix.lower() != ".txt")
        size = sum((folder / name).stat().st_size for name in ours + others)
        if size > MOST_BYTES:
            raise Rejected(problem("C-003", what=folder.name, found=size, limit=MOST_BYTES))
        return [_signed(folder, name, described.get(name, "Văn bản đã ký")) for name in ours + others]
    except OSError as error:
        raise _incomplete(folder, f"{Path(error.filename or folder).name}: {error.strerror}") from error


def _signed(folder: Path, name: str, described: str) -> SignedFile:
    told = os.fsencode(name).decode("utf-8", "replace")
    if told != name:
        raise _incomplete(folder, f"{told}: tên tệp không phải UTF-8 / name")
    return name, described, _kind(name), (folder / name).read_bytes()


def _said(folder: Path) -> dict[str, str]:
    try:
        text = (folder / SLIP).read_bytes()[:_LONGEST].decode("utf-8-sig")
    except OSError as error:
        raise _incomplete(folder, f"{SLIP}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise _incomplete(folder, f"{SLIP}: UTF-8") from error
    asked = {folded(words): name for name, words in _LINES.items()}
    said = {}
    for line in text.splitlines():
        words, colon, answer = line.partition(":")
        name = asked.get(folded(words.partition("(")[0]))
        if colon and name:
            said[name] = answer.strip()
    return said


def _day(written: str) -> date | None:
    for form in _DAYS:
        try:
            return datetime.strptime(written, form).date()  # noqa: DTZ007  a day has no zone
        except ValueError:
            continue
    return None


def _kind(name: str) -> str:
    return _SIGNED.get(Path(name).suffix.lower(), "application/octet-stream")


def _incomplete(folder: Path, reason: str) -> Rejected:
    return Rejected(problem("F-111", document=folder.name, reason=reason))
