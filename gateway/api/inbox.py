"""GET /v1/inbox: what came down for the system that asks, there until it took note of it."""

# Without postponed annotations: FastAPI could not read the local `Caller` out of a string, and would ask
# the query for the client instead of the key.
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from gateway.api.access import Access, a_name
from gateway.api.problems import RESPONSES
from gateway.schemas.events import shown
from gateway.schemas.http import BulletinShown, NoticeShown
from gateway.schemas.settings import Client
from gateway.wiring import Gateway


def router(gateway: Gateway, access: Access) -> APIRouter:
    """The inbox of the client that asks."""
    routes = APIRouter(prefix="/v1/inbox", tags=["inbox"], responses=RESPONSES)
    Caller = Annotated[Client, Depends(access)]  # noqa: N806  it is a type

    @routes.get("")
    def waiting(client: Caller, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> list[BulletinShown | NoticeShown]:
        """Việc chung, rồi cũ nhất trước, đến khi được ghi nhận / common news, then the oldest (CloudEvents 1.0)."""
        bulletins = gateway.inbox.bulletins(client.agreements, limit)
        notices = gateway.inbox.waiting(client.agreements, limit - len(bulletins)) if len(bulletins) < limit else []
        return shown(gateway.doors, [*bulletins, *notices])

    @routes.post("/{notice}/ack", status_code=HTTPStatus.NO_CONTENT)
    def acknowledge(notice: str, client: Caller) -> None:
        """Đã ghi nhận; lặp lại không sao / taken note of; repeating it changes nothing."""
        gateway.inbox.settle(a_name(notice), client.agreements, client.id)

    return routes
