"""Errors as problem documents (RFC 9457), in Vietnamese or, by Accept-Language, in English."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from math import ceil
from typing import Any, cast

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.domain.errors import (
    Conflict,
    GatewayError,
    InDoubt,
    Misconfigured,
    NotFound,
    Overtaken,
    Problem,
    Rejected,
    Unavailable,
    problem,
)
from gateway.schemas.http import PROBLEM_JSON, ProblemDocument

_BY_CODE: Mapping[str, HTTPStatus] = {
    "B-002": HTTPStatus.UNAUTHORIZED,
    "B-006": HTTPStatus.FORBIDDEN,
    "B-009": HTTPStatus.FORBIDDEN,
    "B-013": HTTPStatus.FORBIDDEN,
    "C-003": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "C-006": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "C-007": HTTPStatus.BAD_REQUEST,
}
_WEIGHT = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")
_BY_KIND: Mapping[type[GatewayError], HTTPStatus] = {
    Rejected: HTTPStatus.UNPROCESSABLE_ENTITY,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    InDoubt: HTTPStatus.BAD_GATEWAY,
    Overtaken: HTTPStatus.CONFLICT,
    Conflict: HTTPStatus.CONFLICT,
    NotFound: HTTPStatus.NOT_FOUND,
    Misconfigured: HTTPStatus.INTERNAL_SERVER_ERROR,
}

# What every operation may answer besides its own success; for the OpenAPI document. FastAPI makes the schema
# known from `RESPONSES`, but knows one media type for all answers of a route.
PROBLEM_RESPONSE = {
    "description": "Lỗi / a problem (RFC 9457).",
    "headers": {
        "Retry-After": {"description": "Giây, khi 503 / seconds, of a 503.", "schema": {"type": "integer"}},
        "Content-Language": {"description": "vi · en", "schema": {"type": "string"}},
    },
    "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
}
RESPONSES: dict[int | str, dict[str, Any]] = {
    "default": {"model": ProblemDocument, "description": "Lỗi / a problem (RFC 9457)."}
}


def install(app: FastAPI) -> None:
    """Every error that leaves `app` is a problem document."""
    app.add_exception_handler(GatewayError, _of_ours)
    app.add_exception_handler(RequestValidationError, _of_a_request)
    app.add_exception_handler(HTTPException, _of_a_route)
    app.add_exception_handler(ClientDisconnect, _of_nobody)
    app.add_exception_handler(Exception, _of_a_bug)


def answered(request: Request, error: Exception) -> Response:
    """The answer to what may well happen: an error of ours, or a sender who hung up."""
    return _of_ours(request, error) if isinstance(error, GatewayError) else _of_nobody(request, error)


def guarded(app: ASGIApp) -> ASGIApp:
    """A bug in `app` before it answers is a problem document, too; raised again, so that the server logs it.

    Refused: Starlette's own, which looks at every word that is sent, to know whether the answer has begun.
    """

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        except Exception as error:
            await _of_a_bug(Request(scope, receive), error)(scope, receive, send)
            raise

    return guard


def status_of(error: GatewayError) -> HTTPStatus:
    """By code where the code says more, else by the kind of error."""
    return _BY_CODE.get(error.problem.code) or _BY_KIND[type(error)]


def _of_ours(request: Request, error: Exception) -> Response:
    found = cast(GatewayError, error)
    headers: dict[str, str] = {}
    if isinstance(found, Unavailable):
        headers["Retry-After"] = str(ceil(found.retry_after or 1))
    status = status_of(found)
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return _answer(request, found.problems, status, headers)


def _of_a_request(request: Request, error: Exception) -> Response:
    found = cast(RequestValidationError, error).errors()
    reasons = [f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in found]
    problems = [problem("C-012", reason=reason) for reason in reasons]
    return _answer(request, problems, HTTPStatus.UNPROCESSABLE_ENTITY, {})


def _of_a_route(request: Request, error: Exception) -> Response:
    found = cast(HTTPException, error)
    told = problem("F-006", name=request.url.path)
    if found.status_code != HTTPStatus.NOT_FOUND:
        told = problem("C-012", reason=f"{request.method} {request.url.path}: {found.detail}")
    return _answer(request, [told], HTTPStatus(found.status_code), dict(found.headers or {}))


def _of_nobody(_request: Request, _error: Exception) -> Response:
    """The sender hung up in the middle of its body: nothing was taken, and nobody is there to be told."""
    return Response(status_code=HTTPStatus.BAD_REQUEST)


def _of_a_bug(request: Request, error: Exception) -> Response:
    """The trace goes to the log; the sender learns that it may ask again with the same key."""
    told = problem("F-004", step=f"{request.method} {request.url.path}", reason=type(error).__name__)
    # Starlette raises it again for the log, and the server hangs up on that.
    return _answer(request, [told], HTTPStatus.INTERNAL_SERVER_ERROR, {"Connection": "close"})


def _answer(request: Request, problems: Sequence[Problem], status: HTTPStatus, headers: Mapping[str, str]) -> Response:
    document = ProblemDocument.of(problems, status, _language(request))
    told = {**headers, "Content-Language": _language(request), "Vary": "Accept-Language"}
    if request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers:
        told["Connection"] = "close"  # else what is still to come of a refused body would be read to its end
    return Response(document.model_dump_json(), status, told, media_type=PROBLEM_JSON)


def _language(request: Request) -> str:
    """The one of the two that is asked for most; Vietnamese where neither is."""
    asked: dict[str, float] = {}
    for one in request.headers.get("accept-language", "").lower().replace(" ", "").split(","):
        tag, _, weight = one.partition(";q=")
        language = tag.partition("-")[0]
        if language in ("vi", "en"):
            asked[language] = max(asked.get(language, 0.0), _weight(weight))
    return max(asked, key=asked.__getitem__) if any(asked.values()) else "vi"


def _weight(text: str) -> float:
    """RFC 9110 section 12.4.2; 1 where nothing, or nothing readable, is said."""
    return float(text) if _WEIGHT.fullmatch(text) else 1.0
