"""Incidents as people record them: opened with what the journal knows of the line, answered for, closed.

Sóc Trăng art. 17.4: lateness must not be counted against units that could not send; Đồng Tháp art. 20.1: two working
hours to answer, or the time of completion is told.
"""

from __future__ import annotations

from datetime import datetime

from gateway.domain.errors import Conflict, NotFound, Rejected, problem
from gateway.domain.exchange import Exchange, Kind
from gateway.domain.incident import AtRisk, Evidence, Incident
from gateway.domain.obligations import Cause
from gateway.domain.record import plain, restore
from gateway.domain.register import Sheet
from gateway.journey.arrange import Clerk
from gateway.journey.case import Doors, due_of
from gateway.journey.inventory import filing_of
from gateway.ports import Query, Register

_MOST = 500  # reports named in one incident


def open_incident(
    doors: Doors,
    clerk: Clerk,
    destination: str,
    what: str,
    *,
    cause: Cause = Cause.LINK,
    began: datetime | None = None,
    words: str = "",
) -> Incident:
    """Write an incident down. `began` is when the line first failed, unless the person knows better.

    Raises `NotFound` (F-006) for a destination nobody declared, `Conflict` (C-018) while one of it is open,
    `Rejected` (C-005) for trouble that begins in the future.
    """
    now = clerk.now
    if destination not in {*doors.peers.channels, *doors.peers.routes, ""}:
        raise NotFound(problem("F-006", name=destination))
    standing = (restore(Incident, deed.after) for deed in clerk.register.standing(Sheet.INCIDENT).values())
    other = next((one for one in standing if one.is_open and one.destination == destination), None)
    if other is not None:
        raise Conflict(problem("C-018", subject=destination, stands=f"{other.id}, {other.opened_by}"))
    line = doors.journal.line(destination)
    since = began or line.since or now
    if since > now:
        raise Rejected(problem("C-005", path="--began", line="-", reason="it lies in the future", expected=str(now)))
    waiting = _waiting(doors, destination)
    last = next((x.trouble.code for x in waiting if x.trouble), "")
    incident = Incident(
        id=doors.clock.new_id("sc"),
        destination=destination,
        cause=cause,
        what=what,
        began=since,
        opened=now,
        opened_by=clerk.person.name,
        evidence=Evidence(line.failures, line.since, last, words),
        at_risk=tuple(_at_risk(doors, x) for x in waiting),
    )
    clerk.add(Sheet.INCIDENT, incident.id, "open", plain(incident))
    return incident


def promise(doors: Doors, clerk: Clerk, incident: str, until: datetime) -> Incident:
    """Tell until when a complex incident will be mended (Đồng Tháp art. 20.1); the senders find it in their inbox."""
    found, now = _open(clerk.register, incident), clerk.now
    if until <= now:
        raise Rejected(problem("C-005", path="--until", line="-", reason="it has passed", expected=f"> {now}"))
    told = found.told_until(until, now)
    whom = [a.id for a in doors.peers.agreements.values() if found.destination in ("", a.destination)]
    clerk.write(Sheet.INCIDENT, found.id, "promise", plain(told), tell=whom)
    return told


def close_incident(doors: Doors, clerk: Clerk, incident: str, ended: datetime | None = None) -> Incident:
    """The incident is over; what still waits with its deadline past is named in it."""
    found, now = _open(clerk.register, incident), clerk.now
    last = ended or now
    if not found.began <= last <= now:
        expected = f"{found.began}…{now}"
        raise Rejected(problem("C-005", path="--ended", line="-", reason=str(last), expected=expected))
    late = tuple(
        risk
        for risk in (_at_risk(doors, x) for x in _waiting(doors, found.destination))
        if risk.deadline is not None and risk.deadline < now
    )
    closed = found.closed_with(clerk.person.because, clerk.person.name, now, last, late)
    clerk.write(Sheet.INCIDENT, found.id, "close", plain(closed))
    return closed


def _open(register: Register, incident: str) -> Incident:
    deed = register.last(Sheet.INCIDENT, incident)
    if deed is None or deed.after is None:
        raise NotFound(problem("F-006", name=incident))
    found = restore(Incident, deed.after)
    if not found.is_open:
        raise Conflict(problem("C-018", subject=incident, stands=f"{deed.act}, {deed.by}"))
    return found


def _waiting(doors: Doors, destination: str) -> list[Exchange]:
    """Reports that should be with `destination` and are not."""
    query = Query(kinds=(Kind.OUTBOUND,), destination=destination, limit=_MOST)
    return [
        x for x in doors.journal.find(query) if not x.settled and x.opened_at and filing_of(doors, x).arrived is None
    ]


def _at_risk(doors: Doors, x: Exchange) -> AtRisk:
    due = due_of(doors, x)
    return AtRisk(x.id, x.lane or x.key, x.stage, due.deadline if due else None)
