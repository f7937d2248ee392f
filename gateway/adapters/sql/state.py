"""The folded exchange as the database keeps it beside its facts, so that reading needs no refolding."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

from gateway.domain.exchange import Exchange
from gateway.domain.ids import digest_of
from gateway.domain.record import plain, restore

# Left out: given by the database (ordinal), or no JSON value (progress, a set).
_APART = ("ordinal", "progress")
_DEFAULTS = {f.name: f.default for f in fields(Exchange) if f.name not in _APART}

_ENCODE = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def kept(x: Exchange) -> str:
    """`x` as JSON text. What has its default is left out: most of it, for most of the way."""
    told = {name: plain(value) for name, default in _DEFAULTS.items() if (value := getattr(x, name)) != default}
    return _ENCODE({**told, "progress": sorted(x.progress)})


def revived(ordinal: int, state: dict[str, Any]) -> Exchange:
    """The exchange that `kept` made `state` from."""
    told = {name: value for name, value in state.items() if name not in _APART}
    return replace(restore(Exchange, told), ordinal=ordinal, progress=frozenset(state["progress"]))


def lane_key(lane: str | None) -> str | None:
    """What a lane is indexed by: its name has no upper limit, an index entry has."""
    return None if lane is None else digest_of(lane.encode("utf-8", "surrogatepass"))


def lane_revision(x: Exchange) -> int | None:
    """What orders `x` in its lane; None where it has none."""
    return x.head.revision if x.lane is not None and x.head else None
