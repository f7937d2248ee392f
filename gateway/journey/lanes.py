"""Order within a report: a newer revision takes the place of one not yet attempted, else waits."""

from __future__ import annotations

from gateway.domain.errors import Overtaken
from gateway.domain.exchange import Exchange, Stage
from gateway.domain.facts import Corrected, Fact, Superseded
from gateway.journey.case import Doors
from gateway.ports import Entry

_NOT_YET_ATTEMPTED = frozenset({Stage.VALIDATED, Stage.VERIFIED, Stage.TRANSLATED, Stage.PACKAGED, Stage.PARKED})
_ACCEPTED = frozenset({Stage.ACKNOWLEDGED, Stage.RECONCILED})


def supersede_older(doors: Doors, x: Exchange) -> None:
    """Once `x` is ready to go, older ones of its lane that never touched a wire give way."""
    if x.stage is not Stage.PACKAGED or x.lane is None:
        return
    for peer in doors.journal.in_lane(x.lane):
        if _gives_way(peer, x):
            _tell(doors, peer, Superseded(x.id))


def correct(doors: Doors, x: Exchange) -> Exchange:
    """Once two revisions are accepted, the older one is marked as corrected (đính chính); `x` as it then stands."""
    if x.stage is not Stage.ACKNOWLEDGED or x.lane is None or x.head is None:
        return x
    newer: Exchange | None = None
    for peer in doors.journal.in_lane(x.lane):
        if peer.head is None or peer.stage not in _ACCEPTED:
            continue
        if peer.head.revision < x.head.revision:
            _tell(doors, peer, Corrected(x.id))
        elif peer.head.revision > x.head.revision:
            newer = peer
    if newer is not None:
        _tell(doors, x, Corrected(newer.id))
        return doors.journal.read(x.id)
    return x


def _gives_way(peer: Exchange, x: Exchange) -> bool:
    untouched = peer.stage in _NOT_YET_ATTEMPTED and not peer.attempts and not peer.paper
    older = peer.ordinal < x.ordinal and peer.head is not None and x.head is not None
    return bool(untouched and older and peer.head and x.head and peer.head.revision <= x.head.revision)


def _tell(doors: Doors, peer: Exchange, fact: Fact) -> None:
    try:
        doors.journal.append(peer, [Entry(fact, doors.clock.now())])
    except Overtaken:
        return  # it moved on under another worker: then it counts as attempted, and we wait behind it
