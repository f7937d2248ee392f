"""How verbs speak: what was asked for on stdout, sentences for people on stderr, an exit code for both.

With ``--json`` stdout is one JSON document and nothing else, also when the verb fails.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from enum import IntEnum
from typing import Any

from rich.console import Console
from rich.table import Table

from gateway.domain.calendar import VIETNAM, clock_face
from gateway.domain.errors import (
    Conflict,
    GatewayError,
    InDoubt,
    Misconfigured,
    NotFound,
    Overtaken,
    Problem,
    Rejected,
    Unavailable,
)
from gateway.domain.problems import Owner, Text
from gateway.domain.record import plain


class Exit(IntEnum):
    OK = 0
    FAILED = 1
    USAGE = 2
    UNDECIDED = 3
    NOT_AUTHORISED = 4
    NOT_FOUND = 5
    CONFLICT = 6
    REMOTE_DOWN = 7


_EXITS: Sequence[tuple[type[GatewayError], Exit]] = (
    (NotFound, Exit.NOT_FOUND),
    (Conflict, Exit.CONFLICT),
    (Unavailable, Exit.REMOTE_DOWN),
    (InDoubt, Exit.UNDECIDED),
    (Overtaken, Exit.CONFLICT),
    (Misconfigured, Exit.FAILED),
    (Rejected, Exit.FAILED),
)

# Whatever the error asks of its caller, a person is first told that the key or the password is wrong.
_CREDENTIALS = frozenset({"B-001", "B-002"})

_ACTS: Mapping[Owner, Text] = {
    Owner.SENDER: Text("đơn vị báo cáo", "the reporting unit"),
    Owner.OPERATOR: Text("vận hành", "operators"),
    Owner.INTEGRATOR: Text("đơn vị tích hợp", "the integrator"),
    Owner.NATIONAL: Text("hệ thống quốc gia", "the national system"),
    Owner.GATEWAY: Text("phần mềm tự xử lý", "the gateway itself"),
}


def people() -> Console:
    """The terminal of whoever typed the verb."""
    return Console(stderr=True, highlight=False)


def say(sentence: str, style: str | None = None) -> None:
    """One sentence for people. Never broken into lines here: ids and paths must survive a copy or a grep."""
    people().print(_printable(sentence), markup=False, soft_wrap=True, style=style)


def printed(content: str | bytes) -> None:
    """Exactly this on stdout, in UTF-8 whatever the locale. A reader who left is noticed here, not at the exit."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content.encode() if isinstance(content, str) else content)
    sys.stdout.buffer.flush()


def document(value: Any) -> None:
    """One JSON document on stdout."""
    printed(json.dumps(plain(value), ensure_ascii=False, indent=2) + "\n")


def line(text: str) -> None:
    """One line of what was asked for, as text on stdout."""
    printed(_printable(text) + "\n")


def table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table on stdout: boxes on a terminal, tab-separated lines in a pipe."""
    if not sys.stdout.isatty():
        for row in rows:
            printed("\t".join(_printable(cell) for cell in row) + "\n")
        return
    drawn = Table(*heads, title=title)
    for row in rows:
        drawn.add_row(*map(_printable, row))
    Console(highlight=False, markup=False).print(drawn)


def failed(error: GatewayError, *, as_json: bool) -> int:
    """Say every problem in both languages, with who acts; the exit code."""
    if as_json:
        document({"ok": False, "problems": [said(found) for found in error.problems]})
    for found in error.problems:
        warn(found, "✕")
    if error.problem.code in _CREDENTIALS:
        return Exit.NOT_AUTHORISED
    return next(code for kind, code in _EXITS if isinstance(error, kind))


@contextmanager
def advising(advice: Text, *families: str) -> Iterator[None]:
    """Around what nobody does again by itself: of a problem whose code begins so, an operator does as `advice` says."""
    try:
        yield
    except GatewayError as error:
        error.problems = tuple(
            replace(found, advice=advice, owner=Owner.OPERATOR) if found.code.startswith(families) else found
            for found in error.problems
        )
        raise


def warn(found: Problem, mark: str) -> None:
    """A problem on stderr, behind its mark."""
    what, how, english = sentences(found)
    say(f"{mark} {what}")
    say(f"  {how}")
    say(f"  {english}", style="dim")


def sentences(found: Problem) -> tuple[str, str, str]:
    """What happened; what to do next and who does it; both once more in English."""
    acts = _ACTS[found.owner]
    return (
        f"{found.code}  {found.title.vi}",
        f"→ {found.advice.vi}  ({acts.vi})",
        f"{found.title.en} {found.advice.en}  ({acts.en})",
    )


def said(found: Problem) -> dict[str, Any]:
    """A problem as JSON shows it."""
    return {
        "code": found.code,
        "title": plain(found.title),
        "advice": plain(found.advice),
        "owner": found.owner,
        "details": plain(found.details),
    }


def when(at: datetime | None) -> str:
    """``HH:MM:SS dd/MM/yyyy`` in Vietnam time."""
    return clock_face(at) if at else "–"


def instant(typed: datetime) -> datetime:
    """A time as typed; without an offset it is Vietnam time, wherever the machine stands."""
    return typed if typed.tzinfo else typed.replace(tzinfo=VIETNAM)


def _printable(text: str) -> str:
    """Without what would move a terminal's cursor or end a cell: partners' words are printed too."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
