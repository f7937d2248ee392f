"""Call-backs: the receiver tells by itself what it made of a report.

A word is kept as it came, under the name that its sender gave it, and the receiver is asked at once: what it says when
it is asked is what counts. So a word that is forged, late or doubled changes nothing but the time of a question.
Refused: to believe it, which would make of whoever has that key a judge of every report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from gateway.domain.agreement import WhenUnaskable
from gateway.domain.calendar import clock_face
from gateway.domain.errors import Conflict, NotFound, Overtaken, Rejected, Unavailable, problem
from gateway.domain.exchange import Exchange, Kind
from gateway.domain.facts import Attempted, CalledBack, Recorded, Undelivered
from gateway.domain.problems import Text
from gateway.journey.case import Doors, blob
from gateway.ports import Entry

_MOST = 50  # words about one report; a receiver has three or four to say
_TRIES = _MOST + 10  # each time somebody else wrote in between: as many words as are kept, and what a worker writes
_SOON = 1.0  # seconds
_FULL = Text("Đã ghi đủ {limit} lần báo về giao dịch {name}.", "{limit} words about {name} are kept: no more are.")
_ENOUGH = Text(
    "Không báo thêm về giao dịch này; kết quả được hỏi trực tiếp nơi nhận.",
    "Tell no more about it; the receiver is asked for what counts.",
)
_BY_THEIR_NUMBER = Text(
    "Lần báo này không được ghi; báo lại với đúng mã mà nơi nhận đã cấp khi tiếp nhận.",
    "This word was not kept; tell it with the number that was given in the receipt.",
)
_TELL_AGAIN = Text(
    "Lần báo này CHƯA được ghi; báo lại nguyên văn sau 1 giây.",
    "This word was NOT kept; tell it again, unchanged, after a second.",
)


@dataclass(frozen=True, slots=True)
class Word:
    """What was told: `key` names it, `about` the message it speaks of, `reference` is what the receiver calls that."""

    key: str
    about: str
    reference: str
    answer: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Heard:
    """A word that is on disk; not new where it was told before."""

    exchange: Exchange
    fact: CalledBack
    at: datetime
    is_new: bool


def call_back(doors: Doors, partner: str, by: str, word: Word) -> Heard:
    """Keep what `partner` tells, and be due to ask; the same word again is the same answer.

    Raises `NotFound` (F-006) where nothing of that name went to them, `Conflict` (C-008: another word of this name;
    G-005: their number is another one), `Rejected` (C-003: too many), `Unavailable` (F-002: others write about it).
    """
    fact = CalledBack(by, word.key, word.answer, blob(word.content, word.media_type))
    for _ in range(_TRIES):
        x = _sent(doors, partner, word)
        history = doors.journal.history(x.id)
        known = _told_before(doors, x, history, fact)
        if known is not None:
            return known
        if _pause_comes_next(doors, x, history):
            break
        entry = Entry(fact, doors.clock.now(), (word.content,))
        try:
            return Heard(doors.journal.append(x, [entry]), fact, entry.at, is_new=True)
        except Overtaken:
            continue
    raise Unavailable(replace(problem("F-002", exchange=word.about), advice=_TELL_AGAIN), retry_after=_SOON)


def _pause_comes_next(doors: Doors, x: Exchange, history: Sequence[Recorded]) -> bool:
    """Whether a worker writes next how long it waits: a word before that would keep it out, and have it sent at once.

    While it is being sent that is so only where a doubt about it may be ended by sending again.
    """
    agreed = doors.peers.agreements.get(x.agreement)
    resent = agreed is not None and agreed.when_unaskable is WhenUnaskable.RESEND
    return any(isinstance(last.fact, (Undelivered, Attempted) if resent else Undelivered) for last in history[-1:])


def _sent(doors: Doors, partner: str, word: Word) -> Exchange:
    x = doors.journal.read(word.about)
    if x.kind is not Kind.OUTBOUND or x.destination != partner or not (x.attempts or x.recovered):
        raise NotFound(problem("F-006", name=word.about))
    ours = x.receipt.reference if x.receipt else word.reference
    if word.reference not in ("", ours):
        other = problem("G-005", destination=partner, theirs=word.reference, ours=ours)
        raise Conflict(replace(other, advice=_BY_THEIR_NUMBER))
    return x


def _told_before(doors: Doors, x: Exchange, history: Sequence[Recorded], fact: CalledBack) -> Heard | None:
    told = [(link.fact, link.at) for link in history if isinstance(link.fact, CalledBack)]
    for before, at in told:
        if before.key == fact.key and before.word.digest == fact.word.digest:
            return Heard(x, before, at, is_new=False)
        if before.key == fact.key:
            times = {"at": clock_face(at), "now_at": clock_face(doors.clock.now())}
            digests = {"before": before.word.digest, "now": fact.word.digest}
            raise Conflict(problem("C-008", key=fact.key, **digests, **times))
    if len(told) >= _MOST:
        full = {"name": x.id, "limit": str(_MOST)}
        many = problem("C-003", what="receipts", found=len(told) + 1, limit=_MOST)
        raise Rejected(replace(many, title=_FULL.filled(full), advice=_ENOUGH))
    return None
