"""POST /v1/reports: kept on disk first, answered then, read later.

A plain Starlette route: FastAPI's own costs four times as much per report. It is described in the same
OpenAPI document by `OPERATION`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import closing
from http import HTTPStatus
from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response

from gateway.api.access import Access, only
from gateway.domain.agreement import Agreement, Classification
from gateway.domain.errors import NotFound, Rejected, Unavailable, problem
from gateway.domain.exchange import Exchange
from gateway.journey.accept import Incoming
from gateway.schemas.http import ExchangeShown
from gateway.schemas.settings import Client
from gateway.wiring import Gateway

_MULTIPART = "multipart/form-data"
_PIECE = 16 * 1024
_PATIENCE = 5.0


class Reports:
    """The route's endpoint."""

    def __init__(self, gateway: Gateway, access: Access) -> None:
        self._gateway = gateway
        self._access = access

    async def take(self, request: Request) -> Response:
        """202 with the exchange; only what is on disk is answered so."""
        client = await self._access(request)
        agreed = self._agreed(request, client)
        most = min(agreed.max_bytes, self._gateway.settings.server.max_bytes)
        media_type, payload, signature = await _parts(request, _bounded(request, most))
        incoming = Incoming(
            agreement=agreed.id,
            key=_key(request),
            sender=client.id,
            media_type=media_type,
            payload=payload,
            signature=signature,
        )
        x, is_new = await self._kept(incoming)
        headers = {"Location": f"/v1/exchanges/{x.id}", "Idempotent-Replayed": "false" if is_new else "true"}
        shown = ExchangeShown.of(x).model_dump_json()
        return Response(shown, HTTPStatus.ACCEPTED, headers, media_type="application/json")

    async def _kept(self, incoming: Incoming) -> tuple[Exchange, bool]:
        """On disk. Raises `Unavailable` (F-003) also for who waits too long behind others: a store that is away
        keeps every thread busy for seconds, and a sender is better told to come again.
        """
        with anyio.move_on_after(_PATIENCE):  # ends the waiting for a thread, never what a thread has begun
            return await anyio.to_thread.run_sync(self._gateway.accept, incoming)
        raise Unavailable(problem("F-003", seconds=_PATIENCE), retry_after=_PATIENCE)

    def _agreed(self, request: Request, client: Client) -> Agreement:
        """Named by the header; a key that has only one agreement need not name it.

        What is secret, statistical or internal is refused here already, before a byte of it is read.
        """
        named = only(request, "agreement") or (client.agreements[0] if len(client.agreements) == 1 else "")
        agreed = self._gateway.declarations.agreements.get(named)
        if agreed is None or named not in client.agreements:
            raise NotFound(problem("B-005", agreement=named))
        if agreed.classification is not Classification.OPEN:
            raise Rejected(problem("B-006", regime=agreed.regime, classification=agreed.classification.value))
        return agreed


def _key(request: Request) -> str:
    """The idempotency key, in UTF-8; what cannot be seen in it would tell two keys apart that look the same."""
    said = only(request, "idempotency-key")
    try:
        key = said.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError as error:
        raise Rejected(problem("C-012", reason="Idempotency-Key: UTF-8")) from error
    if not key.isprintable():
        raise Rejected(problem("C-012", reason=f"Idempotency-Key: {key[:40]!a}"))
    return key


async def _bounded(request: Request, most: int) -> AsyncGenerator[bytes]:
    """The body, refused (C-003) as soon as it is known to be too long: by its header, or byte by byte."""
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared) > most:
        raise _too_long(declared, most)
    taken = 0
    async for chunk in request.stream():
        taken += len(chunk)
        if taken > most:
            raise _too_long(f"> {most}", most)
        yield chunk


def _too_long(found: str, most: int) -> Rejected:
    return Rejected(problem("C-003", what="bytes", found=found, limit=most))


async def _parts(request: Request, body: AsyncGenerator[bytes]) -> tuple[str, bytes, bytes | None]:
    """Media type, report and detached signature; a multipart body has them as parts `report` and `signature`."""
    kind = _bare(only(request, "content-type"))
    if kind != _MULTIPART:
        return kind, b"".join([chunk async for chunk in body]), None
    with closing(_Form(request.headers, _in_turns(body))) as form:
        files = await _files(form)
        report = files["report"]
        detached = await files["signature"].read() if "signature" in files else None
        return _bare(report.content_type or ""), await report.read(), detached


async def _files(form: _Form) -> dict[str, UploadFile]:
    """The parts, by name: each of them once, no other, none empty, none cut off."""
    try:
        parts = (await form.parse()).multi_items()
    except MultiPartException as error:
        raise _malformed(error.message) from error
    if not form.ended:
        raise _malformed("the closing boundary is missing")
    names = [name for name, _ in parts]
    if sorted(names) not in (["report"], ["report", "signature"]):
        raise _malformed(f"parts {', '.join(names)[:80] or '–'}; expected: report, signature")
    files = {name: part for name, part in parts if isinstance(part, UploadFile) and part.size}
    if len(files) != len(parts):
        raise _malformed("a part is empty or has no filename")
    return files


class _Form(MultiPartParser):
    """Two files, in memory: the body is bounded, and what is not taken yet must not lie in a temporary file."""

    spool_max_size = 1 << 40

    def __init__(self, headers: Headers, stream: AsyncGenerator[bytes]) -> None:
        super().__init__(headers, stream, max_files=2, max_fields=2)
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


def _bare(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def _malformed(reason: str) -> Rejected:
    return Rejected(problem("C-012", reason=f"multipart: {reason}"))


_ANY = {"schema": {"type": "string", "format": "binary"}}
OPERATION: dict[str, Any] = {
    "tags": ["reports"],
    "summary": "Nộp một báo cáo / hand in a report",
    "description": (
        "Báo cáo được ghi bền vững trước khi trả lời 202. Cùng khoá, cùng nội dung: cùng giao dịch. "
        "Cùng khoá, khác nội dung: 409.\n\nKept on disk before 202. Same key and content: the same exchange; "
        "same key, other content: 409 naming both digests."
    ),
    "operationId": "hand_in_report",
    "security": [{"key": []}],
    "parameters": [
        {
            "name": "Idempotency-Key", "in": "header", "required": True,
            "schema": {"type": "string", "minLength": 1, "maxLength": 200},
        },
        {
            "name": "Agreement", "in": "header", "required": False, "schema": {"type": "string"},
            "description": "Thoả thuận; bỏ trống được khi khoá chỉ có một / may be left out where the key has one.",
        },
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"type": "object"}},
            "application/xml": _ANY,
            "text/csv": _ANY,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": _ANY,
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["report"],
                    "properties": {"report": _ANY["schema"], "signature": _ANY["schema"]},
                }
            },
        },
    },
    "responses": {
        "202": {
            "description": "Đã ghi nhận / kept",
            "headers": {"Location": {"schema": {"type": "string"}}},
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ExchangeShown"}}},
        },
        "default": {
            "description": "Lỗi / a problem (RFC 9457).",
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
        },
    },
}  # fmt: skip
