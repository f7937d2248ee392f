"""Somebody who opens pages of the desk, with no browser between; and the gateway behind it."""

from __future__ import annotations

import asyncio
import html
import re
from pathlib import Path

import httpx

from gateway.console import console
from gateway.deploy import create, secret
from gateway.wiring import Gateway, Seen, build

_SECRETS = (
    "quoc-gia.system-id",
    "quoc-gia.system-secret",
    "quoc-gia.username",
    "quoc-gia.password",
    "truc-van-ban.system-id",
    "truc-van-ban.secret",
)


def put_together(home: Path, database: str, seen: Seen) -> Gateway:
    """A deployment of the example province, its lines never used."""
    create(home, "thanh-hoa")
    for name in _SECRETS:
        secret(home, name, "thử")
    # Whose signatures a document bears is judged elsewhere: here nobody signs.
    unjudged = '[agreements.ktxh-thang.fallback]\npolicy = ""\nannex_policy = ""\n'
    (home / "local.toml").write_text(unjudged, "utf-8")
    return build(home, {"GATEWAY_DATABASE_URL": database}, seen)


class Reader:
    """Opens pages; Vietnamese unless asked otherwise."""

    def __init__(self, gateway: Gateway) -> None:
        self._app = console(gateway)

    def open(self, path: str, *, method: str = "GET", **headers: str) -> httpx.Response:
        return asyncio.run(self._open(path, method, headers))

    async def _open(self, path: str, method: str, headers: dict[str, str]) -> httpx.Response:
        transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:
            return await client.request(method, path, headers=named)


def words(page: httpx.Response) -> str:
    """A page as it is read: no tags, single spaces."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def ids(page: httpx.Response) -> list[str]:
    """The exchanges a list shows, in its order."""
    return re.findall(r'<td role="cell" class="c-id"><a class="id" href="/exchanges/([\w-]+)', page.text)


def links(page: httpx.Response) -> list[str]:
    return [html.unescape(link) for link in re.findall(r'href="([^"]*)"', page.text)]
