"""The headers of one request, gone through once.

Starlette's `Headers` goes through all of them for each that is asked for, which a report does six times.
"""

from __future__ import annotations

from starlette.types import Scope

from gateway.domain.errors import Rejected, problem


class Said:
    """Names in small letters; values in Latin-1, as HTTP has them."""

    def __init__(self, scope: Scope) -> None:
        self._values: dict[bytes, bytes] = {}
        self._again: list[bytes] = []
        for name, value in scope["headers"]:
            if name in self._values:
                self._again.append(name)
            else:
                self._values[name] = value

    def get(self, name: str) -> str:
        """The first of that name, or ""."""
        return self._values.get(name.encode(), b"").decode("latin-1")

    def only(self, name: str) -> str:
        """The one of that name, or "". Raises `Rejected` (C-012) where it is there twice: two readers could differ."""
        if self._again and (often := self._again.count(name.encode())):
            raise Rejected(problem("C-012", reason=f"{name} × {often + 1}"))
        return self.get(name)
