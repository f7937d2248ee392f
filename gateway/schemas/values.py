"""Values as JSON objects ⇄ columns; shared by the JSON twin and the short form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.domain.errors import Problem, Rejected, problem
from gateway.domain.report import Columns

_KNOWN = frozenset({"indicator", "organisation", "unit", "value", "state", "breakdown"})
_MOST_FAULTS = 50


def values_of(columns: Columns, states: Mapping[str, str]) -> list[dict[str, Any]]:
    """One object per value; marks become states."""
    dimensions = sorted(columns.breakdown)
    return [_value(columns, i, dimensions, states) for i in range(len(columns))]


def columns_of(values: Sequence[Any], marks: Mapping[str, str]) -> Columns:
    """Columns from objects ``{indicator, organisation, unit, value | state, breakdown?}``.

    A figure may be JSON text or number; it is kept as it was written. Raises `Rejected` (C-005) with
    the first fifty faults.
    """
    faults = _faults(values, marks)
    if faults:
        raise Rejected(*faults)
    dimensions = sorted({name for one in values for name in one.get("breakdown") or ()})
    return Columns(
        indicator=[one["indicator"] for one in values],
        organisation=[one["organisation"] for one in values],
        unit=[one["unit"] for one in values],
        value=[marks[one["state"]] if "state" in one else str(one["value"]) for one in values],
        breakdown={name: [(one.get("breakdown") or {}).get(name, "") for one in values] for name in dimensions},
        source=[f"values[{i}]" for i in range(len(values))],
    )


def _value(columns: Columns, i: int, dimensions: list[str], states: Mapping[str, str]) -> dict[str, Any]:
    state = states.get(columns.value[i])
    broken = {d: columns.breakdown[d][i] for d in dimensions if columns.breakdown[d][i]}
    return {
        "indicator": columns.indicator[i],
        "organisation": columns.organisation[i],
        "unit": columns.unit[i],
        **({"state": state} if state else {"value": columns.value[i]}),
        **({"breakdown": broken} if broken else {}),
    }


def _faults(values: Any, marks: Mapping[str, str]) -> list[Problem]:
    if not isinstance(values, Sequence) or isinstance(values, str) or not values:
        return [_fault("values", "empty or not a list", "ít nhất một giá trị / at least one value")]
    faults: list[Problem] = []
    for i, one in enumerate(values):
        reason = _wrong(one, marks)
        if reason:
            faults.append(_fault(f"values[{i}]", *reason))
            if len(faults) == _MOST_FAULTS:
                break
    return faults


def _wrong(one: Any, marks: Mapping[str, str]) -> tuple[str, str] | None:
    if not isinstance(one, dict):
        return type(one).__name__, "object"
    for key in ("indicator", "organisation", "unit"):
        if not isinstance(one.get(key), str) or not one[key]:
            return f"{key}: {one.get(key)!r}", "text"
    unknown = one.keys() - _KNOWN
    if unknown:
        return f"unknown field {', '.join(sorted(map(str, unknown)))}", ", ".join(sorted(_KNOWN))
    return _wrong_figure(one, marks) or _wrong_breakdown(one.get("breakdown"))


def _wrong_figure(one: dict[str, Any], marks: Mapping[str, str]) -> tuple[str, str] | None:
    if ("state" in one) == ("value" in one):
        return "value and state", "exactly one of them"
    if "state" in one:
        return None if one["state"] in marks else (f"state: {one['state']!r}", " | ".join(marks))
    figure = one["value"]
    if isinstance(figure, bool) or not isinstance(figure, str | int):
        return f"value: {figure!r}", "text or number"
    return None


def _wrong_breakdown(broken: Any) -> tuple[str, str] | None:
    if broken is None:
        return None
    fine = isinstance(broken, dict) and all(
        isinstance(v, str) and v and _plain(k) and _plain(v) for k, v in broken.items()
    )
    return None if fine else (f"breakdown: {broken!r}", "object of texts")


def _plain(text: str) -> bool:
    return not any(mark in text for mark in "=; \t\n")


def _fault(path: str, reason: str, expected: str) -> Problem:
    return problem("C-005", path=path, line="-", reason=reason, expected=expected)
