"""The document axis (trục liên thông văn bản): parameters in signed headers, answers in JSON."""

from __future__ import annotations

import base64
import hmac
import json
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.sandbox.credentials import Credentials
from gateway.sandbox.office import NoPackage, Package, answer, answers, read
from gateway.sandbox.store import Parcel, Store
from gateway.sandbox.switches import Switches

_VIETNAM = timezone(timedelta(hours=7))
_PREFIX = "xroadvnpt-"
_STAMP = re.compile(r"\d{8}T\d{6}\+\d{4}")
_WORDS = frozenset({"done", "fail", "processing"})
_AGENCIES = [
    ("H56", "Ủy ban nhân dân tỉnh Thanh Hóa"),
    ("H38", "Ủy ban nhân dân tỉnh Lào Cai"),
    ("H20", "Ủy ban nhân dân tỉnh Đồng Tháp"),
    ("H03", "Ủy ban nhân dân tỉnh Bắc Kạn"),
    ("H51", "Ủy ban nhân dân tỉnh Sóc Trăng"),
    ("G22", "Văn phòng Chính phủ"),
]


class Refused(Exception):
    """A request the axis does not serve; `code` is its ErrorCode."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Axis:
    """`app` is mounted at /axis."""

    def __init__(self, store: Store, switches: Switches, credentials: Credentials) -> None:
        self._store = store
        self._switches = switches
        self._credentials = credentials
        acts = {
            "sendEdoc": self._send,
            "getReceivedEdocList": self._received,
            "getSentEdocList": self._sent,
            "getEdoc": self._get,
            "updateStatus": self._settle,
            "getAgenciesList": self._agencies,
        }
        self._acts = {f"/axis/{name}": act for name, act in acts.items()}
        self.app = Starlette(routes=[Route(path, self._serve, methods=["POST"]) for path in self._acts])

    def duplicate(self, _headers: Headers) -> Response:
        return _failed("24", "Văn bản đã tồn tại")

    async def _serve(self, request: Request) -> Response:
        body = await request.body()
        try:
            keys = self._verified(request.headers)
            return JSONResponse(
                {"status": "OK", "ErrorCode": "0", "ErrorDesc": "", **self._acts[request.url.path](keys, body)}
            )
        except Refused as error:
            return _failed(error.code, error.reason)
        except ValueError as error:
            return _failed("10", str(error))

    def _verified(self, headers: Headers) -> dict[str, str]:
        """The parameters, by lower-case name. Raises `Refused` (15)."""
        text = headers.get(f"{_PREFIX}sign-header", "")
        made = hmac.new(self._credentials.axis_secret.encode(), text.encode(), "sha256").hexdigest()
        if not hmac.compare_digest(made, headers.get(f"{_PREFIX}hash-header", "")):
            raise Refused("15", "hash-header")
        named = json.loads(text)
        if ";".join(named) != headers.get(f"{_PREFIX}sign-header-key"):
            raise Refused("15", "sign-header-key")
        changed = [name for name, value in named.items() if headers.get(f"{_PREFIX}{name}") != value]
        if changed:
            raise Refused("15", f"header {changed[0]}")
        if named.get("systemid") != self._credentials.axis_system_id or not _STAMP.fullmatch(
            named.get("timestamp", "")
        ):
            raise Refused("15", "systemid, timestamp")
        return {name.lower(): value for name, value in named.items()}

    def _send(self, keys: dict[str, str], body: bytes) -> dict[str, Any]:
        payload = body.removesuffix(b"\r\n")
        _whole(keys.get("hash-file"), payload)
        try:
            package = read(payload)
        except NoPackage as error:
            raise Refused("22", str(error)) from error
        if keys.get("from") != package.sender:
            raise Refused("19", f"Don vi gui {keys.get('from')} khong dung voi ma da dang ky: {package.sender}")
        codes = [code for code, _ in package.recipients]
        if sorted(json.loads(keys.get("to", "[]"))) != sorted(codes):
            raise Refused("18", f"to {keys.get('to')}, {codes}")
        return {"DocId": self._forwarded(package, payload)}

    def take(self, payload: bytes, kind: str) -> str:
        """A package that came by another door; its id. Raises `Refused`."""
        try:
            package = read(payload)
        except NoPackage as error:
            raise Refused("22", str(error)) from error
        if kind != ("status" if package.status else "edoc"):
            raise Refused("22", f"messageType {kind}")
        if not _known(package.sender):
            raise Refused("19", package.sender)
        if unknown := [code for code, _ in package.recipients if not _known(code)]:
            raise Refused("18", unknown[0])
        return self._forwarded(package, payload)

    def waiting(self, kind: str) -> list[dict[str, str]]:
        """What waits for our partner."""
        where = "direction = 'in' AND kind = ? AND state != 'done' AND at <= ?"
        return [_waiting(one) for one in self._store.parcels(where, kind, time.time())]

    def body(self, axis_id: str) -> bytes:
        """Raises `Refused`."""
        found = self._store.parcels("axis_id = ?", axis_id)
        if not found:
            raise Refused("10", "docId")
        return self._store.body("parcels", found[0].number)

    def settle(self, axis_id: str, state: str) -> None:
        """Raises `Refused`."""
        if state not in _WORDS:
            raise Refused("10", f"status {state}")
        if not self._store.settle(axis_id, state):
            raise Refused("10", "docId")

    def agencies(self) -> list[dict[str, str]]:
        blank = {"pcode": "", "mail": "", "mobile": "", "fax": ""}
        return [{"id": code, "code": code, "name": name, **blank} for code, name in _AGENCIES]

    def office_says(self, document_id: str, codes: Sequence[str]) -> int:
        """Every recipient of a document says these codes now, in this order; to how many it went."""
        where = "direction = 'out' AND kind = 'edoc' AND document_id = ?"
        sent = {one.recipient: one for one in self._store.parcels(where, document_id)}
        for one in sent.values():
            self._answer(read(self._store.body("parcels", one.number)), codes, time.time(), step=0)
        return len(sent)

    def _forwarded(self, package: Package, payload: bytes) -> str:
        axis_id = self._posted(package, payload)
        self._react(package, time.time())
        return axis_id

    def _posted(self, package: Package, payload: bytes) -> str:
        """One package and one id, a row for each recipient."""
        axis_id = f"EDOC-{time.time_ns()}"
        kind = "status" if package.status else "edoc"
        for code, _ in package.recipients:
            going = _parcel(package, axis_id, kind, payload, time.time())
            self._store.post(replace(going, direction="out", sender=package.sender, recipient=code), payload)
        return axis_id

    def _react(self, package: Package, now: float) -> None:
        """Each recipient's office says what it does, a moment between one word and the next."""
        manner = answers(self._switches.modes.office, package.status)
        self._answer(package, manner, now, step=self._switches.modes.office_after)

    def _answer(self, package: Package, codes: Sequence[str], now: float, step: float) -> None:
        for office in package.recipients:
            for number, code in enumerate(codes):
                at = now + number * step
                status = answer(package, office, code, at)
                axis_id = f"EST-{time.time_ns()}"
                coming = _parcel(package, axis_id, "status", status, at)
                self._store.post(replace(coming, direction="in", sender=office[0], recipient=package.sender), status)

    def _received(self, keys: dict[str, str], _body: bytes) -> dict[str, Any]:
        return {"data": self.waiting(keys.get("messagetype", "edoc"))}

    def _sent(self, keys: dict[str, str], _body: bytes) -> dict[str, Any]:
        rows = map(_sent, self._store.parcels("direction = 'out' AND kind = ?", keys.get("messagetype", "edoc")))
        since, until = _day(keys.get("fromdate", "")), _day(keys.get("todate", "9999/12/31"))
        return {"data": [row for row in rows if since <= row["sentTime"][:10] <= until]}

    def _get(self, keys: dict[str, str], _body: bytes) -> dict[str, Any]:
        return {"data": base64.b64encode(self.body(keys.get("docid", ""))).decode()}

    def _settle(self, keys: dict[str, str], _body: bytes) -> dict[str, Any]:
        self.settle(keys.get("docid", ""), keys.get("status", ""))
        return {"DocId": keys["docid"]}

    def _agencies(self, _keys: dict[str, str], _body: bytes) -> dict[str, Any]:
        return {"data": self.agencies()}


def _known(code: str) -> bool:
    """An agency of the list, or one below it (H56.02.01)."""
    return code.partition(".")[0] in {listed for listed, _ in _AGENCIES}


def _whole(said: str | None, payload: bytes) -> None:
    """Both spellings of `hash-file` are in the field: padded, and each byte in hex without its zero."""
    digest = sha256(payload).digest()
    if said not in (None, digest.hex(), "".join(f"{byte:x}" for byte in digest)):
        raise Refused("10", "hash-file")


def _parcel(package: Package, axis_id: str, kind: str, payload: bytes, at: float) -> Parcel:
    """Without its direction and its ends."""
    return Parcel(
        number=0,
        direction="",
        kind=kind,
        sender="",
        recipient="",
        document_id=package.document_id,
        notation=package.code,
        title=package.subject,
        digest=sha256(payload).hexdigest(),
        at=at,
        state="waiting",
        axis_id=axis_id,
    )


def _waiting(parcel: Parcel) -> dict[str, str]:
    at = _time(parcel.at)
    return {
        "docId": parcel.axis_id,
        "serviceType": "eDoc",
        "messageType": parcel.kind,
        "created_time": at,
        "updated_time": at,
        "from": parcel.sender,
        "to": parcel.recipient,
        "status": parcel.state,
        "status_desc": "",
    }


def _sent(parcel: Parcel) -> dict[str, str]:
    at = _time(parcel.at)
    return {
        "senderDocId": parcel.axis_id,
        "receiverDocId": f"{parcel.axis_id}-{parcel.recipient}",
        "fromCode": parcel.sender,
        "toCode": parcel.recipient,
        "sendStatus": "done",
        "sendStatusDesc": "",
        "receiveStatus": "done",
        "receiveStatusDesc": "",
        "title": parcel.title,
        "notation": parcel.notation,
        "sentTime": at,
        "receivedTime": at,
    }


def _time(at: float) -> str:
    return f"{datetime.fromtimestamp(at, _VIETNAM):%Y/%m/%d %H:%M:%S}"


def _day(text: str) -> str:
    """Both orders of a date are in the field; sortable afterwards."""
    parts = text.replace("-", "/").split("/")
    return "/".join(parts if len(parts[0]) == 4 else reversed(parts))


def _failed(code: str, reason: str) -> Response:
    return JSONResponse({"status": "FAIL", "ErrorCode": code, "ErrorDesc": reason})
