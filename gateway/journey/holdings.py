"""What a receiver holds of ours for one period: chosen out of the journal, asked after, compared value by value.

A reading of both sides: nothing of it is recorded, and no exchange is moved by it, whatever it finds.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.domain.errors import NotFound, Problem, Rejected, Unavailable
from gateway.domain.exchange import SETTLED, Exchange, Kind, Stage
from gateway.domain.parcel import Unknown
from gateway.domain.part import beyond
from gateway.journey.case import Case, Doors
from gateway.journey.comparing import Pair, paired
from gateway.journey.enclosing import other_parts
from gateway.journey.parts import is_part
from gateway.journey.steps.reconcile import Line, lines_of, lines_said
from gateway.ports import Journal, Query

_PAGE = 1000
_AT_ONCE = 8  # questions under way; a partner's own limits hold them back further
# The receiver has said what it took; where it then disagreed with its own statement, the exchange is parked.
_ANSWERED = frozenset({Stage.ACKNOWLEDGED, Stage.PARTLY_ACCEPTED, Stage.RECONCILED})
_NOT_KNOWN = frozenset({"404", "410"})


@dataclass(frozen=True, slots=True)
class Chosen:
    """The exchanges of one period, each in exactly one place.

    comparing  of each report the newest revision that was answered, and what a part of one completes
    undecided  newer than that, and not answered yet
    aside      all others by stage: replaced, withdrawn, refused, returned
    unread     reports on their way that nobody has read yet: their period is not known, and they count nowhere else
    named      of the parcels asked for by digest, whose they are, whatever the period
    """

    comparing: Sequence[Exchange]
    undecided: Sequence[Exchange]
    aside: Mapping[Stage, int]
    unread: int
    named: Mapping[str, Exchange]


@dataclass(frozen=True, slots=True)
class Held:
    """What became of one exchange. `parts`: what of a composite is missing or foreign, in words.

    `known`: False where the receiver says that it has no such packet; then every value is ours alone.
    """

    exchange: Exchange
    pairs: Sequence[Pair]
    parts: Sequence[str] = ()
    known: bool = True


@dataclass(frozen=True, slots=True)
class Undecided:
    """An exchange that cannot be compared, and why where it is more than its stage."""

    exchange: Exchange
    why: Problem | None = None


Hear = Callable[[Held | Undecided], None]


def chosen(
    journal: Journal,
    destination: str,
    periods: Collection[str],
    parcels: Collection[str] = (),
    tell: Callable[[int], None] = lambda _: None,
    *,
    page: int = _PAGE,
) -> Chosen:
    """The reports to `destination` of `periods` (full names), oldest first. `tell(n)`: how many were looked at."""
    lanes: dict[str, list[Exchange]] = {}
    named: dict[str, Exchange] = {}
    unread = 0
    for x in _reports(journal, destination, tell, page):
        if x.parcel is not None and x.parcel.body.digest in parcels:
            named[x.parcel.body.digest] = x
        if x.head is not None and x.head.period in periods:
            lanes.setdefault(x.lane or "", []).append(x)
        elif x.head is None and not x.settled:
            unread += 1
    sorted_out = [_sorted_out(lane) for lane in lanes.values()]
    comparing = [x for each, _, _ in sorted_out for x in each]
    undecided = [x for _, each, _ in sorted_out for x in each]
    aside = Counter(x.stage for _, _, each in sorted_out for x in each)
    return Chosen(sorted(comparing, key=_age), sorted(undecided, key=_age), dict(sorted(aside.items())), unread, named)


def compared(doors: Doors, x: Exchange, said: Mapping[str, Any] | None) -> Held | Undecided:
    """`x` beside the receiver's statement of it; None: the receiver does not know the packet."""
    case = Case(x, doors)
    try:
        ours = _standing(case)
    except (NotFound, Rejected) as error:  # its bytes are no longer kept, or no longer make a report
        return Undecided(x, error.problem)
    if said is None:
        return Held(x, paired(ours, ()), known=False)
    return Held(x, paired(ours, lines_said(said["values"])), other_parts(case.parcel, said.get("parts")))


async def asked(doors: Doors, exchanges: Iterable[Exchange], hear: Hear) -> Unavailable | None:
    """Ask after each of `exchanges`, a few at once; `hear` gets the answers in their order, on the running loop.

    A receiver that does not answer is not asked for thousands more: what it said then is handed back, and whatever
    `hear` was not called for is not known.
    """
    under_way: deque[asyncio.Task[Held | Undecided]] = deque()
    try:
        for x in exchanges:
            under_way.append(asyncio.create_task(_answer(doors, x)))
            if len(under_way) == _AT_ONCE:
                hear(await under_way.popleft())
        while under_way:
            hear(await under_way.popleft())
    except Unavailable as error:
        return error
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
    return None


async def _answer(doors: Doors, x: Exchange) -> Held | Undecided:
    """Raises `Unavailable` where the next question would fare no better."""
    try:
        said = await _said(doors, x)
    except Unavailable as error:
        if _is_of_the_line(error.problem):
            raise
        return Undecided(x, error.problem)
    return await asyncio.to_thread(compared, doors, x, said)


async def _said(doors: Doors, x: Exchange) -> Mapping[str, Any] | None:
    """The statement; None where the receiver neither has one nor knows the packet."""
    case = Case(x, doors)
    assert x.receipt is not None
    try:
        said: Mapping[str, Any] = json.loads(await case.channel.statement(case.parcel, x.receipt))
    except Unavailable as error:
        # A web server in between says 404 as well: only the application's word counts, and it is asked for.
        is_unknown = error.problem.details.get("status") in _NOT_KNOWN
        if not is_unknown or await case.channel.inquire(case.parcel) is not Unknown.NOT_THERE:
            raise
        return None
    return said


def _is_of_the_line(why: Problem) -> bool:
    """Whether it is about the line, not about one answer, as words that make no sense (A-004) or HTTP 4xx are."""
    return why.code != "A-004" and not (why.code == "A-002" and why.details.get("status", "").startswith("4"))


def _standing(case: Case) -> list[Line]:
    """What was sent and not rejected."""
    sent, told = case.translated(), case.exchange.acknowledgement
    return lines_of(beyond(sent, set(told.rejected)).columns if told and told.rejected else sent.columns)


def _reports(journal: Journal, destination: str, tell: Callable[[int], None], limit: int) -> Iterator[Exchange]:
    """Every report to `destination`, newest first, a page at a time."""
    before, seen = None, 0
    while True:
        page = journal.find(Query(kinds=(Kind.OUTBOUND,), destination=destination, before=before, limit=limit))
        yield from page
        seen += len(page)
        tell(seen)
        if len(page) < limit:
            return
        before = page[-1].ordinal


def _sorted_out(lane: Sequence[Exchange]) -> tuple[list[Exchange], list[Exchange], list[Exchange]]:
    """The exchanges of one report: to be compared, undecided, left aside."""
    answered = [x for x in lane if _stage(x) in _ANSWERED and x.receipt is not None and x.parcel is not None]
    newest = max(answered, key=_rank, default=None)
    comparing = list(_completed(newest, {x.id: x for x in lane})) if newest else []
    taken = {x.id for x in comparing}
    rest = [x for x in lane if x.id not in taken]
    waiting = [x for x in rest if x.stage not in SETTLED and (newest is None or _rank(x) > _rank(newest))]
    waits = {x.id for x in waiting}
    return comparing, waiting, [x for x in rest if x.id not in waits]


def _completed(newest: Exchange, lane: Mapping[str, Exchange]) -> Iterator[Exchange]:
    """`newest`, and where it carries only what had been rejected, that of which the rest was taken."""
    x: Exchange | None = newest
    while x is not None:
        yield x
        x = lane.get(x.parent or "") if is_part(x) else None


def _stage(x: Exchange) -> Stage:
    """Where it stands, or stood when it was parked."""
    return x.before or x.stage if x.stage is Stage.PARKED else x.stage


def _rank(x: Exchange) -> tuple[int, int]:
    return (x.head.revision if x.head else 0, x.ordinal)


def _age(x: Exchange) -> int:
    return x.ordinal
