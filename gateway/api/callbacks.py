"""POST /v1/partners/{partner}/receipts: a receiver tells what it made of a report, before it is asked."""

# Without postponed annotations, as its neighbours.
from http import HTTPStatus
from typing import Any

import anyio.to_thread
from fastapi import APIRouter, Request, Response

from gateway.api.access import Access
from gateway.api.bodies import Body, bare
from gateway.api.headers import Said
from gateway.api.problems import RESPONSES
from gateway.schemas.callbacks import CallBackShown, word
from gateway.wiring import Gateway

_MOST = 1024 * 1024  # bytes
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/xml": {
                "schema": {
                    "type": "string",
                    "format": "binary",
                    "description": "Gói 7, trạng thái báo cáo / packet 7, status (docs/packets.md).",
                }
            }
        },
    }
}
_AGAIN = {"description": "true: đã báo trước đó / it was told before.", "schema": {"type": "boolean"}}


def router(gateway: Gateway, access: Access) -> APIRouter:
    """What partners call."""
    routes = APIRouter(prefix="/v1/partners", tags=["partners"], responses=RESPONSES)

    @routes.post(
        "/{partner}/receipts",
        status_code=HTTPStatus.ACCEPTED,
        openapi_extra=_BODY,
        responses={202: {"headers": {"Idempotent-Replayed": _AGAIN}}},
    )
    async def told(partner: str, request: Request, response: Response) -> CallBackShown:
        """Nơi nhận báo kết quả; gói 7 được ghi bền vững, rồi hỏi lại nơi nhận ngay / the receiver's word, asked after.

        Cùng MessageId, cùng nội dung: cùng trả lời; khác nội dung: 409 nêu cả hai mã băm. / The same MessageId and
        content is the same answer; other content is a 409 that names both digests.
        """
        said = Said(request.scope)
        client = access.caller(said.only("authorization"), partner)
        kind = bare(said.only("content-type"))
        content = await Body(said, request.receive, _MOST).whole()

        def kept() -> CallBackShown:
            heard = gateway.call_back(partner, client.id, word(content, kind))
            response.headers["Idempotent-Replayed"] = "false" if heard.is_new else "true"
            return CallBackShown.of(heard.exchange, heard.fact, heard.at)

        return await anyio.to_thread.run_sync(kept)

    return routes
