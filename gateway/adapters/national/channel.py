"""`ports.Channel` and `ports.Source` on the national system's REST interface."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from gateway.adapters.http import File, Reply, Request
from gateway.adapters.national.envelope import Envelope, opened
from gateway.adapters.national.refusals import after_asking, after_sending
from gateway.adapters.national.session import NationalSession
from gateway.domain.calendar import VIETNAM
from gateway.domain.errors import InDoubt, NotFound, Problem, Rejected, Unavailable, problem
from gateway.domain.parcel import Acknowledgement, Parcel, Receipt, Unknown
from gateway.domain.record import canonical
from gateway.domain.report import ReportHead

_LONGEST_NAME = 80
_LINE = ("indicator", "organisation", "unit", "value", "breakdown")


class NationalChannel:
    """Sends packets and asks after them.

    read_status  reads a status packet (packet 7) and raises `Rejected` when it is none
    marks        what a statement says in place of a figure (nil, na, …) → the mark in our tables
    """

    def __init__(
        self, session: NationalSession, read_status: Callable[[bytes], Acknowledgement], marks: Mapping[str, str]
    ) -> None:
        self._session = session
        self._marks = marks
        self._line = session.line
        self._read_status = read_status

    async def send(self, parcel: Parcel, body: bytes, beside: Sequence[bytes] = ()) -> Receipt:
        request = Request(
            "POST",
            "/v1/packets",
            headers={"traceparent": parcel.trace} if parcel.trace else {},
            form={"messageType": parcel.packet},
            files=[("packetFile", ("x.xml", body, "application/xml")), *_beside(parcel, beside)],
        )
        reply = await self._session.tell(request)
        envelope = opened(reply.body)
        if not 200 <= reply.status < 300 or envelope is None or not envelope.ok or not envelope.text("docId"):
            raise after_sending(self._line, reply)
        other = self._of_another(envelope.text("messageId"), parcel.message_id)
        if other is not None:  # a receipt, but whose? What became of ours is asked
            raise InDoubt(other)
        return _receipt(envelope)

    async def inquire(self, parcel: Parcel) -> Receipt | Unknown:
        reply = await self._session.ask(Request("GET", "/v1/packets", params={"messageId": parcel.message_id}))
        if reply.status in (405, 501):
            return Unknown.CANNOT_TELL
        # A 404 counts only from the application: a web server in between knows nothing of packets, and
        # to believe it would be to send twice.
        if reply.status == 404 and reply.is_json:
            return Unknown.NOT_THERE
        envelope = self._understood(reply)
        if not envelope.text("docId"):
            raise self._line.unreadable("docId")
        other = self._of_another(envelope.text("messageId"), parcel.message_id)
        if other is not None:
            raise Unavailable(other)
        return _receipt(envelope)

    async def holding(self, head: ReportHead) -> Receipt | None:
        named = {"form": head.form, "period": head.period, "reporter": head.reporter, "revision": str(head.revision)}
        reply = await self._session.ask(Request("GET", "/v1/packets", params=named))
        if reply.status in (404, 405, 501) or (reply.status == 400 and reply.is_json):
            return None
        envelope = self._understood(reply)
        return _receipt(envelope) if envelope.text("docId") else None

    async def confirm(self, parcel: Parcel, receipt: Receipt) -> Acknowledgement | None:
        reply = await self._session.ask(Request("GET", _of(receipt.reference, "status")))
        if reply.status == 202:
            return None
        if reply.status != 200:
            raise self._line.unusable(reply)
        try:
            told = self._read_status(reply.body)
        except Rejected as error:
            # A status we cannot read says nothing about the report: it must not end as refused.
            raise self._line.unreadable(error.problem.title.en) from error
        other = self._of_another(told.reference, receipt.reference)
        if other is not None:
            raise Unavailable(other)
        return told

    async def statement(self, parcel: Parcel, receipt: Receipt) -> bytes:
        reply = await self._session.ask(Request("GET", _of(receipt.reference, "statement")))
        if reply.status != 200:
            raise self._line.unusable(reply)
        statement = _statement(reply.body, self._marks)
        if statement is None:
            raise self._line.unreadable("statement")
        return canonical(statement)

    async def close(self) -> None:
        await self._session.close()

    def _understood(self, reply: Reply) -> Envelope:
        envelope = opened(reply.body)
        if reply.status != 200 or envelope is None or not envelope.ok:
            raise after_asking(self._line, reply, envelope)
        return envelope

    def _of_another(self, theirs: str, ours: str) -> Problem | None:
        """Where an answer names what it is about, and that is not what was asked after (G-005)."""
        if theirs in ("", ours):
            return None
        return problem("G-005", destination=self._line.destination, theirs=theirs[:_LONGEST_NAME], ours=ours)


class NationalSource:
    """Catalogues as the national system serves them."""

    def __init__(self, session: NationalSession) -> None:
        self._session = session

    async def fetch(self, name: str, since: str = "") -> bytes:
        """The packet as it came; what changed `since` a version. Raises `NotFound` (F-006) or `Unavailable`."""
        asked = {"since": since} if since else {}
        reply = await self._session.ask(Request("GET", f"/v1/catalogues/{quote(name, safe='')}", params=asked))
        if reply.status == 404:
            raise NotFound(problem("F-006", name=name))
        if reply.status != 200:
            raise self._session.line.unusable(reply)
        return reply.body


def _beside(parcel: Parcel, contents: Sequence[bytes]) -> Iterator[tuple[str, File]]:
    """The words' packet and the files, each called after its SHA-256: what people call them stands in that packet.

    Raises `ValueError` for other bytes than the parcel names: a part less would be a part lost.
    """
    named = [*([parcel.narrative] if parcel.narrative else []), *(file.content for file in parcel.files)]
    for blob, content in zip(named, contents, strict=True):
        field = "narrativeFile" if blob is parcel.narrative else "attachmentFile"
        yield field, (blob.digest, content, blob.media_type)


def _of(reference: str, what: str) -> str:
    return f"/v1/packets/{quote(reference, safe='')}/{what}"


def _receipt(envelope: Envelope) -> Receipt:
    return Receipt(
        reference=envelope.text("docId"),
        digest=envelope.text("digest").lower() or None,
        received_at=_time(envelope.text("receivedAt")),
        parts=_parts(envelope.data.get("parts")),
    )


def _parts(said: Any) -> tuple[str, ...] | None:
    """What is no list of names is one strange name, for a receipt all the same: it must not look as if none came."""
    if said is None:
        return None
    return tuple(map(str, said)) if isinstance(said, list) else (str(said),)


def _are_texts(said: Any) -> bool:
    return isinstance(said, list) and all(isinstance(each, str) for each in said)


def _time(text: str) -> datetime | None:
    """RFC 3339; a time without offset is Vietnam's (Decision 28/2018 art. 14.4). Unreadable: None."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=VIETNAM)


def _statement(body: bytes, marks: Mapping[str, str]) -> dict[str, Any] | None:
    """{digest, values} with every figure as text, exactly as it was written, and {parts} where it names them.

    None when it is none.
    """
    try:
        said = json.loads(body, parse_float=str, parse_int=str)
    except ValueError:
        return None
    inner = said.get("data", said) if isinstance(said, dict) else None
    values = inner.get("values") if isinstance(inner, dict) else None
    if inner is None or not isinstance(values, list):
        return None
    lines, parts = [_line_of(value, marks) for value in values], inner.get("parts")
    if None in lines or not (parts is None or _are_texts(parts)):
        return None
    named = {} if parts is None else {"parts": parts}
    return {"digest": str(inner.get("digest") or ""), "values": lines, **named}


def _line_of(value: Any, marks: Mapping[str, str]) -> dict[str, str] | None:
    if not isinstance(value, dict) or not all(isinstance(value.get(name, ""), str) for name in _LINE):
        return None
    line = {name: value.get(name, "") for name in _LINE}
    return {**line, "value": marks.get(line["value"], line["value"])}
