"""A person says to which document a status belongs that the gateway could not place by itself (F-106, F-120, F-122).

What the package says is taken as it says it; a person tells only what nobody can read in it. Never guessed, and never
against a DocumentId that names another document of ours.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.domain.errors import Conflict, NotFound, Rejected, problem
from gateway.domain.exchange import OFFICE_RANK, STAGE_WORDS, Exchange, Kind
from gateway.domain.facts import Attributed
from gateway.domain.ids import digest_of, same_agency
from gateway.journey.case import Doors, agreement_of, blob, keep_off
from gateway.journey.operate import Person
from gateway.journey.statuses import claimants, news, recipients_of, sent_by, was_sent
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
    it names another document; F-127: it was told to be about another), `Rejected` (F-125: the package does not say it
    and nobody told; F-126: it says otherwise, or somebody told it otherwise), `Unavailable`.
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
    x = await asyncio.to_thread(_recorded, doors, x, status, told, person)
    await route.settle(package)
    return x


def _recorded(doors: Doors, x: Exchange, status: DocumentStatus, told: Told, person: Person) -> Exchange:
    """The person's word, then what follows from it. Cut off between the two, the first word is taken up again."""
    recipients = recipients_of(x, agreement_of(doors, x.agreement))
    before = _words_of(doors, x, status)[:1]
    _refused_where_of_another(before, x, status)
    status = _completed(status, told, recipients, before[0].word if before else None)
    if not before:
        raw = blob(status.raw, "application/xml")
        word = Attributed(person.name, person.because, status.axis_id, status.recipient, status.code, status.at, raw)
        x = doors.journal.append(x, [Entry(word, doors.clock.now(), (status.raw,))])
        # Of two people at the same moment none counts it who sees the other; asked again, the first word stands.
        _refused_where_of_another(_words_of(doors, x, status), x, status)
    for one, fact in news(x, [status], recipients):  # one by one: an ending settles the document
        x = doors.journal.append(x, [Entry(fact, doors.clock.now(), (one.raw,))])
    return x


@dataclass(frozen=True, slots=True)
class _Word:
    """What a person said of a package, and of which document."""

    at: datetime
    document: str
    word: Attributed


def _words_of(doors: Doors, x: Exchange, status: DocumentStatus) -> list[_Word]:
    """What was said of this very package, the first word first. By its bytes too: in a folder a name comes again."""
    digest = digest_of(status.raw)
    named = [one for one in sent_by(doors, x.destination) if Attributed.__name__ in one.progress]
    links = [(link.at, one.id, link.fact) for one in named for link in doors.journal.history(one.id)]
    words = [_Word(at, document, fact) for at, document, fact in links if isinstance(fact, Attributed)]
    same = [each for each in words if (each.word.axis_id, each.word.status.digest) == (status.axis_id, digest)]
    return sorted(same, key=lambda each: (each.at, each.document))


def _refused_where_of_another(words: Sequence[_Word], x: Exchange, status: DocumentStatus) -> None:
    other = next((each for each in words if each.document != x.id), None)
    if other is not None:
        told = {"document": x.id, "other": other.document, "by": other.word.by}
        raise Conflict(problem("F-127", package=status.axis_id, **told))


def _completed(
    status: DocumentStatus, told: Told, recipients: Sequence[str], before: Attributed | None
) -> DocumentStatus:
    """`status` with what a person told, now or `before`, in the places that it leaves open, and no others."""
    known = _office(status.recipient, recipients)
    said = {"code": status.code, "recipient": known, "at": status.at}
    if before is not None:
        said = {"code": before.code, "recipient": before.recipient, "at": before.at}
    wanted = {
        "code": told.code.strip().zfill(2) if told.code.strip() else "",
        "recipient": _office(told.recipient, recipients),
        "at": told.at.strip(),
    }
    if told.recipient and not wanted["recipient"]:
        raise Rejected(problem("F-125", package=status.axis_id, fields=f"--recipient ({told.recipient}?)"))
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


def _office(code: str, recipients: Sequence[str]) -> str:
    """The recipient that `code` names, in its old form or its new one; "" for a stranger."""
    return next((office for office in recipients if same_agency(code, office)), "")


def _option(name: str) -> str:
    return {"code": "--status", "recipient": "--recipient", "at": "--at"}[name]


def _spelled(names: Sequence[str], said: dict[str, str]) -> str:
    return ", ".join(f"{_option(name)}: {said[name]}" for name in names)
