"""The calendar page: a month of deadlines, what is owed for each, and what stands in the way of sending."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from gateway.console.rendering import Renderer
from gateway.console.times import when
from gateway.domain.calendar import VIETNAM, YEARS, day_of_month
from gateway.domain.deadlines import Due
from gateway.domain.errors import Rejected, problem
from gateway.domain.forecast import Outlook, foreseen_words, outlooks
from gateway.domain.obligations import STANDING_WORDS, Cause, Standing
from gateway.domain.problems import Text
from gateway.domain.workdays import WorkingDays
from gateway.journey.arrange import due_within
from gateway.journey.inventory import Owed, owed
from gateway.schemas.icalendar import MEDIA_TYPE, icalendar
from gateway.schemas.incidents import IncidentShown
from gateway.wiring import Gateway

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_DAY = timedelta(days=1)
_MONTH_AGO, _YEAR_AHEAD = timedelta(days=31), timedelta(days=366)

# The worst first: a day, or a deadline, looks like the worst that is owed on it.
MOODS: Mapping[Standing, str] = {
    Standing.OVERDUE: "bad",
    Standing.RETURNED: "bad",
    Standing.LATE: "hold",
    Standing.BY_DOCUMENT_LATE: "hold",
    Standing.ON_ITS_WAY: "way",
    Standing.OPEN: "quiet",
    Standing.BY_DOCUMENT: "paper",
    Standing.IN_TIME: "good",
}
_IN_ENGLISH: Mapping[Standing, str] = {
    Standing.OPEN: "Not due yet",
    Standing.ON_ITS_WAY: "Handed in, on its way",
    Standing.IN_TIME: "In time",
    Standing.LATE: "Late",
    Standing.BY_DOCUMENT: "In time, as a document",
    Standing.BY_DOCUMENT_LATE: "Late, as a document",
    Standing.RETURNED: "Returned",
    Standing.OVERDUE: "Missing, overdue",
}
STANDINGS: Mapping[Standing, Text] = {s: Text(STANDING_WORDS[s], _IN_ENGLISH[s]) for s in Standing}
CAUSES: Mapping[Cause, Text] = {
    Cause.UNIT: Text("do đơn vị", "by the unit"),
    Cause.LINK: Text("do sự cố kỹ thuật, đường truyền", "by trouble of the link"),
    Cause.AUTHORITY: Text("do cơ quan nhận", "by the receiving authority"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One deadline with what is owed for it; `mood` is that of the worst."""

    due: Due
    owed: tuple[Owed, ...]

    @property
    def mood(self) -> str:
        standing = {one.standing for one in self.owed}
        return next((mood for worst, mood in MOODS.items() if worst in standing), "quiet")

    @property
    def met(self) -> int:
        good = (Standing.IN_TIME, Standing.BY_DOCUMENT, Standing.LATE, Standing.BY_DOCUMENT_LATE)
        return sum(one.standing in good for one in self.owed)


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of the grid; `note` says why it is off, or worked, or not decided."""

    day: date
    is_of_the_month: bool
    is_today: bool
    is_working: bool
    note: str
    lines: tuple[Line, ...]


class CalendarPage:
    """One month, the one of now unless another is asked for."""

    def __init__(self, gateway: Gateway, renderer: Renderer) -> None:
        self._gateway = gateway
        self._renderer = renderer

    def month(self, request: Request) -> Response:
        """Deadlines of a month on its days, then one by one. Raises `Rejected` (C-012) for what is no month."""
        gateway, now = self._gateway, self._gateway.doors.clock.now()
        today = now.astimezone(VIETNAM).date()
        first = _asked(request.query_params.get("month", ""), today)
        last = day_of_month(first, 31)
        lines = self._lines(first, last)
        calendar = gateway.calendar
        incidents = [
            one for one in calendar.incidents() if one.is_open or one.began.astimezone(VIETNAM).date() >= first
        ]
        upcoming = [one for one in calendar.maintenance() if one.ends >= now]
        return self._renderer.page(
            request,
            "calendar.html",
            foreseen=self._foreseen(now),
            first=first,
            earlier=f"{first - _DAY:%Y-%m}",
            later=f"{last + _DAY:%Y-%m}",
            weeks=Grid(first, today, calendar.days(first, last), self._notes(), _by_day(lines)).weeks(),
            lines=lines,
            standings=STANDINGS,
            moods=MOODS,
            causes=CAUSES,
            maintenance=[(one, due_within(gateway.doors, one)) for one in upcoming],
            incidents=[IncidentShown.of(one, calendar, now) for one in incidents],
            windows=[one for one in calendar.windows() if one.closes >= now],
            undated=[text for text in gateway.regulation.regime if text.undated] if gateway.regulation else [],
            opener=calendar.opener(),
            names={name: partner.name for name, partner in gateway.declarations.partners.items()},
            as_of=now,
        )

    def feed(self, request: Request) -> Response:
        """The deadlines of a month ago to a year ahead, for a calendar program that has no key to show."""
        now = self._gateway.doors.clock.now()
        today, of = now.astimezone(VIETNAM).date(), self._gateway.regulation
        found = self._gateway.calendar.listed(today - _MONTH_AGO, today + _YEAR_AHEAD) if of else []
        return Response(icalendar(of.id if of else "-", found, now), media_type=MEDIA_TYPE)

    def _foreseen(self, now: datetime) -> list[tuple[Outlook, Text]]:
        """What waits, by regime, and whether it will be in time."""
        regimes = {name: agreed.regime for name, agreed in self._gateway.declarations.agreements.items()}
        standing = self._gateway.outlook.look()
        found = outlooks(standing.queue, standing.rates, regimes, now)
        return [(one, Text(*foreseen_words(one, when))) for one in found]

    def _lines(self, first: date, last: date) -> list[Line]:
        gateway, now = self._gateway, self._gateway.doors.clock.now()
        agreed = gateway.declarations.agreements.values()
        found: dict[Due, list[Owed]] = {due: [] for due in gateway.calendar.listed(first, last)}
        for one in owed(gateway.doors, agreed, first, last, now):
            found.setdefault(one.due, []).append(one)
        by_time = sorted(found.items(), key=lambda each: each[0].deadline)
        return [Line(due, tuple(owing)) for due, owing in by_time]

    def _notes(self) -> dict[date, str]:
        """What documents say of single days."""
        return {on: f"{day.note} ({day.document})" for on, day in self._gateway.calendar.overlay().days.items()}


@dataclass(frozen=True, slots=True)
class Grid:
    """A month as a sheet of whole weeks, from Monday."""

    first: date
    today: date
    days: WorkingDays
    notes: Mapping[date, str]  # what documents say of single days
    lines: Mapping[date, Sequence[Line]]

    def weeks(self) -> list[list[Cell]]:
        monday = self.first - self.first.weekday() * _DAY
        count = (day_of_month(self.first, 31) - monday).days // 7 + 1
        return [[self._cell(monday + (week * 7 + number) * _DAY) for number in range(7)] for week in range(count)]

    def _cell(self, day: date) -> Cell:
        return Cell(
            day=day,
            is_of_the_month=day.month == self.first.month,
            is_today=day == self.today,
            is_working=self.days.is_working(day),
            note=self.notes.get(day, ""),
            lines=tuple(self.lines.get(day, ())),
        )


def _by_day(lines: Iterable[Line]) -> dict[date, list[Line]]:
    found: dict[date, list[Line]] = {}
    for line in lines:
        found.setdefault(line.due.deadline.date(), []).append(line)
    return found


def _asked(month: str, today: date) -> date:
    if not month:
        return today.replace(day=1)
    found = _MONTH.fullmatch(month)
    if found is None or int(found[1]) not in YEARS[1:-1]:
        raise Rejected(problem("C-012", reason=f"month={month[:20]!r}"))
    return date(int(found[1]), int(found[2]), 1)
