"""What the ledger's records make, folded and kept in memory; and how one record is spelled."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from gateway.domain.chain import bounds, regrown
from gateway.domain.conflict import taken
from gateway.domain.exchange import Exchange, Opening, begin
from gateway.domain.facts import Numbered, Recorded, revive
from gateway.domain.numbering import name_of
from gateway.domain.policy import Line
from gateway.domain.record import canonical, restore
from gateway.ports import Query


@dataclass(frozen=True, slots=True)
class Growth:
    """One exchange as a record leaves it; with its opening when the record opened it."""

    exchange: Exchange
    links: Sequence[Recorded]
    opening: Opening | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a record tells of a line."""

    destination: str
    answered: bool
    at: datetime


class AlteredError(Exception):
    """A record does not fit the chain it continues."""


@dataclass(slots=True)
class Memory:
    """Every exchange, in the order of opening."""

    exchanges: dict[str, Exchange] = field(default_factory=dict)
    chains: dict[str, list[Recorded]] = field(default_factory=dict)
    keys: dict[tuple[str, str], str] = field(default_factory=dict)
    codes: dict[str, list[str]] = field(default_factory=dict)  # by number and symbol, the documents given it
    given: dict[str, str] = field(default_factory=dict)  # by a number as it is named, the document that has it
    unsettled: set[str] = field(default_factory=set)
    lanes: dict[str, dict[str, None]] = field(default_factory=dict)  # of those that were read, by lane
    lines: dict[str, Line] = field(default_factory=dict)

    def apply(self, grown: Sequence[Growth], evidence: Evidence | None) -> None:
        for growth in grown:
            x = growth.exchange
            self.exchanges[x.id] = x
            self.keys[x.agreement, x.key] = x.id
            self.chains.setdefault(x.id, []).extend(growth.links)
            (self.unsettled.discard if x.settled else self.unsettled.add)(x.id)
            for fact in (link.fact for link in growth.links if isinstance(link.fact, Numbered)):
                self.codes.setdefault(f"{fact.number}/{fact.notation}", []).append(x.id)
                if (name := name_of(fact)) is not None:
                    self.given.setdefault(name, x.id)
            if x.lane is not None:
                self.lanes.setdefault(x.lane, {})[x.id] = None
        if evidence is not None:
            self.lines[evidence.destination] = self._judged(evidence)

    def must_be_free(self, links: Sequence[Recorded]) -> None:
        """Raises `Conflict` (F-105) where `links` give a number that another document has."""
        for link in links:
            name = name_of(link.fact) if isinstance(link.fact, Numbered) else None
            holder = self.given.get(name) if name else None
            if holder is not None and holder != link.exchange and isinstance(link.fact, Numbered):
                raise taken(self.exchanges[holder], link.fact)

    def _judged(self, evidence: Evidence) -> Line:
        if evidence.answered:
            return Line()
        return self.lines.get(evidence.destination, Line()).failed(evidence.at)

    def opened_as(self, opening: Opening) -> Exchange | None:
        found = self.keys.get((opening.agreement, opening.key))
        return None if found is None else self.exchanges[found]

    def owed(self) -> list[Exchange]:
        """What is not settled, oldest first."""
        return sorted((self.exchanges[name] for name in self.unsettled), key=lambda x: x.ordinal)

    def in_lane(self, lane: str) -> list[Exchange]:
        found = (self.exchanges[name] for name in self.lanes.get(lane, ()))
        return sorted(found, key=lambda x: x.ordinal)

    def find(self, query: Query) -> list[Exchange]:
        fitting = (x for x in self._newest_first(query) if _fits(query, x))
        return [x for x, _ in zip(fitting, range(query.limit), strict=False)]

    def _newest_first(self, query: Query) -> Iterator[Exchange]:
        if not query.code:
            return reversed(self.exchanges.values())
        named = {name: self.exchanges[name] for name in self.codes.get(query.code, ())}
        return iter(sorted(named.values(), key=lambda x: x.ordinal, reverse=True))

    def count(self) -> dict[str, int]:
        return dict(Counter(x.stage.value for x in self.exchanges.values()))

    def heads(self, day: date) -> Iterator[str]:
        """The last link of that day on each chain that grew then."""
        begins, ends = bounds(day)
        for chain in self.chains.values():
            grown = [link.digest for link in chain if begins <= link.at < ends]
            yield from grown[-1:]


def _fits(query: Query, x: Exchange) -> bool:
    return (
        (not query.stages or x.stage in query.stages)
        and (not query.kinds or x.kind in query.kinds)
        and (not query.agreements or x.agreement in query.agreements)
        and query.destination in ("", x.destination)
        and query.parent in ("", x.parent)
        and query.key in ("", x.key)
        and (query.since is None or (x.opened_at is not None and x.opened_at >= query.since))
        and (query.before is None or x.ordinal < query.before)
    )


# ── one record: a line of JSON, then the bytes it names, one after another ───────────────────────
def spell(grown: Sequence[Growth], evidence: Evidence | None, contents: Mapping[str, bytes]) -> bytes:
    told = {
        "grown": [
            {"exchange": growth.exchange.id, "opening": growth.opening, "facts": [_fact(r) for r in growth.links]}
            for growth in grown
        ],
        "evidence": evidence,
        "blobs": [[digest, len(content)] for digest, content in contents.items()],
    }
    return canonical(told) + b"\n" + b"".join(contents.values())


def understand(memory: Memory, payload: bytes) -> tuple[list[Growth], Evidence | None, list[tuple[str, int, int]]]:
    """The record in `payload`, and (digest, offset in it, size) of the bytes. Raises `AlteredError`."""
    head, _, _ = payload.partition(b"\n")
    told = json.loads(head)
    blobs, at = [], len(head) + 1
    for digest, size in told["blobs"]:
        blobs.append((digest, at, size))
        at += size
    grown: list[Growth] = []
    for one in told["grown"]:
        grown.append(_growth(memory, one, len(memory.exchanges) + len([g for g in grown if g.opening]) + 1))
    return grown, restore(Evidence, told["evidence"]) if told["evidence"] else None, blobs


def _fact(link: Recorded) -> dict[str, Any]:
    return {"name": link.name, "at": link.at, "body": link.fact, "digest": link.digest}


def _growth(memory: Memory, told: dict[str, Any], ordinal: int) -> Growth:
    opening = restore(Opening, told["opening"]) if told["opening"] else None
    before = begin(opening, ordinal) if opening else memory.exchanges[told["exchange"]]
    # By the text as it stands there: a fact that has gained a field since would be written otherwise today.
    facts = ((revive(one["name"], one["body"]), one["at"], canonical(one["body"])) for one in told["facts"])
    x, links = regrown(before, ((fact, datetime.fromisoformat(at), body) for fact, at, body in facts))
    if [link.digest for link in links] != [one["digest"] for one in told["facts"]]:
        raise AlteredError(x.id)
    return Growth(x, links, opening)
