"""Will it be in time: what waits, in the order in which it goes, at the rate at which the line takes it.

The order is that of `policy.in_turn`, for the queue as it stands: the live before the replayed, what is due within a
day, fair shares of the agreements, then by deadline. Counted in groups, not one by one: a queue of a million reports
is a few hundred groups.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_SOON = timedelta(days=1)
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Waiting:
    """`count` reports of one agreement for one destination, due at the same instant, where anybody knows it."""

    destination: str
    agreement: str
    count: int
    deadline: datetime | None = None
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Foreseen:
    """When the last of a group has gone; None: nobody knows the rate, or it is nought. `late`: how many miss it."""

    waiting: Waiting
    done: datetime | None
    late: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is foreseen for one regime at one destination. `misses`: the first deadline that will not be kept.

    `rate` is in reports a second; None where nothing has gone out yet.
    """

    regime: str
    destination: str
    waiting: int
    deadline: datetime | None
    done: datetime | None
    late: int
    misses: datetime | None
    rate: float | None

    @property
    def slack(self) -> float | None:
        """Seconds between the last of it and its next deadline; negative: too late."""
        return (self.deadline - self.done).total_seconds() if self.deadline and self.done else None


def foreseen_words(one: Outlook, told: Callable[[datetime | None], str]) -> tuple[str, str]:
    """The forecast as a sentence, in Vietnamese and in English; `told` writes a time."""
    if one.misses and one.done:
        return (
            f"sẽ trễ lúc {told(one.misses)} với tốc độ hôm nay: {one.late} báo cáo, xong lúc {told(one.done)}",
            f"will miss {told(one.misses)} at today's rate: {one.late} reports, done at {told(one.done)}",
        )
    if one.misses:
        return (
            f"đã trễ hạn {told(one.misses)}: {one.late} báo cáo",
            f"late since {told(one.misses)}: {one.late} reports",
        )
    if one.done is None:
        return "chưa biết: chưa đo được tốc độ", "not known: nothing has gone out yet"
    return f"kịp, xong lúc {told(one.done)}", f"in time, done at {told(one.done)}"


@dataclass(frozen=True, slots=True)
class _Block:
    """A group in its agreement's own order: it has the ranks after `after` up to `upto`."""

    waiting: Waiting
    place: tuple[bool, bool]  # replayed, due later than a day
    after: int
    upto: int


def forecast(queue: Sequence[Waiting], rate: float | None, now: datetime) -> list[Foreseen]:
    """What becomes of the `queue` of one destination at `rate` reports a second.

    Of groups of two agreements that stand level, each is told as if the other went first: late by one report each at
    most, and never told too early.
    """
    blocks = _blocks(queue, now)
    return [_foreseen(block, blocks, rate, now) for block in blocks]


def outlooks(
    queue: Sequence[Waiting], rates: Mapping[str, float], regimes: Mapping[str, str], now: datetime
) -> list[Outlook]:
    """By regime and destination, the most pressing first. `regimes`: by agreement."""
    found: dict[tuple[str, str], list[Foreseen]] = defaultdict(list)
    for destination in sorted({one.destination for one in queue}):
        rate = rates.get(destination)
        for one in forecast([each for each in queue if each.destination == destination], rate, now):
            found[regimes.get(one.waiting.agreement, "?"), destination].append(one)
    told = [_of_regime(regime, destination, groups, rates) for (regime, destination), groups in found.items()]
    return sorted(told, key=lambda one: (not one.late, one.deadline or _NEVER, one.regime))


def _of_regime(regime: str, destination: str, groups: list[Foreseen], rates: Mapping[str, float]) -> Outlook:
    due = [one for one in groups if one.waiting.deadline is not None]
    missed = [one.waiting.deadline for one in due if one.late and one.waiting.deadline]
    # The pressing deadline is the first that is missed, else the first there is; and what it waits for.
    pressing = min(missed or [one.waiting.deadline for one in due if one.waiting.deadline], default=None)
    upto = [one for one in due if one.waiting.deadline == pressing] or groups
    done = [one.done for one in upto]
    return Outlook(
        regime,
        destination,
        sum(one.waiting.count for one in groups),
        pressing,
        None if None in done else max(at for at in done if at),
        sum(one.late for one in groups),
        min(missed, default=None),
        rates.get(destination),
    )


def _blocks(queue: Sequence[Waiting], now: datetime) -> list[_Block]:
    ranks: dict[str, int] = defaultdict(int)
    blocks = []
    for one in sorted(queue, key=lambda w: (w.replayed, w.deadline or _NEVER)):
        after = ranks[one.agreement]
        ranks[one.agreement] = after + one.count
        place = one.replayed, (one.deadline or _NEVER) > now + _SOON
        blocks.append(_Block(one, place, after, after + one.count))
    return blocks


def _foreseen(block: _Block, blocks: Sequence[_Block], rate: float | None, now: datetime) -> Foreseen:
    deadline = block.waiting.deadline
    if not rate:
        passed = block.waiting.count if deadline and deadline < now else 0
        return Foreseen(block.waiting, None, passed)

    def gone(rank: int) -> datetime:
        seconds = _before(block, rank, blocks) / rate
        return now + timedelta(seconds=seconds) if seconds < _CENTURY else _NEVER

    done = gone(block.upto)
    if deadline is None or done <= deadline:
        return Foreseen(block.waiting, done, 0)
    in_time, late = block.after, block.upto  # the first that is late, found by halves
    while in_time + 1 < late:
        middle = (in_time + late) // 2
        in_time, late = (middle, late) if gone(middle) <= deadline else (in_time, middle)
    return Foreseen(block.waiting, done, block.upto - in_time)


_CENTURY = 3.0e9  # seconds


def _before(block: _Block, rank: int, blocks: Sequence[_Block]) -> int:
    """How many have gone once the one of `rank` in `block` has, itself counted."""
    return sum(_ahead(other, block, rank) for other in blocks)


def _ahead(other: _Block, block: _Block, rank: int) -> int:
    if other.place != block.place:
        return other.waiting.count if other.place < block.place else 0
    if other.waiting.agreement == block.waiting.agreement:
        return min(max(rank - other.after, 0), other.waiting.count)
    level = (other.waiting.deadline or _NEVER) <= (block.waiting.deadline or _NEVER)
    upto = rank if level else rank - 1
    return min(max(upto - other.after, 0), other.waiting.count)
