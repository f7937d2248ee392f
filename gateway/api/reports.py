"""POST /v1/reports: kept on disk first, answered then, read later.

An ASGI application by itself: the layers of FastAPI and Starlette cost more per report than everything else that is
done before the store is asked. It is described in the same OpenAPI document by `OPERATION`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from gateway.api.access import Access
from gateway.api.bodies import Body, parts
from gateway.api.headers import Said
from gateway.api.problems import answered
from gateway.domain.agreement import Agreement, Classification
from gateway.domain.errors import GatewayError, NotFound, Rejected, problem
from gateway.domain.problems import Text
from gateway.domain.trace import traceparent
from gateway.journey.accept import Incoming
from gateway.journey.spool import Taken
from gateway.schemas.settings import Client
from gateway.schemas.taken import taken
from gateway.wiring import Gateway

_REVISIONS = 9999
_UNNAMED = Text(
    "Thiếu tiêu đề Agreement: khoá này không chỉ có một thoả thuận.",
    "The header Agreement is missing, and this key has not just one agreement.",
)
_NAME_ONE = Text(
    "Nêu mã thoả thuận trong tiêu đề Agreement; khoá có đúng một thoả thuận thì không cần.",
    "Name the agreement in the header Agreement; only a key that has just one need not.",
)
_NOTHING: Mapping[str, Any] = {"period": "", "form": "", "revision": 1}


class Reports:
    """The application."""

    def __init__(self, gateway: Gateway, access: Access) -> None:
        self._gateway = gateway
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            kept = await self._taken(scope, receive)
        except (GatewayError, ClientDisconnect) as error:
            await answered(Request(scope, receive), error)(scope, receive, send)
            return
        shown = taken(kept.exchange, spooled=kept.spooled)
        headers = [
            (b"content-type", b"application/json"),
            (b"location", b"/v1/exchanges/%b" % kept.exchange.id.encode()),
            (b"idempotent-replayed", b"false" if kept.is_new else b"true"),
            (b"content-length", b"%d" % len(shown)),
        ]
        await send({"type": "http.response.start", "status": HTTPStatus.ACCEPTED.value, "headers": headers})
        await send({"type": "http.response.body", "body": shown})

    async def _taken(self, scope: Scope, receive: Receive) -> Taken:
        """Only what is on disk is taken."""
        said = Said(scope)
        client = self._access.client(said.only("authorization"))
        agreed = self._agreed(said, client)
        terms = agreed.composite
        whole = agreed.max_bytes + (terms.together_bytes if terms else 0)
        most = min(whole, self._gateway.settings.server.max_bytes)
        incoming = Incoming(
            agreement=agreed.id,
            key=_key(said),
            sender=client.id,
            trace=traceparent(said.get("traceparent")),
            **_told(scope["query_string"]),
            **await parts(scope, said, Body(said, receive, most), terms.files if terms else 0),
        )
        return await self._gateway.take(incoming)

    def _agreed(self, said: Said, client: Client) -> Agreement:
        """Named by the header; a key that has only one agreement need not name it.

        What is secret, statistical or internal is refused here already, before a byte of it is read.
        """
        named = said.only("agreement") or (client.agreements[0] if len(client.agreements) == 1 else "")
        agreed = self._gateway.declarations.agreements.get(named)
        if agreed is None or named not in client.agreements:
            unknown = problem("B-005", agreement=named)
            raise NotFound(unknown if named else replace(unknown, title=_UNNAMED, advice=_NAME_ONE))
        if agreed.classification is not Classification.OPEN:
            raise Rejected(problem("B-006", regime=agreed.regime, classification=agreed.classification.value))
        return agreed


def _told(asked: bytes) -> Mapping[str, Any]:
    """What the query tells of a workbook that has no head of its own: period, form and revision, each once."""
    if not asked:
        return _NOTHING
    query = QueryParams(asked)
    strange = sorted(set(query) - {"period", "form", "revision"})
    twice = sorted(name for name in set(query) if len(query.getlist(name)) > 1)
    revision = query.get("revision", "1")
    if strange or twice or not (revision.isascii() and revision.isdigit() and 1 <= int(revision[:5]) <= _REVISIONS):
        raise Rejected(problem("C-012", reason=f"?{', '.join([*strange, *twice]) or f'revision={revision[:20]}'}"))
    return {"period": query.get("period", ""), "form": query.get("form", ""), "revision": int(revision)}


def _key(said: Said) -> str:
    """The idempotency key, in UTF-8; what cannot be seen in it would tell two keys apart that look the same."""
    try:
        key = said.only("idempotency-key").encode("latin-1").decode("utf-8")
    except UnicodeDecodeError as error:
        raise Rejected(problem("C-012", reason="Idempotency-Key: UTF-8")) from error
    if not key.isprintable():
        raise Rejected(problem("C-012", reason=f"Idempotency-Key: {key[:40]!a}"))
    return key


_ANY = {"schema": {"type": "string", "format": "binary"}}
OPERATION: dict[str, Any] = {
    "tags": ["reports"],
    "summary": "Nộp một báo cáo / hand in a report",
    "description": (
        "Báo cáo được ghi bền vững trước khi trả lời 202. Cùng khoá, cùng nội dung: cùng giao dịch. "
        "Cùng khoá, khác nội dung: 409.\n\nKept on disk before 202. Same key and content: the same exchange; "
        "same key, other content: 409 naming both digests.\n\n"
        "Báo cáo liên kết (multipart): phần lời `narrative` (gói 6 XML, JSON hoặc dạng ngắn) nêu tên từng tệp "
        "`attachment`; loại tệp xét theo nội dung, số tệp, dung lượng theo thoả thuận; nhận cả hoặc không nhận gì.\n\n"
        "A composite report: `narrative` names every `attachment`; a file is what its bytes show, within the "
        "agreement's counts and sizes; all parts are taken or none is."
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
        {
            "name": "traceparent", "in": "header", "required": False, "schema": {"type": "string"},
            "description": "Vết của hệ thống gửi (W3C), được chuyển tiếp / the caller's trace, sent on.",
        },
        {
            "name": "period", "in": "query", "required": False, "schema": {"type": "string"},
            "description": "Kỳ của biểu bảng tính, ví dụ LICH:2025M06 / the period of a workbook.",
        },
        {
            "name": "form", "in": "query", "required": False, "schema": {"type": "string"},
            "description": "Biểu mẫu của bảng tính / the form of a workbook.",
        },
        {
            "name": "revision", "in": "query", "required": False,
            "schema": {"type": "integer", "minimum": 1, "maximum": _REVISIONS},
            "description": "Lần sửa đổi của biểu bảng tính / the revision of a workbook's form.",
        },
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"type": "object"}},
            "application/xml": _ANY,
            "text/csv": _ANY,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": _ANY,
            "application/vnd.ms-excel": _ANY,
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["report"],
                    "properties": {
                        **dict.fromkeys(("report", "signature", "narrative"), _ANY["schema"]),
                        "attachment": {"type": "array", "items": _ANY["schema"]},
                    },
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
