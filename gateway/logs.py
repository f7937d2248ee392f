"""One JSON line per fact, once it is on disk; and everything else the house says, in the same shape.

A line says which exchange, what became true, where it stands, for how long it had stood there, and the code of a
problem. It never says what is in a report: no payload, no figure, no name of a unit, no key, no text of an
exception, which quotes whatever it stumbled over. What may be said is listed here, not what may not.
"""

from __future__ import annotations

import logging
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import IO, Any

import orjson

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
_AT_ONCE = 32  # lines a write: a reader that stalls is left with these, and no more, in the middle
_GATHERING = 0.05  # seconds: what is said meanwhile is written together
_PATIENCE = 1.0  # seconds at the end
_FIRST_WORDS = 80
_UNSAID = ("logThreads", "logProcesses", "logMultiprocessing", "logAsyncioTasks")  # looked up for every record

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
        level = _LEVELS.get(type(entry.fact), logging.INFO)
        # Not by `log.log`, which looks its caller up on the stack, at half of what all this costs.
        log.handle(log.makeRecord(log.name, level, "", 0, "fact", (), None, extra={"fact_line": said}))
        since = entry.at


def problem_of(fact: Fact) -> Problem | None:
    """The problem a fact carries, the first of them."""
    match fact:
        case Refused(_, reasons):
            return reasons[0]
        case Undelivered(why) | Discrepant(why) | Postponed(_, why) | Diverted(_, why) | Parked(why):
            return why
    return None


_LEVELS: Mapping[type[Fact], int] = {
    Stumbled: logging.ERROR,
    **dict.fromkeys((Refused, Discrepant, Parked), logging.WARNING),
}


class JsonLine(logging.Formatter):
    """``ts`` (+07:00), ``level``, ``event``, and what `_SAID` allows; one object, one line."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, VIETNAM)
        line: dict[str, Any] = {"ts": at.isoformat(timespec="milliseconds"), "level": record.levelname.lower()}
        fact = getattr(record, "fact_line", None)
        if fact is not None:
            line |= {"event": "fact", **{name: value for name, value in fact.items() if value is not None}}
        else:
            line |= {"event": _event(record), "logger": record.name}
            line |= {name: str(getattr(record, name)) for name in _SAID if getattr(record, name, None) is not None}
        if record.exc_info and record.exc_info[0] is not None:
            line |= {"error": record.exc_info[0].__name__, "at": _places(record.exc_info[2])}
        return orjson.dumps(line).decode()


class _Aside(logging.Handler):
    """Lines are made and written in a thread of their own: a reader that stalls must not hold up the journal.

    What finds no room is counted, and told as soon as there is some. All that was said within a moment is written
    together: to wake the thread for each line, as `logging`'s own listener does, took five times the CPU.
    """

    def __init__(self, stream: IO[str]) -> None:
        super().__init__()
        self.setFormatter(JsonLine())
        self._stream = stream
        self._waiting: deque[logging.LogRecord] = deque()
        self._lost = 0
        self._some = threading.Event()  # something waits, or the end has come
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._live, name="lines", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """By one thread at a time, as `logging` promises."""
        if len(self._waiting) >= _WAITING:
            self._lost += 1
            return
        if self._lost:
            self._waiting.append(_told_of(self._lost))
            self._lost = 0
        self._waiting.append(record)
        if not self._some.is_set():
            self._some.set()

    def stop(self) -> None:
        """Write what waits, for a moment; a reader that stalls is not waited for."""
        self._ended.set()
        self._some.set()
        self._thread.join(_PATIENCE)
        self._waiting = deque()

    def _live(self) -> None:
        ended = False
        while not ended:
            self._some.wait()
            ended = self._ended.wait(_GATHERING)
            self._some.clear()  # before it is looked what there is: what comes later sets it again
            while records := self._next():
                with suppress(Exception):  # the reader has gone: there is nobody left to be told of it
                    self._stream.write("".join(map(self._line, records)))
                    self._stream.flush()

    def _line(self, record: logging.LogRecord) -> str:
        try:
            return f"{self.format(record)}\n"
        except Exception:  # its neighbours are none the worse for it
            return f"{self.format(_told_of(1))}\n"

    def _next(self) -> list[logging.LogRecord]:
        waiting = self._waiting
        return [waiting.popleft() for _ in range(min(len(waiting), _AT_ONCE))]


def _told_of(lost: int) -> logging.LogRecord:
    told = logging.LogRecord("gateway.logs", logging.WARNING, "", 0, "lines lost", (), None)
    told.why = lost
    return told


@contextmanager
def lines_to(stream: IO[str], level: int = logging.INFO) -> Iterator[None]:
    """Everything the house says goes to `stream`, one JSON line each; of others, what is a warning."""
    aside = _Aside(stream)
    aside.addFilter(lambda record: record.name.startswith("gateway") or record.levelno >= logging.WARNING)
    root, house = logging.getLogger(), logging.getLogger("gateway")
    before, looked_up = house.level, {name: getattr(logging, name, True) for name in _UNSAID}
    root.addHandler(aside)
    house.setLevel(level)
    for name in looked_up:
        setattr(logging, name, False)
    aside.start()
    try:
        yield
    finally:
        root.removeHandler(aside)
        house.setLevel(before)
        for name, was in looked_up.items():
            setattr(logging, name, was)
        aside.stop()


def _event(record: logging.LogRecord) -> str:
    """What happened; of others the first words, for what comes behind them quotes what they stumbled over."""
    if not isinstance(record.msg, str):
        return "?"
    return record.msg if record.name.startswith("gateway") else record.msg.partition("\n")[0][:_FIRST_WORDS]


def _places(at: Any) -> list[str]:
    """Where it went through, without what was said there."""
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(at)][
        -6:
    ]
