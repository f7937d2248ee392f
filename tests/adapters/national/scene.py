"""A channel on a real line to a peer that answers as told."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from gateway.adapters.http import HttpLine
from gateway.adapters.national import NationalChannel, NationalCredentials, NationalSession
from gateway.domain.account import Tally
from gateway.domain.errors import Rejected, problem
from gateway.domain.ids import digest_of
from gateway.domain.parcel import Acknowledgement, Answer, Blob, Parcel
from tests.adapters import peer as wire
from tests.adapters.clock import SetClock

T = TypeVar("T")

BODY = "<Packet>số liệu</Packet>".encode()
PARCEL = Parcel("gt-01", "report-data", Blob(digest_of(BODY), len(BODY), "application/xml"), "lane")
LOGIN = "POST /v1/auth/login"
SEND = "POST /v1/packets"
ASK = "GET /v1/packets"
STATUS = "GET /v1/packets/d-1/status"
MARKS = {"nil": "-", "na": "…", "confidential": "x"}
STATEMENT = "GET /v1/packets/d-1/statement"
CREDENTIALS = NationalCredentials("sys", "sys-s3cret", "nguoi.dung", "pass-s3cret")


def observed(data: Any, code: int = 200) -> wire.Answer:
    return wire.says(200, {"code": code, "message": "m", "count": 1, "data": data, "errorDetail": []})


def documented(**data: Any) -> wire.Answer:
    return wire.says(200, {"success": True, "message": "m", **data})


TOKEN = observed({"token": "t-1"})
UNAUTHORIZED = wire.says(401, "Unauthorized")
TAKEN = observed({"docId": "d-1"})


def read_status(body: bytes) -> Acknowledgement:
    if not body.startswith(b"<Packet"):
        raise Rejected(problem("C-001", line=1, reason="not a packet"))
    return Acknowledgement(Answer.ACCEPTED, Tally(1, 1), (), None, reference="d-2" if b"d-2" in body else "d-1")


def scene(
    use: Callable[[NationalChannel], Awaitable[T]],
    answers: dict[str, list[wire.Answer]],
    *,
    clock: SetClock | None = None,
    deadline: float = 60,
) -> tuple[T, wire.Peer]:
    """What `use` of a channel gives, and the peer with all it heard. Logins are answered unless told otherwise."""

    async def play() -> tuple[T, wire.Peer]:
        async with wire.Peer({LOGIN: [TOKEN], **answers}) as peer:
            line = HttpLine("QG", peer.url, deadline=deadline)
            channel = NationalChannel(NationalSession(line, CREDENTIALS, clock or SetClock()), read_status, MARKS)
            try:
                return await use(channel), peer
            finally:
                await channel.close()

    return wire.run(play())


def send(channel: NationalChannel) -> Awaitable[Any]:
    return channel.send(PARCEL, BODY)
