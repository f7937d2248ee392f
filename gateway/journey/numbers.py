"""A number is given once in a year (Decree 30/2020 art. 15): the second document under it is a mistake.

The journal refuses it in the transaction that records the number, whoever asks at the same moment. What was numbered
by an earlier version is looked up here: nothing in its fact says whose number it is.
"""

from __future__ import annotations

from gateway.domain.conflict import taken
from gateway.domain.errors import Problem
from gateway.domain.exchange import Exchange, Kind
from gateway.domain.facts import Numbered
from gateway.domain.ids import same_agency
from gateway.domain.numbering import same_number
from gateway.journey.case import Doors
from gateway.ports import Query

_MOST = 200  # documents of one number and symbol: one a year and agency


def unused(doors: Doors, x: Exchange, wanted: Numbered) -> None:
    """Raises `Conflict` (F-105) when the agency gave that number and symbol in that year to another document."""
    holder = _holder(doors, x, wanted)
    if holder is not None:
        raise taken(holder, wanted)


def given_twice(doors: Doors, x: Exchange) -> Problem | None:
    """F-105 where `x` came numbered from another house, and the number was given here meanwhile."""
    holder = _holder(doors, x, x.numbered) if x.numbered else None
    return taken(holder, x.numbered).problem if holder and x.numbered else None


def _holder(doors: Doors, x: Exchange, wanted: Numbered) -> Exchange | None:
    code = f"{wanted.number}/{wanted.notation}"
    for other in doors.journal.find(Query(kinds=(Kind.DOCUMENT,), code=code, limit=_MOST)):
        given = other.numbered
        if other.id != x.id and given is not None and same_number(given, wanted):
            sender = given.agency or _sender(doors, other)
            if sender is None or same_agency(sender, wanted.agency or _sender(doors, x) or sender):
                return other
    return None


def _sender(doors: Doors, other: Exchange) -> str | None:
    agreed = doors.peers.agreements.get(other.agreement)
    return agreed.sender.code if agreed else None
