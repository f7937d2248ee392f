"""The desk as one application: two pages, a style sheet, and a page for every error. It only shows."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.types import ASGIApp

from gateway.console.pages import Pages
from gateway.console.rendering import Renderer
from gateway.domain.errors import GatewayError
from gateway.wiring import Gateway


def console(gateway: Gateway) -> ASGIApp:
    """The desk of one gateway."""
    renderer = Renderer(gateway.settings.name)
    pages = Pages(gateway, renderer)
    return Starlette(
        routes=[
            Route("/", pages.exchanges),
            Route("/exchanges/{exchange}", pages.exchange),
            Route("/static/console.css", renderer.style),
        ],
        exception_handlers={GatewayError: pages.of_ours, HTTPException: pages.of_a_route, Exception: pages.of_a_bug},
    )
