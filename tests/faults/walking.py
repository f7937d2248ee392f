"""A gateway's process, begun for one scenario and killed at one point. Runs in the process it kills."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

from gateway.domain.catalogue import Catalogue
from gateway.domain.report import Report
from gateway.ports import Clock, Journal, Lease, Translation, Translator
from gateway.sandbox import Client
from gateway.wiring import Seen, build
from tests.faults.mortal import MortalChannel, MortalJournal, MortalRoute, Point
from tests.faults.scenarios import SCENARIOS, Scene, sample


@dataclass(frozen=True, slots=True)
class Walk:
    """Everything a process needs: plain values, so that it can be handed to one."""

    home: Path
    database: str
    control: str
    scenario: str
    point: str


def walk(told: Walk) -> None:
    """Play the scenario from wherever the journal stands; die where it is said."""
    point = Point.named(told.point)
    with Client(told.control) as other_side:
        seen = Seen(
            journal=lambda journal: MortalJournal(_Impatient(journal), point),  # type: ignore[arg-type, return-value]
            channel=lambda channel: MortalChannel(channel, point, lambda name: other_side.count(name) > 0),
            route=lambda route: MortalRoute(route, point, lambda name: other_side.count(name) > 0),
            translator=_Stumbling if told.scenario == "stumbling" else _as_it_is,
            clock=_Even,
        )
        with build(told.home, {"GATEWAY_DATABASE_URL": told.database}, seen) as gateway:
            SCENARIOS[told.scenario](Scene(gateway, other_side, sample(told.home)))


def _as_it_is(translator: Translator) -> Translator:
    return translator


class _Impatient:
    """The clock that decides, ten minutes slow for who works: what is put off is due at once."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def claim(self, *asked: Any, **told: Any) -> list[Lease]:
        leases = self._journal.claim(*asked, **told)
        return [replace(one, at=one.at - timedelta(minutes=10)) for one in leases if one.at]


class _Even:
    """The machine's clock, without jitter."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        return self._clock.now()

    def new_id(self, prefix: str) -> str:
        return self._clock.new_id(prefix)

    def spread(self) -> float:
        return 0.0

    def ticks(self) -> float:
        return self._clock.ticks()


class _Stumbling:
    """A bug of ours, every time."""

    def __init__(self, translator: Translator) -> None:
        pass

    def translate(self, report: Report, pack: str, catalogue: Catalogue | None) -> Translation:
        return _bug()


def _bug() -> NoReturn:
    raise ZeroDivisionError("a bug of ours")


def begun_again(told: dict[str, Any]) -> None:
    """`walk` for a process: its argument is a plain mapping."""
    walk(Walk(**told))
