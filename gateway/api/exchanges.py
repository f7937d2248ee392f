"""GET /v1/exchanges: find one's own exchanges, and look into one."""

# Without postponed annotations: FastAPI could not read the local `Caller` out of a string, and would ask
# the query for the client instead of the key.
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from gateway.api.access import Access, seen_by
from gateway.api.problems import RESPONSES
from gateway.domain.calendar import VIETNAM
from gateway.domain.errors import NotFound, Rejected, problem
from gateway.domain.exchange import Exchange, Kind, Stage
from gateway.domain.facts import Recorded
from gateway.journey.evidence import bundled, dossier
from gateway.journey.inventory import lateness
from gateway.ports import Query as Asked
from gateway.schemas.http import EvidenceShown, ExchangeShown, FactsShown, ReceiptShown
from gateway.schemas.settings import Client
from gateway.wiring import Gateway

_NAMED = r"^[0-9A-Za-z._-]{0,80}$"
_LAST = (1 << 63) - 1
_ZIP = "application/zip"
_SINCE = "Nhận từ lúc; không có múi giờ: giờ Việt Nam / opened since; without an offset, Vietnam time."
_NEXT = {
    "description": 'Trang sau, khi còn / the next page, if any: </v1/exchanges?…>; rel="next".',
    "schema": {"type": "string"},
}


def router(gateway: Gateway, access: Access) -> APIRouter:
    """The exchanges of the client that asks."""
    routes = APIRouter(prefix="/v1/exchanges", tags=["exchanges"], responses=RESPONSES)
    journal = gateway.journal
    Caller = Annotated[Client, Depends(access)]  # noqa: N806  it is a type

    @routes.get("", responses={200: {"headers": {"Link": _NEXT}}})
    def find(
        request: Request,
        response: Response,
        client: Caller,
        *,
        stage: Annotated[list[Stage], Query()] = [],  # noqa: B006  FastAPI copies it
        kind: Annotated[list[Kind], Query()] = [],  # noqa: B006
        agreement: str = "",
        partner: Annotated[str, Query(pattern=_NAMED)] = "",
        parent: Annotated[str, Query(pattern=_NAMED)] = "",
        since: Annotated[datetime | None, Query(description=_SINCE)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        cursor: Annotated[str, Query(description="Lấy nguyên từ tiêu đề Link / as the Link header has it.")] = "",
    ) -> list[ExchangeShown]:
        """Mới nhất trước; trang sau ở tiêu đề Link / newest first, the next page in the Link header."""
        mine = [name for name in client.agreements if agreement in ("", name)]
        if not mine:
            raise NotFound(problem("B-005", agreement=agreement))
        asked = Asked(
            stages=tuple(stage),
            kinds=tuple(kind),
            agreements=tuple(mine),
            destination=partner,
            parent=parent,
            since=since if since is None or since.tzinfo else since.replace(tzinfo=VIETNAM),
            before=_before(cursor),
            limit=limit,
        )
        found = journal.find(asked)
        if len(found) == limit:
            kept = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
            query = urlencode([*kept, ("cursor", _cursor(found[-1].ordinal))])
            response.headers["Link"] = f'<{request.url.path}?{query}>; rel="next"'
        return [_shown(gateway, x) for x in found]

    @routes.get("/{exchange}")
    def read(exchange: str, client: Caller) -> ExchangeShown:
        """Một giao dịch / one exchange."""
        x = seen_by(client, gateway, exchange)
        if gateway.intake.read(x.id):  # of what waits in the spool nothing more is known: the store is away
            return ExchangeShown.of(x, spooled=True)
        return _shown(gateway, x)

    def told_of(x: Exchange) -> list[Recorded]:
        """Its facts. Raises `Unavailable` (F-031) while it waits in the spool."""
        found = journal.history(x.id)
        if not found:
            raise gateway.waits(x.id)
        return found

    @routes.get("/{exchange}/facts")
    def facts(exchange: str, client: Caller) -> FactsShown:
        """Mọi sự kiện, theo chuỗi băm / every fact, chained by digest."""
        x = seen_by(client, gateway, exchange)
        return FactsShown.of(x.id, told_of(x))

    @routes.get("/{exchange}/receipt")
    def receipt(exchange: str, client: Caller) -> ReceiptShown:
        """Biên nhận và phán quyết của nơi nhận / the receiver's receipt and judgement."""
        x = seen_by(client, gateway, exchange)
        if x.receipt is None:
            raise NotFound(problem("F-006", name=f"{exchange}/receipt"))
        return ReceiptShown.of(x)

    @routes.get("/{exchange}/evidence", response_model=EvidenceShown, responses={200: {"content": {_ZIP: {}}}})
    def evidence(exchange: str, client: Caller, request: Request) -> EvidenceShown | Response:
        """Chứng cứ: mã băm, kết luận chữ ký, chuỗi sự kiện; hỏi application/zip thì cả hồ sơ / or the bundle."""
        x = seen_by(client, gateway, exchange)
        facts = told_of(x)
        if _ZIP in request.headers.get("accept", ""):
            return Response(bundled(dossier(journal, x, gateway.anchored(x.id))), media_type=_ZIP)
        return EvidenceShown.of(x, facts)

    return routes


def _shown(gateway: Gateway, x: Exchange) -> ExchangeShown:
    now = gateway.doors.clock.now()
    return ExchangeShown.of(x, gateway.due_of(x), now, lateness(gateway.doors, x, now))


def _cursor(ordinal: int) -> str:
    return urlsafe_b64encode(ordinal.to_bytes(8, "big")).decode().rstrip("=")


def _before(cursor: str) -> int | None:
    if not cursor:
        return None
    try:
        place = int.from_bytes(urlsafe_b64decode(cursor.encode("ascii") + b"="), "big")
    except ValueError:
        place = _LAST + 1
    # Base64 is read leniently: only what would be written here was written here.
    if place > _LAST or _cursor(place) != cursor:
        raise Rejected(problem("C-012", reason=f"cursor {cursor[:20]!r}"))
    return place
