"""Sweep: whatever became of the rings, what is due is found again."""

from __future__ import annotations

from gateway.ports import Doorbell, Journal


def sweep(journal: Journal, bell: Doorbell) -> list[str]:
    """Ring for every destination with work due now; which they were."""
    destinations = journal.due()
    for destination in destinations:
        bell.ring(destination)
    return destinations
