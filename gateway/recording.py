"""The record of an incident put together: what people wrote down, and what the journal knows of the reports.

`cli` comes in for `minutes_of`. It knows both houses and nothing of the wire.
"""

from __future__ import annotations

from datetime import datetime

from fallback.document import place_of
from fallback.minutes import Minutes, Went, as_pdf, as_xlsx, totals
from gateway.domain.errors import NotFound, problem
from gateway.domain.exchange import STAGE_WORDS, Exchange
from gateway.domain.facts import Backfilled, Fact, Sent
from gateway.domain.incident import Incident, timer
from gateway.wiring import Gateway

__all__ = ["as_pdf", "as_xlsx", "minutes_of", "totals"]


def minutes_of(gateway: Gateway, incident: str) -> Minutes:
    """Everything about one incident. Raises `NotFound` (F-006)."""
    found = next((one for one in gateway.calendar.incidents() if one.id == incident), None)
    if found is None:
        raise NotFound(problem("F-006", name=incident))
    now = gateway.doors.clock.now()
    days = gateway.calendar.days(found.opened.date(), now.date()) if gateway.calendar.promises() else None
    clocks = [(name, timer(found, level, days, now)) for name, level in gateway.calendar.promises().items() if days]
    agency = _agency(gateway, found)
    partner = gateway.declarations.partners.get(found.destination)
    return Minutes(
        agency=agency,
        place=place_of(agency),
        destination=partner.name if partner else found.destination or gateway.settings.name,
        incident=found,
        clocks=tuple(clocks),
        went=tuple(_went(gateway, risk.exchange, risk.report) for risk in found.at_risk),
        at=now,
    )


def _agency(gateway: Gateway, found: Incident) -> str:
    agreements = gateway.declarations.agreements.values()
    mine = [agreed for agreed in agreements if found.destination in ("", agreed.destination)]
    return mine[0].sender.name if mine else gateway.settings.name


def _went(gateway: Gateway, exchange: str, report: str) -> Went:
    x = gateway.journal.read(exchange)
    paper = gateway.journal.read(x.paper) if x.paper else None
    due = gateway.due_of(x)
    number = paper.numbered if paper else None
    issued = "/".join(reversed(number.issued.split("-"))) if number else ""
    return Went(
        report=report,
        deadline=due.deadline if due else None,
        document=f"{number.number}/{number.notation} ngày {issued}" if number else "",
        sent_at=_first(gateway, paper, Sent),
        office=STAGE_WORDS[paper.stage] if paper else "",
        backfilled_at=_first(gateway, x, Backfilled),
        stage=STAGE_WORDS[x.stage],
    )


def _first(gateway: Gateway, x: Exchange | None, shape: type[Fact]) -> datetime | None:
    history = gateway.journal.history(x.id) if x else []
    return next((link.at for link in history if isinstance(link.fact, shape)), None)
