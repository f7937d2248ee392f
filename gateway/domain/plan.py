"""A replay in bulk (phát lại hàng loạt): a frozen set, chosen first and opened afterwards, each once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """`asked`: the filters by which it was chosen; `pack`: a named one, else the agreement's at the time."""

    id: str
    by: str
    because: str
    at: datetime
    pack: str | None = None
    asked: Mapping[str, str] = field(default_factory=dict)

    def key(self, exchange: str) -> str:
        """Under which an exchange of it is opened again: however often it is run, once."""
        return f"replay:{self.id}:{exchange}"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a plan is: `stages` counts the opened ones by where they stand."""

    planned: int
    stages: Mapping[str, int]

    @property
    def opened(self) -> int:
        return sum(self.stages.values())

    @property
    def left(self) -> int:
        return self.planned - self.opened
