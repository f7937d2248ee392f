"""What people may do with an exchange. Every act names who and why, and is itself a fact.

resend   same parcel, once more, after a person checked with the receiver
replay   a NEW linked exchange from the kept payload, by today's or a named pack; of a partly answered one, where
         asked so, with nothing but what was rejected, as it was corrected
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from gateway.domain.errors import Conflict, NotFound, problem
from gateway.domain.exchange import STAGE_WORDS, Exchange, Kind, Opening, Stage
from gateway.domain.facts import Attachment, Cancelled, Fact, Fetched, Numbered, Parked, Released, Retained
from gateway.domain.ids import digest_of
from gateway.journey.accept import Incoming, accept
from gateway.journey.case import Case, Doors, agreement_of, blob, keep_off
from gateway.journey.enclosing import handed_in
from gateway.journey.numbers import unused
from gateway.journey.parts import next_part
from gateway.journey.trouble import divert as diverted
from gateway.ports import Birth, Entry

_BEFORE_THE_WIRE = frozenset(
    {Stage.ACCEPTED, Stage.VALIDATED, Stage.VERIFIED, Stage.TRANSLATED, Stage.PACKAGED, Stage.PARKED}
)
_HANDED_IN = ("media_type", "payload", "signature")


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
    if x.stage not in _BEFORE_THE_WIRE or x.attempts or x.paper or x.recovered:
        raise _not_there(x, "cancel")
    return _tell(doors, x, Cancelled(person.name, person.because))


def divert(doors: Doors, exchange: str, person: Person) -> Exchange:
    """Send a waiting report as a document now. Never while in doubt, nor a composite without its parts (F-140)."""
    x = doors.journal.read(exchange)
    case = Case(x, doors)
    if x.kind is not Kind.OUTBOUND or x.stage is not Stage.PACKAGED or case.agreement.fallback is None:
        raise _not_there(x, "divert")
    if x.submission and x.submission.composite:
        raise Conflict(problem("F-140", exchange=x.id))
    outcome = diverted(case, problem("F-009", by=person.name, reason=person.because))
    return doors.journal.append(x, list(outcome.entries), births=outcome.births)


def retain(doors: Doors, exchange: str, person: Person, *, held: bool = True) -> Exchange:
    """Lay a legal hold on an exchange, or lift it: nothing of it is purged while it is held."""
    x = doors.journal.read(exchange)
    if x.retained is held:
        raise _not_there(x, "hold" if held else "lift")
    return _tell(doors, x, Retained(person.name, person.because, held))


def replay(doors: Doors, exchange: str, person: Person, pack: str | None = None) -> Exchange:
    """A new exchange from the kept payload, linked to the old one, by the same road."""
    x = doors.journal.read(exchange)
    return accept(doors, again(doors, x, f"replay:{doors.clock.new_id('pl')}", person, pack))[0]


def again(doors: Doors, x: Exchange, key: str, person: Person, pack: str | None = None) -> Incoming:
    """The kept payload of `x`, to be handed in once more under `key`. Raises `Conflict` (F-007) where none was."""
    if x.submission is None or x.payload is None:
        raise _not_there(x, "replay")
    signature = doors.journal.bytes_of(x.submission.signature.digest) if x.submission.signature else None
    part = x.submission.part  # of a correction only what it carried goes again
    narrative, attachments = handed_in(doors.journal, x.submission)
    return Incoming(
        agreement=x.agreement,
        key=key,
        sender=person.name,
        media_type=x.submission.media_type,
        payload=doors.journal.bytes_of(x.payload.digest),
        signature=signature,
        parent=x.parent if part else x.id,
        pack=pack,
        period=x.submission.period,
        form=x.submission.form,
        revision=x.submission.revision,
        part=part,
        narrative=narrative,
        attachments=attachments,
    )


@dataclass(frozen=True, slots=True)
class Corrected:
    """What the unit handed in to correct the values that were rejected: all of the report, or these values alone."""

    media_type: str
    payload: bytes = field(repr=False)
    signature: bytes | None = field(default=None, repr=False)


def replay_rejected(
    doors: Doors, exchange: str, person: Person, corrected: Corrected | None = None, pack: str | None = None
) -> tuple[Exchange, bool]:
    """Send what the receiver rejected of a partly answered exchange, and nothing else, as a new linked one.

    From `corrected`, or from the kept payload, where the mistake was the pack's. Asked for again: the same exchange.
    Raises what `next_part` does, what the door does, and `Conflict` (E-013) for a composite, which goes as a whole.
    """
    x = doors.journal.read(exchange)
    if x.submission and x.submission.composite:
        raise Conflict(problem("E-013", exchange=x.id))
    key, revision = next_part(doors.journal, x)
    renewed = replace(again(doors, x, key, person, pack), parent=x.id, part=True, revision=revision)
    if corrected is not None:
        renewed = replace(renewed, **{name: getattr(corrected, name) for name in _HANDED_IN})
    return accept(doors, renewed)


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

    Raises `Rejected` (C-003, C-005) for files that no document can be made of, so that the clerk hears it at once,
    and `Conflict` (F-105) for a number that was given this year already.
    """
    x = doors.journal.read(document)
    if x.kind is not Kind.DOCUMENT or x.stage is not Stage.PREPARED:
        raise _not_there(x, "number")
    r = registration
    attachments = tuple(Attachment(name, told, blob(content, kind)) for name, told, kind, content in files)
    agreed = agreement_of(doors, x.agreement)
    agency = agreed.sender.code
    fact = Numbered(r.number, r.notation, r.issued, r.signer, r.position, person.name, attachments, agency)
    now = doors.clock.now()
    assert x.prepared is not None
    contents = {name: content for name, _, _, content in files}
    doors.scribe.edxml(agreed, x.prepared, fact, contents, now)
    unused(doors, x, fact)
    return doors.journal.append(x, [Entry(fact, now, tuple(contents.values()))])


async def sync_catalogue(doors: Doors, agreement: str, name: str, since: str = "") -> Exchange:
    """Fetch a catalogue, or what changed `since` a version, and open its journey. Raises `NotFound`, `Unavailable`."""
    agreed = doors.peers.agreements.get(agreement)
    source = doors.peers.sources.get(agreed.destination) if agreed else None
    if agreed is None or source is None:
        raise NotFound(problem("B-005", agreement=agreement))
    keep_off(doors, agreed.destination)
    payload = await source.fetch(name, since)
    fetched = Fetched(agreed.destination, name, blob(payload, "application/xml"))
    identity = doors.clock.new_id("dm")
    opening = Opening(identity, Kind.INBOUND, agreed.id, identity, digest_of(payload), agreed.destination)
    return doors.journal.open(Birth(opening, (Entry(fetched, doors.clock.now(), (payload,)),)))[0]


def _tell(doors: Doors, x: Exchange, fact: Fact) -> Exchange:
    return doors.journal.append(x, [Entry(fact, doors.clock.now())])


def _not_there(x: Exchange, verb: str) -> Conflict:
    return Conflict(problem("F-007", exchange=x.id, stage=x.stage, stage_vi=STAGE_WORDS[x.stage], verb=verb))
