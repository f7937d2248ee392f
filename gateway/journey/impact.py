"""What a catalogue that came down would break here: gathered from the journal, the deadlines and the packs' rows."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from gateway.domain.agreement import Agreement
from gateway.domain.calendar import VIETNAM, Period, period
from gateway.domain.catalogue import Catalogue
from gateway.domain.errors import Conflict, NotFound, Rejected, problem
from gateway.domain.exchange import STAGE_WORDS, Exchange, Kind, Stage
from gateway.domain.facts import Compared, Released
from gateway.domain.impact import Figures, Impact, Next, Row, impact
from gateway.journey.case import Case, Doors
from gateway.journey.operate import Person
from gateway.journey.steps.catalogue import whole
from gateway.ports import Entry, Query

HORIZON = timedelta(days=92)  # a quarter: the next deadline of every periodic report but the yearly ones
_WAITING = (Stage.ACCEPTED, Stage.VALIDATED, Stage.VERIFIED, Stage.TRANSLATED, Stage.PACKAGED, Stage.PARKED)
_PAGE = 200


@dataclass(frozen=True, slots=True)
class Sources:
    """The rows of one pack, and whether the first day of a period decides its codes' validity, or the last."""

    rows: tuple[Row, ...]
    by_first_day: bool = False

    def day(self, covers: Period) -> date:
        return covers.start if self.by_first_day else covers.end


@dataclass(frozen=True, slots=True)
class Turn:
    """One catalogue taking the place of another; `before` is None for the first of its name."""

    before: Catalogue | None
    now: Catalogue


def turn_of(doors: Doors, exchange: str) -> Turn:
    """The catalogue an exchange brought, and what it was compared with, or would be today.

    Raises `NotFound` (F-006) for an exchange that brought none, `Rejected` as `whole`.
    """
    x = doors.journal.read(exchange)
    if x.kind is not Kind.INBOUND or x.payload is None:
        raise NotFound(problem("F-006", name=exchange))
    now = whole(Case(x, doors))
    told = next((link.fact for link in doors.journal.history(x.id) if isinstance(link.fact, Compared)), None)
    if told is None:
        return Turn(doors.catalogues.on(now.name, now.valid_from), now)
    return Turn(doors.catalogues.version(now.name, told.against) if told.against else None, now)


def impact_of(doors: Doors, turn: Turn, packs: Mapping[str, Sources], now: datetime, most: int | None = None) -> Impact:
    """`packs` by name: those of the agreements that follow the catalogue, their own or announced. Nothing is written.

    `most` bounds how many of the reports that wait are looked at, the youngest first; None looks at them all.
    """
    following = [a for a in doors.peers.agreements.values() if turn.now.name in a.catalogues]
    rows = [row for sources in packs.values() for row in sources.rows]
    before = turn.before or Catalogue(turn.now.name, "", turn.now.valid_from, ())
    reports = _reports(doors, following, packs, turn, most)
    return impact(before, turn.now, rows, reports, _ahead(doors, following, packs, now))


def approve(doors: Doors, exchange: str, person: Person) -> Exchange:
    """Let a catalogue go on that lost more than was agreed. Raises `Conflict` (F-007) for one that does not wait so."""
    x = doors.journal.read(exchange)
    if x.kind is not Kind.INBOUND or x.stage is not Stage.PARKED or x.trouble is None or x.trouble.code != "D-004":
        said = {"stage": x.stage, "stage_vi": STAGE_WORDS[x.stage]}
        raise Conflict(problem("F-007", exchange=x.id, verb="catalogue approve", **said))
    return doors.journal.append(x, [Entry(Released(person.name, person.because), doors.clock.now())])


def _ahead(doors: Doors, following: Iterable[Agreement], packs: Mapping[str, Sources], now: datetime) -> Iterator[Next]:
    today = now.astimezone(VIETNAM).date()
    for agreed in following:
        sources = packs.get(agreed.pack)
        for due in doors.deadlines.owed(agreed, today, today + HORIZON) if sources else ():
            assert sources is not None
            yield Next(agreed.id, agreed.pack, due.period.name, sources.day(due.period), due.deadline)


def _reports(
    doors: Doors, following: Iterable[Agreement], packs: Mapping[str, Sources], turn: Turn, most: int | None
) -> Iterator[Figures]:
    agreements = {agreed.id: agreed for agreed in following}
    for x in waiting(doors, agreements, most):
        sources = packs.get(agreements[x.agreement].pack)
        figures = _figures(Case(x, doors), sources, turn.now.valid_from) if sources else None
        if figures is not None:
            yield figures


def waiting(doors: Doors, agreements: Collection[str], most: int | None) -> Iterator[Exchange]:
    """The `most` youngest reports not on the wire yet; what has gone out was judged by the catalogue of its day."""
    before: int | None = None
    left = sys.maxsize if most is None else most
    while agreements and left > 0:
        asked = Query(stages=_WAITING, kinds=(Kind.OUTBOUND,), agreements=tuple(agreements), before=before, limit=_PAGE)
        found = doors.journal.find(asked)[:left]
        left -= len(found)
        yield from found
        if len(found) < _PAGE:
            return
        before = found[-1].ordinal


def _figures(case: Case, sources: Sources, otherwise: date) -> Figures | None:
    """National codes: as mapped, else those that the pack's rows make of what was handed in.

    None for what cannot be read: its own journey says so. `otherwise`: the day that is looked at for a period of a
    calendar nobody knows any more.
    """
    x = case.exchange
    try:
        report = case.translated() if x.document is not None else case.submitted()
    except Rejected:
        return None
    given, head = set(report.columns.indicator), x.head or report.head
    codes = given if x.document is not None else {row.target for row in sources.rows if row.source in given}
    try:
        day = sources.day(period(head.period))
    except Rejected:
        day = otherwise
    return Figures(x.id, x.agreement, x.stage, head.form, head.period, day, tuple(sorted(codes)))
