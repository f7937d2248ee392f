"""POST /v1/reports: kept on disk first, answered then, read later.

A plain Starlette route: FastAPI's own costs four times as much per report. It is described in the same
OpenAPI document by `OPERATION`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from http import HTTPStatus
from typing import Any

import anyio.to_thread
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response

from gateway.api.access import Access
from gateway.domain.errors import NotFound, Rejected, problem
from gateway.journey.accept import Incoming
from gateway.schemas.http import ExchangeShown
from gateway.schemas.settings import Client
from gateway.wiring import Gateway

_MULTIPART = "multipart/form-data"


class Reports:
    """The route's endpoint."""

    def __init__(self, gateway: Gateway, access: Access) -> None:
        self._gateway = gateway
        self._access = access

    async def take(self, request: Request) -> Response:
        """202 with the exchange; only what is on disk is answered so."""
        client = self._access(request)
        agreement = _agreement(request, client)
        body = await _bounded(request, self._most(agreement))
        media_type, payload, signature = await _parts(request, body)
        incoming = Incoming(
            agreement=agreement,
            key=request.headers.get("idempotency-key", ""),
            sender=client.id,
            media_type=media_type,
            payload=payload,
            signature=signature,
        )
        x, is_new = await anyio.to_thread.run_sync(self._gateway.accept, incoming)
        headers = {"Location": f"/v1/exchanges/{x.id}", "Idempotent-Replayed": "false" if is_new else "true"}
        shown = ExchangeShown.of(x).model_dump_json()
        return Response(shown, HTTPStatus.ACCEPTED, headers, media_type="application/json")

    def _most(self, agreement: str) -> int:
        agreed = self._gateway.declarations.agreements.get(agreement)
        most = self._gateway.settings.server.max_bytes
        return min(most, agreed.max_bytes) if agreed else most


def _agreement(request: Request, client: Client) -> str:
    """Named by the header; a key that has only one agreement need not name it."""
    named = request.headers.get("agreement", "")
    if not named and len(client.agreements) == 1:
        return client.agreements[0]
    if named not in client.agreements:
        raise NotFound(problem("B-005", agreement=named))
    return named


async def _bounded(request: Request, most: int) -> bytes:
    """The body, refused (C-003) as soon as it is known to be too long: by its header, or byte by byte."""
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared) > most:
        raise _too_long(declared, most)
    taken = bytearray()
    async for chunk in request.stream():
        taken += chunk
        if len(taken) > most:
            raise _too_long(f"> {most}", most)
    return bytes(taken)


def _too_long(found: str, most: int) -> Rejected:
    return Rejected(problem("C-003", what="bytes", found=found, limit=most))


async def _parts(request: Request, body: bytes) -> tuple[str, bytes, bytes | None]:
    """Media type, report and detached signature; a multipart body has them as parts `report` and `signature`."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _MULTIPART:
        return kind, body, None
    try:
        form = await MultiPartParser(request.headers, _once(body), max_files=2, max_fields=0).parse()
    except MultiPartException as error:
        raise Rejected(problem("C-012", reason=error.message)) from error
    try:
        report, signature = form.get("report"), form.get("signature")
        if not isinstance(report, UploadFile):
            raise Rejected(problem("C-012", reason="part “report” is missing"))
        told = (report.content_type or "").partition(";")[0].strip().lower()
        detached = await signature.read() if isinstance(signature, UploadFile) else None
        return told, await report.read(), detached
    finally:
        await form.close()


async def _once(body: bytes) -> AsyncGenerator[bytes]:
    yield body


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
