"""The wire to certificates' own services: listed hosts only, internal names mapped, a resting host not asked.

Addresses come out of certificates, so out of strangers' hands: what is not on the list is never asked.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

from gateway.domain.errors import Unavailable
from gateway.ports import Fetcher
from gateway.signing.pki.crl_index import Unusable
from gateway.signing.pki.store import Store

_REST = 60.0  # seconds after a failure; doubled with each one more
_LONGEST_REST = 900.0
_STRIKES = 3  # failures in a row after which the whole host rests, not the one address


class Line:
    """Safe between threads. `fetcher` None: offline. `ticks`: seconds that only ever grow."""

    def __init__(self, fetcher: Fetcher | None, store: Store, ticks: Callable[[], float]) -> None:
        self._fetcher, self._store, self._ticks = fetcher, store, ticks
        self._failures: dict[str, tuple[int, float]] = {}  # host or address → in a row, asked again after
        self._lock = threading.Lock()

    def get(self, url: str) -> bytes:
        """Raises `Unusable`, saying why."""
        return self._asked(url, lambda fetcher, allowed: fetcher.get(allowed))

    def post(self, url: str, body: bytes, media_type: str) -> bytes:
        """Raises `Unusable`, saying why."""
        return self._asked(url, lambda fetcher, allowed: fetcher.post(allowed, body, media_type))

    def _asked(self, url: str, ask: Callable[[Fetcher, str], bytes]) -> bytes:
        if self._fetcher is None:
            raise Unusable("offline")
        host, allowed = self._allowed(url)
        self._refuse_while_resting(host, _STRIKES)
        self._refuse_while_resting(allowed, 1)
        try:
            answer = ask(self._fetcher, allowed)
        except Unavailable as error:
            self._failed(host, allowed)
            raise Unusable(str(error)) from error
        with self._lock:
            self._failures.pop(host, None)
            self._failures.pop(allowed, None)
        return answer

    def _refuse_while_resting(self, name: str, strikes: int) -> None:
        with self._lock:
            failures, until = self._failures.get(name, (0, 0.0))
        if failures >= strikes and self._ticks() < until:
            raise Unusable(f"{name} did not answer {failures} time(s) and is left in peace")

    def _failed(self, *names: str) -> None:
        with self._lock:
            for name in names:
                failures = self._failures.get(name, (0, 0.0))[0] + 1
                rest = min(_REST * 2.0 ** (failures - 1), _LONGEST_REST)
                self._failures[name] = (failures, self._ticks() + rest)

    def _allowed(self, url: str) -> tuple[str, str]:
        """The host and the address to ask, internal names mapped."""
        try:
            parts = urlsplit(url)
            port = f":{parts.port}" if parts.port else ""
        except ValueError as error:
            raise Unusable("not an address") from error
        host = self._store.host_map.get(parts.hostname or "", parts.hostname or "")
        if parts.scheme not in {"http", "https"} or host not in self._store.hosts:
            raise Unusable("host not allowed")
        return host, urlunsplit((parts.scheme, host + port, parts.path, parts.query, ""))
