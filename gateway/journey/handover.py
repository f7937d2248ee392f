"""What the fallback desk took over is not sent from here too: it waits until absorbed, or released by a person."""

from __future__ import annotations

from gateway.domain.errors import problem
from gateway.domain.exchange import Exchange
from gateway.domain.facts import Absorbed, Parked, Released
from gateway.journey.case import Doors
from gateway.ports import Entry

_CODE = "F-101"


def kept_for_the_desk(doors: Doors, x: Exchange, report: Exchange | None = None) -> Entry | None:
    """`Parked` for a report (or the document `x` of a `report`) that stands in a ledger nobody absorbed yet;

    None when the way is free.
    """
    report = report or x
    ledger = doors.handover.holds(report)
    if ledger is None or _absorbed(doors, report, ledger) or _released(doors, x):
        return None
    return Entry(Parked(problem(_CODE, ledger=ledger)), doors.clock.now())


def waits_for_the_desk(x: Exchange) -> bool:
    return x.trouble is not None and x.trouble.code == _CODE


def _absorbed(doors: Doors, x: Exchange, ledger: str) -> bool:
    """Whether this report, or another of its lane, has come home from `ledger`."""
    peers = doors.journal.in_lane(x.head.lane) if x.head else []
    home = [peer for peer in (x, *peers) if Absorbed.__name__ in peer.progress]
    facts = (link.fact for peer in home for link in doors.journal.history(peer.id))
    return any(isinstance(fact, Absorbed) and fact.ledger == ledger for fact in facts)


def _released(doors: Doors, x: Exchange) -> bool:
    """Whether a person let it go on after it was kept for this very reason."""
    kept = False
    for link in doors.journal.history(x.id):
        kept = kept or (isinstance(link.fact, Parked) and link.fact.why.code == _CODE)
        if kept and isinstance(link.fact, Released):
            return True
    return False
