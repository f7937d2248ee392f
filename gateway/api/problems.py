"""Errors as problem documents (RFC 9457), in Vietnamese or, by Accept-Language, in English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from math import ceil
from typing import Any, cast

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

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
    "C-003": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "C-006": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "C-007": HTTPStatus.BAD_REQUEST,
}
_BY_KIND: Mapping[type[GatewayError], HTTPStatus] = {
    Rejected: HTTPStatus.UNPROCESSABLE_ENTITY,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    InDoubt: HTTPStatus.BAD_GATEWAY,
    Overtaken: HTTPStatus.CONFLICT,
    Conflict: HTTPStatus.CONFLICT,
    NotFound: HTTPStatus.NOT_FOUND,
    Misconfigured: HTTPStatus.INTERNAL_SERVER_ERROR,
}

# What every operation may answer besides its own success; for the OpenAPI document.
RESPONSES: dict[int | str, dict[str, Any]] = {
    "default": {"model": ProblemDocument, "description": "Lỗi / a problem (RFC 9457)."}
}


def install(app: FastAPI) -> None:
    """Every error that leaves `app` is a problem document."""
    app.add_exception_handler(GatewayError, _of_ours)
    app.add_exception_handler(RequestValidationError, _of_a_request)
    app.add_exception_handler(HTTPException, _of_a_route)


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


def _answer(request: Request, problems: Sequence[Problem], status: HTTPStatus, headers: Mapping[str, str]) -> Response:
    document = ProblemDocument.of(problems, status, _language(request))
    told = {**headers, "Content-Language": _language(request), "Vary": "Accept-Language"}
    return Response(document.model_dump_json(), status, told, media_type=PROBLEM_JSON)


def _language(request: Request) -> str:
    """The first of the two that is asked for; Vietnamese where neither is."""
    wanted = request.headers.get("accept-language", "").lower().replace(" ", "").split(",")
    known = (tag[:2] for tag in wanted if tag[:2] in ("vi", "en"))
    return next(known, "vi")
