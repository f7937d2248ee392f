"""Whose key a request carries, and what that key may see."""

from __future__ import annotations

import re

from fastapi.security.utils import get_authorization_scheme_param
from starlette.requests import Request

from gateway.api.headers import Said
from gateway.domain.calendar import VIETNAM
from gateway.domain.errors import NotFound, Rejected, problem
from gateway.domain.exchange import Exchange
from gateway.domain.ids import digest_of
from gateway.schemas.settings import Client
from gateway.wiring import Gateway

_NAME = re.compile(r"[0-9A-Za-z._-]{1,80}")
SECURITY_SCHEME = {"type": "http", "scheme": "bearer", "description": "Khoá truy cập của hệ thống / access key."}


class Access:
    """A dependency: the client behind ``Authorization: Bearer``.

    Raises `Rejected`: B-002 for a key nobody has, B-009 for a sector's system without the permission that the
    province's regulation demands: no approval, no connection.
    """

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._by_key = {c.key_sha256: c for c in reversed(gateway.settings.clients)}  # two of one key: the first one

    async def __call__(self, request: Request) -> Client:
        # Coroutine, not a plain function: that would queue for a thread behind whoever waits for the store.
        client = self.client(Said(request.scope).only("authorization"))
        _read_by_somebody(request)
        return client

    def client(self, authorization: str) -> Client:
        """Who hands in and looks up. Raises `Rejected` also (B-013) for the key of a receiver."""
        client = self._known(authorization)
        if client.kind != "province":
            self._permitted(client)
        return client

    def caller(self, authorization: str, partner: str) -> Client:
        """The receiver `partner` itself. Raises `Rejected` (B-002, B-013), `NotFound` (F-006) for another one."""
        client = self._known(authorization)
        if client.kind != "partner":
            raise Rejected(problem("B-013", client=client.id))
        if client.partner != partner:
            raise NotFound(problem("F-006", name=partner[:80]))
        return client

    def _known(self, authorization: str) -> Client:
        scheme, key = get_authorization_scheme_param(authorization)
        # Known by digest alone: a lookup tells an attacker's stopwatch nothing about the key itself.
        client = self._by_key.get(digest_of(key.encode())) if scheme.lower() == "bearer" and key else None
        if client is None:
            raise Rejected(problem("B-002"))
        return client

    def _permitted(self, client: Client) -> None:
        if client.kind == "partner":
            raise Rejected(problem("B-013", client=client.id))
        if self._gateway.regulation is None:
            return
        demanded = self._gateway.regulation.vertical
        today = self._gateway.doors.clock.now().astimezone(VIETNAM).date()
        if demanded.permission != "required" or (client.permission and client.permission.holds_on(today)):
            return
        told = {"article": f"Điều {demanded.article}", "through": demanded.through}
        raise Rejected(problem("B-009", client=client.id, **told))


def _read_by_somebody(request: Request) -> None:
    """Raises `Rejected` (C-012) for a query name that nobody reads: a slip of the hand is not “all of them”."""
    known = {asked.alias for asked in request.scope["route"].dependant.query_params}
    if strange := sorted(set(request.query_params) - known):
        raise Rejected(problem("C-012", reason=f"?{', '.join(strange)}"))


def a_name(text: str) -> str:
    """`text`, if anything here could be called so. Raises `NotFound` (F-006): the store is not asked for the rest."""
    if _NAME.fullmatch(text) is None:
        raise NotFound(problem("F-006", name=text[:80]))
    return text


def seen_by(client: Client, gateway: Gateway, exchange: str) -> Exchange:
    """The exchange, if it is one of `client`'s; what belongs to others does not exist for it (F-006)."""
    x, _ = gateway.read(a_name(exchange))
    if x.agreement not in client.agreements:
        raise NotFound(problem("F-006", name=exchange))
    return x
