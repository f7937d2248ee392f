"""A small document axis on a real socket. It checks every signature by its own arithmetic."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, TypeVar

from gateway.adapters.documents.axis import AxisCredentials, AxisRoute
from gateway.adapters.http import HttpLine
from gateway.schemas.edxml.model import Answered, Document, File, Organ, Status
from gateway.schemas.edxml.writer import write, write_status
from tests.adapters.clock import SetClock
from tests.adapters.peer import Answer, Heard, Peer, run, says

T = TypeVar("T")

CREDENTIALS = AxisCredentials("H56-sys", "axis-s3cret")
DOCUMENT_ID = "H56,2026/11/20,128/BC-UBND"
EDXML = write(
    Document(
        sender=Organ("H56", "UBND tỉnh"),
        recipients=(Organ("G22.01", "Văn phòng Bộ"),),
        document_id=DOCUMENT_ID,
        number="128",
        notation="BC-UBND",
        place="Thanh Hóa",
        issued="2026-11-20",
        subject="Báo cáo",
        sent_at="2026-11-24 14:00:00",
        files=(File("128.pdf", "Báo cáo", b"%PDF-1.7 x"),),
    )
)


def status(code: str, document_id: str = DOCUMENT_ID, description: str = "") -> bytes:
    about = Answered("H56", "128/BC-UBND", "2026-11-20", document_id)
    return write_status(Status(Organ("G22.01", "Văn phòng Bộ"), about, code, description, "2026-11-24 14:05:00"))


def okay(data: Any = None, **more: Any) -> Answer:
    return says(200, {"status": "OK", "ErrorCode": "0", "ErrorDesc": "", "data": data, **more})


def failing(code: str, description: str = "lý do") -> Answer:
    return says(200, {"status": "FAIL", "ErrorCode": code, "ErrorDesc": description})


class Axis(Peer):
    """Answers as told, and for what it was not told as an axis with `waiting` packages would."""

    waiting: dict[str, bytes]
    fetched: list[str]

    def _answer(self, heard: Heard) -> Answer:
        named = keys(heard)
        check_signature(heard)
        if self._queues.get(f"{heard.method} {heard.path}"):
            return super()._answer(heard)
        match heard.path:
            case "/getReceivedEdocList":
                return okay([{"docId": name, "messageType": "status"} for name in self.waiting])
            case "/getEdoc":
                self.fetched.append(named["docId"])
                return okay(base64.b64encode(self.waiting[named["docId"]]).decode())
            case "/updateStatus":
                assert named["status"] == "done"
                self.waiting.pop(named["docId"], None)
                return okay()
        return super()._answer(heard)


def keys(heard: Heard) -> dict[str, str]:
    signed: dict[str, str] = json.loads(heard.headers["xroadvnpt-sign-header"])
    return signed


def check_signature(heard: Heard) -> None:
    """By the rules of the SDK, from the headers alone."""
    text = heard.headers["xroadvnpt-sign-header"]
    named = keys(heard)
    assert heard.headers["xroadvnpt-sign-header-key"] == ";".join(named)
    assert all(heard.headers[f"xroadvnpt-{name.lower()}"] == value for name, value in named.items())
    assert heard.headers["content-type"] == named["Content-Type"]
    expected = hmac.new(b"axis-s3cret", text.encode(), sha256).hexdigest()
    assert heard.headers["xroadvnpt-hash-header"] == expected
    assert named["systemid"] == "H56-sys"


def scene(
    use: Callable[[AxisRoute], Awaitable[T]],
    answers: dict[str, list[Answer]] | None = None,
    waiting: dict[str, bytes] | None = None,
    *,
    deadline: float = 60,
    unpadded_hash: bool = False,
) -> tuple[T, Axis]:
    async def play() -> tuple[T, Axis]:
        axis = Axis(answers or {})
        axis.waiting, axis.fetched = dict(waiting or {}), []
        clock = SetClock()
        clock.at = datetime(2026, 11, 24, 7, 0, 1, 42_000, tzinfo=UTC)
        async with axis:
            line = HttpLine("VXP", axis.url, deadline=deadline)
            route = AxisRoute(line, CREDENTIALS, clock, unpadded_hash=unpadded_hash)
            try:
                return await use(route), axis
            finally:
                await route.close()

    return run(play())
