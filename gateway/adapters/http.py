"""One small HTTP client per destination: one total deadline, bounded answers, and the truth about “was it sent?”.

`ask` is for what may be repeated at will: any trouble is `Unavailable`. `tell` is for what must not
happen twice: `Unavailable` only when certainly nothing went out, else `InDoubt`.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
from httpx_aiohttp import AiohttpTransport
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from gateway.adapters.answers import Reply, untaken, unusable
from gateway.adapters.failures import CAUGHT, cause, may_have_gone_out
from gateway.adapters.gate import Gate
from gateway.adapters.tls import system_trust
from gateway.domain.errors import GatewayError, InDoubt, Unavailable, problem

_MOST_ANSWERED = 32 * 1024 * 1024
_TRIES = 3
_HEADERS = {
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "Connection": "keep-alive",
    "User-Agent": f"python-httpx/{httpx.__version__}",
}

__all__ = ["File", "HttpFetcher", "HttpLine", "Reply", "Request"]

File = tuple[str, bytes, str]  # name, content, media type


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask; `content` and (`form`, `files`) exclude each other."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # credentials travel here
    params: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = field(default=None, repr=False)
    json: Any = field(default=None, repr=False)
    form: Mapping[str, str] = field(default_factory=dict, repr=False)
    files: Mapping[str, File] | Sequence[tuple[str, File]] = field(default=(), repr=False)  # a name may come twice


class _Failed(Exception):
    """A request without a whole answer. `sent`: the other side may have taken something."""

    def __init__(self, reason: str, *, sent: bool, late: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sent = sent
        self.late = late


class HttpLine:
    """The line to one destination.

    deadline   seconds for one operation, everything included; client time-outs do not stop a dripping peer
    transport  a door for tests; None is aiohttp
    gate       how fast it may be asked, as agreed; None: as fast as it goes
    """

    def __init__(
        self,
        destination: str,
        base_url: str,
        *,
        deadline: float = 30,
        most_answered: int = _MOST_ANSWERED,
        tls: ssl.SSLContext | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        gate: Gate | None = None,
    ) -> None:
        self.destination = destination
        self._base_url = base_url
        self._seconds = deadline
        self._most = most_answered
        self._tls = tls
        self._transport = transport
        self._gate = gate
        self._lines: dict[asyncio.AbstractEventLoop, tuple[httpx.AsyncBaseTransport, AsyncGenerator[None]]] = {}

    def until(self) -> float:
        """The loop time at which an operation beginning now is given up."""
        return asyncio.get_running_loop().time() + self._seconds

    async def ask(self, request: Request, *, until: float | None = None) -> Reply:
        """The answer to a question that may be repeated. Raises `Unavailable`."""
        try:
            return await self._answered(request, until)
        except _Failed as failed:
            raise self._unavailable(failed) from failed

    async def tell(self, request: Request, *, until: float | None = None) -> Reply:
        """The answer to what must not happen twice. Raises `Unavailable` or `InDoubt`."""
        try:
            return await self._answered(request, until)
        except _Failed as failed:
            if not failed.sent:
                raise self._unavailable(failed) from failed
            raise InDoubt(problem("G-001", destination=self.destination, reason=failed.reason)) from failed

    def unusable(self, reply: Reply) -> Unavailable:
        """A whole answer of a status that takes nothing and gives nothing."""
        return unusable(self.destination, reply)

    def untaken(self, reply: Reply, said: str = "") -> GatewayError:
        """A whole answer to a `tell` that is no receipt: refusal, `Unavailable` or doubt, by its status."""
        return untaken(self.destination, reply, said)

    def unreadable(self, reason: object) -> Unavailable:
        """An answer whose words make no sense, to a question that may be repeated."""
        return Unavailable(problem("A-004", destination=self.destination, reason=reason))

    async def close(self) -> None:
        """Close what the running loop holds; other loops close theirs when they end."""
        kept = self._lines.get(asyncio.get_running_loop())
        if kept:
            await kept[1].aclose()

    def _unavailable(self, failed: _Failed) -> Unavailable:
        if failed.late:
            return Unavailable(problem("A-003", destination=self.destination, seconds=f"{self._seconds:g}"))
        return Unavailable(problem("A-001", destination=self.destination, reason=failed.reason))

    async def _answered(self, request: Request, until: float | None) -> Reply:
        """One answer; what never went out is tried again within seconds, and nothing else is."""
        last = self.until() if until is None else until
        try:
            return await self._passed(request, last)
        except _Failed as failed:  # only now: most calls have nothing to try again, and setting it up costs 0.1 ms
            return await self._again(failed, request, last)

    async def _again(self, failed: _Failed, request: Request, until: float) -> Reply:
        """After a first try that `failed`, which counts as one of them."""
        tried = [failed]

        async def attempt() -> Reply:
            if tried:
                raise tried.pop()
            return await self._passed(request, until)

        retrying = AsyncRetrying(
            retry=retry_if_exception(lambda error: isinstance(error, _Failed) and not error.sent and not error.late),
            stop=stop_after_attempt(_TRIES),
            wait=wait_random_exponential(multiplier=0.1, max=1),
            reraise=True,
        )
        reply: Reply = await retrying(attempt)
        return reply

    async def _passed(self, request: Request, until: float) -> Reply:
        """One attempt, when it is its turn; what they ask about the next ones, every worker keeps."""
        if self._gate is None:
            return await self._attempt(request, until)
        async with self._gate.passed(until):
            reply = await self._attempt(request, until)
        if reply.status == 429 and reply.retry_after:
            await self._gate.close(reply.retry_after)
        return reply

    async def _attempt(self, request: Request, until: float) -> Reply:
        if asyncio.get_running_loop().time() >= until:
            raise _Failed("no time left", sent=False, late=True)
        transport = await self._opened()
        deadline = asyncio.timeout_at(until)
        # Opening gets half of what is left, so that a line that never opens is known to have taken nothing.
        opening = (until - asyncio.get_running_loop().time()) / 2
        patience = {"connect": opening, "pool": opening, "read": None, "write": None}
        try:
            async with deadline:
                return await self._exchange(transport, request, patience)
        except CAUGHT as error:
            reason = f"{self._seconds:g} s" if deadline.expired() else _said(cause(error))
            raise _Failed(reason, sent=may_have_gone_out(error), late=deadline.expired()) from error

    async def _exchange(
        self, transport: httpx.AsyncBaseTransport, request: Request, patience: dict[str, float | None]
    ) -> Reply:
        """Without httpx's client around its transport: we follow nothing and log in by ourselves, and what it does for
        who does not is half of the CPU of a call."""
        built = httpx.Request(
            request.method,
            self._base_url.rstrip("/") + request.path if request.path else self._base_url,
            headers={**_HEADERS, **request.headers},
            params=request.params or None,
            content=request.content,
            json=request.json,
            data=request.form or None,
            files=request.files or None,
            extensions={"timeout": patience},
        )
        await built.aread()  # buffered, with Content-Length: streamed multipart is refused in the field
        response = await transport.handle_async_request(built)
        try:
            return Reply(response.status_code, response.headers, await self._body(response))
        finally:
            await response.aclose()

    async def _body(self, response: httpx.Response) -> bytes:
        taken = bytearray()
        async for chunk in _chunks(response):
            taken += chunk
            if len(taken) > self._most:
                raise _Failed(f"the answer is longer than {self._most} bytes", sent=True)
        return bytes(taken)

    async def _opened(self) -> httpx.AsyncBaseTransport:
        """The running loop's transport. A guard generator closes it when the loop ends, as asyncio.run
        and asyncio.Runner end theirs: it must be closed on the loop it lives on."""
        loop = asyncio.get_running_loop()
        kept = self._lines.get(loop)
        if kept is None:
            # Idle connections are dropped before usual servers drop theirs: a connection that dies under a
            # send costs an inquiry. The environment is not read: a stray proxy variable must not reroute reports.
            limits = httpx.Limits(max_connections=16, keepalive_expiry=4)
            tls = self._tls or system_trust()
            transport = self._transport or AiohttpTransport(verify=tls, limits=limits, trust_env=False)
            kept = self._lines[loop] = (transport, self._guard(loop, transport))
            await anext(kept[1])
        return kept[0]

    async def _guard(
        self, loop: asyncio.AbstractEventLoop, transport: httpx.AsyncBaseTransport
    ) -> AsyncGenerator[None]:
        try:
            yield
        finally:
            self._lines.pop(loop, None)
            await transport.aclose()


class HttpFetcher:
    """`ports.Fetcher` for certificates' own services: listed hosts only, no redirects, bounded.

    For threads without an event loop: each call runs its own. Errors: `Unavailable`.
    """

    def __init__(self, hosts: Sequence[str], *, deadline: float = 10, most_answered: int = _MOST_ANSWERED) -> None:
        self._hosts = frozenset(host.lower() for host in hosts)
        self._seconds = deadline
        self._most = most_answered

    def get(self, url: str) -> bytes:
        return self._fetched(url, Request("GET", ""))

    def post(self, url: str, body: bytes, media_type: str) -> bytes:
        return self._fetched(url, Request("POST", "", headers={"Content-Type": media_type}, content=body))

    def _fetched(self, url: str, request: Request) -> bytes:
        host = self._listed(url)
        line = HttpLine(host, url, deadline=self._seconds, most_answered=self._most)
        reply = asyncio.run(line.ask(request))
        if reply.status != 200:
            raise line.unusable(reply)
        return reply.body

    def _listed(self, url: str) -> str:
        """The host of `url`, if it may be asked: addresses come out of certificates, so out of strangers' hands."""
        try:
            parts = urlsplit(url)
        except ValueError:
            parts = urlsplit("")
        host = parts.hostname or ""
        if parts.scheme not in ("http", "https") or host not in self._hosts:
            raise Unavailable(problem("A-001", destination=url, reason="not among fetch_hosts"))
        return host


def _chunks(response: httpx.Response) -> AsyncIterator[bytes]:
    """The body as it comes: it is asked for unpacked, and who packs it all the same is unpacked."""
    if "content-encoding" in response.headers or not isinstance(response.stream, httpx.AsyncByteStream):
        return response.aiter_bytes()
    return aiter(response.stream)


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:200]
