"""What a batch of writes answers, one by one: recorded, overtaken, opened before, or in conflict.

The links of the chains are made here, one after another for the whole batch, and not where each was asked for: between
everything else that is done for a report the same work takes twice the CPU.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from psycopg import Connection

from gateway.adapters.sql import numbers, reading, writing
from gateway.adapters.sql.pen import Pen
from gateway.adapters.sql.state import revived
from gateway.adapters.sql.writing import Advance, Begin
from gateway.domain.chain import grow
from gateway.domain.conflict import conflict
from gateway.domain.errors import Conflict, GatewayError, Overtaken
from gateway.domain.exchange import Exchange, begin
from gateway.domain.facts import Numbered
from gateway.domain.record import changed
from gateway.ports import Birth, Entry, Lease

A = TypeVar("A")
M = TypeVar("M")
Q = TypeVar("Q")

_LARGE = 64 * 1024  # bytes: what is larger goes alone, so that nothing small waits for it


@dataclass(frozen=True, slots=True)
class Move:
    """An exchange as it stands, and what became true of it; `births` are opened with it or not at all."""

    old: Exchange
    entries: Sequence[Entry]
    lease: Lease | None
    line: bool | None
    births: Sequence[Birth] = ()

    @property
    def goes_apart(self) -> bool:
        """Whether it takes a transaction of several statements, or so long that nobody else should wait for it."""
        numbered = any(isinstance(entry.fact, Numbered) for entry in self.entries)
        return bool(self.births) or numbered or is_large(self.entries)


def advance_of(move: Move) -> Advance:
    new, links = grow(move.old, ((entry.fact, entry.at) for entry in move.entries))
    return Advance(move.old, new, links, move.entries, move.lease, move.line)


def begun_as(birth: Birth) -> Begin:
    x, links = grow(begin(birth.opening), ((entry.fact, entry.at) for entry in birth.entries))
    return Begin(x, links, birth.entries)


def is_large(entries: Sequence[Entry]) -> bool:
    return sum(len(content) for entry in entries for content in entry.bytes) > _LARGE


def through(
    pen: Pen, write: Callable[[Connection, Sequence[Q]], list[A | Exception]]
) -> Callable[[Sequence[Q]], list[A | Exception]]:
    """A batch through `pen`; where one of it cannot be written at all, each by itself, so that it fails alone."""

    def written(batch: Sequence[Q]) -> list[A | Exception]:
        try:
            return pen.write(lambda c: write(c, batch))
        except GatewayError:
            raise
        except Exception as error:
            return [error] if len(batch) == 1 else [answer for one in batch for answer in written([one])]

    return written


def moved(c: Connection, moves: Sequence[Move]) -> list[Exchange | Exception]:
    return _each(moves, advance_of, lambda made: _advanced(c, made))


def moved_with_births(c: Connection, moves: Sequence[Move]) -> list[Exchange | Exception]:
    return [_one_with_births(c, advance_of(move), [begun_as(birth) for birth in move.births]) for move in moves]


def opened(c: Connection, births: Sequence[Birth]) -> list[tuple[Exchange, bool] | Exception]:
    return _each(births, begun_as, lambda made: _begun(c, made))


def _each(
    asked: Sequence[Q], make: Callable[[Q], M], write: Callable[[Sequence[M]], list[A | Exception]]
) -> list[A | Exception]:
    """What nothing can be made of is its own failure; the others are written together all the same."""
    made = [_made(one, make) for one in asked]
    whole = [one for one in made if not isinstance(one, Exception)]
    written = iter(write(whole) if whole else ())
    return [one if isinstance(one, Exception) else next(written) for one in made]


def _made(asked: Q, make: Callable[[Q], M]) -> M | Exception:
    try:
        return make(asked)
    except Exception as error:
        return error


def _advanced(c: Connection, asked: Sequence[Advance]) -> list[Exchange | Exception]:
    done = writing.advance(c, asked)
    left = [one for one in asked if one.old.id not in done]
    # Done before, on a connection that was lost before it could say so: the chain's head tells.
    heads: dict[str, str] = dict(c.execute(reading.HEAD_OF, [[one.old.id for one in left]]).fetchall()) if left else {}
    ours = done | {one.old.id for one in left if one.links and heads.get(one.old.id) == one.new.head_digest}
    return [one.new if one.old.id in ours else Overtaken(one.old.id) for one in asked]


def _one_with_births(c: Connection, advance: Advance, births: Sequence[Begin]) -> Exchange | Exception:
    try:
        with c.transaction():
            numbers.take(c, advance.links)
            (now,) = _advanced(c, [advance])
            if isinstance(now, Exception):
                raise now
            for answer in _begun(c, births):
                if isinstance(answer, Exception):
                    raise answer
            return now
    except (Overtaken, Conflict) as error:
        return error


def _begun(c: Connection, asked: Sequence[Begin]) -> list[tuple[Exchange, bool] | Exception]:
    if any(one.new.numbered is not None for one in asked):  # from a desk's ledger
        with c.transaction():
            ordinals = writing.begun(c, asked)
            numbers.note(c, (link for one in asked if one.new.id in ordinals for link in one.links))
    else:
        ordinals = writing.begun(c, asked)
    left = [one.new for one in asked if one.new.id not in ordinals]
    before = _opened_before(c, left) if left else {}
    return [
        (changed(one.new, ordinal=ordinals[one.new.id]), True)
        if one.new.id in ordinals
        else _found(before[one.new.agreement, one.new.key], one.new)
        for one in asked
    ]


def _opened_before(c: Connection, taken: Sequence[Exchange]) -> dict[tuple[str, str], Exchange]:
    names = [[x.agreement for x in taken], [x.key for x in taken]]
    found = [revived(*row) for row in c.execute(reading.OPENED_AS, names)]
    return {(x.agreement, x.key): x for x in found}


def _found(before: Exchange, asked: Exchange) -> tuple[Exchange, bool] | Exception:
    """What stands under the key already; new all the same when it is this very one, whose answer was lost."""
    if before.content == asked.content:
        return before, before.id == asked.id
    return conflict(before, asked)
