"""What people arrange beside single exchanges: days off, the intake, maintenance. Every act is a deed of the register.

Each names who and why, and the document it rests on; what stood before and what stands after is written with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.domain.agreement import Schedule
from gateway.domain.calendar import VIETNAM, clock_face, period
from gateway.domain.deadlines import Due, Window
from gateway.domain.errors import Conflict, NotFound, Problem, Rejected, problem
from gateway.domain.exchange import Stage
from gateway.domain.facts import Postponed
from gateway.domain.maintenance import EVERYWHERE, Maintenance, impossible
from gateway.domain.record import plain
from gateway.domain.register import Deed, Sheet
from gateway.domain.workdays import Level
from gateway.journey.case import Doors
from gateway.journey.operate import Person
from gateway.ports import Entry, Query, Register

_UNITS = {
    "working_hours": ("giờ làm việc", "working hours"),
    "hours": ("giờ", "hours"),
    "working_days": ("ngày làm việc", "working days"),
}


@dataclass(frozen=True, slots=True)
class Clerk:
    """Writes deeds for one person at one time, on the strength of one document."""

    register: Register
    person: Person
    now: datetime
    document: str = ""

    def write(
        self,
        sheet: Sheet,
        subject: str,
        act: str,
        after: Mapping[str, Any] | None,
        *,
        before: Mapping[str, Any] | None = None,
        tell: Sequence[str] = (),
    ) -> Deed:
        """One deed after the subject's last one; `before` is what stood elsewhere where the register had nothing.

        Raises `Conflict` (C-018) when somebody else wrote about the subject meanwhile.
        """
        last = self.register.last(sheet, subject)
        stood = last.after if last and last.after is not None else before
        who, follows = self.person, last.ordinal if last else 0
        rests_on = self.document or (last.document if last else "")
        deed = Deed(sheet, subject, act, who.name, who.because, rests_on, self.now, stood, after, follows)
        return self.register.write(deed, tell)

    def add(
        self,
        sheet: Sheet,
        subject: str,
        act: str,
        after: Mapping[str, Any],
        *,
        before: Mapping[str, Any] | None = None,
        tell: Sequence[str] = (),
    ) -> Deed:
        """As `write`, for a subject of which nothing may stand yet. Raises `Conflict` (C-018) where something does."""
        last = self.register.last(sheet, subject)
        if last is not None and last.after is not None:
            raise Conflict(problem("C-018", subject=subject, stands=f"{last.act}, {last.by}, {last.document or '–'}"))
        return self.write(sheet, subject, act, after, before=before, tell=tell)

    def take_back(self, sheet: Sheet, subject: str, tell: Sequence[str] = ()) -> Deed:
        """What stood of the subject stands no more. Raises `NotFound` (F-006)."""
        last = self.register.last(sheet, subject)
        if last is None or last.after is None:
            raise NotFound(problem("F-006", name=f"{sheet} {subject}"))
        return self.write(sheet, subject, "unset", None, tell=tell)


# ── the intake ───────────────────────────────────────────────────────────────────────────────────
def open_window(doors: Doors, clerk: Clerk, window: Window, known: Sequence[Window]) -> Deed:
    """Record a notice that opens and closes the intake of one period at one stage; whom it concerns is told.

    Raises `Rejected` (C-005) for what cannot be, `Conflict` (C-018) where a window of the file overlaps, or one of
    the register stands. Reports that wait for it are looked at again at once.
    """
    faults = list(_window_faults(window))
    if faults:
        raise Rejected(*faults)
    other = next((one for one in known if one.meets(window)), None)
    subject = "/".join(window.place)
    if other is not None:
        raise Conflict(problem("C-018", subject=subject, stands=other.notice))
    tell = following(doors, window.regime, window.stage)
    deed = clerk.add(Sheet.WINDOW, subject, "open", plain(window), tell=tell)
    _wake(doors, window, tell, clerk.now)
    return deed


def following(doors: Doors, regime: str, stage: str) -> list[str]:
    """The agreements that follow a regime at a stage."""
    return [a.id for a in doors.peers.agreements.values() if a.schedule == Schedule(regime, stage)]


def _window_faults(window: Window) -> Iterable[Problem]:
    place = "/".join(window.place)
    covers = period(window.period)
    if window.opens.tzinfo is None or window.closes.tzinfo is None:
        yield _impossible(place, "a time without offset")
    elif window.opens >= window.closes:
        yield _impossible(place, "it closes before it opens")
    elif window.closes < covers.cut_off:
        yield _impossible(place, f"it closes before the cut-off of {window.period}")


def _wake(doors: Doors, window: Window, agreements: Sequence[str], now: datetime) -> None:
    """What was kept for an opening that comes sooner now."""
    if not agreements:
        return
    for x in doors.journal.find(Query(stages=(Stage.VALIDATED,), agreements=tuple(agreements), limit=1000)):
        if x.trouble and x.trouble.code == "C-015" and x.head and x.head.period == window.period:
            doors.journal.append(x, [Entry(Postponed(now, x.trouble), now)])


# ── maintenance ──────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Notice:
    """How far ahead maintenance is told: the promise, and the first admissible start that follows from it."""

    earliest: datetime
    level: Level | None

    def refusal(self, starts: datetime) -> Problem:
        vi, en = _UNITS[self.level.unit] if self.level else ("", "")
        ahead = f"{self.level.amount} {vi} / {en}" if self.level else "trước khi bắt đầu / before it begins"
        article = f"Điều {self.level.article}" if self.level else "–"
        told = {"notice": ahead, "article": article, "starts": clock_face(starts)}
        return problem("C-017", earliest=clock_face(self.earliest), **told)


def announce(
    doors: Doors, clerk: Clerk, maintenance: Maintenance, known: Iterable[Maintenance], notice: Notice
) -> Deed:
    """Tell maintenance to every system that sends to its destination, and write it down.

    Raises `Rejected` (C-017) when it is told too late, with the earliest admissible start; (C-005) for a span that
    cannot be; `NotFound` (F-006) for a destination nobody declared; `Conflict` (C-018) where other maintenance stops
    the same destination.
    """
    m = maintenance
    if m.destination not in {*doors.peers.channels, *doors.peers.routes, EVERYWHERE}:
        raise NotFound(problem("F-006", name=m.destination))
    wrong = impossible(m.starts, m.ends)
    if wrong:
        raise Rejected(_impossible("maintenance", wrong))
    if m.starts < notice.earliest:
        raise Rejected(notice.refusal(m.starts))
    other = next((one for one in known if one.meets(m)), None)
    if other is not None:
        raise Conflict(problem("C-018", subject=m.id, stands=f"{other.id} {clock_face(other.starts)}"))
    whom = _senders_to(doors, m.destination)
    return clerk.add(Sheet.MAINTENANCE, m.id, "announce", plain(m), tell=whom)


def call_off(doors: Doors, clerk: Clerk, maintenance: Maintenance) -> Deed:
    """Maintenance that will not be, or that ends before its time; who was told is told again."""
    return clerk.take_back(Sheet.MAINTENANCE, maintenance.id, _senders_to(doors, maintenance.destination))


def due_within(doors: Doors, maintenance: Maintenance) -> list[tuple[str, Due]]:
    """Deadlines that fall into the maintenance, by agreement: the operator moves one or the other."""
    first, last = (at.astimezone(VIETNAM).date() for at in (maintenance.starts, maintenance.ends))
    return [
        (agreed.id, due)
        for agreed in doors.peers.agreements.values()
        if maintenance.destination in (EVERYWHERE, agreed.destination)
        for due in doors.deadlines.owed(agreed, first, last)
        if maintenance.starts <= due.deadline <= maintenance.ends
    ]


def _senders_to(doors: Doors, destination: str) -> list[str]:
    return [agreed.id for agreed in doors.peers.agreements.values() if destination in ("", agreed.destination)]


def _impossible(path: str, reason: str) -> Problem:
    return problem(
        "C-005", path=path, line="-", reason=reason, expected="2026-11-20T22:00+07:00…2026-11-21T02:00+07:00"
    )
