"""Is it revoked? Asks what came with the signature, OCSP and lists, keeps answers until they end, never guesses."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from gateway.ports import Fetcher
from gateway.signing.pki import crl_index, ocsp
from gateway.signing.pki.answers import Answers, Dated, Wanted
from gateway.signing.pki.certificate import Certificate
from gateway.signing.pki.crl_index import CrlIndex, Lists, Unusable
from gateway.signing.pki.line import Line
from gateway.signing.pki.ocsp import OcspAnswer
from gateway.signing.pki.question import Answer, Question, State, by_list, by_ocsp
from gateway.signing.pki.store import Store

T = TypeVar("T", bound=Dated)


def beside(work: Callable[[], None]) -> None:
    """Runs `work` in a thread that no exit waits for."""
    threading.Thread(target=work, name="revocation", daemon=True).start()


class Revocations:
    """Safe between threads; one question about one thing is on the wire at a time (single flight).

    `folder`: where answers outlive the process and are shared by several; None: in memory alone.
    """

    def __init__(
        self,
        fetcher: Fetcher | None,
        store: Store,
        folder: Path | None = None,
        *,
        ticks: Callable[[], float] = time.monotonic,
        spawn: Callable[[Callable[[], None]], None] = beside,
    ) -> None:
        self._line = Line(fetcher, store, ticks)
        self._lock = threading.Lock()
        self._latest = datetime.min.replace(tzinfo=UTC)  # the present is at least this late
        self._news = 0
        self._given = Lists()  # what signatures bring along, proven like any other
        self._lists: Answers[CrlIndex] = Answers(folder, self._now, self._heard, spawn)
        self._answers: Answers[OcspAnswer] = Answers(folder, self._now, self._heard, spawn)

    @property
    def news(self) -> int:
        """Grows with every new answer: judgements made before it are to be made again."""
        return self._news

    def moment(self, at: datetime) -> datetime:
        """Learns that the present is at least `at`; the latest moment learnt so far."""
        with self._lock:
            self._latest = max(self._latest, at)
            return self._latest

    def ask(self, question: Question) -> Answer:
        """The worst proven answer; STALE or UNKNOWN with the reasons where nothing proves it good."""
        self.moment(question.at)
        answers: list[Answer] = []
        ways = {"ocsp": self._by_ocsp, "crl": self._by_crl}
        for way in (self._by_given, *(ways[name] for name in question.prefer)):
            answer = way(question)
            if answer.state is State.GOOD:
                return self._known_revoked(question) or answer
            if answer.decides:
                return answer
            answers.append(answer)
        why = "; ".join(answer.why for answer in answers if answer.why)
        if not why:
            return Answer(State.UNNAMED, why="the certificate names no revocation service")
        stale = next((answer for answer in answers if answer.state is State.STALE), None)
        return replace(stale or Answer(State.UNKNOWN), why=why)

    def known(self) -> list[tuple[str, CrlIndex | OcspAnswer]]:
        """Every answer at hand in memory, with what it is about: an address, or issuer and serial number."""
        lists = [(key[1], found) for key, found in self._lists.all()]
        return [*lists, *((f"{key[1][:16]}/{key[2]}", found) for key, found in self._answers.all())]

    def _now(self) -> datetime:
        return self._latest

    def _heard(self) -> None:
        with self._lock:
            self._news += 1

    def _by_given(self, question: Question) -> Answer:
        """By what the signature brought along; what is about other certificates is passed over."""
        best = Answer(State.UNKNOWN)
        for data in (*question.given.ocsps, *question.given.crls):
            try:
                answer = self._by_bytes(question, data, is_list=data in question.given.crls)
            except Unusable:
                continue
            if answer.decides and answer.state is not State.GOOD:
                return answer
            best = answer if answer.state is State.GOOD else best
        return best

    def _by_bytes(self, question: Question, data: bytes, *, is_list: bool) -> Answer:
        if is_list:
            return by_list(question, self._given.index(data, question.issuer, sha1=question.sha1))
        return by_ocsp(question, ocsp.read_answer(data, question.certificate, question.issuer, question.max_age))

    def _by_ocsp(self, question: Question) -> Answer:
        body = ocsp.question(question.certificate, question.issuer) if question.certificate.ocsp_urls else b""

        def ask(url: str) -> Answer:
            wanted = Wanted(
                _answer_key(question.certificate, question.issuer),
                lambda: self._line.post(url, body, "application/ocsp-request"),
                lambda data: ocsp.read_answer(data, question.certificate, question.issuer, question.max_age),
                question.max_age,
            )
            return _asked(self._answers, wanted, lambda found: by_ocsp(question, found))

        return _first(question.certificate.ocsp_urls, ask)

    def _by_crl(self, question: Question) -> Answer:
        def ask(url: str) -> Answer:
            wanted = Wanted(
                _list_key(url, question.issuer),
                lambda: self._line.get(url),
                lambda data: crl_index.index(data, question.issuer, sha1=question.sha1),
                question.max_age,
            )
            return _asked(self._lists, wanted, lambda found: by_list(question, found))

        return _first(question.certificate.crl_urls, ask)

    def _known_revoked(self, question: Question) -> Answer | None:
        """Something at hand may know better than the source that said good: the worst answer wins."""
        answer = self._answers.peek(_answer_key(question.certificate, question.issuer))
        if answer is not None and answer.status == "revoked":
            return replace(by_ocsp(question, answer), contradicted=True)
        for url in question.certificate.crl_urls:
            found = self._lists.peek(_list_key(url, question.issuer))
            if found is not None and question.certificate.serial in found.revoked:
                return replace(by_list(question, found), contradicted=True)
        return None


def _asked(answers: Answers[T], wanted: Wanted[T], judged: Callable[[T], Answer]) -> Answer:
    """What a good answer says; where none is to be had, what the last one said. Raises `Unusable`."""
    try:
        return judged(answers.get(wanted))
    except Unusable as error:
        last = answers.peek(wanted.key)
        if last is None:
            raise
        answer = judged(last)
        return answer if answer.decides else replace(answer, why=f"{error}; {answer.why}")


def _first(urls: tuple[str, ...], ask: Callable[[str], Answer]) -> Answer:
    """The first address that decides; else the last one known good once, else the last reason."""
    answer = Answer(State.UNKNOWN)
    for url in urls:
        try:
            found = ask(url)
        except Unusable as error:
            found = Answer(State.UNKNOWN, why=f"{_host(url)}: {error}")
        if found.decides:
            return found
        if answer.state is not State.STALE:
            answer = found
    return answer


def _list_key(url: str, issuer: Certificate) -> tuple[str, ...]:
    return "crl", url, issuer.sha256


def _answer_key(certificate: Certificate, issuer: Certificate) -> tuple[str, ...]:
    return "ocsp", issuer.sha256, str(certificate.serial)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or url
    except ValueError:
        return url
