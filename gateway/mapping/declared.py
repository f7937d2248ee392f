"""pack.yaml: what a pack is for, and what it does where the language leaves a choice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

# Refused: `unmapped: copy` (a code of one house is not a code of the other's because nobody said otherwise) and
# `duplicate: last`: which row is the last is lost in a spreadsheet that somebody sorts.
_SETTINGS: Mapping[str, tuple[str, ...]] = {
    "direction": ("both", "up", "down"),
    "as_of": ("period_end", "period_start"),
    "straddle": ("hold", "old", "new", "restate"),
    "unmapped": ("hold",),
    "duplicate": ("error", "sum"),
    "rounding": ("half_even",),
    "figures": ("machine", "vietnamese"),
}
_SIDES = ("system", "catalogue", "code")
_TOLD = ("pack", "source", "target", "note", "prepared_by")


def settings_of(text: str) -> tuple[dict[str, str], list[str]]:
    """Every setting with its default; ``target.catalogue`` and the like by a dotted name; and the faults."""
    try:
        read = yaml.safe_load(text)
    except yaml.YAMLError as error:
        return {"pack": ""}, [f"pack.yaml: {error}"]
    if not isinstance(read, dict) or not isinstance(read.get("pack"), str) or not read["pack"].strip():
        return {"pack": ""}, ["pack.yaml: cần ít nhất / needs at least “pack: name”"]
    faults = [
        f"pack.yaml {key}: “{read[key]}”; cho phép / allowed: {', '.join(allowed)}"
        for key, allowed in _SETTINGS.items()
        if key in read and read[key] not in allowed
    ]
    unknown = read.keys() - _SETTINGS.keys() - set(_TOLD)
    faults += [f"pack.yaml: khoá lạ / unknown key “{key}”" for key in sorted(map(str, unknown))]
    said = {key: allowed[0] for key, allowed in _SETTINGS.items()}
    for key, value in read.items():
        said |= _sides(key, value, faults) if key in ("source", "target") else {str(key): str(value)}
    return said, faults


def _sides(key: str, value: Any, faults: list[str]) -> dict[str, str]:
    if not isinstance(value, dict) or set(value) - set(_SIDES):
        faults.append(f"pack.yaml {key}: {{{', '.join(_SIDES)}}}")
        return {}
    return {f"{key}.{name}": str(told) for name, told in value.items()}
