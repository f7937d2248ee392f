"""How verbs speak: JSON on stdout for machines, sentences on stderr for people, an exit code for both."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import datetime
from enum import IntEnum
from typing import Any

from rich.console import Console
from rich.table import Table

from gateway.domain.calendar import VIETNAM
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


def people() -> Console:
    """Where sentences for people go."""
    return Console(stderr=True, highlight=False)


def document(value: Any) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(json.dumps(plain(value), ensure_ascii=False, indent=2) + "\n")


def failed(error: GatewayError) -> int:
    """Say every problem in both languages, with who acts; the exit code."""
    console = people()
    for found in error.problems:
        console.print(f"✕ {found.code}  {found.title.vi}", markup=False)
        if found.advice.vi:
            console.print(f"  → {found.advice.vi}  ({found.owner})", markup=False)
        console.print(f"  {found.title.en} {found.advice.en}", style="dim", markup=False)
    return next(code for kind, code in _EXITS if isinstance(error, kind))


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
    return at.astimezone(VIETNAM).strftime("%H:%M:%S %d/%m/%Y") if at else "–"


def table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table for people: boxes on a terminal, tab-separated lines in a pipe."""
    console = people()
    if not console.is_terminal:
        for row in rows:
            console.print("\t".join(row), markup=False, soft_wrap=True)
        return
    drawn = Table(*heads, title=title)
    for row in rows:
        drawn.add_row(*row)
    console.print(drawn)
