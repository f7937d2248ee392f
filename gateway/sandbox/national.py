"""The national reporting system's REST interface, in the manner of a provincial LGSP."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from gateway.sandbox.catalogue import Catalogues
from gateway.sandbox.composite import came, digests, whole
from gateway.sandbox.credentials import Credentials
from gateway.sandbox.judging import Judge
from gateway.sandbox.packets import Head, Unfit, Value, checked
from gateway.sandbox.store import Arrival, Store
from gateway.sandbox.switches import Switches

_VIETNAM = timezone(timedelta(hours=7))
_TOKEN_SECONDS = 1800
_LARGE = 1 << 18  # bytes from which what came is looked at off the event loop
_RECEIVERS = frozenset({"G22"})


class National:
    """`app` is mounted at /national."""

    def __init__(
        self, store: Store, catalogues: Catalogues, judge: Judge, switches: Switches, credentials: Credentials
    ) -> None:
        self._store = store
        self._catalogues = catalogues
        self._judge = judge
        self._switches = switches
        self._credentials = credentials
        self._tokens: dict[str, float] = {}
        self.app = Starlette(
            routes=[
                Route("/national/v1/auth/login", self._login, methods=["POST"]),
                Route("/national/v1/packets", self._take, methods=["POST"]),
                Route("/national/v1/packets", self._find, methods=["GET"]),
                Route("/national/v1/packets/{reference}/status", self._status),
                Route("/national/v1/packets/{reference}/statement", self._statement),
                Route("/national/v1/catalogues/{name:path}", self._catalogue),
            ]
        )

    def expire_tokens(self) -> None:
        self._tokens.clear()

    def duplicate(self, headers: Headers) -> Response:
        return self._refusal(headers, "24", "Gói tin đã tồn tại")

    async def _login(self, request: Request) -> Response:
        said = await _json(request)
        known = said == {
            "username": self._credentials.national_username,
            "password": self._credentials.national_password,
        }
        if not known or request.query_params.get("allow_anonymous") != "true":
            return PlainTextResponse("Unauthorized", 401)
        token = secrets.token_urlsafe(32)
        self._tokens[token] = time.time() + _TOKEN_SECONDS
        return self._fine(request.headers, {"token": token})

    async def _take(self, request: Request) -> Response:
        if (stopped := self._stopped(request)) is not None:
            return stopped
        try:
            got = await came(request)
            body = got.body
            if not body:
                return self._refusal(request.headers, "10", "packetFile")
            is_large = sum(map(len, (body, got.narrative, *got.files))) >= _LARGE
            head = await run_in_threadpool(checked, body) if is_large else checked(body)
            self._agreed(head, got.kind)
            # The SHA-256 of 48 MiB takes longer than others should wait for a word.
            told = head, got.narrative, got.files
            parts = await run_in_threadpool(whole, *told) if is_large else whole(*told)
        except Unfit as error:
            return self._refusal(request.headers, error.code, error.reason)
        if self._switches.modes.deduplicate and self._of(head.message_id):
            return self.duplicate(request.headers)
        arrival = self._arrival(head, body)
        if parts or len(body) >= _LARGE:
            taken = await run_in_threadpool(self._store.take, arrival, body, parts)
        else:
            taken = self._store.take(arrival, body)
        beside = {"parts": await run_in_threadpool(digests, parts)} if parts else {}
        return self._fine(request.headers, {"docId": taken.reference, **beside})

    def _agreed(self, head: Head, kind: str) -> None:
        """Raises `Unfit`."""
        if head.kind != kind:
            raise Unfit("22", f"messageType {kind}, packet {head.kind}")
        if head.receiver[0] not in _RECEIVERS:
            raise Unfit("18", head.receiver[0])
        if head.sender[0][:1] not in ("G", "H"):
            raise Unfit("19", head.sender[0])

    def _arrival(self, head: Head, body: bytes) -> Arrival:
        return Arrival(
            number=0,
            message_id=head.message_id,
            digest=sha256(body).hexdigest(),
            received_at=time.time(),
            kind=head.kind,
            form=head.form,
            period=head.period,
            reporter=head.reporter,
            revision=head.revision,
            backfill=head.backfill,
            ruling=self._switches.judgements.get((head.form, head.period), ""),
            start=head.start,
            end=head.end,
            sender=head.sender[0],
            old_code=head.sender[1],
        )

    async def _find(self, request: Request) -> Response:
        if (stopped := self._stopped(request)) is not None:
            return stopped
        if self._switches.modes.unaskable:
            return JSONResponse({"code": 405, "message": "Method Not Allowed"}, 405)
        named = request.query_params
        found = self._of_report(named) if "form" in named else self._of(named.get("messageId", ""))
        if not found:
            return JSONResponse({"code": 404, "message": "Không tìm thấy"}, 404)
        beside = await run_in_threadpool(self._beside, found[0])
        return self._fine(request.headers, {**described(found[0]), **beside})

    async def _status(self, request: Request) -> Response:
        arrival = self._referred(request)
        if isinstance(arrival, Response):
            return arrival
        after = self._switches.modes.judge_after
        if time.time() < arrival.received_at + after:
            return JSONResponse({"code": 200, "message": "Đang xử lý", "data": {"docId": arrival.reference}}, 202)
        said = await run_in_threadpool(self._judge.status, arrival, after)
        return Response(said, media_type="application/xml")

    async def _statement(self, request: Request) -> Response:
        arrival = self._referred(request)
        if isinstance(arrival, Response):
            return arrival
        values = [_line(value) for value in await run_in_threadpool(self._judge.held, arrival)]
        if self._switches.modes.alter_statements and values:
            values[0] = {**values[0], "value": values[0]["value"] + "1"}
        beside = await run_in_threadpool(self._beside, arrival)
        return JSONResponse({"digest": arrival.digest, "values": values, **beside})

    def _beside(self, arrival: Arrival) -> dict[str, list[str]]:
        """What lies beside the figures, each part by its SHA-256; nothing where they came alone."""
        parts = self._store.enclosed(arrival.number)
        return {"parts": digests(parts)} if parts else {}

    async def _catalogue(self, request: Request) -> Response:
        if (stopped := self._stopped(request)) is not None:
            return stopped
        since = request.query_params.get("since", "")
        packet = self._catalogues.packet(request.path_params["name"], self._switches.modes.partner, since)
        if packet is None:
            return JSONResponse({"code": 404, "message": "Không có danh mục"}, 404)
        return Response(packet, media_type="application/xml")

    def _referred(self, request: Request) -> Arrival | Response:
        if (stopped := self._stopped(request)) is not None:
            return stopped
        number = request.path_params["reference"].removeprefix("VPCP-")
        found = self._store.arrivals("number = ?", int(number)) if number.isdigit() else []
        return found[0] if found else JSONResponse({"code": 404, "message": "Không tìm thấy"}, 404)

    def _of(self, message_id: str) -> list[Arrival]:
        return self._store.arrivals("message_id = ?", message_id)

    def _of_report(self, named: Mapping[str, str]) -> list[Arrival]:
        """By form, period, reporter and revision, whoever entered it."""
        keys = ("form", "period", "reporter", "revision")
        return self._store.arrivals(" AND ".join(f"{key} = ?" for key in keys), *(named.get(key, "") for key in keys))

    def _stopped(self, request: Request) -> Response | None:
        """The answer to a caller who does not show all three credentials."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self._tokens.get(token, 0.0) < time.time():
            return PlainTextResponse("Unauthorized", 401)
        shown = request.headers.get("x-systemid", ""), request.headers.get("x-secretkey", "")
        if shown != (self._credentials.national_system_id, self._credentials.national_system_secret):
            return self._refusal(request.headers, "15", "SystemId hoặc SecretKey không đúng")
        return None

    def _fine(self, headers: Headers, data: dict[str, Any]) -> Response:
        if not self._documented(headers):
            return JSONResponse({"code": 200, "message": "OK", "count": 1, "data": data, "errorDetail": []})
        outside = data if data.keys() == {"docId"} else {"data": data}
        return JSONResponse({"success": True, "message": "OK", **outside})

    def _refusal(self, headers: Headers, code: str, reason: str) -> Response:
        if self._documented(headers):
            return JSONResponse({"success": False, "data": {"errorCode": code, "errorDesc": reason}})
        return JSONResponse({"code": int(code), "message": reason, "count": 0, "data": None, "errorDetail": [reason]})

    def _documented(self, headers: Headers) -> bool:
        return self._switches.modes.documented or headers.get("x-envelope") == "documented"


def described(arrival: Arrival) -> dict[str, str]:
    """What the interface says of one arrival."""
    at = datetime.fromtimestamp(arrival.received_at, UTC).astimezone(_VIETNAM)
    return {
        "docId": arrival.reference,
        "messageId": arrival.message_id,
        "digest": arrival.digest,
        "receivedAt": at.isoformat(timespec="milliseconds"),
    }


def _line(value: Value) -> dict[str, str]:
    return {
        "indicator": value.indicator,
        "organisation": value.organisation,
        "unit": value.unit,
        "value": value.text,
        "breakdown": value.breakdown,
    }


async def _json(request: Request) -> Any:
    try:
        return await request.json()
    except ValueError:
        return None
