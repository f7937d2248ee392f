"""The inventory (sổ theo dõi nghĩa vụ báo cáo): who owes what for which period, and how it stands in the journal.

Nothing is kept: an obligation is a deadline beside the lane of its report, looked at when somebody asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from gateway.domain.agreement import Agreement
from gateway.domain.deadlines import Due
from gateway.domain.exchange import Exchange, Stage
from gateway.domain.facts import Backfilled, Delivered, Sent
from gateway.domain.obligations import LATE, Cause, Filing, Standing, cause, deciding, standing
from gateway.domain.problems import Owner
from gateway.domain.report import ReportHead
from gateway.journey.case import Doors, due_of

_VOID = frozenset({Stage.REFUSED, Stage.CANCELLED, Stage.SUPERSEDED})
_RETURNED = frozenset({Stage.RETURNED})
_ON_PAPER = frozenset({Stage.SENT, Stage.ARRIVED, Stage.DOCUMENT_ACCEPTED})


@dataclass(frozen=True, slots=True)
class Owed:
    """One form owed by one unit for one period at one stage; `exchange` is the report that answers it."""

    agreement: str
    unit: str
    name: str
    form: str
    due: Due
    standing: Standing
    cause: Cause | None = None
    exchange: str | None = None
    filed_at: datetime | None = None
    document: str | None = None


def owed(doors: Doors, agreements: Iterable[Agreement], first: date, last: date, now: datetime) -> Iterator[Owed]:
    """What `agreements` owe with a deadline from `first` to `last`, both inclusive; by agreement, then by time."""
    for agreed in agreements:
        for due in doors.deadlines.owed(agreed, first, last):
            for form in agreed.forms:
                yield _owed(doors, agreed, form, due, now)


def lateness(doors: Doors, x: Exchange, now: datetime) -> Cause | None:
    """Whose doing it is that this report is late; None while it is not."""
    due = due_of(doors, x)
    if due is None or x.opened_at is None:
        return None
    filing = filing_of(doors, x)
    if not due.is_late(filing.arrived or now) or filing.void:
        return None
    return cause(due, doors.deadlines.stops(x.destination), filing)


def filing_of(doors: Doors, x: Exchange) -> Filing:
    """What an exchange means for the obligation it answers."""
    assert x.opened_at is not None
    arrived = _arrived(doors, x)
    return Filing(
        exchange=x.id,
        handed_in=x.opened_at,
        arrived=arrived,
        by_document=x.paper is not None and arrived is not None,
        returned=x.stage in _RETURNED,
        void=x.stage in _VOID and arrived is None,
        their_doing=x.trouble is not None and x.trouble.owner is Owner.NATIONAL,
    )


def _owed(doors: Doors, agreed: Agreement, form: str, due: Due, now: datetime) -> Owed:
    lane = ReportHead(agreed.regime, form, due.period.name, agreed.sender.code).lane
    reports = {x.id: x for x in doors.journal.in_lane(lane) if x.opened_at}
    filings = [filing_of(doors, x) for x in reports.values()]
    stands, decides = standing(due, filings, now), deciding(filings)
    late = cause(due, doors.deadlines.stops(agreed.destination), decides) if stands in LATE else None
    return Owed(
        agreement=agreed.id,
        unit=agreed.sender.code,
        name=agreed.sender.name,
        form=form,
        due=due,
        standing=stands,
        cause=late,
        exchange=decides.exchange if decides else None,
        filed_at=decides.arrived if decides else None,
        document=reports[decides.exchange].paper if decides else None,
    )


def _arrived(doors: Doors, x: Exchange) -> datetime | None:
    """When the receiver had it: by the document that carried it, else by its receipt."""
    if x.backfill is not None:
        return x.backfill.sent_at
    if x.paper is not None and doors.journal.read(x.paper).stage in _ON_PAPER:
        return next((link.at for link in doors.journal.history(x.paper) if isinstance(link.fact, Sent)), None)
    if x.receipt is None:
        return None
    return x.receipt.received_at or _told_of_it(doors, x)


def _told_of_it(doors: Doors, x: Exchange) -> datetime | None:
    """When we were given the receipt: what comes later, as a judgement or a hold, does not make it late."""
    given = (link.at for link in doors.journal.history(x.id) if isinstance(link.fact, Delivered | Backfilled))
    return next(given, x.changed_at)
