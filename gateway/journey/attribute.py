"""A person says to which document a status belongs that the gateway could not place by itself (F-106, F-120, F-122).

What the package says is taken as it says it; a person tells only what nobody can read in it. Never guessed, and never
against a DocumentId that names another document of ours.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.domain.errors import Conflict, NotFound, Rejected, problem
from gateway.domain.exchange import OFFICE_RANK, STAGE_WORDS, Exchange, Kind
from gateway.domain.facts import Attributed
from gateway.domain.ids import same_agency
from gateway.journey.case import Doors, agreement_of, blob, keep_off
from gateway.journey.operate import Person
from gateway.journey.statuses import claimants, news, recipients_of, was_sent
from gateway.ports import DocumentStatus, Entry

_REFUSAL = "16"


@dataclass(frozen=True, slots=True)
class Told:
    """What the package itself does not say: the office (code), its status (01 … 16) and when it said so."""

    recipient: str = ""
    code: str = ""
    at: str = ""


async def attribute(doors: Doors, document: str, package: str, told: Told, person: Person) -> Exchange:
    """Count status package `package` of the document's route for `document`, and take it off the route.

    Once more is the same. Raises `NotFound` (F-123: no such package waits), `Conflict` (F-007: nothing was sent; F-124:
    it names another document), `Rejected` (F-125: the package does not say it and nobody told; F-126: it says
    otherwise), `Unavailable`.
    """
    x = doors.journal.read(document)
    if x.kind is not Kind.DOCUMENT or not was_sent(x):
        raise Conflict(problem("F-007", exchange=x.id, stage=x.stage, stage_vi=STAGE_WORDS[x.stage], verb="assign"))
    keep_off(doors, x.destination)
    route = doors.peers.routes[x.destination]
    status = next((one for one in await route.statuses() if one.axis_id == package), None)
    if status is None:
        raise NotFound(problem("F-123", package=package, destination=x.destination))
    if status.document_id.strip():
        others = await asyncio.to_thread(claimants, doors, x.destination, status)
        if others and x.id not in others:
            raise Conflict(problem("F-124", package=package, document=x.id, other=", ".join(others)))
    recipients = recipients_of(x, agreement_of(doors, x.agreement))
    x = await asyncio.to_thread(_recorded, doors, x, _completed(status, told, recipients), recipients, person)
    await route.settle(package)
    return x


def _completed(status: DocumentStatus, told: Told, recipients: Sequence[str]) -> DocumentStatus:
    """`status` with what a person told in the places that it leaves open, and no others."""
    known = any(same_agency(status.recipient, office) for office in recipients)
    said = {"code": status.code, "recipient": status.recipient if known else "", "at": status.at}
    wanted = {"code": told.code, "recipient": told.recipient, "at": told.at}
    against = [name for name, word in wanted.items() if word and said[name] and word != said[name]]
    if against:
        raise Rejected(problem("F-126", package=status.axis_id, fields=_spelled(against, said)))
    complete = {name: said[name] or wanted[name] for name in said}
    complete["recipient"] = complete["recipient"] or status.recipient  # a stranger's word is kept, and does not count
    missing = [name for name, word in complete.items() if not word]
    if missing:
        raise Rejected(problem("F-125", package=status.axis_id, fields=", ".join(map(_option, missing))))
    if complete["code"] not in OFFICE_RANK and complete["code"] != _REFUSAL:
        raise Rejected(problem("F-125", package=status.axis_id, fields=f"--status ({complete['code']}?)"))
    return replace(status, code=complete["code"], recipient=complete["recipient"], at=complete["at"])


def _recorded(doors: Doors, x: Exchange, status: DocumentStatus, recipients: Sequence[str], person: Person) -> Exchange:
    raw = blob(status.raw, "application/xml")
    given = Attributed(person.name, person.because, status.axis_id, status.recipient, status.code, status.at, raw)
    before = [link.fact for link in doors.journal.history(x.id)]
    if not any(isinstance(fact, Attributed) and fact.axis_id == status.axis_id for fact in before):
        x = doors.journal.append(x, [Entry(given, doors.clock.now(), (status.raw,))])
    for one, fact in news(x, [status], recipients):  # one by one: an ending settles the document
        x = doors.journal.append(x, [Entry(fact, doors.clock.now(), (one.raw,))])
    return x


def _option(name: str) -> str:
    return {"code": "--status", "recipient": "--recipient", "at": "--at"}[name]


def _spelled(names: Sequence[str], said: dict[str, str]) -> str:
    return ", ".join(f"{_option(name)}: {said[name]}" for name in names)
