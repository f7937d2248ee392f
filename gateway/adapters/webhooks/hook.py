"""The line to one system's webhook."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.adapters.http import HttpLine, Request
from gateway.adapters.webhooks.signature import headers

_MEDIA_TYPE = "application/cloudevents+json; charset=utf-8"


class Hook:
    """`secrets`: the keys themselves, at least one."""

    def __init__(self, line: HttpLine, secrets: Sequence[bytes]) -> None:
        self._line = line
        self._secrets = secrets

    async def tell(self, event: str, body: bytes, at: datetime) -> None:
        """Returns when it answered with a 2xx. Raises `Unavailable` for anything else: to repeat it does no harm,

        for the consumer knows the event by its id. A redirect is no answer: the address is what was agreed.
        """
        signed = headers(event, at, body, self._secrets)
        request = Request("POST", "", headers={"Content-Type": _MEDIA_TYPE, **signed}, content=body)
        reply = await self._line.ask(request)
        if not 200 <= reply.status < 300:
            raise self._line.unusable(reply)

    async def close(self) -> None:
        await self._line.close()
