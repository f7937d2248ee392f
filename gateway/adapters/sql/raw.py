"""Long statements, their parameters numbered once.

psycopg takes a statement of more than 4 KB apart at every call; for those that record and claim, which are called all
the time, that was a tenth of all the CPU around them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from psycopg import Connection, RawCursor
from psycopg.sql import SQL, Composed

_NAMED = re.compile(r"%\((\w+)\)[sb]")


class Raw:
    """`statement` with ``%(name)s`` in it, as psycopg's own cursors read it."""

    def __init__(self, statement: SQL | Composed) -> None:
        text = statement.as_bytes().decode()
        self._names = list(dict.fromkeys(_NAMED.findall(text)))
        self._text = _NAMED.sub(lambda found: f"${self._names.index(found[1]) + 1}", text).replace("%%", "%").encode()

    def execute(self, c: Connection, told: Mapping[str, Any]) -> RawCursor[tuple[Any, ...]]:
        return RawCursor(c).execute(self._text, [told[name] for name in self._names])
