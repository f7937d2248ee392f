"""Is it revoked? Asks OCSP and CRL through `ports.Fetcher`, keeps answers until they end, never guesses.

An answer is *fresh* for the time judged when it has not ended by then and is younger than `max_age`, or was
made later. Whatever is not fresh and proven is unknown, and unknown is never good (signing.md section 7).
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlsplit, urlunsplit

from gateway.domain.errors import Unavailable
from gateway.ports import Fetcher
from gateway.signing.pki import crl_index, ocsp
from gateway.signing.pki.certificate import Certificate
from gateway.signing.pki.crl_index import CrlIndex, Unusable
from gateway.signing.pki.ocsp import OcspAnswer
from gateway.signing.pki.store import Store

T = TypeVar("T", CrlIndex, OcspAnswer)


class State(StrEnum):
    GOOD = "good"
    REVOKED = "revoked"
    ON_HOLD = "on hold"
    UNKNOWN = "unknown"
    UNNAMED = "unnamed"  # the certificate names no service we can ask


@dataclass(frozen=True, slots=True)
class Answer:
    """`until`: how long a good answer may be relied on. `why` says why the state is not known."""

    state: State
    by: str = ""
    until: datetime | None = None
    revoked_at: datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """About `certificate`, at `at`. `sha1`: whether a CRL signed with SHA-1 is believed (old anchors)."""

    certificate: Certificate
    issuer: Certificate
    at: datetime
    max_age: timedelta
    prefer: tuple[str, ...]
    sha1: bool = False


class Revocations:
    """Safe between threads; one question about one thing is on the wire at a time (single flight)."""

    def __init__(self, fetcher: Fetcher, store: Store) -> None:
        self._fetcher, self._store = fetcher, store
        self._lists: dict[tuple[str, str], CrlIndex] = {}
        self._answers: dict[tuple[str, int], OcspAnswer] = {}
        self._lock = threading.Lock()
        self._flights: defaultdict[tuple[str, str], threading.Lock] = defaultdict(threading.Lock)
        self._latest = datetime.min.replace(tzinfo=UTC)  # the present is at least this late
        self.news = 0  # grows with every new list: verdicts made before it are to be made again

    def ask(self, question: Question) -> Answer:
        """The worst proven answer; UNKNOWN with the reasons where nothing proves it good."""
        with self._lock:
            self._latest = max(self._latest, question.at)
        ways = {"ocsp": self._by_ocsp, "crl": self._by_crl}
        reasons: list[str] = []
        for way in question.prefer:
            answer = ways[way](question)
            if answer.state in {State.REVOKED, State.ON_HOLD}:
                return answer
            if answer.state is State.GOOD:
                return self._known_revoked(question) or answer
            reasons += [answer.why] if answer.why else []
        if not reasons:
            return Answer(State.UNNAMED, why="the certificate names no revocation service")
        return Answer(State.UNKNOWN, why="; ".join(reasons))

    def _by_ocsp(self, question: Question) -> Answer:
        certificate, issuer = question.certificate, question.issuer
        key = (issuer.sha256, certificate.serial)
        reason = ""
        for url in certificate.ocsp_urls:
            try:
                found = self._flown((issuer.sha256, str(certificate.serial)), key, self._answers, self._asked(question, url))
            except (Unavailable, Unusable) as error:
                reason = f"{self._host(url)}: {error}"
                continue
            if found.status != "unknown":
                return self._judged(question, "OCSP", found)
            reason = f"{self._host(url)}: unknown"
        return Answer(State.UNKNOWN, why=reason)

    def _asked(self, question: Question, url: str) -> Callable[[], OcspAnswer]:
        def ask() -> OcspAnswer:
            body = ocsp.question(question.certificate, question.issuer)
            data = self._fetcher.post(self._allowed(url), body, "application/ocsp-request")
            return ocsp.read_answer(data, question.certificate, question.issuer, question.max_age)

        return ask

    def _by_crl(self, question: Question) -> Answer:
        reason = ""
        for url in question.certificate.crl_urls:
            key = (url, question.issuer.sha256)
            try:
                found = self._flown(key, key, self._lists, self._listed(question, url))
            except (Unavailable, Unusable) as error:
                reason = f"{self._host(url)}: {error}"
                continue
            if found.for_ca in {None, question.certificate.ca}:
                return self._listed_answer(question, found)
            reason = f"{self._host(url)}: the CRL does not speak of such certificates"
        return Answer(State.UNKNOWN, why=reason)

    def _listed(self, question: Question, url: str) -> Callable[[], CrlIndex]:
        def fetch() -> CrlIndex:
            data = self._fetcher.get(self._allowed(url))
            found = crl_index.index(data, question.issuer, sha1=question.sha1)
            with self._lock:
                self.news += 1
            return found

        return fetch

    def _flown(self, flight: tuple[str, str], key: object, kept: dict, make: Callable[[], T]) -> T:  # type: ignore[type-arg]
        """What is kept under `key` while it lasts; else made anew, by one thread for all that wait."""
        with self._lock:
            found: T | None = kept.get(key)
            if found is not None and found.next_update > self._latest:
                return found
            lock = self._flights[flight]
        with lock:
            with self._lock:
                found = kept.get(key)
                if found is not None and found.next_update > self._latest:
                    return found
            fresh = make()
            with self._lock:
                kept[key] = fresh
            return fresh

    def _listed_answer(self, question: Question, found: CrlIndex) -> Answer:
        revoked_at = found.revoked.get(question.certificate.serial)
        if revoked_at is not None:
            held = found.on_hold(question.certificate.serial)
            return Answer(State.ON_HOLD if held else State.REVOKED, "CRL", revoked_at=revoked_at, why="on hold")
        return _fresh(question, "CRL", found.this_update, found.next_update)

    def _judged(self, question: Question, by: str, found: OcspAnswer) -> Answer:
        if found.status == "revoked":
            state = State.ON_HOLD if found.on_hold else State.REVOKED
            return Answer(state, by, revoked_at=found.revoked_at, why="on hold")
        return _fresh(question, by, found.this_update, found.next_update)

    def _known_revoked(self, question: Question) -> Answer | None:
        """A list at hand may know better than the service that said good: the worst answer wins."""
        for url in question.certificate.crl_urls:
            with self._lock:
                found = self._lists.get((url, question.issuer.sha256))
            if found is not None and question.certificate.serial in found.revoked:
                return self._listed_answer(question, found)
        return None

    def _host(self, url: str) -> str:
        try:
            return urlsplit(url).hostname or url
        except ValueError:
            return url

    def _allowed(self, url: str) -> str:
        """The address to ask, with internal host names mapped. Raises `Unusable` for hosts not allowed."""
        try:
            parts = urlsplit(url)
            port = f":{parts.port}" if parts.port else ""
        except ValueError as error:
            raise Unusable("not an address") from error
        host = self._store.host_map.get(parts.hostname or "", parts.hostname or "")
        if parts.scheme not in {"http", "https"} or host not in self._store.hosts:
            raise Unusable("host not allowed")
        return urlunsplit((parts.scheme, host + port, parts.path, parts.query, ""))


def _fresh(question: Question, by: str, this_update: datetime, next_update: datetime) -> Answer:
    ends = min(next_update, this_update + question.max_age)
    if question.at < ends:
        return Answer(State.GOOD, by, until=ends)
    return Answer(State.UNKNOWN, by, why=f"{by} of {this_update.isoformat()} is stale")
