"""`ports.DocumentRoute` on the national document axis (trục liên thông văn bản quốc gia, VXP)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any
from unicodedata import normalize

from gateway.adapters.documents.days import days
from gateway.adapters.documents.signature import AxisCredentials, signed
from gateway.adapters.http import HttpLine, Reply, Request
from gateway.domain.errors import GatewayError, InDoubt, Rejected, Unavailable, problem
from gateway.domain.ids import same_agency
from gateway.ports import Clock, DocumentStatus
from gateway.schemas.edxml.statuses import status_in, withheld

__all__ = ["AxisCredentials", "AxisRoute"]

_EMPTY = "application/x-www-form-urlencoded"
_RAW = "application/octet-stream"
_CREDENTIALS, _LOCKED = "15", "23"
_DOUBTFUL = ("20", "21", "24")
_STRANGERS = ("18", "19")  # the axis does not know the receiver, the sender


class AxisRoute:
    """Documents and their statuses. The axis' own id of a document is not its DocumentId; both are kept.

    unpadded_hash  write `hash-file` as the SDK does, each byte in hex without its leading zero; which of
                   the two forms an installation checks, if any, is learnt in its acceptance test
    """

    def __init__(
        self, line: HttpLine, credentials: AxisCredentials, clock: Clock, *, unpadded_hash: bool = False
    ) -> None:
        self._line = line
        self._credentials = credentials
        self._clock = clock
        self._byte = "x" if unpadded_hash else "02x"
        self._kept: dict[str, DocumentStatus] = {}

    async def send(self, edxml: bytes, sender: str, recipients: Sequence[str]) -> str:
        """The axis' id. Raises `Rejected`, `Unavailable` or `InDoubt`."""
        return await self._sent_as("edoc", edxml, sender, recipients)

    async def tell(self, status: bytes, sender: str, recipient: str) -> str:
        return await self._sent_as("status", status, sender, (recipient,))

    async def _sent_as(self, kind: str, edxml: bytes, sender: str, recipients: Sequence[str]) -> str:
        keys = {
            "from": sender,
            "to": json.dumps(list(recipients), separators=(",", ":")),
            "servicetype": "eDoc",
            "messagetype": kind,
            "hash-file": "".join(format(byte, self._byte) for byte in sha256(edxml).digest()),
        }
        reply = await self._line.tell(self._request("/sendEdoc", keys, edxml + b"\r\n"))
        said = _said(reply)
        axis_id = str(said.get("DocId") or "")
        if not _fine(reply, said) or not axis_id:
            raise self._untaken(reply, said)
        return axis_id

    async def sent(self, document_id: str) -> str | None:
        """The axis' id of what we sent as `document_id`. Raises `Unavailable`; None is certain."""
        rows = await self._listed("/getSentEdocList", {"messagetype": "edoc", **days(self._clock.now())})
        return next((_axis_id(row, "senderDocId", "docId") for row in rows if _is_about(row, document_id)), None)

    async def statuses(self) -> list[DocumentStatus]:
        """Every status that waits for us, those that cannot be read as what is wrong with them."""
        rows = await self._listed("/getReceivedEdocList", {"messagetype": "status"})
        ours = (row for row in rows if row.get("messageType", "status") == "status")
        waiting = [name for row in ours if (name := _axis_id(row, "docId"))]
        # What is still listed was fetched once already: a list is read often, its packages are not. Each is kept as it
        # comes, so that a line that breaks off costs no fetch twice.
        kept = self._kept = {name: self._kept[name] for name in waiting if name in self._kept}
        refused: dict[str, DocumentStatus] = {}  # asked for again at the next reading
        for name in waiting:
            if name not in kept:
                status = await self._status(name)
                (kept if status.raw else refused)[name] = status
        return [*kept.values(), *refused.values()]

    async def settle(self, axis_id: str) -> None:
        """Not to be delivered again. A refusal is no error: then it is delivered again, and known."""
        reply = await self._line.ask(self._request("/updateStatus", {"docId": axis_id, "status": "done"}))
        if reply.status != 200:
            raise self._line.unusable(reply)

    async def close(self) -> None:
        await self._line.close()

    async def _status(self, axis_id: str) -> DocumentStatus:
        reply = await self._line.ask(self._request("/getEdoc", {"docId": axis_id}))
        said = _said(reply)
        code = str(said.get("ErrorCode") or "")
        if reply.status == 200 and said.get("status") == "FAIL" and code not in (_CREDENTIALS, _LOCKED, *_DOUBTFUL):
            reason = said.get("ErrorDesc") or ""
            return withheld(axis_id, problem("C-013", destination=self._line.destination, answer=code, reason=reason))
        return status_in(axis_id, str(self._answered(reply, said).get("data") or ""))

    async def _listed(self, path: str, keys: Mapping[str, str]) -> list[Mapping[str, Any]]:
        said = await self._asked(path, {"servicetype": "eDoc", **keys})
        rows = said.get("data")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self._line.unreadable(f"{path}: data")
        return rows

    async def _asked(self, path: str, keys: Mapping[str, str]) -> Mapping[str, Any]:
        reply = await self._line.ask(self._request(path, keys))
        return self._answered(reply, _said(reply))

    def _answered(self, reply: Reply, said: Mapping[str, Any]) -> Mapping[str, Any]:
        if reply.status != 200:
            raise self._line.unusable(reply)
        if not _fine(reply, said):
            raise self._refused(said) or self._line.unreadable(_reason(said) or reply.start)
        return said

    def _request(self, path: str, keys: Mapping[str, str], content: bytes = b"") -> Request:
        media_type = _RAW if content else _EMPTY
        headers = signed(self._credentials, self._clock.now(), media_type, keys)
        return Request("POST", path, headers=headers, content=content)

    def _untaken(self, reply: Reply, said: Mapping[str, Any]) -> GatewayError:
        """The axis' own word where it gave one; no list of its codes is published, the LGSP's is assumed."""
        code, destination = str(said.get("ErrorCode") or ""), self._line.destination
        if reply.status != 200 or said.get("status") != "FAIL":
            return self._line.untaken(reply, _reason(said))
        if code in _DOUBTFUL:
            return InDoubt(problem("G-001", destination=destination, reason=_reason(said)))
        name = "B-008" if code in _STRANGERS else "C-013"
        wrong = problem(name, destination=destination, answer=code, reason=said.get("ErrorDesc") or "")
        return self._refused(said) or Rejected(wrong)

    def _refused(self, said: Mapping[str, Any]) -> Unavailable | None:
        """The refusals that end when an operator has acted."""
        code, destination = str(said.get("ErrorCode") or ""), self._line.destination
        if code == _CREDENTIALS:
            return Unavailable(problem("B-001", destination=destination, reason=_reason(said)))
        if code == _LOCKED:
            return Unavailable(problem("A-005", destination=destination, answer=code, reason=said.get("ErrorDesc")))
        return None


def _said(reply: Reply) -> Mapping[str, Any]:
    try:
        said = json.loads(reply.body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _fine(reply: Reply, said: Mapping[str, Any]) -> bool:
    return reply.status == 200 and said.get("status") == "OK" and str(said.get("ErrorCode") or "0") == "0"


def _reason(said: Mapping[str, Any]) -> str:
    return ": ".join(str(said[name]) for name in ("ErrorCode", "ErrorDesc") if said.get(name))


def _axis_id(row: Mapping[str, Any], *names: str) -> str:
    return next((str(row[name]) for name in names if row.get(name)), "")


def _is_about(row: Mapping[str, Any], document_id: str) -> bool:
    """By the DocumentId where the list has it; else by the agency and number a DocumentId of ours is made of.

    Not by the day too: its form in the list is not known. As broadly as one number can be written, and the agency in
    its old code or its new one: to miss a document is to send it twice.
    """
    if row.get("documentId"):
        return bool(row["documentId"] == document_id)
    sender, _, rest = document_id.partition(",")
    _, _, code = rest.partition(",")
    said = str(row.get("notation") or "")
    return bool(code) and _plain(said) == _plain(code) and same_agency(str(row.get("fromCode") or sender), sender)


def _plain(code: str) -> str:
    return normalize("NFC", code).casefold().replace(" ", "")
