"""The only place that asks for time, draws and identities."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The only place that asks for time or a new identity."""

    def now(self) -> datetime: ...  # aware, UTC
    def new_id(self, prefix: str) -> str: ...  # unique, sortable by time of making
    def spread(self) -> float: ...  # a draw from [0, 1), for jitter
    def ticks(self) -> float: ...  # seconds that have passed, whatever becomes of the time of day
