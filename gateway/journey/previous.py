"""What went up for the period before (kỳ trước), out of the journal: the figures that checks compare with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gateway.domain.calendar import before, period
from gateway.domain.exchange import Exchange, Stage
from gateway.domain.report import ReportHead
from gateway.journey.parts import whole_of
from gateway.ports import Earlier, InLane, Journal, Writer

# Gone up, or on its way for certain. What was returned, refused or withdrawn is nobody's figure.
_STANDS = frozenset(
    {
        Stage.PACKAGED,
        Stage.IN_DOUBT,
        Stage.DELIVERED,
        Stage.DIVERTED,
        Stage.BACKFILLED,
        Stage.ACKNOWLEDGED,
        Stage.PARTLY_ACCEPTED,
        Stage.RECONCILED,
    }
)


class JournalledFigures:
    """`ports.Previous`: the newest revision that stands in the lane of the period before, whole.

    Where the newest corrects only what had been rejected, what had been taken belongs to it.
    """

    def __init__(self, journal: Journal, writer: Writer) -> None:
        self._journal = journal
        self._writer = writer

    def before(self, heads: Sequence[ReportHead]) -> list[Earlier | None]:
        lanes = [_lane_before(head) for head in heads]
        answers = iter(self._journal.in_lanes([InLane(lane, _STANDS | {Stage.PARKED}) for lane in lanes if lane]))
        return [self._newest(next(answers)) if lane else None for lane in lanes]

    def _newest(self, found: Sequence[Exchange]) -> Earlier | None:
        standing = [x for x in found if x.document and _stage(x) in _STANDS]
        if not standing:
            return None
        newest = max(standing, key=lambda x: (x.head.revision if x.head else 0, x.ordinal))
        assert newest.document is not None
        return Earlier(newest.id, newest.document.digest, whole_of(self._journal, self._writer, newest))


def _lane_before(head: ReportHead) -> str:
    """The lane of the same report a period earlier; empty where its calendar has none."""
    earlier = before(period(head.period))
    return replace(head, period=earlier.name).lane if earlier else ""


def _stage(x: Exchange) -> Stage:
    """Where it stands, or stood when it was parked."""
    return x.before or x.stage if x.stage is Stage.PARKED else x.stage
