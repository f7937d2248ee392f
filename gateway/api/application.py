"""The front door put together."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.routing import Route
from starlette.types import ASGIApp

from gateway.api import callbacks, catalogues, deadlines, exchanges, health, inbox, problems
from gateway.api.access import SECURITY_SCHEME, Access
from gateway.api.described import completed
from gateway.api.problems import PROBLEM_RESPONSE, guarded
from gateway.api.reports import OPERATION, Reports
from gateway.wiring import Gateway

_OPEN = ("/livez", "/readyz", "/metrics")


def api(house: Gateway) -> FastAPI:
    """The application of one gateway. Its pages for exploring are off: they load code from other hosts."""
    app = FastAPI(
        title="Trục liên thông báo cáo / report gateway",
        version=version("report-gateway"),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # the address in a redirect would be the one the request claims for us
    )
    access = Access(house)
    problems.install(app)
    app.router.routes.append(Route("/v1/reports", Reports(house, access), methods=["POST"]))
    for noun in (exchanges, inbox, catalogues, deadlines, callbacks):
        app.include_router(noun.router(house, access))
    app.include_router(health.router(house))
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]  # FastAPI's own way to extend it
    return app


def intake(house: Gateway) -> ASGIApp:
    """What `api` does with POST /v1/reports, without its way there."""
    return guarded(Reports(house, Access(house)))


def _described(app: FastAPI) -> dict[str, Any]:
    """OpenAPI 3.1, the plain route among the others, problems as they are sent."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, routes=app.routes)
        document["paths"] = {"/v1/reports": {"post": OPERATION}, **document["paths"]}
        document["components"]["securitySchemes"] = {"key": SECURITY_SCHEME}
        for unsent in ("HTTPValidationError", "ValidationError"):
            document["components"]["schemas"].pop(unsent, None)
        for path, item in document["paths"].items():
            for operation in item.values():
                operation["responses"].pop("422", None)  # FastAPI's own shape; ours is under `default`
                operation["responses"]["default"] = PROBLEM_RESPONSE
                if path not in _OPEN:
                    operation.setdefault("security", [{"key": []}])
        app.openapi_schema = completed(document)
    return app.openapi_schema
