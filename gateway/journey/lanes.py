"""Order within a report: a newer revision takes the place of one not yet attempted, else waits."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.domain.errors import Overtaken, Problem, problem
from gateway.domain.exchange import Exchange, Stage
from gateway.domain.facts import Corrected, Fact, Superseded
from gateway.domain.report import ReportHead
from gateway.journey.case import Doors
from gateway.journey.parts import is_part
from gateway.ports import Entry, InLane

_NOT_YET_ATTEMPTED = frozenset({Stage.VALIDATED, Stage.VERIFIED, Stage.TRANSLATED, Stage.PACKAGED, Stage.PARKED})
_STOOD = frozenset(Stage) - {Stage.REFUSED, Stage.CANCELLED}
_ACCEPTED = frozenset({Stage.ACKNOWLEDGED, Stage.RECONCILED})


def overtaken(doors: Doors, *asked: tuple[Exchange, ReportHead]) -> list[list[Problem]]:
    """What speaks against each of these revisions (C-010): a newer one that was handed in before it.

    What came later was perhaps only read sooner, by another process: that does not count.
    """
    lanes = [InLane(head.lane, _STOOD, before=x.ordinal, newer=head.revision) for x, head in asked]
    return [
        [problem("C-010", revision=head.revision, newer=_newest(before, head))] if before else []
        for (_, head), before in zip(asked, doors.journal.in_lanes(lanes), strict=True)
    ]


def _newest(before: Sequence[Exchange], head: ReportHead) -> int:
    return max((peer.head.revision for peer in before if peer.head), default=head.revision)


def supersede_older(doors: Doors, *ready: Exchange) -> None:
    """Once they are ready to go, older ones of their lanes that never touched a wire give way."""
    going = [x for x in ready if x.stage is Stage.PACKAGED and x.head is not None and x.lane is not None]
    asked = [
        InLane(x.head.lane, _NOT_YET_ATTEMPTED, before=x.ordinal, older=x.head.revision + 1) for x in going if x.head
    ]
    giving: dict[str, tuple[Exchange, Exchange]] = {}
    for x, peers in zip(going, doors.journal.in_lanes(asked), strict=True):
        giving |= {peer.id: (peer, x) for peer in peers if not (peer.attempts or peer.paper or peer.recovered)}
    for peer, x in giving.values():
        _tell(doors, peer, Superseded(x.id))


def correct(doors: Doors, x: Exchange) -> Exchange:
    """Once two revisions are accepted, the older one is marked as corrected (đính chính); `x` as it then stands."""
    if x.stage is not Stage.ACKNOWLEDGED or x.lane is None or x.head is None:
        return x
    revision = x.head.revision
    sides = [InLane(x.lane, _ACCEPTED, older=revision), InLane(x.lane, _ACCEPTED, newer=revision)]
    older, newer = doors.journal.in_lanes(sides)
    for peer in [*_completed(doors, x), *older]:
        _tell(doors, peer, Corrected(x.id))
    if newer:
        _tell(doors, x, Corrected(newer[-1].id))
        return doors.journal.read(x.id)
    return x


def _completed(doors: Doors, x: Exchange) -> list[Exchange]:
    """The partly answered ones, of this report and an older revision, of which `x` brought the rest."""
    found, part = [], x
    while is_part(part) and part.parent is not None:
        part = doors.journal.read(part.parent)
        if part.stage is Stage.PARTLY_ACCEPTED and part.lane == x.lane and _revision(part) < _revision(x):
            found.append(part)
    return found


def _revision(x: Exchange) -> int:
    return x.head.revision if x.head else 0


def _tell(doors: Doors, peer: Exchange, fact: Fact) -> None:
    try:
        doors.journal.append(peer, [Entry(fact, doors.clock.now())])
    except Overtaken:
        return  # it moved on under another worker: then it counts as attempted, and we wait behind it
