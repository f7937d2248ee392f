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
        if peer.ordinal < x.ordinal and peer.stage in _NOT_YET_ATTEMPTED and not peer.attempts and not peer.paper:
            _tell(doors, peer, Superseded(x.id))


def correct_older(doors: Doors, x: Exchange) -> None:
    """Once `x` is accepted, what it corrects (đính chính) is marked as corrected."""
    if x.stage not in _ACCEPTED or x.lane is None or x.head is None or x.head.revision == 1:
        return
    for peer in doors.journal.in_lane(x.lane):
        older = peer.head is not None and peer.head.revision < x.head.revision
        if older and peer.stage in _ACCEPTED:
            _tell(doors, peer, Corrected(x.id))


def _tell(doors: Doors, peer: Exchange, fact: Fact) -> None:
    try:
        doors.journal.append(peer, [Entry(fact, doors.clock.now())])
    except Overtaken:
        return  # it moved on under another worker: then it counts as attempted, and we wait behind it
