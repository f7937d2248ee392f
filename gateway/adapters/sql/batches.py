"""What a batch of writes answers, one by one: recorded, overtaken, opened before, or in conflict."""

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
from gateway.domain.record import changed
from gateway.ports import Birth, Entry

A = TypeVar("A")
Q = TypeVar("Q")

_LARGE = 64 * 1024  # bytes: what is larger goes alone, so that nothing small waits for it


@dataclass(frozen=True, slots=True)
class WithBirths:
    """An advance, what it opens and the number it gives: one transaction of several statements."""

    advance: Advance
    births: tuple[Begin, ...]


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


def advanced(c: Connection, asked: Sequence[Advance]) -> list[Exchange | Exception]:
    done = writing.advance(c, asked)
    left = [one for one in asked if one.old.id not in done]
    # Done before, on a connection that was lost before it could say so: the chain's head tells.
    heads: dict[str, str] = dict(c.execute(reading.HEAD_OF, [[one.old.id for one in left]]).fetchall()) if left else {}
    ours = done | {one.old.id for one in left if one.links and heads.get(one.old.id) == one.new.head_digest}
    return [one.new if one.old.id in ours else Overtaken(one.old.id) for one in asked]


def advanced_with_births(c: Connection, asked: Sequence[WithBirths]) -> list[Exchange | Exception]:
    return [_one_with_births(c, one) for one in asked]


def _one_with_births(c: Connection, asked: WithBirths) -> Exchange | Exception:
    try:
        with c.transaction():
            numbers.take(c, asked.advance.links)
            (moved,) = advanced(c, [asked.advance])
            if isinstance(moved, Exception):
                raise moved
            for answer in begun(c, asked.births):
                if isinstance(answer, Exception):
                    raise answer
            return moved
    except (Overtaken, Conflict) as error:
        return error


def begun(c: Connection, asked: Sequence[Begin]) -> list[tuple[Exchange, bool] | Exception]:
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
