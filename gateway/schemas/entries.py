"""The text of ``clients.toml``: an entry written at its end or cut out, every other byte left as a person wrote it.

The parser is the judge: a line begins something new where all before it parses alone; and a change is made only where
it is then read exactly as before with that one entry more, or less. Refused: a library that writes TOML anew, of which
none keeps a person's layout.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationError

from gateway.domain.errors import Misconfigured, Problem, problem
from gateway.schemas.declarations import faults_of
from gateway.schemas.settings import Client

FILE = "clients.toml"
_TABLE = "clients"
_HEADER = re.compile(r"^[ \t]*\[", re.MULTILINE)
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_REMARK = re.compile(r"[ \t]*(#[^\n]*)?\r?\n?")
_ENDS_BLANK = re.compile(r"(?:\A|(?<=\n))[ \t]*\r?\n\Z")
_BEGINS_BLANK = re.compile(r"[ \t]*(\r?\n|\Z)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One ``[[clients]]``, from its header to the last line that says something."""

    number: int  # in the order of the file
    said: Mapping[str, Any]
    text: str
    start: int
    lines: str  # “12–17”, as an editor counts them

    @property
    def id(self) -> str:
        return str(self.said.get("id", ""))

    @property
    def digest(self) -> str:
        return str(self.said.get("key_sha256", ""))


def client_of(said: Mapping[str, Any]) -> Client:
    """What an entry says, as a gateway reads it. Raises `Misconfigured` (F-005) with every fault."""
    try:
        return Client.model_validate(said)
    except ValidationError as error:
        raise Misconfigured(*(_of_client(str(said["id"]), fault) for fault in faults_of(FILE, error))) from None


def entries(text: str) -> list[Entry]:
    """Every entry, in order.

    Raises `Misconfigured`: F-005 for what is no TOML, F-048 where they do not stand one below another.
    """
    told = _read(text).get(_TABLE, [])
    begun: list[list[int]] = []
    for start, end in _parts(text):
        said = _alone(text[start:end]) or {}
        head = text[start:end].lstrip(" \t").startswith("[")
        if head and isinstance(said.get(_TABLE), list):
            begun.append([start, end])
        elif head and isinstance(said.get(_TABLE), dict) and begun and begun[-1][1] == start:
            begun[-1][1] = end  # [clients.permission] below its entry
    found = [_entry(text, number, start, end) for number, (start, end) in enumerate(begun)]
    if [entry.said for entry in found] != told:
        raise _unsafe(text)
    return found


def added(text: str, said: Mapping[str, Any]) -> str:
    """`text` with an entry that says `said` at its end. Raises as `entries` does."""
    before, end = _read(text), "\r\n" if "\r\n" in text else "\n"
    gap = "" if not text else end if text.endswith("\n") else end * 2
    lines = (f"[[{_TABLE}]]", *(f"{key} = {_written(value)}" for key, value in said.items()), "")
    grown = text + gap + end.join(lines)
    if _alone(grown) != {**before, _TABLE: [*before.get(_TABLE, []), dict(said)]}:
        raise _unsafe(text)
    return grown


def without(text: str, entry: Entry) -> str:
    """`text` without `entry`, and of two blank lines that then meet without one. Raises `Misconfigured` (F-048)."""
    before, after = text[: entry.start], text[entry.start + len(entry.text) :]
    if _BEGINS_BLANK.match(after):
        before, after = _ENDS_BLANK.sub("", before), after if before else _BEGINS_BLANK.sub("", after, count=1)
    told = _read(text)
    left = [said for number, said in enumerate(told[_TABLE]) if number != entry.number]
    rest = {key: value for key, value in told.items() if key != _TABLE} | ({_TABLE: left} if left else {})
    if _alone(before + after) != rest:
        raise _unsafe(text, entry.lines)
    return before + after


def _of_client(name: str, fault: Problem) -> Problem:
    """The key begins with the client, as in `disagreements`."""
    return problem("F-005", **{**fault.details, "key": f"{name}.{fault.details['key']}".rstrip(".")})


def _entry(text: str, number: int, start: int, end: int) -> Entry:
    """What follows the last line that says something, remarks and blank lines, is not the entry's."""
    lines = _LINE.findall(text[start:end])
    while _REMARK.fullmatch(lines[-1]):
        lines.pop()
    own, first = "".join(lines), text.count("\n", 0, start) + 1
    place = f"{first}–{first + len(lines) - 1}"
    read = _alone(own)
    if read is None:  # the end of a text of several lines may look like a remark
        raise _unsafe(text, place)
    return Entry(number, read[_TABLE][0], own, start, place)


def _parts(text: str) -> Iterator[tuple[int, int]]:
    """From one header to the next; what looks like a header within a value is none."""
    begun = 0
    for header in _HEADER.finditer(text):
        if _alone(text[begun : header.start()]) is not None:
            yield begun, header.start()
            begun = header.start()
    yield begun, len(text)


def _alone(part: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(part)
    except tomllib.TOMLDecodeError:
        return None


def _read(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(problem("F-005", file=FILE, key="-", reason=error)) from None


def _unsafe(text: str, lines: str = "") -> Misconfigured:
    """Where a person edits by hand: `lines`, or every line that begins with the table's name."""
    named = [str(n) for n, line in enumerate(text.split("\n"), 1) if line.lstrip(" \t[\"'").startswith(_TABLE)]
    return Misconfigured(problem("F-048", file=FILE, line=lines or ", ".join(named) or "1"))


def _written(value: Any) -> str:
    """A value as TOML, on one line."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_written(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_written, value)) + "]"
    if isinstance(value, date):
        return value.isoformat()
    # Of text, numbers and truth JSON is TOML, but for one letter that nobody types.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
