"""The folded exchange as the database keeps it beside its facts, so that reading needs no refolding."""

from __future__ import annotations

import json
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from gateway.domain.account import Account
from gateway.domain.exchange import Exchange
from gateway.domain.facts import Submission
from gateway.domain.ids import digest_of
from gateway.domain.parcel import Acknowledgement, Blob, Parcel, Receipt
from gateway.domain.record import as_json, changed, restore
from gateway.domain.report import ReportHead

# Left out: given by the database (ordinal), or no JSON value (progress, a set).
_APART = ("ordinal", "progress")
_DEFAULTS = {f.name: f.default for f in fields(Exchange) if f.name not in _APART}
_VALUES = attrgetter(*_DEFAULTS)
# Parts of an exchange that are frozen through and through, mostly made by one fact and kept over all that follow.
_LASTING = frozenset({Account, Acknowledgement, Blob, Parcel, Receipt, ReportHead, Submission})
_MOST_KNOWN, _LONGEST = 4096, 4096  # parts, characters: sixteen megabytes at most
# By id, with the part itself: as long as it is here, its id is nobody else's.
_TOLD: dict[int, tuple[Any, orjson.Fragment]] = {}


def kept(x: Exchange) -> bytes:
    """`x` as JSON text in UTF-8. What has its default is left out: most of it, for most of the way.

    Refused: pydantic's own writer, which would tell times otherwise than every version before.
    """
    told = {
        name: _once(value) if type(value) in _LASTING else value
        for value, (name, default) in zip(_VALUES(x), _DEFAULTS.items(), strict=True)
        if value is not default and value != default
    }
    told["progress"] = sorted(x.progress)
    return orjson.dumps(told, _in_order, orjson.OPT_PASSTHROUGH_DATACLASS)


def _in_order(part: Any) -> orjson.Fragment:
    """As facts have it; orjson would leave the names of a dataclass as they are declared."""
    return orjson.Fragment(as_json(part))


def _once(part: Any) -> orjson.Fragment:
    """The parts of an exchange stay what they are over many facts: each is told for the first."""
    known = _TOLD.get(id(part))
    if known is not None and known[0] is part:
        return known[1]
    if len(_TOLD) >= _MOST_KNOWN:
        _TOLD.clear()
    told = as_json(part)
    fragment = orjson.Fragment(told)
    if len(told) <= _LONGEST:
        _TOLD[id(part)] = (part, fragment)
    return fragment


@cache
def _reader() -> TypeAdapter[Exchange]:
    return TypeAdapter(Exchange)


def revived(ordinal: int, state: str) -> Exchange:
    """The exchange that `kept` made `state` from. Raises `ValueError`, `KeyError`, `TypeError` for what it never made.

    Read by pydantic's compiled reader at a quarter of the CPU. What that finds too loose, as an older version may
    have written it, is read by the annotations alone, as it always was.
    """
    try:
        return changed(_reader().validate_json(state, strict=True), ordinal=ordinal)
    except ValidationError:
        told = json.loads(state)
        progress = frozenset(told["progress"])
        loose = restore(Exchange, {name: value for name, value in told.items() if name not in _APART})
        return changed(loose, ordinal=ordinal, progress=progress)


def lane_key(lane: str | None) -> str | None:
    """What a lane is indexed by: its name has no upper limit, an index entry has."""
    return None if lane is None else digest_of(lane.encode("utf-8", "surrogatepass"))


def lane_revision(x: Exchange) -> int | None:
    """What orders `x` in its lane; None where it has none."""
    return x.head.revision if x.lane is not None and x.head else None
