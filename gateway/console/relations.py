"""How an exchange hangs together with others: whence it came, what goes instead of it, what it opened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.domain import facts as f
from gateway.domain.exchange import Exchange, Stage
from gateway.ports import Journal, Query

_MOST = 20


@dataclass(frozen=True, slots=True)
class Relation:
    """`word` names a sentence of the desk; `stage` is known for those that were read anyway."""

    word: str
    exchange: str
    stage: Stage | None = None
    revision: int = 0


def relations(journal: Journal, x: Exchange, history: Sequence[f.Recorded]) -> list[Relation]:
    """Every relation once, the most telling name first."""
    found: dict[str, Relation] = {}
    for relation in (*_named(x, history), *_read(journal, x)):
        known = found.get(relation.exchange)
        if known is None:
            found[relation.exchange] = relation
        elif known.stage is None:
            found[relation.exchange] = Relation(known.word, known.exchange, relation.stage, relation.revision)
    found.pop(x.id, None)
    return list(found.values())


def _named(x: Exchange, history: Sequence[f.Recorded]) -> Iterator[Relation]:
    if x.submission and x.submission.replay_of:
        yield Relation("replay_of", x.submission.replay_of)
    if x.parent:
        yield Relation("parent", x.parent)
    if x.paper:
        yield Relation("paper", x.paper)
    for link in history:
        match link.fact:
            case f.Superseded(by):
                yield Relation("superseded_by", by)
            case f.Corrected(by):
                yield Relation("corrected_by", by)


def _read(journal: Journal, x: Exchange) -> Iterator[Relation]:
    for child in journal.find(Query(parent=x.id, limit=_MOST)):
        yield Relation("child", child.id, child.stage)
    for other in journal.in_lane(x.lane)[-_MOST:] if x.lane else ():
        yield Relation("revision", other.id, other.stage, other.head.revision if other.head else 0)
