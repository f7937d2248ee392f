"""What was agreed with a partner about how fast it may be asked: requests in a time, and calls at once."""

from __future__ import annotations

from dataclasses import dataclass

_SLICE = 0.25  # seconds' worth that a worker takes ahead: what it does not use in that time is lost


@dataclass(frozen=True, slots=True)
class Rate:
    """`requests` in any `seconds`, evenly spread: nobody sends in bursts; `concurrent` at most are under way at once.

    Either may be missing (None).
    """

    requests: int | None = None
    seconds: float = 1.0
    concurrent: int | None = None

    @property
    def interval(self) -> float:
        """Seconds between two requests, whoever sends them; 0 where nothing was agreed."""
        return self.seconds / self.requests if self.requests else 0.0

    @property
    def at_once(self) -> int:
        """How many moments a worker takes in one go, so that the store is asked a few times a second at most."""
        return max(1, int(_SLICE / self.interval)) if self.interval else 1


@dataclass(frozen=True, slots=True)
class Slice:
    """Moments handed out to one worker: `left` of them, `interval` apart, the next one at `at` by its own ticks."""

    at: float
    interval: float
    left: int

    def next(self, now: float) -> Slice | None:
        """From the first moment that has not passed; None where none is left. What has passed is nobody's any more:
        to make up for it would be a burst."""
        if not self.left:
            return None
        passed = 0
        if now - self.at > self.interval / 2:  # half a step late is in time
            passed = min(self.left, int((now - self.at) / self.interval + 0.5))
        left = self.left - passed
        return Slice(self.at + passed * self.interval, self.interval, left) if left else None

    def used(self) -> Slice:
        return Slice(self.at + self.interval, self.interval, self.left - 1)


def share(wanted: int, most: int, under_way: int, others: list[int]) -> int:
    """How many of the `most` seats a worker has, which wants `wanted` and has `under_way`; `others` have theirs.

    As many as are free, but no more than a fair share while another has less than its own. Nobody gives back a seat
    that is sat on.
    """
    free = most - sum(others)
    fair = max(1, most // (len(others) + 1))
    granted = min(wanted, free)
    if granted > fair and any(theirs < fair for theirs in others):
        granted = fair
    return max(min(under_way, most), granted, 0)
