"""The account of a translation and of a receipt: nothing is dropped silently."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Account:
    """received = mapped + held + excluded, counted in values of the submission."""

    received: int
    mapped: int
    held: int
    excluded: int

    def __post_init__(self) -> None:
        if self.received != self.mapped + self.held + self.excluded:
            raise ValueError(f"the account does not balance: {self}")


@dataclass(frozen=True, slots=True)
class Tally:
    """The receiver's count: received = accepted + updated + unchanged + rejected + ignored."""

    received: int
    accepted: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    ignored: int = 0

    def balances(self) -> bool:
        taken = self.accepted + self.updated + self.unchanged
        return self.received == taken + self.rejected + self.ignored
