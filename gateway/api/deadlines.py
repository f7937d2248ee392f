"""GET /v1/deadlines: when reports of the province are due, as JSON or as a calendar to subscribe to."""

# No postponed annotations: FastAPI must be able to resolve `Caller`, which is a name of the router's own.

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from gateway.api.access import Access
from gateway.api.problems import RESPONSES
from gateway.domain.calendar import VIETNAM
from gateway.domain.deadlines import Due
from gateway.domain.errors import NotFound, Rejected, problem
from gateway.journey.inventory import owed
from gateway.schemas.obligations import Row, rows
from gateway.schemas.province import Province
from gateway.schemas.settings import Client
from gateway.wiring import Gateway

_ICS = "text/calendar"
_A_MONTH = timedelta(days=31)
_LONGEST_SPAN = timedelta(days=400)  # what is owed is looked up report by report
_LONGEST_LINE = 74  # RFC 5545 section 3.1: 75 octets with the blank that begins a continued line


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

    @routes.get("/deadlines.ics", response_class=Response, responses={200: {"content": {_ICS: {}}}})
    def calendar(_: Caller, first: From = None, last: To = None) -> Response:
        """Cùng các thời hạn, cho phần mềm lịch / the same as an iCalendar feed (RFC 5545)."""
        now = gateway.doors.clock.now()
        lines = _calendar(_declared(gateway), gateway.calendar.listed(*span(first, last)), now)
        return Response("".join(f"{line}\r\n" for line in lines), media_type=f"{_ICS}; charset=utf-8")

    return routes


def _declared(gateway: Gateway) -> Province:
    if gateway.regulation is None:
        raise NotFound(problem("F-006", name="province.toml"))
    return gateway.regulation


def _calendar(of: Province, found: list[Due], now: datetime) -> Iterator[str]:
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//report-gateway//deadlines//VI", "CALSCALE:GREGORIAN")
    for due in found:
        yield "BEGIN:VEVENT"
        yield f"UID:{due.period.name}.{due.stage}@{of.id}"
        yield f"DTSTAMP:{_utc(now)}"
        yield f"DTSTART:{_utc(due.deadline - timedelta(minutes=30))}"
        yield f"DTEND:{_utc(due.deadline)}"
        days, name = f"{due.period.start:%d/%m/%Y}–{due.period.end:%d/%m/%Y}", f"{due.period.name} {due.stage}".rstrip()
        yield from _folded(f"SUMMARY:Hạn gửi báo cáo kỳ {days} ({_text(name)})")
        yield from _folded(f"DESCRIPTION:{_text(due.rule)}")
        yield "END:VEVENT"
    yield "END:VCALENDAR"


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(said: str) -> str:
    """Escaped as RFC 5545 section 3.3.11 wants it."""
    return said.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """A line in pieces of at most 75 octets, no letter cut in two."""
    piece = ""
    for letter in line:
        if len((piece + letter).encode()) > _LONGEST_LINE:
            yield piece
            piece = " "
        piece += letter
    yield piece
