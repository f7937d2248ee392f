"""A clock that stands still until it is moved."""

from datetime import UTC, datetime, timedelta


class SetClock:
    def __init__(self) -> None:
        self.at = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)

    def new_id(self, prefix: str) -> str:
        return f"{prefix}-1"

    def spread(self) -> float:
        return 0.5

    def ticks(self) -> float:
        return self.at.timestamp()
