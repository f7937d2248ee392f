"""The body of a report: one piece, or the parts of a form, bounded while it comes."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import closing
from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

from gateway.api.headers import Said
from gateway.domain.errors import Rejected, problem
from gateway.journey.enclosing import File

_MULTIPART = "multipart/form-data"
_PIECE = 16 * 1024
_ONCE = 3
_NAMES = ("report", "signature", "narrative", "attachment")


class Body:
    """What is sent, refused (C-003) as soon as it is known to be too long: by its header, or byte by byte."""

    def __init__(self, said: Said, receive: Receive, most: int) -> None:
        declared = said.get("content-length")
        if declared.isascii() and declared.isdigit() and int(declared) > most:
            raise _too_long(declared, most)
        self._receive = receive
        self._most = most
        self._taken = 0
        self._more = True

    async def whole(self) -> bytes:
        """Mostly there is one piece, and nothing to be put together."""
        first = await self._next()
        return b"".join([first, *[chunk async for chunk in self.pieces()]]) if self._more else first

    async def pieces(self) -> AsyncGenerator[bytes]:
        while self._more:
            yield await self._next()

    async def _next(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk: bytes = message.get("body", b"")
        self._more = message.get("more_body", False)
        self._taken += len(chunk)
        if self._taken > self._most:
            raise _too_long(f"> {self._most}", self._most)
        return chunk


def _too_long(found: str, most: int) -> Rejected:
    return Rejected(problem("C-003", what="bytes", found=found, limit=most))


async def parts(scope: Scope, said: Said, body: Body, most: int) -> dict[str, Any]:
    """Report, media type, detached signature, narrative and at most `most` attachments, as `Incoming` calls them.

    A multipart body has them as parts `report`, `signature`, `narrative` and `attachment`; any other is the report.
    """
    kind = bare(said.only("content-type"))
    if kind != _MULTIPART:
        return {"media_type": kind, "payload": await body.whole()}
    with closing(_Form(Headers(scope=scope), _in_turns(body.pieces()), _ONCE + most + 1)) as form:
        parts = await _files(form)
        once = {name: part for name, part in parts if name != "attachment"}
        report, signature, narrative = (once.get(name) for name in ("report", "signature", "narrative"))
        assert report is not None
        return {
            "media_type": bare(report.content_type or ""),
            "payload": await report.read(),
            "signature": await signature.read() if signature else None,
            "narrative": await _file(narrative) if narrative else None,
            "attachments": tuple([await _file(part) for name, part in parts if name == "attachment"]),
        }


async def _file(part: UploadFile) -> File:
    return File(part.filename or "", await part.read(), bare(part.content_type or ""))


async def _files(form: _Form) -> list[tuple[str, UploadFile]]:
    """The parts in order: the report once, signature and narrative at most once, no other, none empty, none cut off."""
    try:
        parts = (await form.parse()).multi_items()
    except MultiPartException as error:
        raise _malformed(error.message) from error
    if not form.ended:
        raise _malformed("the closing boundary is missing")
    count = Counter(name for name, _ in parts)
    often = any(count[name] > 1 for name in ("report", "signature", "narrative"))
    if often or not count["report"] or count.keys() - set(_NAMES):
        raise _malformed(f"parts {', '.join(name for name, _ in parts)[:80] or '–'}; expected: {', '.join(_NAMES)}")
    files = [(name, part) for name, part in parts if isinstance(part, UploadFile) and part.size]
    if len(files) != len(parts):
        raise _malformed("a part is empty or has no filename")
    return files


class _Form(MultiPartParser):
    """`most` files, in memory: the body is bounded, and what is not taken yet must not lie in a temporary file."""

    spool_max_size = 1 << 40

    def __init__(self, headers: Headers, stream: AsyncGenerator[bytes], most: int) -> None:
        super().__init__(headers, stream, max_files=most, max_fields=most)
        self.ended = False

    def on_end(self) -> None:
        self.ended = True

    def close(self) -> None:
        """Also what was begun and cut off, which the parsed form does not know."""
        for file in self._files_to_close_on_error:
            file.close()


async def _in_turns(body: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """In pieces, between which others have their turn: the parser is slow where a body is full of near-boundaries."""
    async for chunk in body:
        for start in range(0, len(chunk), _PIECE):
            yield chunk[start : start + _PIECE]
            await anyio.lowlevel.checkpoint()


def bare(media_type: str) -> str:
    """Without its parameters."""
    return media_type.partition(";")[0].strip().lower()


def _malformed(reason: str) -> Rejected:
    return Rejected(problem("C-012", reason=f"multipart: {reason}"))
