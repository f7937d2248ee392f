"""A file of statements (sao kê) that a receiver gave: what it holds of ours, packet by packet, as its wire says it.

One statement ``{digest, values: [{indicator, organisation, unit, value, breakdown?}], parts?}``, alone or inside
``data``, or a list of them. `digest` is the SHA-256 of the packet it is of: nothing else in it says which report.
A foreign file, so it is read strictly, where the wire's reader is patient: a field that is misspelt here would pass
for a value that is missing there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gateway.domain.errors import Problem, Rejected, problem
from gateway.schemas.national.wire import wire
from gateway.schemas.submissions import from_text

MOST_BYTES = 64 * 1024 * 1024
_MOST_FAULTS = 50
_LONGEST_TOLD = 80
_DIGEST = re.compile(r"[0-9a-fA-F]{64}")
_STATEMENT = frozenset({"digest", "values", "parts"})
_CODES = ("indicator", "organisation", "unit")
_LINE = frozenset({*_CODES, "value", "breakdown"})

_Fault = tuple[str, str, str]  # where, what is there, what should be
Statement = dict[str, Any]  # {values: [line], parts?: [digest]}, as `ports.Channel.statement` has it


def read(file: Path) -> dict[str, Statement]:
    """The statements of `file`, by the digest of their packets. Raises `Rejected` as `statements` does, and C-003."""
    with file.open("rb") as opened:
        payload = opened.read(MOST_BYTES + 1)
    if len(payload) > MOST_BYTES:
        raise Rejected(problem("C-003", what="bytes", found=f"> {MOST_BYTES}", limit=MOST_BYTES))
    return statements(payload)


def statements(payload: bytes) -> dict[str, Statement]:
    """Raises `Rejected`: C-004 no UTF-8, C-009 no JSON (with its line), C-005 with the first fifty faults by path."""
    listed = list(_listed(from_text(payload)))
    found: dict[str, Statement] = {}
    faults: list[_Fault] = [] if listed else [("$", "[]", "ít nhất một sao kê / at least one statement")]
    for path, one in listed:
        wrong = list(_faults(one, path))
        digest = "" if wrong else one["digest"].lower()
        if digest in found:
            wrong = [(f"{path}.digest", f"twice: {digest}", "một gói tin một sao kê / one statement for a packet")]
        faults += wrong
        if len(faults) >= _MOST_FAULTS:
            break
        if not wrong:
            found[digest] = _statement(one)
    if faults:
        raise Rejected(*(_problem(*each) for each in faults[:_MOST_FAULTS]))
    return found


def _listed(said: Any) -> Iterator[tuple[str, Any]]:
    """Each statement, out of the envelope it may lie in, and where it stands."""
    for n, one in enumerate(said if isinstance(said, list) else [said]):
        path = f"[{n}]" if isinstance(said, list) else "$"
        yield (f"{path}.data", one["data"]) if isinstance(one, dict) and "data" in one else (path, one)


def _statement(one: Mapping[str, Any]) -> Statement:
    marks = wire().marks
    values = [_line(value, marks) for value in one["values"]]
    return {"values": values, **({"parts": one["parts"]} if "parts" in one else {})}


def _line(value: Mapping[str, Any], marks: Mapping[str, str]) -> dict[str, str]:
    figure = str(value["value"])
    told = {name: value[name] for name in _CODES}
    return {**told, "breakdown": value.get("breakdown", ""), "value": marks.get(figure, figure)}


def _faults(one: Any, path: str) -> Iterator[_Fault]:
    if not isinstance(one, dict):
        yield path, type(one).__name__, "object"
        return
    unknown = one.keys() - _STATEMENT
    if unknown:
        yield path, f"unknown field {', '.join(sorted(unknown))}", ", ".join(sorted(_STATEMENT))
    digest, parts, values = one.get("digest"), one.get("parts", []), one.get("values")
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        yield f"{path}.digest", _told(digest), "SHA-256, 64 chữ số thập lục phân / hexadecimal digits"
    if not isinstance(parts, list) or not all(isinstance(each, str) for each in parts):
        yield f"{path}.parts", _told(parts), "list of SHA-256"
    if not isinstance(values, list):
        yield f"{path}.values", _told(values), "list"
        return
    for n, value in enumerate(values):
        wrong = _wrong(value)
        if wrong:
            yield f"{path}.values[{n}]{wrong[0]}", *wrong[1:]


def _wrong(value: Any) -> _Fault | None:
    if not isinstance(value, dict):
        return "", type(value).__name__, "object"
    unknown = value.keys() - _LINE
    if unknown:
        return "", f"unknown field {', '.join(sorted(unknown))}", ", ".join(sorted(_LINE))
    for name in _CODES:
        if not isinstance(value.get(name), str) or not value[name]:
            return f".{name}", _told(value.get(name)), "text"
    if isinstance(value.get("value"), bool) or not isinstance(value.get("value"), str | int):
        return ".value", _told(value.get("value")), "text or number"
    if not isinstance(value.get("breakdown", ""), str):
        return ".breakdown", _told(value["breakdown"]), "text"
    return None


def _told(value: Any) -> str:
    return f"{value!r:.{_LONGEST_TOLD}}"


def _problem(path: str, reason: str, expected: str) -> Problem:
    return problem("C-005", path=path, line="-", reason=reason, expected=expected)
