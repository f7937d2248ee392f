"""The session with the national system: three credentials on every call, one token for everybody."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from gateway.adapters.http import HttpLine, Reply, Request
from gateway.adapters.national.envelope import opened
from gateway.adapters.national.refusals import after_asking
from gateway.domain.errors import Unavailable, problem
from gateway.ports import Clock

# Tokens live about 30 minutes and may die earlier (then one 401 costs one more login).
_LIFETIME = timedelta(minutes=25)


@dataclass(frozen=True, slots=True)
class NationalCredentials:
    """Never shown: not by repr, not in an error, not in a log line."""

    system_id: str = field(repr=False)
    system_secret: str = field(repr=False)
    username: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Token:
    text: str = field(repr=False)
    until: datetime


class NationalSession:
    """Signs requests and keeps the token; `NationalChannel` and `NationalSource` share one."""

    def __init__(self, line: HttpLine, credentials: NationalCredentials, clock: Clock) -> None:
        self.line = line
        self._credentials = credentials
        self._clock = clock
        self._token: _Token | None = None
        # A lock belongs to the loop it was first waited on; destinations may be drained on several.
        self._locks: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()

    async def ask(self, request: Request) -> Reply:
        """A question that may be repeated. Raises `Unavailable`."""
        return await self._with_token(request, self.line.ask)

    async def tell(self, request: Request) -> Reply:
        """What must not happen twice. Raises `Unavailable` or `InDoubt`; a 401 took nothing."""
        return await self._with_token(request, self.line.tell)

    async def close(self) -> None:
        await self.line.close()

    async def _with_token(self, request: Request, call: Callable[..., Awaitable[Reply]]) -> Reply:
        until = self.line.until()  # logins, and the second try after a 401, share one deadline
        token = await self._current(until, stale=None)
        reply = await call(self._signed(request, token), until=until)
        if reply.status == 401:
            token = await self._current(until, stale=token)
            reply = await call(self._signed(request, token), until=until)
        return reply

    def _signed(self, request: Request, token: _Token) -> Request:
        credentials = {
            "Authorization": f"Bearer {token.text}",
            "X-SystemId": self._credentials.system_id,
            "X-SecretKey": self._credentials.system_secret,
        }
        return replace(request, headers={**request.headers, **credentials})

    async def _current(self, until: float, stale: _Token | None) -> _Token:
        """A token that is not `stale`; whoever comes first logs in, the others wait for theirs."""
        loop = asyncio.get_running_loop()
        lock = self._locks.get(loop)
        if lock is None:
            lock = self._locks[loop] = asyncio.Lock()
        async with lock:
            token = self._token
            if token is None or token is stale or self._clock.now() >= token.until:
                token = self._token = await self._login(until)
            return token

    async def _login(self, until: float) -> _Token:
        who = {"username": self._credentials.username, "password": self._credentials.password}
        request = Request("POST", "/v1/auth/login", params={"allow_anonymous": "true"}, json=who)
        reply = await self.line.ask(request, until=until)
        envelope = opened(reply.body)
        if reply.status != 200 or envelope is None or not envelope.ok:
            raise after_asking(self.line, reply, envelope)
        text = envelope.text("token")
        if not text or not (text.isascii() and text.isprintable()):  # a header line must hold it
            raise Unavailable(problem("B-001", destination=self.line.destination, reason="no token in the answer"))
        return _Token(text, self._clock.now() + _LIFETIME)
