"""What people may do with an exchange. Every act names who and why, and is itself a fact.

resend   same parcel, once more, after a person checked with the receiver
replay   a NEW linked exchange from the kept payload, by today's or a named pack
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.domain.errors import Conflict, NotFound, problem
from gateway.domain.exchange import STAGE_WORDS, Exchange, Kind, Opening, Stage
from gateway.domain.facts import Attachment, Cancelled, Fact, Fetched, Numbered, Parked, Released
from gateway.domain.ids import digest_of
from gateway.journey.accept import Incoming, accept
from gateway.journey.case import Case, Doors, agreement_of, blob
from gateway.journey.trouble import divert as diverted
from gateway.ports import Birth, Entry

_BEFORE_THE_WIRE = frozenset(
    {Stage.ACCEPTED, Stage.VALIDATED, Stage.VERIFIED, Stage.TRANSLATED, Stage.PACKAGED, Stage.PARKED}
)


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts, and the reason they gave."""

    name: str
    because: str


def resend(doors: Doors, exchange: str, person: Person) -> Exchange:
    """Allow the same parcel once more for an exchange parked in doubt. Raises `Conflict` (F-007)."""
    x = doors.journal.read(exchange)
    if not (x.stage is Stage.PARKED and x.before is Stage.IN_DOUBT):
        raise _not_there(x, "resend")
    return _tell(doors, x, Released(person.name, person.because, resend=True))


def release(doors: Doors, exchange: str, person: Person) -> Exchange:
    """Let a parked exchange go on from where it stood."""
    x = doors.journal.read(exchange)
    if x.stage is not Stage.PARKED:
        raise _not_there(x, "release")
    return _tell(doors, x, Released(person.name, person.because))


def park(doors: Doors, exchange: str, person: Person) -> Exchange:
    """Hold an exchange until a person releases it; nothing is lost by it."""
    x = doors.journal.read(exchange)
    if x.settled or x.stage is Stage.PARKED:
        raise _not_there(x, "park")
    return _tell(doors, x, Parked(problem("F-009", by=person.name, reason=person.because)))


def cancel(doors: Doors, exchange: str, person: Person) -> Exchange:
    """Withdraw what was never sent."""
    x = doors.journal.read(exchange)
    if x.stage not in _BEFORE_THE_WIRE or x.attempts or x.paper:
        raise _not_there(x, "cancel")
    return _tell(doors, x, Cancelled(person.name, person.because))


def divert(doors: Doors, exchange: str, person: Person) -> Exchange:
    """Send a waiting report as a document now. Never while it is in doubt."""
    x = doors.journal.read(exchange)
    case = Case(x, doors)
    if x.kind is not Kind.OUTBOUND or x.stage is not Stage.PACKAGED or case.agreement.fallback is None:
        raise _not_there(x, "divert")
    outcome = diverted(case, problem("F-009", by=person.name, reason=person.because))
    return doors.journal.append(x, list(outcome.entries), births=outcome.births)


def replay(doors: Doors, exchange: str, person: Person, pack: str | None = None) -> Exchange:
    """A new exchange from the kept payload, linked to the old one, by the same road."""
    x = doors.journal.read(exchange)
    if x.submission is None or x.payload is None:
        raise _not_there(x, "replay")
    fresh = doors.clock.new_id("pl")
    signature = doors.journal.bytes_of(x.submission.signature.digest) if x.submission.signature else None
    incoming = Incoming(
        agreement=x.agreement,
        key=f"replay:{fresh}",
        sender=person.name,
        media_type=x.submission.media_type,
        payload=doors.journal.bytes_of(x.payload.digest),
        signature=signature,
        parent=x.id,
        pack=pack,
    )
    return accept(doors, incoming)[0]


@dataclass(frozen=True, slots=True)
class Registration:
    """Number, symbol and date as the document system gave them (Decree 30/2020 art. 15.3)."""

    number: str
    notation: str
    issued: str  # yyyy-mm-dd
    signer: str
    position: str


def number(
    doors: Doors,
    document: str,
    registration: Registration,
    files: Sequence[tuple[str, str, str, bytes]],
    person: Person,
) -> Exchange:
    """Record number, symbol, date and the signed files (name, description, media type, bytes) of a document.

    Raises `Rejected` (C-003, C-005) for files that no document can be made of, so that the clerk hears it at once.
    """
    x = doors.journal.read(document)
    if x.kind is not Kind.DOCUMENT or x.stage is not Stage.PREPARED:
        raise _not_there(x, "number")
    r = registration
    attachments = tuple(Attachment(name, told, blob(content, kind)) for name, told, kind, content in files)
    fact = Numbered(r.number, r.notation, r.issued, r.signer, r.position, person.name, attachments)
    now = doors.clock.now()
    assert x.prepared is not None
    contents = {name: content for name, _, _, content in files}
    doors.scribe.edxml(agreement_of(doors, x.agreement), x.prepared, fact, contents, now)
    return doors.journal.append(x, [Entry(fact, now, tuple(contents.values()))])


async def sync_catalogue(doors: Doors, agreement: str, name: str) -> Exchange:
    """Fetch a catalogue and open its journey. Raises `NotFound`, `Unavailable`."""
    agreed = doors.peers.agreements.get(agreement)
    source = doors.peers.sources.get(agreed.destination) if agreed else None
    if agreed is None or source is None:
        raise NotFound(problem("B-005", agreement=agreement))
    payload = await source.fetch(name)
    fetched = Fetched(agreed.destination, name, blob(payload, "application/xml"))
    identity = doors.clock.new_id("dm")
    opening = Opening(identity, Kind.INBOUND, agreed.id, identity, digest_of(payload), agreed.destination)
    return doors.journal.open(Birth(opening, (Entry(fetched, doors.clock.now(), (payload,)),)))[0]


def _tell(doors: Doors, x: Exchange, fact: Fact) -> Exchange:
    return doors.journal.append(x, [Entry(fact, doors.clock.now())])


def _not_there(x: Exchange, verb: str) -> Conflict:
    return Conflict(problem("F-007", exchange=x.id, stage=x.stage, stage_vi=STAGE_WORDS[x.stage], verb=verb))
