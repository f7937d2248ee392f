"""Where certificates send their readers: lists, OCSP and time-stamps, in the manner the switches say."""

from __future__ import annotations

import asyncio

from cryptography.hazmat.primitives.serialization import Encoding
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.sandbox.authority import Authority
from gateway.sandbox.ca_generations import Issuer
from gateway.sandbox.switches import Switches

_STALL = 30.0  # seconds: longer than anybody waits


class Pki:
    """`routes` stand on the control port, which no fault shuts."""

    def __init__(self, authority: Authority, switches: Switches) -> None:
        self._authority, self._switches = authority, switches
        self.routes = [
            Route("/pki/{name}.crl", self._crl),
            Route("/pki/{name}.pem", self._certificate),
            Route("/pki/{name}/ocsp", self._ocsp, methods=["POST"]),
            Route("/pki/tsa", self._stamp, methods=["POST"]),
        ]

    async def _crl(self, request: Request) -> Response:
        issuer = self._issuer(request)
        if issuer is None:
            return Response(status_code=404)
        entries = self._switches.modes.crl_entries
        return Response(
            await run_in_threadpool(self._authority.crl, issuer, entries), media_type="application/pkix-crl"
        )

    async def _certificate(self, request: Request) -> Response:
        issuer = self._issuer(request)
        if issuer is None:
            return Response(status_code=404)
        return Response(issuer.certificate.public_bytes(Encoding.PEM), media_type="application/x-pem-file")

    async def _ocsp(self, request: Request) -> Response:
        issuer, manner, question = self._issuer(request), self._switches.modes.ocsp, await request.body()
        if issuer is None:
            return Response(status_code=404)
        if manner == "stalled":
            await asyncio.sleep(_STALL)
        if manner == "stopped":
            return Response(status_code=503)
        return Response(self._authority.ocsp(issuer, question, manner), media_type="application/ocsp-response")

    async def _stamp(self, request: Request) -> Response:
        manner, question = self._switches.modes.tsa, await request.body()
        if manner == "stopped":
            return Response(status_code=503)
        try:
            return Response(self._authority.stamp(question, manner), media_type="application/timestamp-reply")
        except ValueError:
            return Response(status_code=400)

    def _issuer(self, request: Request) -> Issuer | None:
        return self._authority.issuer(request.path_params["name"])
