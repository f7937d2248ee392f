"""Replay in bulk: `plan` freezes a set and sends nothing; `run` opens what is not opened yet, and yields.

Whatever kills a run, the next one goes on: an item is opened under a key of its own, and the journal takes a key once.
A replay waits behind what is live wherever work is claimed; but before a wire nobody overtakes what is not read yet,
so a run opens no more than a few at a time, and none while that many live ones wait to be read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from gateway.domain.errors import Conflict, NotFound, Rejected
from gateway.domain.plan import Plan, Progress
from gateway.journey.accept import admitted
from gateway.journey.case import Doors
from gateway.journey.operate import Person, again
from gateway.ports import Birth, Plans, Query

_UNREAD_AT_MOST = 128  # some tenths of a second of reading
_AT_ONCE = 64
_READERS = 8  # what is kept is asked for by several at once: one would mostly wait for the store
_LOOK_AGAIN = 0.02  # seconds
_PATIENCE = 30.0  # seconds in which nobody read anything: then nobody is at work


@dataclass(frozen=True, slots=True)
class Frozen:
    """`left_out`: chosen by the filters, but on its way still, withdrawn, or replaced by another revision."""

    plan: Plan
    planned: int
    left_out: int
    groups: Sequence[tuple[str, str, int]]  # agreement, stage, how many


@dataclass(frozen=True, slots=True)
class Ran:
    """`refused`: what the door would not take any more, by code. `stalled`: nobody reads what was opened."""

    progress: Progress
    refused: Mapping[str, int]
    stalled: bool


def plan(  # noqa: PLR0917  # what is asked, by whom, with which pack
    doors: Doors, plans: Plans, query: Query, asked: Mapping[str, str], person: Person, pack: str | None = None
) -> Frozen:
    """Freeze what `query` names, at most `query.limit`, oldest first. `asked`: the same in words, for the record."""
    fresh = Plan(doors.clock.new_id("kh"), person.name, person.because, doors.clock.now(), pack, asked)
    planned, left_out = plans.freeze(fresh, query)
    return Frozen(fresh, planned, left_out, plans.groups(fresh.id))


def run(
    doors: Doors,
    plans: Plans,
    name: str,
    ring: Callable[[str], None],
    pause: Callable[[float], object],
    *,
    unread_at_most: int = _UNREAD_AT_MOST,
) -> Ran:
    """Open what is left of the plan, at most `unread_at_most` ahead of whoever reads.

    Raises `NotFound` (F-006), `Unavailable`.

    `pause(seconds)` waits between two looks at what is unread.
    """
    chosen = plans.read(name)
    refused: Counter[str] = Counter()
    after, unread, since = 0, -1, doors.clock.ticks()
    worth_it = max(1, unread_at_most // 4)  # a few at a time would cost two questions for each few
    with ThreadPoolExecutor(_READERS, "replay") as readers:
        while True:
            waiting = plans.unread(name)
            if waiting != unread:
                unread, since = waiting, doors.clock.ticks()
            room = unread_at_most - waiting
            if room < worth_it:
                if doors.clock.ticks() - since > _PATIENCE:
                    return Ran(plans.progress(name), refused, stalled=True)
                pause(_LOOK_AGAIN)
                continue
            batch = plans.left(name, after, min(room, _AT_ONCE))
            if not batch:
                return Ran(plans.progress(name), refused, stalled=False)
            after = batch[-1][0]
            weighed = readers.map(partial(_again, doors, chosen), [exchange for _, exchange in batch])
            for destination in _opened(doors, weighed, refused):
                ring(destination)


def _again(doors: Doors, chosen: Plan, exchange: str) -> Birth | str:
    """What is to be opened for `exchange`; the code of what speaks against it."""
    try:
        x = doors.journal.read(exchange)
        return admitted(doors, again(doors, x, chosen.key(x.id), Person(chosen.by, chosen.because), chosen.pack))
    except (Conflict, NotFound, Rejected) as error:
        return error.problem.code


def _opened(doors: Doors, weighed: Iterable[Birth | str], refused: Counter[str]) -> set[str]:
    """Open them in their order, written down together; the destinations to be rung."""
    asked = []
    for one in weighed:
        if isinstance(one, str):
            refused[one] += 1
        else:
            asked.append((one.opening.destination, doors.journal.opening(one)))
    for _, opening in asked:
        opening.result()
    return {destination for destination, _ in asked}
