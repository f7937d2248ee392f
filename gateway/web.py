"""Joins the front door for machines and the desk for people to one application.

What is addressed to the API goes there; everything else is the desk's, which like /metrics opens to the
networks of ``[server] desk_from`` only: until people log in, being on this machine is the log-in.
"""

from __future__ import annotations

from http import HTTPStatus
from ipaddress import ip_address

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.api import api, intake
from gateway.console import console
from gateway.schemas.settings import Network
from gateway.wiring import Gateway

_API = ("/v1/", "/livez", "/readyz", "/metrics", "/openapi.json")
_OPEN = ("/v1/", "/livez", "/readyz", "/openapi.json")
_CLOSED = (
    "Trang theo dõi chỉ mở cho các mạng trong [server] desk_from của gateway.toml.\n"
    "The desk opens to the networks of [server] desk_from in gateway.toml only.\n"
)


def application(gateway: Gateway) -> ASGIApp:
    """The whole front of the house."""
    return _Front(intake(gateway), api(gateway), console(gateway), gateway.settings.server.desk_from)


class _Front:
    def __init__(self, reports: ASGIApp, machines: ASGIApp, people: ASGIApp, desk_from: tuple[Network, ...]) -> None:
        self._reports = reports
        self._machines = machines
        self._people = people
        self._desk_from = desk_from

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "")
        if path == "/v1/reports" and scope.get("method") == "POST":  # what nearly everybody comes for, shortest way
            await self._reports(scope, receive, send)
            return
        app = self._machines if path.startswith(_API) or path == "/v1" else self._people
        if scope["type"] == "http" and not path.startswith(_OPEN) and not self._admits(scope):
            app = PlainTextResponse(_CLOSED, HTTPStatus.FORBIDDEN)
        await app(scope, receive, send)

    def _admits(self, scope: Scope) -> bool:
        client = scope.get("client")
        try:
            address = ip_address(client[0]) if client else None
        except ValueError:
            return False
        address = getattr(address, "ipv4_mapped", None) or address  # ::ffff:127.0.0.1 on a socket for both
        return address is not None and any(address in network for network in self._desk_from)
