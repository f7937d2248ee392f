"""A provincial LGSP in front of the axis: token, three credentials, multipart; the same offices answer."""

from __future__ import annotations

import base64
import secrets
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from gateway.sandbox.axis import Axis, Refused
from gateway.sandbox.credentials import Credentials


class Lgsp:
    """`app` is mounted at /lgsp, on the axis' port."""

    def __init__(self, axis: Axis, credentials: Credentials) -> None:
        self._axis = axis
        self._credentials = credentials
        self._tokens: set[str] = set()
        self.app = Starlette(
            routes=[
                Route("/lgsp/v1/auth/login", self._login, methods=["POST"]),
                Route("/lgsp/v1/sendEdoc", self._send, methods=["POST"]),
                Route("/lgsp/v1/syncReceivedEdocList", self._listed),
                Route("/lgsp/v1/getEdoc", self._get),
                Route("/lgsp/v1/updateStatus", self._settle, methods=["POST"]),
                Route("/lgsp/v1/getAgenciesList", self._agencies),
            ]
        )

    def expire_tokens(self) -> None:
        self._tokens.clear()

    async def _login(self, request: Request) -> Response:
        said = await request.json()
        known = {"username": self._credentials.national_username, "password": self._credentials.national_password}
        if said != known or request.query_params.get("allow_anonymous") != "true":
            return PlainTextResponse("Unauthorized", 401)
        token = secrets.token_urlsafe(32)
        self._tokens.add(token)
        return _fine({"token": token})

    async def _send(self, request: Request) -> Response:
        if (stopped := self._stopped(request)) is not None:
            return stopped
        async with request.form() as form:
            file, kind = form.get("edocFile"), str(form.get("messageType"))
            payload = await file.read() if isinstance(file, UploadFile) else b""
        try:
            return _fine({"docId": self._axis.take(payload, kind)})
        except Refused as error:
            return _refused(error)

    async def _listed(self, request: Request) -> Response:
        if (stopped := self._stopped(request)) is not None:
            return stopped
        return _fine(self._axis.waiting(request.query_params.get("messageType", "edoc")))

    async def _get(self, request: Request) -> Response:
        if (stopped := self._stopped(request)) is not None:
            return stopped
        try:
            return _fine(base64.b64encode(self._axis.body(request.query_params.get("docId", ""))).decode())
        except Refused as error:
            return _refused(error)

    async def _settle(self, request: Request) -> Response:
        if (stopped := self._stopped(request)) is not None:
            return stopped
        said = await request.json()
        try:
            self._axis.settle(str(said.get("docId")), str(said.get("status")))
        except Refused as error:
            return _refused(error)
        return _fine({})

    async def _agencies(self, request: Request) -> Response:
        return self._stopped(request) or _fine(self._axis.agencies())

    def _stopped(self, request: Request) -> Response | None:
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self._tokens:
            return PlainTextResponse("Unauthorized", 401)
        shown = request.headers.get("x-systemid", ""), request.headers.get("x-secretkey", "")
        if shown != (self._credentials.axis_system_id, self._credentials.axis_secret):
            return _refused(Refused("15", "SystemId hoặc SecretKey không đúng"))
        return None


def _fine(data: Any) -> Response:
    return JSONResponse({"code": 200, "message": "OK", "count": 1, "data": data, "errorDetail": []})


def _refused(error: Refused) -> Response:
    said = {"code": int(error.code), "message": error.reason, "count": 0, "data": None, "errorDetail": [error.reason]}
    return JSONResponse(said)
