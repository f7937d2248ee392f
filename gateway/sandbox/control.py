"""The port that never fails: switches, what was taken, the agency's document system, and the CA's services."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.sandbox.authority import ROLES, Authority, Issuer, Key, pem
from gateway.sandbox.catalogue import Catalogues
from gateway.sandbox.credentials import Credentials
from gateway.sandbox.doors import Doors
from gateway.sandbox.judging import RULINGS
from gateway.sandbox.national import described
from gateway.sandbox.office import MANNERS
from gateway.sandbox.store import Arrival, Parcel, Store
from gateway.sandbox.switches import Switches, UnknownFault

_VIETNAM = timezone(timedelta(hours=7))
_Act = Callable[[dict[str, Any]], Awaitable[Any]]


class Control:
    """`addresses` are told to whoever asks; `doors` follow the switches."""

    def __init__(
        self,
        store: Store,
        switches: Switches,
        catalogues: Catalogues,
        authority: Authority,
        *,
        credentials: Credentials,
        addresses: Mapping[str, str],
        doors: Doors,
    ) -> None:
        self._store = store
        self._switches = switches
        self._catalogues = catalogues
        self._authority = authority
        self._credentials = credentials
        self._addresses = addresses
        self._doors = doors
        acts: dict[str, _Act] = {
            "fault": self._fault,
            "clear": self._clear,
            "mode": self._mode,
            "judge": self._judge,
            "judge_normally": self._judge_normally,
            "add_indicator": self._add_indicator,
            "register": self._register,
            "issue": self._issue,
            "revoke": self._revoke,
        }
        self.app = Starlette(
            routes=[
                *(Route(f"/control/{name}", _switched(act), methods=["POST"]) for name, act in acts.items()),
                Route("/control/about", self._about),
                Route("/control/count", self._count),
                Route("/control/arrivals", self._arrivals),
                Route("/control/documents", self._documents),
                Route("/pki/{name}.crl", self._crl),
                Route("/pki/{name}.pem", self._certificate),
                Route("/pki/{name}/ocsp", self._ocsp, methods=["POST"]),
            ]
        )

    async def _fault(self, said: dict[str, Any]) -> None:
        fault = self._switches.add(said["name"], said.get("times"), said.get("seconds"))
        await self._doors.begin(fault)

    async def _clear(self, _said: dict[str, Any]) -> None:
        self._switches.faults.clear()
        await self._doors.heal()

    async def _mode(self, said: dict[str, Any]) -> None:
        _one_of(said.get("office", "accept"), tuple(MANNERS))
        self._switches.change(**said)

    async def _judge(self, said: dict[str, Any]) -> None:
        self._switches.judgements[said["form"], said["period"]] = _one_of(said["answer"], RULINGS)

    async def _judge_normally(self, _said: dict[str, Any]) -> None:
        self._switches.judgements.clear()

    async def _add_indicator(self, said: dict[str, Any]) -> str:
        return self._catalogues.add(said["code"], said["name"], said["unit"])

    async def _register(self, said: dict[str, Any]) -> dict[str, Any]:
        """The agency's document system: number and date are its own to give (Decree 30/2020 art. 15.3)."""
        number = int(self._store.kept("documents", "127")) + 1
        self._store.keep("documents", str(number))
        today = datetime.now(_VIETNAM).date().isoformat()
        self._store.keep(f"document {number}", json.dumps({"subject": said["subject"], "issued": today}))
        given = {"number": str(number), "notation": "BC-UBND", "issued": today}
        return {**given, "signer": "Nguyễn Văn Thử", "position": "Chủ tịch", "files": said["files"]}

    async def _issue(self, said: dict[str, Any]) -> dict[str, str]:
        role = _one_of(said["role"], ROLES)
        key: Key = ec.generate_private_key(ec.SECP256R1())
        if said.get("rsa"):
            key = rsa.generate_private_key(65537, 2048)
        certificate = self._authority.issue(role, said["code"], key)
        return {"key": pem(key), "certificate": certificate.public_bytes(Encoding.PEM).decode()}

    async def _revoke(self, said: dict[str, Any]) -> None:
        self._authority.revoke(int(said["serial"]))

    async def _about(self, _request: Request) -> Response:
        return JSONResponse({**self._addresses, "credentials": self._credentials.model_dump()})

    async def _count(self, request: Request) -> Response:
        name = request.query_params.get("message_id", "")
        packets = self._store.rows("SELECT count(*) FROM arrivals WHERE message_id = ?", name)[0][0]
        where = "direction = 'out' AND kind = 'edoc' AND document_id = ?"
        documents = self._store.rows(f"SELECT count(DISTINCT axis_id) FROM parcels WHERE {where}", name)[0][0]  # noqa: S608
        return JSONResponse(packets + documents)

    async def _arrivals(self, _request: Request) -> Response:
        return JSONResponse([_arrival(one) for one in self._store.arrivals()])

    async def _documents(self, _request: Request) -> Response:
        return JSONResponse([_document(one) for one in self._store.parcels("direction = 'out'")])

    async def _crl(self, request: Request) -> Response:
        return self._of_issuer(request, self._authority.crl, "application/pkix-crl")

    async def _certificate(self, request: Request) -> Response:
        return self._of_issuer(request, _pem_of, "application/x-pem-file")

    async def _ocsp(self, request: Request) -> Response:
        question = await request.body()
        media_type = "application/ocsp-response"
        return self._of_issuer(request, lambda issuer: self._authority.ocsp(issuer, question), media_type)

    def _of_issuer(self, request: Request, made: Callable[[Issuer], bytes], media_type: str) -> Response:
        issuer = self._authority.issuer(request.path_params["name"])
        return Response(status_code=404) if issuer is None else Response(made(issuer), media_type=media_type)


def _switched(act: _Act) -> Callable[[Request], Awaitable[Response]]:
    async def answered(request: Request) -> Response:
        try:
            return JSONResponse(await act(await request.json()))
        except (UnknownFault, KeyError) as error:
            return JSONResponse({"error": str(error)}, 422)

    return answered


def _pem_of(issuer: Issuer) -> bytes:
    return issuer.certificate.public_bytes(Encoding.PEM)


def _one_of(word: str, known: tuple[str, ...]) -> str:
    if word not in known:
        raise UnknownFault(f"{word}: one of {', '.join(known)}")
    return word


def _arrival(one: Arrival) -> dict[str, Any]:
    lane = {"form": one.form, "period": one.period, "reporter": one.reporter, "revision": one.revision}
    return {**described(one), **lane, "packet": one.kind, "backfill": bool(one.backfill), "document": one.backfill}


def _document(one: Parcel) -> dict[str, Any]:
    about = {"documentId": one.document_id, "notation": one.notation, "title": one.title, "digest": one.digest}
    return {
        "docId": one.axis_id,
        "kind": one.kind,
        "from": one.sender,
        "to": one.recipient,
        **about,
        "at": one.at,
        "receivedAt": datetime.fromtimestamp(one.at, UTC).isoformat(),
    }
