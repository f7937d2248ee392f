"""All obligations of a province for a year, and of thirty-four provinces, beside a bare loop of the same length.

A province is 200 units by 60 regimes that report monthly, quarterly, half-yearly and yearly: 19 deadlines a year each.
"""

from __future__ import annotations

import time
import tracemalloc
from collections import deque
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from gateway.domain.calendar import PeriodKind
from gateway.domain.deadlines import DayOfMonth, Nature, Regime, Rule
from gateway.domain.obligations import Obligation, obligations
from gateway.schemas.workdays import working_days

_UNITS, _REGIMES, _PROVINCES, _YEAR = 200, 60, 34, 2026
_KINDS = (PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.HALF, PeriodKind.YEAR)


def measure() -> dict[str, Any]:
    """Seconds for one province and for all, the bare loop's, and what the listing kept in memory at its peak."""
    units = [f"H56.{number:03}" for number in range(_UNITS)]
    regimes = [_regime(number) for number in range(_REGIMES)]
    listed = sum(1 for _ in _owed(regimes, units))
    one = _seconds(lambda: _owed(regimes, units))
    bare = _seconds(lambda: (("H56", "R", number) for number in range(listed)))
    every = _seconds(lambda: (owed for _ in range(_PROVINCES) for owed in _owed(regimes, units)))
    return {
        "obligations": listed,
        "seconds_one_province": round(one, 3),
        "seconds_34_provinces": round(every, 2),
        "peak_kilobytes": round(_peak(_owed(regimes, units)) / 1024),
        "bare_loop_seconds": round(bare, 3),
        "ratio_to_bare_loop": round(one / bare, 1),
    }


def _owed(regimes: list[Regime], units: list[str]) -> Iterable[Obligation]:
    days = working_days(range(_YEAR - 1, _YEAR + 2))
    owing = {regime.id: units for regime in regimes}
    return obligations(regimes, owing, date(_YEAR, 1, 1), date(_YEAR, 12, 31), days=days)


def _regime(number: int) -> Regime:
    rules = tuple(Rule("gui", kind, DayOfMonth(20), inclusive=True, words="", rolls=True) for kind in _KINDS)
    return Regime(f"CD-{number}", "", "ND09", Nature.PERIODIC, rules)


def _seconds(told: Callable[[], Iterable[object]]) -> float:
    """The best of three, so that a neighbour on this machine does not count."""
    return min(_once(told) for _ in range(3))


def _once(told: Callable[[], Iterable[object]]) -> float:
    began = time.perf_counter()
    deque(told(), maxlen=0)
    return time.perf_counter() - began


def _peak(told: Iterable[object]) -> int:
    tracemalloc.start()
    try:
        deque(told, maxlen=0)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
