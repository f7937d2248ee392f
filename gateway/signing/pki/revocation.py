"""Is it revoked? Asks OCSP and CRL through `ports.Fetcher`, keeps answers until they end, never guesses.

An answer is *fresh* for the time judged when it has not ended by then and is younger than `max_age`, or was
made later. Whatever is not fresh and proven is unknown, and unknown is never good (signing.md section 7).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit, urlunsplit

from gateway.domain.errors import Unavailable
from gateway.ports import Fetcher
from gateway.signing.pki import crl_index, ocsp
from gateway.signing.pki.certificate import Certificate
from gateway.signing.pki.crl_index import CrlIndex, Unusable
from gateway.signing.pki.kept import Kept
from gateway.signing.pki.ocsp import OcspAnswer
from gateway.signing.pki.store import Store


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

    def __init__(self, fetcher: Fetcher | None, store: Store) -> None:
        self._fetcher, self._store = fetcher, store
        self._lists: Kept[CrlIndex] = Kept()
        self._answers: Kept[OcspAnswer] = Kept()
        self._lock = threading.Lock()
        self._latest = datetime.min.replace(tzinfo=UTC)  # the present is at least this late
        self._news = 0

    @property
    def news(self) -> int:
        """Grows with every new list: judgements made before it are to be made again."""
        return self._news

    def moment(self, at: datetime) -> datetime:
        """Learns that the present is at least `at`; the latest moment learnt so far."""
        with self._lock:
            self._latest = max(self._latest, at)
            return self._latest

    def ask(self, question: Question) -> Answer:
        """The worst proven answer; UNKNOWN with the reasons where nothing proves it good."""
        self.moment(question.at)
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
        def ask(url: str) -> Answer:
            found = self._answers.get(
                (question.issuer.sha256, question.certificate.serial),
                lambda kept: self._lasting(question, kept),
                lambda: self._asked(question, url),
            )
            return _judged(question, found)

        return self._first(question.certificate.ocsp_urls, ask)

    def _asked(self, question: Question, url: str) -> OcspAnswer:
        body = ocsp.question(question.certificate, question.issuer)
        data = self._wire().post(self._allowed(url), body, "application/ocsp-request")
        return ocsp.read_answer(data, question.certificate, question.issuer, question.max_age)

    def _by_crl(self, question: Question) -> Answer:
        def look(url: str) -> Answer:
            found = self._lists.get(
                (url, question.issuer.sha256),
                lambda kept: self._lasting(question, kept),
                lambda: self._fetched(question, url),
            )
            if found.for_ca not in {None, question.certificate.ca}:
                raise Unusable("the CRL does not speak of such certificates")
            return _looked_up(question, found)

        return self._first(question.certificate.crl_urls, look)

    def _fetched(self, question: Question, url: str) -> CrlIndex:
        found = crl_index.index(self._wire().get(self._allowed(url)), question.issuer, sha1=question.sha1)
        with self._lock:
            self._news += 1
        return found

    def _wire(self) -> Fetcher:
        if self._fetcher is None:
            raise Unusable("offline")
        return self._fetcher

    def _first(self, urls: tuple[str, ...], ask: Callable[[str], Answer]) -> Answer:
        """The first address with a judgement; the last reason where there is none."""
        answer = Answer(State.UNKNOWN)
        for url in urls:
            try:
                answer = ask(url)
            except (Unavailable, Unusable) as error:
                answer = Answer(State.UNKNOWN, why=f"{_host(url)}: {error}")
            if answer.state is not State.UNKNOWN:
                break
        return answer

    def _lasting(self, question: Question, kept: CrlIndex | OcspAnswer) -> bool:
        return min(kept.next_update, kept.this_update + question.max_age) > self._latest

    def _known_revoked(self, question: Question) -> Answer | None:
        """A list at hand may know better than the service that said good: the worst answer wins."""
        for url in question.certificate.crl_urls:
            found = self._lists.peek((url, question.issuer.sha256))
            if found is not None and question.certificate.serial in found.revoked:
                return _looked_up(question, found)
        return None

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


def _looked_up(question: Question, found: CrlIndex) -> Answer:
    revoked_at = found.revoked.get(question.certificate.serial)
    if revoked_at is not None:
        return _revoked("CRL", revoked_at, held=found.on_hold(question.certificate.serial))
    return _fresh(question, "CRL", found.this_update, found.next_update)


def _judged(question: Question, found: OcspAnswer) -> Answer:
    if found.status == "revoked":
        return _revoked("OCSP", found.revoked_at, held=found.on_hold)
    if found.status == "unknown":
        return Answer(State.UNKNOWN, "OCSP", why="the OCSP service does not know the certificate")
    return _fresh(question, "OCSP", found.this_update, found.next_update)


def _revoked(by: str, at: datetime | None, *, held: bool) -> Answer:
    if held:
        return Answer(State.ON_HOLD, by, revoked_at=at, why="the certificate is on hold")
    return Answer(State.REVOKED, by, revoked_at=at)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or url
    except ValueError:
        return url


def _fresh(question: Question, by: str, this_update: datetime, next_update: datetime) -> Answer:
    ends = min(next_update, this_update + question.max_age)
    if question.at < ends:
        return Answer(State.GOOD, by, until=ends)
    return Answer(State.UNKNOWN, by, why=f"{by} of {this_update.isoformat()} is stale")
