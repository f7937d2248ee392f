"""Partial success: what the receiver took stands; only what it rejected is corrected and sent again.

The correction is an exchange of its own, linked to the one that was answered *partly*, and a newer revision of the
same report. It travels the same road with a whole payload; what goes on the wire is what was not taken yet.
"""

from __future__ import annotations

from gateway.domain.errors import Conflict, Rejected, problem
from gateway.domain.exchange import STAGE_WORDS, Exchange, Stage
from gateway.domain.parcel import Answer
from gateway.domain.part import Figure, Place, beyond, completed, figures
from gateway.domain.report import Columns, Report
from gateway.ports import Journal, Query, Writer

# A correction that ended so was never anybody's figure: another one may take its place.
_CAME_TO_NOTHING = frozenset({Stage.REFUSED, Stage.CANCELLED, Stage.RETURNED, Stage.SUPERSEDED})
_TOLD = 5


def is_part(x: Exchange) -> bool:
    """Whether `x` carries only what its parent was not taken of."""
    return x.submission is not None and x.submission.part


def part_of(journal: Journal, writer: Writer, x: Exchange, translated: Report) -> Report:
    """What of `translated` goes on the wire for `x`: all of it, or what was not taken yet.

    Raises `Rejected` (E-010) where a figure that stands would be changed, and where one that was rejected is left out:
    nothing is dropped silently.
    """
    if not is_part(x) or x.parent is None:
        return translated
    parent = journal.read(x.parent)
    standing, ours = taken(journal, writer, parent), figures(translated.columns)
    changed = [place for place, figure in standing.items() if ours.get(place, figure) != figure]
    left = beyond(translated, standing)
    rejected = parent.acknowledgement.rejected if parent.acknowledgement else ()
    missing = [place for place in rejected if place not in ours] if len(left.columns) < len(set(rejected)) else []
    if changed or missing or not len(left.columns):
        told = [f"≠ {place}" for place in changed] + [f"– {place}" for place in missing]
        raise Rejected(problem("E-010", exchange=parent.id, reason="; ".join(told[:_TOLD]) or "0"))
    return left


def taken(journal: Journal, writer: Writer, x: Exchange) -> dict[Place, Figure]:
    """What stands at the receiver of `x` and of what it is a part of: every figure once."""
    if x.document is None or x.acknowledgement is None or x.acknowledgement.answer is Answer.RETURNED:
        sent: dict[Place, Figure] = {}
    else:
        rejected = set(x.acknowledgement.rejected)
        ours = figures(writer.recall(journal.bytes_of(x.document.digest)).columns)
        sent = {place: figure for place, figure in ours.items() if place not in rejected}
    if is_part(x) and x.parent is not None:
        return {**sent, **taken(journal, writer, journal.read(x.parent))}
    return sent


def whole_of(journal: Journal, writer: Writer, x: Exchange) -> Columns:
    """The figures of `x`, and with a part what stands at the receiver of that which it is a part of."""
    assert x.document is not None
    ours = writer.recall(journal.bytes_of(x.document.digest)).columns
    if not is_part(x) or x.parent is None:
        return ours
    parent = journal.read(x.parent)
    rejected = parent.acknowledgement.rejected if parent.acknowledgement else ()
    return completed(ours, whole_of(journal, writer, parent), rejected)


def next_part(journal: Journal, x: Exchange) -> tuple[str, int]:
    """Key and revision of the correction of `x`, always the same until that one came to nothing.

    Raises `Conflict`: F-007 where nothing was rejected, E-011 where the receiver does not say what,
    E-012 where the rejected part has gone already.
    """
    if x.stage is not Stage.PARTLY_ACCEPTED or x.acknowledgement is None or x.head is None or x.lane is None:
        raise Conflict(
            problem("F-007", exchange=x.id, stage=x.stage, stage_vi=STAGE_WORDS[x.stage], verb="replay --rejected")
        )
    said, named = x.acknowledgement.tally.rejected, len(set(x.acknowledgement.rejected))
    if named != said:
        raise Conflict(problem("E-011", exchange=x.id, found=named, expected=said))
    before = [one for one in journal.find(Query(parent=x.id, limit=1000)) if is_part(one)]
    gone = [one for one in before if one.settled and one.stage not in _CAME_TO_NOTHING]
    if gone:
        raise Conflict(problem("E-012", exchange=x.id, newer=gone[0].id))
    failed = {one.id: one for one in before if one.settled}
    under_way = {one.id for one in before} - failed.keys()
    known = {one.id: one for one in journal.in_lane(x.lane) if one.id not in under_way}
    newest = max(one.head.revision for one in known.values() if one.head)
    standing = [one for name, one in known.items() if name not in failed and one.stage not in _CAME_TO_NOTHING]
    newer = max((one.head.revision for one in standing if one.head), default=0)
    if newer > x.head.revision:
        raise Conflict(problem("C-010", revision=x.head.revision, newer=newer))
    return f"replay:{x.id}:{len(failed) + 1}", newest + 1
