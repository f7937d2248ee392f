"""The data files inside a PDF (PDF/A-3, ISO 32000-2 section 7.11.4): read only where its signatures have passed.

Every bound is ours: pyHanko unpacks a stream whole, however long it gets.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

_MOST_FILES = 32
_DEEPEST = 8
_LONGEST = 64 * 1024 * 1024  # bytes of all of them
_FLATE = ["/FlateDecode"]


def files_of(pdf: bytes) -> list[tuple[str, bytes]]:
    """(name, content) of each embedded file, in the order of their names; nothing where none can be read.

    To be run in the reading process: what pyHanko does with a file is bounded by nothing else.
    """
    try:
        root = PdfFileReader(io.BytesIO(pdf), strict=False).root
        names = root["/Names"] if "/Names" in root else {}  # noqa: SIM401  `get` follows no reference
        return _bounded(_files(names["/EmbeddedFiles"], 0)) if "/EmbeddedFiles" in names else []
    except Exception:  # pyHanko raises what it likes on a file bent by hand; such a one holds no data for us
        return []


def _bounded(files: Iterator[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    size = 0
    for name, content in files:
        size += len(content)
        if len(found) == _MOST_FILES or size > _LONGEST:
            raise ValueError("more than a report has")
        found.append((name, content))
    return found


def _files(node: Any, depth: int) -> Iterator[tuple[str, bytes]]:
    if depth > _DEEPEST:
        raise ValueError("a name tree deeper than any")
    names, kids = (list(node[key]) if key in node else [] for key in ("/Names", "/Kids"))  # `get` follows no reference
    if len(names) + len(kids) > 2 * _MOST_FILES:
        raise ValueError("more files than a report has")
    for place in range(1, len(names), 2):
        file = names[place].get_object()
        yield str(file["/UF" if "/UF" in file else "/F"]), _content(file["/EF"]["/F"])
    for kid in kids:
        yield from _files(kid.get_object(), depth + 1)


def _content(stream: generic.StreamObject) -> bytes:
    said = stream["/Filter"] if "/Filter" in stream else ()  # noqa: SIM401  as above
    filters = [str(said)] if isinstance(said, str) else [str(one) for one in said]
    packed = bytes(stream.encoded_data)
    if not filters:
        return packed
    if filters != _FLATE:
        raise ValueError(f"packed by {filters}")
    opened = zlib.decompressobj()
    content = opened.decompress(packed, _LONGEST)
    if opened.unconsumed_tail:
        raise ValueError("longer than any report")
    return content
