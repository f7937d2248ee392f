"""Whose key a request carries, and what that key may see."""

from __future__ import annotations

from fastapi.security.utils import get_authorization_scheme_param
from starlette.requests import Request

from gateway.domain.errors import NotFound, Rejected, problem
from gateway.domain.exchange import Exchange
from gateway.domain.ids import digest_of
from gateway.schemas.settings import Client
from gateway.wiring import Gateway

SECURITY_SCHEME = {"type": "http", "scheme": "bearer", "description": "Khoá truy cập của hệ thống / access key."}


class Access:
    """A dependency: the client behind ``Authorization: Bearer``. Raises `Rejected` (B-002)."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def __call__(self, request: Request) -> Client:
        scheme, key = get_authorization_scheme_param(request.headers.get("authorization"))
        # Known by digest alone: a lookup tells an attacker's stopwatch nothing about the key itself.
        client = self._gateway.client_of(digest_of(key.encode())) if scheme.lower() == "bearer" and key else None
        if client is None:
            raise Rejected(problem("B-002"))
        return client


def seen_by(client: Client, gateway: Gateway, exchange: str) -> Exchange:
    """The exchange, if it is one of `client`'s; what belongs to others does not exist for it (F-006)."""
    x = gateway.journal.read(exchange)
    if x.agreement not in client.agreements:
        raise NotFound(problem("F-006", name=exchange))
    return x
