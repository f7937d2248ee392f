"""SDMX-JSON 2.0 structure messages (SDMX 3.0): representation maps out and in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from gateway.domain.errors import Rejected, problem
from gateway.safexml import DEFAULT, Bounds
from gateway.schemas.sdmx.lookup import Lookup, Row, checked, day, wrong

SCHEMA = (
    "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/structure-message/tools/schemas/2.0.0/"
    "sdmx-json-structure-schema.json"
)
MEDIA_TYPE = "application/vnd.sdmx.structure+json;version=2.0.0"
_SOURCE, _TARGET = "SOURCE_COLUMNS", "TARGET_COLUMNS"
_TEXT = {"dataType": "String"}


def written(lookups: Iterable[Lookup], message_id: str, sender: str, prepared: datetime) -> bytes:
    """A structure message; `message_id` and `sender` are SDMX identifiers (letters, digits, ``_ @ $ -``)."""
    meta = {
        "schema": SCHEMA,
        "id": message_id,
        "prepared": prepared.isoformat(timespec="seconds"),
        "contentLanguages": ["vi"],
        "sender": {"id": sender},
    }
    maps = list(map(_map, lookups))
    said = {"meta": meta, "data": {"representationMaps": maps} if maps else {}}  # the standard wants no empty list
    return json.dumps(said, ensure_ascii=False, indent=1).encode()


def read(payload: bytes, bounds: Bounds = DEFAULT) -> tuple[Lookup, ...]:
    """The representation maps of a structure message; other structures are left alone.

    Raises `Rejected`: C-003 over a bound, C-004 not UTF-8, C-005 not such a message, C-009 not JSON. Refused by name:
    regular expressions and parts of values, which no lookup of ours may hold.
    """
    said = _loaded(payload, bounds)
    try:
        return tuple(_read_map(f"$.data.representationMaps[{n}]", one) for n, one in enumerate(_maps(said)))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise wrong("$.data.representationMaps", f"{type(error).__name__}: {error}", "SDMX-JSON 2.0") from None


def _map(lookup: Lookup) -> dict[str, Any]:
    return {
        "id": lookup.id,
        "agencyID": lookup.agency,
        "version": lookup.version,
        "name": lookup.name,
        "annotations": [_note(_SOURCE, " ".join(lookup.source)), _note(_TARGET, " ".join(lookup.target))],
        "source": [_TEXT for _ in lookup.source],
        "target": [_TEXT for _ in lookup.target],
        **({"representationMappings": list(map(_mapping, lookup.rows))} if lookup.rows else {}),
    }


def _mapping(row: Row) -> dict[str, Any]:
    return {
        **({"annotations": [_note(key, text) for key, text in row.notes.items()]} if row.notes else {}),
        "sourceValues": [{"value": value} for value in row.source],
        "targetValues": list(row.target),
        **({"validFrom": f"{row.valid_from}T00:00:00Z"} if row.valid_from else {}),
        **({"validTo": f"{row.valid_to}T23:59:59Z"} if row.valid_to else {}),
    }


def _note(kind: str, text: str) -> dict[str, str]:
    return {"type": kind, "title": text}


def _maps(said: Any) -> Sequence[Any]:
    maps = said["data"].get("representationMaps", [])
    if not isinstance(maps, list):
        raise TypeError("representationMaps")
    return maps


def _read_map(path: str, said: Mapping[str, Any]) -> Lookup:
    notes = _notes(said)
    width = len(said["source"]), len(said["target"])
    return Lookup(
        id=_text(said["id"]),
        agency=_text(said["agencyID"]),
        version=_text(said.get("version", "1.0")),
        name=_text(said.get("name", said["id"])),
        source=_columns(notes.get(_SOURCE, ""), "source", width[0]),
        target=_columns(notes.get(_TARGET, ""), "target", width[1]),
        rows=tuple(
            checked(at, _read_mapping(at, one), width)
            for n, one in enumerate(said.get("representationMappings", ()))
            for at in (f"{path}.representationMappings[{n}]",)
        ),
    )


def _read_mapping(path: str, said: Mapping[str, Any]) -> Row:
    for value in said["sourceValues"]:
        if value.get("isRegEx") or "startIndex" in value or "endIndex" in value:
            raise wrong(path, json.dumps(value, ensure_ascii=False)[:100], "a whole value, no regular expression")
    return Row(
        tuple(_text(value["value"]) for value in said["sourceValues"]),
        tuple(map(_text, said["targetValues"])),
        day(path, said.get("validFrom")),
        day(path, said.get("validTo"), ends=True),
        _notes(said),
    )


def _notes(said: Mapping[str, Any]) -> dict[str, str]:
    return {_text(one["type"]): _text(one["title"]) for one in said.get("annotations", ()) if "title" in one}


def _columns(named: str, side: str, width: int) -> tuple[str, ...]:
    columns = tuple(named.split())
    return columns if len(columns) == width else tuple(f"{side}{n}" for n in range(1, width + 1))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.100} is no text")
    return value


def _loaded(payload: bytes, bounds: Bounds) -> Any:
    if len(payload) > bounds.bytes:
        raise Rejected(problem("C-003", what="bytes", found=len(payload), limit=bounds.bytes))
    try:
        return json.loads(payload.decode("utf-8"), object_pairs_hook=_once)
    except UnicodeDecodeError as error:
        raise Rejected(problem("C-004", reason=f"byte {error.start}")) from None
    except RecursionError:
        raise Rejected(problem("C-003", what="depth", found="> 900", limit=bounds.depth)) from None
    except ValueError as error:
        raise Rejected(problem("C-009", reason=str(error)[:200])) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A name given twice is refused: two readers would each see another lookup."""
    said = dict(pairs)
    if len(said) < len(pairs):
        raise ValueError("a name is given twice")
    return said
