"""`ports.DocumentRoute` through a provincial LGSP, which carries the axis' packages over REST.

Three credentials on every call and a token, as the province's other interfaces ask for them. It has no sent
list: after a lost answer only the office's own status proves that a document arrived.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.adapters.documents.days import days
from gateway.adapters.http import Reply, Request
from gateway.adapters.national.envelope import Envelope, opened
from gateway.adapters.national.refusals import after_asking, after_sending
from gateway.adapters.national.session import NationalSession
from gateway.domain.errors import InDoubt, Rejected, problem
from gateway.ports import Clock, DocumentStatus
from gateway.schemas.edxml.statuses import status_in, withheld

_THIS_FILE = ("10", "22")  # what is wrong is the package asked for, and not the line


class LgspRoute:
    """Documents and their statuses. `session` signs every request and logs in again when a token dies early."""

    def __init__(self, session: NationalSession, clock: Clock) -> None:
        self._session = session
        self._clock = clock
        self._kept: dict[str, DocumentStatus] = {}

    async def send(self, edxml: bytes, sender: str, recipients: Sequence[str]) -> str:
        """The LGSP's id; who sends to whom stands in the package. Raises `Rejected`, `Unavailable`, `InDoubt`."""
        return await self._sent_as("edoc", edxml)

    async def tell(self, status: bytes, sender: str, recipient: str) -> str:
        return await self._sent_as("status", status)

    async def sent(self, document_id: str) -> str | None:
        """Raises `Rejected` (G-002), which leaves it to a person, until an office speaks of the document."""
        known = [status.axis_id for status in await self.statuses() if status.document_id == document_id]
        if known:
            return f"status:{known[0]}"
        raise Rejected(problem("G-002", destination=self._session.line.destination))

    async def statuses(self) -> list[DocumentStatus]:
        """Every status that waits for us, those that cannot be read as what is wrong with them."""
        rows = await self._listed()
        waiting = [name for row in rows if (name := str(row.get("docId") or row.get("id") or ""))]
        kept = self._kept = {name: self._kept[name] for name in waiting if name in self._kept}
        refused: dict[str, DocumentStatus] = {}  # asked for again at the next reading
        for name in waiting:
            if name not in kept:
                status = await self._status(name)
                (kept if status.raw else refused)[name] = status
        return [*kept.values(), *refused.values()]

    async def settle(self, axis_id: str) -> None:
        """Not to be delivered again. A refusal is no error: then it is delivered again, and known."""
        reply = await self._session.ask(Request("POST", "/v1/updateStatus", json={"docId": axis_id, "status": "done"}))
        if reply.status != 200:
            raise self._session.line.unusable(reply)

    async def close(self) -> None:
        await self._session.close()

    async def _sent_as(self, kind: str, package: bytes) -> str:
        files = {"edocFile": ("x.edxml", package, "application/xml")}  # buffered: a streamed body was cut off there
        reply = await self._session.tell(Request("POST", "/v1/sendEdoc", form={"messageType": kind}, files=files))
        envelope = opened(reply.body)
        if not 200 <= reply.status < 300 or envelope is None or not envelope.ok:
            raise after_sending(self._session.line, reply)
        if not envelope.text("docId"):
            reason = "docId"
            raise InDoubt(problem("G-001", destination=self._session.line.destination, reason=reason))
        return envelope.text("docId")

    async def _listed(self) -> list[Mapping[str, Any]]:
        params = {"messageType": "status", **days(self._clock.now())}
        reply = await self._asked(Request("GET", "/v1/syncReceivedEdocList", params=params))
        rows = json.loads(reply.body).get("data")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self._session.line.unreadable("/v1/syncReceivedEdocList: data")
        return rows

    async def _status(self, name: str) -> DocumentStatus:
        reply = await self._session.ask(Request("GET", "/v1/getEdoc", params={"docId": name}))
        envelope, destination = opened(reply.body), self._session.line.destination
        if reply.status == 200 and envelope is not None and envelope.code in _THIS_FILE:
            told = {"answer": envelope.code, "reason": envelope.message}
            return withheld(name, problem("C-013", destination=destination, **told))
        return status_in(name, _content(json.loads(self._answered(reply, envelope).body)))

    async def _asked(self, request: Request) -> Reply:
        reply = await self._session.ask(request)
        return self._answered(reply, opened(reply.body))

    def _answered(self, reply: Reply, envelope: Envelope | None) -> Reply:
        if reply.status != 200 or envelope is None or not envelope.ok:
            raise after_asking(self._session.line, reply, envelope)
        return reply


def _content(said: Mapping[str, Any]) -> str:
    data = said.get("data")
    return str(data.get("content") or "") if isinstance(data, dict) else str(data or "")
