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

from gateway.sandbox.authority import ROLES, Authority, pem
from gateway.sandbox.axis import Axis
from gateway.sandbox.ca_der import Key
from gateway.sandbox.ca_doors import Pki
from gateway.sandbox.ca_generations import GENERATIONS
from gateway.sandbox.catalogue import Catalogues
from gateway.sandbox.credentials import Credentials
from gateway.sandbox.doors import Doors
from gateway.sandbox.judging import RULINGS
from gateway.sandbox.national import described
from gateway.sandbox.office import MANNERS
from gateway.sandbox.packets import Unfit
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
        axis: Axis,
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
        self._axis = axis
        acts: dict[str, _Act] = {
            "fault": self._fault,
            "clear": self._clear,
            "mode": self._mode,
            "judge": self._judge,
            "judge_normally": self._judge_normally,
            "add_indicator": self._add_indicator,
            "withdraw_indicators": self._withdraw_indicators,
            "announce": self._announce,
            "register": self._register,
            "issue": self._issue,
            "revoke": self._revoke,
            "office_says": self._office_says,
        }
        self.app = Starlette(
            routes=[
                *(Route(f"/control/{name}", _switched(act), methods=["POST"]) for name, act in acts.items()),
                Route("/control/about", self._about),
                Route("/control/answering", self._answering),
                Route("/control/count", self._count),
                Route("/control/arrivals", self._arrivals),
                Route("/control/documents", self._documents),
                *Pki(authority, switches).routes,
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

    async def _office_says(self, said: dict[str, Any]) -> int:
        return self._axis.office_says(said["document"], said["codes"])

    async def _judge(self, said: dict[str, Any]) -> None:
        self._switches.judgements[said["form"], said["period"]] = _one_of(said["answer"], RULINGS)

    async def _judge_normally(self, _said: dict[str, Any]) -> None:
        self._switches.judgements.clear()

    async def _add_indicator(self, said: dict[str, Any]) -> str:
        added = said["code"], said["name"], said["unit"]
        return self._catalogues.add(*added, said.get("replaces", ""), said.get("since", ""))

    async def _withdraw_indicators(self, said: dict[str, Any]) -> str:
        return self._catalogues.withdraw(said["codes"], said.get("since", ""))

    async def _announce(self, said: dict[str, Any]) -> str:
        try:
            return self._catalogues.announce(said["xml"])
        except Unfit as error:
            raise UnknownFault(error.reason) from error

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
        if said.get("rsa") or said.get("generation"):
            key = rsa.generate_private_key(65537, 2048)
        if said.get("generation"):
            assert isinstance(key, rsa.RSAPrivateKey)
            generation = _one_of(said["generation"], tuple(GENERATIONS))
            certificate = self._authority.issue_as(generation, role, said["code"], key)
        else:
            certificate = self._authority.issue(role, said["code"], key)
        return {"key": pem(key), "certificate": certificate.public_bytes(Encoding.PEM).decode()}

    async def _revoke(self, said: dict[str, Any]) -> None:
        self._authority.revoke(int(said["serial"]))

    async def _about(self, _request: Request) -> Response:
        return JSONResponse({**self._addresses, "credentials": self._credentials.model_dump()})

    async def _answering(self, _request: Request) -> Response:
        return JSONResponse(self._doors.answering)

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


def _switched(act: _Act) -> Callable[[Request], Awaitable[Response]]:
    async def answered(request: Request) -> Response:
        try:
            return JSONResponse(await act(await request.json()))
        except (UnknownFault, KeyError) as error:
            return JSONResponse({"error": str(error)}, 422)

    return answered


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
