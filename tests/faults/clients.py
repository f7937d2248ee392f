"""Partners that hand in reports as an honest client does: a key for each, and again with the same key until 202."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import httpx

from tests.faults.fleet import AGREEMENT, Fleet
from tests.faults.history import History, Told, digest_of_receipt

_ONE_ANSWER = 10.0  # seconds a client waits for one answer
_BEFORE_AGAIN = (0.1, 0.5)
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Paper:
    """One report to hand in: its lane, its revision, its bytes."""

    key: str
    payload: bytes = field(repr=False)
    values: int

    @property
    def digest(self) -> str:
        return sha256(self.payload).hexdigest()


def paper(lane: str, revision: int = 1, *, figure: str = "12.16", key: str = "") -> Paper:
    """A report of `lane` (a reporter's code) with three figures: two known, one indicator nobody knows."""
    figures = (("T0101", "%", figure), ("T0601", "tỷ đồng", "54341"), ("T9999", "%", "1"))
    body = {
        "regime": "KTXH-THANG",
        "form": "01/KTXH",
        "period": "LICH:2024-9T",  # without a deadline: what is late may go as a document, and that is another story
        "reporter": lane,
        "revision": revision,
        "values": [
            {"indicator": code, "organisation": "38", "unit": unit, "value": value} for code, unit, value in figures
        ],
    }
    return Paper(key or f"{lane}/{revision}", json.dumps(body, ensure_ascii=False).encode(), len(figures))


class Partner:
    """One client. What it is told is on disk before it acts upon it."""

    def __init__(self, urls: Sequence[str], key: str, history: History, *, agreement: str = AGREEMENT) -> None:
        self._urls = urls
        self._history = history
        headers = {"Authorization": f"Bearer {key}", "Agreement": agreement, "Content-Type": "application/json"}
        self._http = httpx.Client(headers=headers, timeout=_ONE_ANSWER, trust_env=False)

    def close(self) -> None:
        self._http.close()

    def ask(self, one: Paper, *, at: int = 0, other: bool = False) -> httpx.Response | None:
        """Hand it in once, at one of the front doors; None when there was no whole answer."""
        said = Told("asked", one.key, one.digest, values=one.values, other=other)
        self._history.tell(said)
        url = f"{self._urls[at % len(self._urls)]}/v1/reports"
        try:
            answer = self._http.post(url, content=one.payload, headers={"Idempotency-Key": one.key})
        except httpx.TransportError:
            return None
        self._told(one, answer)
        return answer

    def hand_in(self, one: Paper, lot: random.Random) -> httpx.Response | None:
        """Again and again, wherever, until it is promised; the promise, None when it was declined."""
        while True:
            answer = self.ask(one, at=lot.randrange(len(self._urls)))
            if answer is not None and answer.status_code == 202:
                return answer
            if answer is not None and answer.status_code not in _AGAIN:
                return None
            _Pause.wait(lot.uniform(*_BEFORE_AGAIN))

    def look(self, name: str, *, at: int = 0) -> dict[str, Any] | None:
        """The exchange as the front door shows it; None when it does not."""
        return self._read(f"/v1/exchanges/{name}", at)

    def receipt(self, key: str, name: str, *, at: int = 0) -> dict[str, Any] | None:
        """Its receipt, once there is one; what was shown is told to the history."""
        shown = self._read(f"/v1/exchanges/{name}/receipt", at)
        if shown is not None:
            self._history.tell(Told("receipt", key, digest_of_receipt(shown["receipt"]), name))
        return shown

    def _read(self, path: str, at: int) -> dict[str, Any] | None:
        try:
            answer = self._http.get(self._urls[at % len(self._urls)] + path)
        except httpx.TransportError:
            return None
        found: dict[str, Any] | None = answer.json() if answer.status_code == 200 else None
        return found

    def _told(self, one: Paper, answer: httpx.Response) -> None:
        status = answer.status_code
        if status == 202:
            said = answer.json()
            spooled = bool(said.get("spooled", False))
            self._history.tell(Told("promised", one.key, one.digest, said["id"], status=status, spooled=spooled))
        elif status not in _AGAIN:
            self._history.tell(Told("declined", one.key, one.digest, status=status))


class Crowd:
    """Many partners at once, each with lanes of its own, until `stop`."""

    def __init__(
        self, fleet: Fleet, history: History, seed: int, *, size: int = 8, rate: float = 20, prefix: str = "H56"
    ) -> None:
        self._fleet = fleet
        self._prefix = prefix
        self._history = history
        self._seed = seed
        self._size = size
        self._pause = size / rate
        self._ending = threading.Event()
        self._pool = ThreadPoolExecutor(size, thread_name_prefix="partner")
        self._work: list[Any] = []

    def start(self) -> None:
        self._work = [self._pool.submit(self._live, number) for number in range(self._size)]

    def stop(self) -> None:
        """No new reports; what was begun is handed in to its end."""
        self._ending.set()
        for one in self._work:
            one.result(600)
        self._pool.shutdown()

    def _live(self, number: int) -> None:
        lot = random.Random(f"{self._seed} {number}")
        partner = Partner([one.url for one in self._fleet.serving], self._fleet.key, self._history)
        promised: list[tuple[Paper, dict[str, Any]]] = []
        lane = 0
        while not self._ending.is_set():
            lane += 1
            for revision in range(1, lot.choice((1, 1, 2, 3)) + 1):
                begun = time.monotonic()
                one = paper(f"{self._prefix}.{number:02}.{lane:04}", revision)
                answer = partner.hand_in(one, lot)
                if answer is not None:
                    promised.append((one, answer.json()))
                self._something_else(partner, promised, lot)
                self._ending.wait(max(0.0, lot.uniform(0.5, 1.5) * self._pause - (time.monotonic() - begun)))
        partner.close()

    def _something_else(
        self, partner: Partner, promised: list[tuple[Paper, dict[str, Any]]], lot: random.Random
    ) -> None:
        """Now and then: the same question, another content under a used key, a look for the receipt."""
        if not promised:
            return
        one, said = lot.choice(promised)
        chosen, at = lot.random(), lot.randrange(2)
        if chosen < 0.10:
            partner.ask(one, at=at)
        elif chosen < 0.15 and not said.get("spooled"):  # of two contents spooled at two hosts either may win
            forged = Paper(one.key, one.payload.replace(b"12.16", b"13.16"), one.values)
            partner.ask(forged, at=at, other=True)
        elif chosen < 0.25:
            partner.receipt(one.key, said["id"], at=at)


_Pause = threading.Event()
