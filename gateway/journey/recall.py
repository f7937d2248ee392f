"""What people do with a document that is on its way: ask for it back (13), or send the same bytes again.

Asked back of every office that was sent it, and recalled when none of them has it any more.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from gateway.domain.errors import Conflict, problem
from gateway.domain.exchange import STAGE_WORDS, Exchange, Kind, Stage
from gateway.domain.facts import AskedBack, Parked, RecallAsked, RecallTold, Released, Undelivered
from gateway.journey.case import Case, Doors, agreement_of, blob
from gateway.journey.operate import Person
from gateway.journey.statuses import recipients_of
from gateway.ports import Entry

_BEFORE_ITS_END = (Stage.SENT, Stage.ARRIVED)
_KEPT = "F-117"


def recall(doors: Doors, document: str, person: Person) -> Exchange:
    """Ask every office that was sent it to give back what was sent by mistake. Raises `Conflict` (F-007) after its end:

    then a wrong report is put right by a new document that replaces the old one.
    """
    x = doors.journal.read(document)
    if x.kind is not Kind.DOCUMENT or x.stage not in _BEFORE_ITS_END or "RecallAsked" in x.progress:
        raise _not_there(x, "recall")
    assert x.numbered is not None
    assert x.ready is not None
    now, agreed, because = doors.clock.now(), agreement_of(doors, x.agreement), person.because
    offices = recipients_of(x, agreed)
    packages = tuple(doors.scribe.recall(agreed, x.numbered, x.ready, office, because, at=now) for office in offices)
    told = tuple(blob(package, "application/xml") for package in packages)
    asked = RecallAsked(person.name, because, told[0], tuple(map(AskedBack, offices, told)))
    return doors.journal.append(x, [Entry(asked, now, packages)])


async def ask_back(case: Case) -> AsyncIterator[Entry]:
    """Yields `RecallTold` for every office that was not told yet; the same bytes, however often it is begun."""
    x = case.exchange
    waiting = "" in x.asked_back.values() if x.asked_back else "RecallTold" not in x.progress
    if "RecallAsked" not in x.progress or not waiting:
        return
    facts = [link.fact for link in case.doors.journal.history(x.id)]
    asked = next(fact for fact in facts if isinstance(fact, RecallAsked))
    told = {fact.recipient for fact in facts if isinstance(fact, RecallTold)}
    offices = asked.offices or (AskedBack(recipients_of(x, case.agreement)[0], asked.status),)
    for office in offices:
        if office.recipient not in told and x.asked_back.get(office.recipient, "") == "":
            package, sender = case.bytes_of(office.status), case.agreement.sender.code
            yield case.entry(RecallTold(await case.route.tell(package, sender, office.recipient), office.recipient))


def kept_somewhere(case: Case) -> Entry | None:
    """`Parked` (F-117), once, where the addressee gave the document back and an office keeps its copy.

    The report did not arrive by it, and yet somebody has it: only people can settle that between the offices.
    """
    x = case.exchange
    kept = [office for office, code in x.asked_back.items() if code == "16"]
    answered = all(code in ("15", "16") for code in x.asked_back.values())
    if x.settled or not (kept and answered) or next(iter(x.asked_back.values())) != "15":
        return None
    facts = (link.fact for link in case.doors.journal.history(x.id))
    if any(isinstance(fact, Parked) and fact.why.code == _KEPT for fact in facts):
        return None
    return case.entry(Parked(problem(_KEPT, document=x.id, offices=", ".join(kept))))


def send_again(doors: Doors, document: str, person: Person) -> Exchange:
    """The same bytes once more, because a person learnt that the office has nothing. Raises `Conflict` (F-007)."""
    x = doors.journal.read(document)
    stands = x.before if x.stage is Stage.PARKED else x.stage
    if x.kind is not Kind.DOCUMENT or stands not in (Stage.SENT, Stage.IN_DOUBT, Stage.READY):
        raise _not_there(x, "send")
    now = doors.clock.now()
    facts = [Released(person.name, person.because)] if x.stage is Stage.PARKED else []
    never_came = Undelivered(problem("F-009", by=person.name, reason=person.because))
    return doors.journal.append(x, [Entry(fact, now) for fact in [*facts, never_came]])


def _not_there(x: Exchange, verb: str) -> Conflict:
    return Conflict(problem("F-007", exchange=x.id, stage=x.stage, stage_vi=STAGE_WORDS[x.stage], verb=verb))
