"""Whole answers, and what each HTTP status says about whether something was taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.domain.errors import GatewayError, InDoubt, Rejected, Unavailable, problem

_LONGEST_RETRY_AFTER = 3600.0  # a receiver's slip must not carry a report past its deadline
_REFUSING = (400, 413, 415, 422)  # the server read it and wants none of it
_NOT_TAKING = (401, 403, 404, 405, 406, 410, 411, 421, 423, 429, 431, 451)  # no application saw it


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer, whatever its status."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_json(self) -> bool:
        return "json" in self.headers.get("content-type", "")

    @property
    def retry_after(self) -> float | None:
        """Seconds the other side asks to wait; a date in place of seconds is not read."""
        said = self.headers.get("retry-after", "")
        return min(float(said), _LONGEST_RETRY_AFTER) if said.isascii() and said.isdigit() else None

    @property
    def start(self) -> str:
        """The first words, for people."""
        return self.body[:120].decode("utf-8", "replace")


def unusable(destination: str, reply: Reply) -> Unavailable:
    """A `reply` that takes nothing and gives nothing."""
    if reply.status in (401, 403):
        return Unavailable(problem("B-001", destination=destination, reason=f"HTTP {reply.status}"))
    if reply.status == 429:
        wait = reply.retry_after
        asked = problem("F-001", destination=destination, seconds="…" if wait is None else round(wait))
        return Unavailable(asked, retry_after=wait)
    return Unavailable(problem("A-002", destination=destination, status=reply.status))


def untaken(destination: str, reply: Reply, said: str = "") -> GatewayError:
    """The error for a `reply`, to what must not happen twice, that is no receipt.

    5xx is doubt: the fault may have come after the store. 2xx and 3xx without a receipt: likewise.
    """
    if reply.status in _NOT_TAKING:
        return unusable(destination, reply)
    if reply.status in _REFUSING:
        answer = f"HTTP {reply.status}"
        return Rejected(problem("C-013", destination=destination, answer=answer, reason=said or reply.start))
    reason = f"HTTP {reply.status} {said or reply.start}".strip()
    return InDoubt(problem("G-001", destination=destination, reason=reason))
