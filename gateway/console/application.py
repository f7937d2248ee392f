"""The desk as one application: its pages, a style sheet, and a page for every error.

It only shows, but for the registry's form.
"""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.types import ASGIApp

from gateway.console.calendar import CalendarPage
from gateway.console.catalogues import CataloguesPage
from gateway.console.pages import Pages
from gateway.console.papers import PapersPage
from gateway.console.rendering import Renderer
from gateway.domain.errors import GatewayError
from gateway.wiring import Gateway


def console(gateway: Gateway) -> ASGIApp:
    """The desk of one gateway."""
    renderer = Renderer(gateway.settings.name)
    pages, papers = Pages(gateway, renderer), PapersPage(gateway, renderer)
    catalogues, calendar = CataloguesPage(gateway, renderer), CalendarPage(gateway, renderer)
    return Starlette(
        routes=[
            Route("/", pages.exchanges),
            Route("/exchanges/{exchange}", pages.exchange),
            Route("/calendar", calendar.month),
            Route("/calendar.ics", calendar.feed),
            Route("/catalogues", catalogues.standing),
            Route("/catalogues/{exchange}", catalogues.turn),
            Route("/documents", papers.waiting),
            Route("/documents/{document}", papers.take, methods=["POST"]),
            Route("/documents/{document}/{name}", papers.file),
            Route("/static/console.css", renderer.style),
        ],
        exception_handlers={GatewayError: pages.of_ours, HTTPException: pages.of_a_route, Exception: pages.of_a_bug},
    )
