"""GET /v1/deadlines: when reports of the province are due, as JSON or as a calendar to subscribe to."""

# No postponed annotations: FastAPI must be able to resolve `Caller`, which is a name of the router's own.

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from gateway.api.access import Access
from gateway.api.problems import RESPONSES
from gateway.domain.calendar import VIETNAM
from gateway.domain.errors import NotFound, Rejected, problem
from gateway.journey.inventory import owed
from gateway.schemas.icalendar import MEDIA_TYPE, icalendar
from gateway.schemas.obligations import Row, rows
from gateway.schemas.province import Province
from gateway.schemas.settings import Client
from gateway.wiring import Gateway

_A_MONTH = timedelta(days=31)
_LONGEST_SPAN = timedelta(days=400)  # what is owed is looked up report by report


def router(gateway: Gateway, access: Access) -> APIRouter:
    """The deadlines of the deployment's province, for any client."""
    routes = APIRouter(prefix="/v1", tags=["deadlines"], responses=RESPONSES)
    Caller = Annotated[Client, Depends(access)]  # noqa: N806  it is a type
    From = Annotated[date | None, Query(alias="from", description="Từ ngày, mặc định hôm nay / from, today")]  # noqa: N806
    To = Annotated[date | None, Query(alias="to", description="Đến hết ngày, mặc định 31 ngày sau / to, inclusive")]  # noqa: N806

    def span(asked: date | None, until: date | None) -> tuple[date, date]:
        _declared(gateway)
        first = asked or gateway.doors.clock.now().astimezone(VIETNAM).date()
        return first, until or first + _A_MONTH

    @routes.get("/deadlines")
    def listed(client: Caller, first: From = None, last: To = None) -> list[Row]:
        """Thời hạn gửi từng kỳ, từng chặng, và nghĩa vụ của bên hỏi / deadlines, and what the caller owes for each."""
        start, end = span(first, last)
        if end - start > _LONGEST_SPAN:
            said = f"{start}…{end}: > {_LONGEST_SPAN.days}"
            raise Rejected(problem("C-005", path="from, to", line="-", reason=said, expected=f"≤ {_LONGEST_SPAN.days}"))
        found = gateway.calendar.listed(start, end)
        mine = [a for a in gateway.declarations.agreements.values() if a.id in client.agreements]
        now = gateway.doors.clock.now()
        return rows(found, owed(gateway.doors, mine, start, end, now), now)

    @routes.get("/deadlines.ics", response_class=Response, responses={200: {"content": {MEDIA_TYPE: {}}}})
    def calendar(_: Caller, first: From = None, last: To = None) -> Response:
        """Cùng các thời hạn, cho phần mềm lịch / the same as an iCalendar feed (RFC 5545)."""
        found = gateway.calendar.listed(*span(first, last))
        return Response(icalendar(_declared(gateway).id, found, gateway.doors.clock.now()), media_type=MEDIA_TYPE)

    return routes


def _declared(gateway: Gateway) -> Province:
    if gateway.regulation is None:
        raise NotFound(problem("F-006", name="province.toml"))
    return gateway.regulation
