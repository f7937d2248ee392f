"""A number is given once in a year (Decree 30/2020 art. 15): the second document under it is a mistake."""

from __future__ import annotations

from gateway.domain.errors import Conflict, problem
from gateway.domain.exchange import Exchange, Kind
from gateway.journey.case import Doors, agreement_of
from gateway.ports import Query

_MOST = 200  # documents of one number and symbol: one a year and agency


def unused(doors: Doors, x: Exchange, number: str, notation: str, issued: str) -> None:
    """Raises `Conflict` (F-105) when the agency gave that number and symbol in that year to another document."""
    year = issued[:4]
    sender = agreement_of(doors, x.agreement).sender.code
    for other in doors.journal.find(Query(kinds=(Kind.DOCUMENT,), code=f"{number}/{notation}", limit=_MOST)):
        given = other.numbered
        if other.id == x.id or given is None or (given.number, given.notation) != (number, notation):
            continue
        if given.issued[:4] == year and _sender(doors, other) in (sender, None):
            told = {"number": number, "notation": notation, "year": year}
            raise Conflict(problem("F-105", document=other.id, **told))


def _sender(doors: Doors, other: Exchange) -> str | None:
    agreed = doors.peers.agreements.get(other.agreement)
    return agreed.sender.code if agreed else None
