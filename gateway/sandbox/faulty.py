"""Faults around an application: what each one does to the request at hand."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.sandbox.line import TRANSPORT, reset
from gateway.sandbox.switches import Fault, Side, Switches

_OF_SOMETHING_ELSE = "0" * 64


class Faulty:
    """Wraps the application of one `side`.

    duplicate  that side's own answer to a second arrival
    expire     makes every token given out so far worthless
    """

    def __init__(
        self,
        app: ASGIApp,
        side: Side,
        switches: Switches,
        duplicate: Callable[[Headers], Response],
        expire: Callable[[], None] = lambda: None,
    ) -> None:
        self._app = app
        self._side: Side = side
        self._switches = switches
        self._duplicate = duplicate
        self._expire = expire
        self._hanging: set[Any] = set()
        self.answering = 0  # requests that are here and not answered to their end
        self._acts: dict[str, Callable[[Fault, Scope, Receive, Send], Awaitable[None]]] = {
            "hang": self._hang,
            "slow": self._slow,
            "drip": self._drip,
            "reset": self._reset,
            "reset_before_storing": self._reset_before_storing,
            "fail_before_storing": self._fail_before_storing,
            "fail_after_storing": self._fail_after_storing,
            "too_many": self._too_many,
            "duplicate": self._say_duplicate,
            "redirect": self._redirect,
            "lie": self._lie,
            "wrong_token": self._unauthorised,
            "expire_tokens": self._expire_tokens,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = self._fault(scope)
        self.answering += 1
        try:
            if fault is None:
                await self._app(scope, receive, send)
            else:
                await self._acts[fault.name](fault, scope, receive, send)
        finally:
            self.answering -= 1

    def release(self) -> None:
        """End what hangs."""
        for transport in self._hanging:
            transport.abort()

    def _fault(self, scope: Scope) -> Fault | None:
        if not self._switches.faults or scope["type"] != "http" or scope["path"].endswith("/auth/login"):
            return None
        packet = scope["method"] == "POST" and scope["path"].endswith(("/v1/packets", "/sendEdoc"))
        return self._switches.next(self._side, packet=packet)

    async def _hang(self, fault: Fault, scope: Scope, _receive: Receive, _send: Send) -> None:
        transport = scope["state"][TRANSPORT]
        self._hanging.add(transport)
        last = None if fault.seconds is None else asyncio.get_running_loop().time() + fault.seconds
        while not transport.is_closing() and (last is None or asyncio.get_running_loop().time() < last):
            await asyncio.sleep(0.05)
        self._hanging.discard(transport)
        transport.abort()

    async def _slow(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(2.0 if fault.seconds is None else fault.seconds)
        await self._app(scope, receive, send)

    async def _drip(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        start, body = await self._held_back(scope, receive)
        transport = scope["state"][TRANSPORT]
        self._hanging.add(transport)
        await send(start)
        for byte in body:
            if transport.is_closing():
                break
            await send({"type": "http.response.body", "body": bytes((byte,)), "more_body": True})
            await asyncio.sleep(1.0 if fault.seconds is None else fault.seconds)
        self._hanging.discard(transport)
        if not transport.is_closing():
            await send({"type": "http.response.body", "body": b""})

    async def _reset(self, _fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        start, body = await self._held_back(scope, receive)
        await send(start)
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        reset(scope["state"][TRANSPORT])

    async def _reset_before_storing(self, _fault: Fault, scope: Scope, receive: Receive, _send: Send) -> None:
        await _drained(receive)
        reset(scope["state"][TRANSPORT])

    async def _fail_before_storing(self, _fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        await _drained(receive)
        await PlainTextResponse("Internal Server Error", 500)(scope, receive, send)

    async def _fail_after_storing(self, _fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        await self._held_back(scope, receive)
        await PlainTextResponse("Internal Server Error", 500)(scope, receive, send)

    async def _too_many(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        await _drained(receive)
        wait = {"Retry-After": str(int(fault.seconds or 1))}
        await JSONResponse({"message": "Too Many Requests"}, 429, wait)(scope, receive, send)

    async def _say_duplicate(self, _fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        await _drained(receive)
        await self._duplicate(Headers(scope=scope))(scope, receive, send)

    async def _redirect(self, _fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        await _drained(receive)
        await Response(status_code=307, headers={"Location": scope["path"]})(scope, receive, send)

    async def _lie(self, _fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        """Stored as it came, and a receipt for something else."""
        _, body = await self._held_back(scope, receive)
        said = json.loads(body)
        inside = said.get("data")
        (inside if isinstance(inside, dict) else said)["digest"] = _OF_SOMETHING_ELSE
        await JSONResponse(said)(scope, receive, send)

    async def _unauthorised(self, _fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        await _drained(receive)
        await PlainTextResponse("Unauthorized", 401)(scope, receive, send)

    async def _expire_tokens(self, _fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        self._expire()
        await self._app(scope, receive, send)

    async def _held_back(self, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
        """The application's answer, kept from the wire: (its start, its whole body)."""
        said: list[Message] = []

        async def keep(message: Message) -> None:
            said.append(message)

        await self._app(scope, receive, keep)
        return said[0], b"".join(message.get("body", b"") for message in said[1:])


async def _drained(receive: Receive) -> None:
    """Read the request to its end: a peer still writing would take an early answer for a broken line."""
    while (await receive()).get("more_body", False):
        pass
