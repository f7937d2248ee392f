"""How the journal stands: what is owed to whom, how old it is, which deadline is next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.domain.forecast import Waiting
from gateway.domain.policy import Line


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is owed to one destination, how much of it waits for a person, the age of the oldest in seconds."""

    owed: int
    parked: int
    oldest: float


@dataclass(frozen=True, slots=True)
class Standing:
    """By destination, and `nearest` by agreement: seconds to the next deadline of what is owed; negative once passed.

    `unstreamed`: bytes a running backup is behind; None when none runs.
    """

    backlogs: Mapping[str, Backlog]
    lines: Mapping[str, Line]
    nearest: Mapping[str, float]
    bytes: int
    unstreamed: int | None
    queue: Sequence[Waiting] = ()  # not delivered yet, and no person has it
    rates: Mapping[str, float] = field(default_factory=dict)  # deliveries a second, where any went out
