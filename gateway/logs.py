"""One JSON line per fact, once it is on disk; and everything else the house says, in the same shape.

A line says which exchange, what became true, where it stands, for how long it had stood there, and the code of a
problem. It never says what is in a report: no payload, no figure, no name of a unit, no key, no text of an
exception, which quotes whatever it stumbled over. What may be said is listed here, not what may not.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from logging.handlers import QueueHandler, QueueListener
from queue import Empty, Full, Queue
from typing import IO, Any

from gateway.domain.calendar import VIETNAM
from gateway.domain.chain import grow
from gateway.domain.exchange import Exchange, begin
from gateway.domain.facts import Discrepant, Diverted, Fact, Parked, Postponed, Refused, Stumbled, Undelivered
from gateway.domain.problems import Problem
from gateway.domain.trace import trace_id
from gateway.ports import Birth, Entry, Journal, Lease

# What a record's extra may carry into a line.
_SAID = ("exchange", "step", "why", "destination", "seconds", "partner", "stage", "code", "url", "worker", "trace")

_WAITING = 10_000  # lines
_PATIENCE = 1.0  # seconds at the end

Heard = Callable[[Exchange | None, Exchange, Sequence[Entry]], None]

log = logging.getLogger("gateway.facts")


class Overheard:
    """A journal that tells `heard` of everything recorded through it, after it is on disk.

    What is not recorded here passes through; whoever else writes into the same database tells it himself.
    """

    def __init__(self, journal: Journal, heard: Sequence[Heard]) -> None:
        self._journal = journal
        self._heard = heard

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def open(self, birth: Birth) -> tuple[Exchange, bool]:
        return self.opening(birth).result()

    def opening(self, birth: Birth) -> Future[tuple[Exchange, bool]]:
        answer = self._journal.opening(birth)
        answer.add_done_callback(lambda done: self._opened(birth, done))
        return answer

    def append(
        self,
        exchange: Exchange,
        entries: Sequence[Entry],
        *,
        lease: Lease | None = None,
        births: Sequence[Birth] = (),
        line: bool | None = None,
    ) -> Exchange:
        return self.appending(exchange, entries, lease=lease, births=births, line=line).result()

    def appending(
        self,
        exchange: Exchange,
        entries: Sequence[Entry],
        *,
        lease: Lease | None = None,
        births: Sequence[Birth] = (),
        line: bool | None = None,
    ) -> Future[Exchange]:
        answer = self._journal.appending(exchange, entries, lease=lease, births=births, line=line)
        answer.add_done_callback(lambda done: self._appended(exchange, entries, births, done))
        return answer

    def _opened(self, birth: Birth, done: Future[tuple[Exchange, bool]]) -> None:
        if not done.cancelled() and done.exception() is None:
            x, is_new = done.result()
            if is_new:
                self._tell(None, x, birth.entries)

    def _appended(
        self, before: Exchange, entries: Sequence[Entry], births: Sequence[Birth], done: Future[Exchange]
    ) -> None:
        if done.cancelled() or done.exception() is not None:
            return
        self._tell(before, done.result(), entries)
        for birth in births:
            self._tell(
                None, grow(begin(birth.opening), ((one.fact, one.at) for one in birth.entries))[0], birth.entries
            )

    def _tell(self, before: Exchange | None, after: Exchange, entries: Sequence[Entry]) -> None:
        for heard in self._heard:
            try:
                heard(before, after, entries)
            except Exception:  # what listens must never be felt by what is listened to
                logging.getLogger("gateway.logs").exception("a listener failed")


def say_facts(before: Exchange | None, after: Exchange, entries: Sequence[Entry]) -> None:
    """The lines of what was recorded; costs nothing where nobody reads them."""
    if not log.isEnabledFor(logging.INFO):
        return
    seq, since = (before.seq, before.changed_at) if before else (0, None)
    for number, entry in enumerate(entries, start=1):
        why = problem_of(entry.fact)
        said = {
            "fact": type(entry.fact).__name__,
            "exchange": after.id,
            "seq": seq + number,
            "kind": after.kind.value,
            "agreement": after.agreement,
            "partner": after.destination,
            "stage": after.stage.value if number == len(entries) else None,
            "code": why.code if why else None,
            "trace": (trace_id(after.submission.trace) or None) if after.submission else None,
            "ms": round((entry.at - since).total_seconds() * 1000) if since else None,
        }
        log.log(_level(entry.fact), "fact", extra={"fact_line": said})
        since = entry.at


def problem_of(fact: Fact) -> Problem | None:
    """The problem a fact carries, the first of them."""
    match fact:
        case Refused(_, reasons):
            return reasons[0]
        case Undelivered(why) | Discrepant(why) | Postponed(_, why) | Diverted(_, why) | Parked(why):
            return why
    return None


def _level(fact: Fact) -> int:
    if isinstance(fact, Stumbled):
        return logging.ERROR
    return logging.WARNING if isinstance(fact, Refused | Discrepant | Parked) else logging.INFO


class JsonLine(logging.Formatter):
    """``ts`` (+07:00), ``level``, ``event``, and what `_SAID` allows; one object, one line."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).astimezone(VIETNAM)
        line: dict[str, Any] = {"ts": at.isoformat(timespec="milliseconds"), "level": record.levelname.lower()}
        fact = getattr(record, "fact_line", None)
        if fact is not None:
            line |= {"event": "fact", **{name: value for name, value in fact.items() if value is not None}}
        else:
            line |= {"event": record.msg if isinstance(record.msg, str) else "?", "logger": record.name}
            line |= {name: str(getattr(record, name)) for name in _SAID if getattr(record, name, None) is not None}
        if record.exc_info and record.exc_info[0] is not None:
            line |= {"error": record.exc_info[0].__name__, "at": _places(record.exc_info[2])}
        return json.dumps(line, ensure_ascii=False)


class _Aside(QueueHandler):
    """Lines are made and written in a thread of their own: a reader that stalls must not hold up the journal.

    What finds no room is counted, and told as soon as there is some.
    """

    queue: Queue[Any]

    def __init__(self) -> None:
        super().__init__(Queue(_WAITING))
        self._lost = 0

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        return record

    def enqueue(self, record: logging.LogRecord) -> None:
        try:
            if self._lost:
                told = logging.LogRecord("gateway.logs", logging.WARNING, "", 0, "lines lost", (), None)
                told.why = self._lost
                self.queue.put_nowait(told)
                self._lost = 0
            self.queue.put_nowait(record)
        except Full:
            self._lost += 1


class _Writer(QueueListener):
    queue: Queue[Any]

    def stop(self) -> None:
        """Write what waits, for a moment; a reader that stalls is not waited for."""
        thread, self._thread = self._thread, None
        with suppress(Full):
            self.enqueue_sentinel()
        if thread is None:
            return
        thread.join(_PATIENCE)
        if thread.is_alive():
            with suppress(Empty):
                while True:
                    self.queue.get_nowait()
            self.enqueue_sentinel()


@contextmanager
def lines_to(stream: IO[str], level: int = logging.INFO) -> Iterator[None]:
    """Everything the house says goes to `stream`, one JSON line each; of others, what is a warning."""
    writing = logging.StreamHandler(stream)
    writing.setFormatter(JsonLine())
    aside = _Aside()
    aside.addFilter(lambda record: record.name.startswith("gateway") or record.levelno >= logging.WARNING)
    root, house = logging.getLogger(), logging.getLogger("gateway")
    before = house.level
    root.addHandler(aside)
    house.setLevel(level)
    listener = _Writer(aside.queue, writing)
    listener.start()
    try:
        yield
    finally:
        root.removeHandler(aside)
        house.setLevel(before)
        listener.stop()


def _places(at: Any) -> list[str]:
    """Where it went through, without what was said there."""
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(at)][
        -6:
    ]
