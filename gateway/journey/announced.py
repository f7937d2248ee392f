"""What a regime, a form or an outline that came down breaks here: forms carried, rows, deadlines, reports that wait."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from gateway.domain.agreement import Agreement
from gateway.domain.announced import FORM, OUTLINE, REGIME
from gateway.domain.calendar import VIETNAM, period
from gateway.domain.catalogue import Catalogue
from gateway.domain.errors import Rejected
from gateway.domain.exchange import Exchange
from gateway.domain.impact import BrokenReport, Figures, Impact, Next, Row, impact
from gateway.journey.case import Doors
from gateway.journey.impact import HORIZON, Sources, Turn, impact_of, waiting


def announced_impact(doors: Doors, turn: Turn, now: datetime, most: int | None = None) -> Impact:
    """As `impact_of`. A KPI set breaks nothing here: no report of an agreement is read by one."""
    if turn.now.name.startswith(REGIME):
        return _of_regime(doors, turn, now, most)
    broken = tuple(_of_outline(doors, turn, most)) if turn.now.name.startswith(OUTLINE) else ()
    return Impact(turn.now.valid_from, (), (), broken, ())


def form_impact(
    doors: Doors, turn: Turn, packs: Mapping[str, Sources], now: datetime, most: int | None = None
) -> Impact:
    """As `impact_of`: the form's rows are the codes. What another announced form asks for still is not broken."""
    form = turn.now.name.removeprefix(FORM)
    found = impact_of(doors, turn, packs, now, most)
    elsewhere = set(_asked_elsewhere(doors, turn))
    return Impact(
        found.takes_effect,
        tuple(one for one in found.rows if one.row.target not in elsewhere),
        found.unsourced,
        tuple(one for one in found.reports if one.report.form == form),
        tuple(
            replace(one, codes=codes)
            for one in found.deadlines
            if (codes := tuple(code for code in one.codes if code not in elsewhere))
        ),
    )


def _asked_elsewhere(doors: Doors, turn: Turn) -> Iterator[str]:
    """The codes on other forms of the agreements that follow this one, on the day it takes effect."""
    following = (a for a in doors.peers.agreements.values() if turn.now.name in a.announced)
    names = {name for a in following for name in a.announced if name.startswith(FORM)} - {turn.now.name}
    for name in sorted(names):
        kept = doors.catalogues.on(name, turn.now.valid_from)
        yield from (item.code for item in kept.items) if kept else ()


def _of_regime(doors: Doors, turn: Turn, now: datetime, most: int | None) -> Impact:
    """Its forms are the codes, the agreements that report by it the packs."""
    following = [a for a in doors.peers.agreements.values() if REGIME + a.regime == turn.now.name]
    rows = [Row(a.id, "forms", form, form) for a in following for form in a.forms]
    reports = (one for x in waiting(doors, [a.id for a in following], most) if (one := _by_its_form(x)) is not None)
    before = turn.before or Catalogue(turn.now.name, "", turn.now.valid_from, ())
    found = impact(before, turn.now, rows, reports, _ahead(doors, following, now))
    parts = (turn.now.name, "cycle.", "due.")  # what no form stands for
    return Impact(
        found.takes_effect,
        found.rows,
        tuple(code for code in found.unsourced if not code.startswith(parts)),
        found.reports,
        found.deadlines,
    )


def _ahead(doors: Doors, following: list[Agreement], now: datetime) -> Iterator[Next]:
    today = now.astimezone(VIETNAM).date()
    for agreed in following:
        for due in doors.deadlines.owed(agreed, today, today + HORIZON):
            yield Next(agreed.id, agreed.id, due.period.name, due.period.end, due.deadline)


def _of_outline(doors: Doors, turn: Turn, most: int | None) -> Iterator[BrokenReport]:
    """Words that wait and follow the version before, of a period that the new one decides: they would be refused."""
    if turn.before is None:
        return
    followed = f"{turn.now.name.removeprefix(OUTLINE)}@{turn.before.version}"
    following = [a.id for a in doors.peers.agreements.values() if turn.now.name in a.announced]
    for x in waiting(doors, following, most):
        report = _by_its_form(x)
        if x.outline == followed and report is not None and report.day >= turn.now.valid_from:
            yield BrokenReport(report, (followed,))


def _by_its_form(x: Exchange) -> Figures | None:
    """None for what nobody has read yet, or of a period nobody knows: its own journey says so."""
    if x.head is None:
        return None
    try:
        day = period(x.head.period).end
    except Rejected:
        return None
    return Figures(x.id, x.agreement, x.stage, x.head.form, x.head.period, day, (x.head.form,))
