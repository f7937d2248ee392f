"""The doors beside the journal: what came down, what was handed over, what is spooled, who is rung."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.domain.exchange import Exchange
from gateway.domain.plan import Plan, Progress
from gateway.domain.register import Deed
from gateway.ports.journal import Birth, Journal, Query

BULLETIN = "so-"  # how the id of a bulletin begins; that of a notice is its exchange's and never does


@dataclass(frozen=True, slots=True)
class Notice:
    """A fact that the system behind `agreement` is to be told."""

    exchange: str
    seq: int
    agreement: str
    fact: str
    at: datetime

    @property
    def id(self) -> str:
        return f"{self.exchange}.{self.seq}"


@dataclass(frozen=True, slots=True)
class Bulletin:
    """A deed that the system behind `agreement` is to be told: maintenance, opening and closing of the intake."""

    deed: Deed
    agreement: str

    @property
    def id(self) -> str:
        return f"{BULLETIN}{self.deed.ordinal}.{self.agreement}"


@dataclass(frozen=True, slots=True)
class Untold:
    """News that waits in the inbox and whose webhook has not answered yet; `attempts` counts the one now claimed."""

    news: Notice | Bulletin
    attempts: int


class Telling(Protocol):
    """Which news the webhook of a client has been told. Safe between processes: what one claimed is its own."""

    def untold(self, client: str, agreements: Sequence[str], limit: int, seconds: float) -> list[Untold]:
        """Claim what is due to be told, oldest first; due again after `seconds` unless `told` or put off."""

    def told(self, client: str, event: str) -> None: ...  # it answered; never again
    def postpone(self, client: str, event: str, seconds: float, *, tried: bool = True) -> None: ...


class Inbox(Protocol):
    """What came down for the systems that hand in reports; there until somebody took note of it."""

    @property
    def telling(self) -> Telling: ...
    def waiting(self, agreements: Sequence[str], limit: int) -> list[Notice]: ...  # oldest first
    def bulletins(self, agreements: Sequence[str], limit: int) -> list[Bulletin]: ...  # oldest first
    def settle(self, notice: str, agreements: Sequence[str], by: str) -> None: ...  # NotFound; repeatable


class HandOver(Protocol):
    """What the fallback desk took over while this gateway was away."""

    def holds(self, x: Exchange) -> str | None:
        """The ledger in which the report of `x` stands; None where no list or ledger names it."""


class NothingHandedOver:
    """`HandOver` of a deployment without a desk."""

    def holds(self, x: Exchange) -> str | None:
        return None


class Spool(Protocol):
    """What was handed in while the journal was away. What `keep` returned from is on disk."""

    def keep(self, birth: Birth) -> tuple[Exchange, bool]:
        """As `Journal.open`, among what waits here. Raises `Conflict` (C-008), `Unavailable` (F-030) when full."""

    def keep_behind(self, birth: Birth) -> tuple[Exchange, bool] | None:
        """As `keep`, behind what waits; None when nothing waits any more."""

    @property
    def waiting(self) -> int: ...
    @property
    def kept(self) -> Journal: ...  # to be read
    def after(self, number: int) -> list[Exchange]: ...  # what came in after the first `number`, oldest first
    def shut(self) -> AbstractContextManager[object]: ...  # whoever wants to keep something waits so long
    def forget(self) -> None: ...  # while it is shut: nothing waits any more
    def close(self) -> None: ...


class Plans(Protocol):
    """Replays in bulk: a plan is frozen once, and what became of it is read from the exchanges it opened."""

    def freeze(self, plan: Plan, query: Query) -> tuple[int, int]: ...  # how many it has, and were left out
    def read(self, plan: str) -> Plan: ...  # NotFound
    def groups(self, plan: str) -> Sequence[tuple[str, str, int]]: ...  # agreement, stage, how many
    def left(self, plan: str, after: int, limit: int) -> Sequence[tuple[int, str]]: ...  # ordinal, exchange
    def progress(self, plan: str) -> Progress: ...
    def unread(self, plan: str) -> int: ...  # of its agreements, live ones too, as far as it matters


class Doorbell(Protocol):
    """“Destination D may have work.” Rings may be lost, doubled or late; the sweep heals."""

    def ring(self, destination: str) -> None: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
