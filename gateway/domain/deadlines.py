"""Deadlines (thời hạn gửi), pure: a period, a province's rule and its working days become one instant.

The cut-off (chốt số liệu) closes the figures, the deadline closes the intake; they are kept apart and only the
deadline may move. “trước ngày 20” ends with the 19th, “chậm nhất ngày 20” with the 20th. A periodic deadline on a
day of rest moves to the next working day where the province says so (Lào Cai art. 14.2, Sóc Trăng art. 16.2)
and nowhere else; a hard date never moves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from gateway.domain.calendar import VIETNAM, YEARS, Period, PeriodKind, day_of_month, periods_of
from gateway.domain.workdays import WorkingDays

_DAY, _SECOND = timedelta(days=1), timedelta(seconds=1)
_LAST = time.fromisoformat("23:59:59")
_BEGINS_EARLY = (
    12  # the month: years of Decree 09/2019 begin on 15 December before them, and days may be counted from it
)


class Nature(StrEnum):
    """Loại chế độ báo cáo. Only periodic ones roll over."""

    PERIODIC = "dinh_ky"
    THEMATIC = "chuyen_de"
    AD_HOC = "dot_xuat"


@dataclass(frozen=True, slots=True)
class DayOfMonth:
    """“ngày 20 của tháng cuối kỳ”: counted from the month in which the period ends, or begins."""

    day: int
    months: int = 0
    from_start: bool = False

    @property
    def reach(self) -> int:
        """How many years after the period the day may lie at most; so, too, of the other two."""
        return -(-self.months // 12)

    def on(self, p: Period) -> date:
        return day_of_month(p.start if self.from_start else p.end, self.day, self.months)


@dataclass(frozen=True, slots=True)
class DaysAfter:
    """“ngày kế tiếp”: counted from the last day of the period."""

    days: int

    @property
    def reach(self) -> int:
        return -(-self.days // 365)

    def on(self, p: Period) -> date:
        return p.end + self.days * _DAY


@dataclass(frozen=True, slots=True)
class HardDate:
    """“trước ngày 10/7”: a date of the year in which the period ends, or of a later one. It never moves."""

    day: int
    month: int
    years: int = 0

    @property
    def reach(self) -> int:
        return self.years

    def on(self, p: Period) -> date:
        return date(p.end.year + self.years, self.month, self.day)


@dataclass(frozen=True, slots=True)
class Rule:
    """When one stage (chặng) has to send, for one kind of period.

    only         endings of the codes it is for: Q1 where a province has no other quarter, A or B of a half-month
    at           time of day; of an exclusive rule the first instant that is too late
    figures_of_start  the figures are those of the period's first day (số liệu đầu năm học), cut off with it
    """

    stage: str
    kind: PeriodKind
    when: DayOfMonth | DaysAfter | HardDate
    inclusive: bool
    words: str
    at: time | None = None
    only: tuple[str, ...] = ()
    rolls: bool = False
    figures_of_start: bool = False

    def covers(self, p: Period) -> bool:
        return p.kind is self.kind and (not self.only or p.code.endswith(self.only))


@dataclass(frozen=True, slots=True)
class Regime:
    """Chế độ báo cáo of a province: its calendar and its rules, stage after stage; `undated` says why it has none."""

    id: str
    name: str
    calendar: str
    nature: Nature
    rules: tuple[Rule, ...]
    undated: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """The lead agency opens or closes the intake at another time and says so (Lào Cai 14.5, Đồng Tháp 17.3)."""

    regime: str
    period: str
    stage: str
    opens: datetime
    closes: datetime
    notice: str

    @property
    def place(self) -> tuple[str, str, str]:
        """Where it opens and closes: two windows of one place may not overlap."""
        return self.regime, self.period, self.stage

    def is_early(self, at: datetime) -> bool:
        return at < self.opens

    def is_over(self, at: datetime) -> bool:
        """The second named by the closing is still inside."""
        return at >= self.closes + _SECOND

    def meets(self, other: Window) -> bool:
        return self.place == other.place and self.opens <= other.closes and other.opens <= self.closes


@dataclass(frozen=True, slots=True)
class Due:
    """Thời hạn of one period at one stage. `deadline` is the last admissible instant; `rolled_from` what it was."""

    period: Period
    stage: str
    cut_off: datetime
    deadline: datetime
    inclusive: bool
    rolled_from: datetime | None
    rule: str

    def is_late(self, at: datetime) -> bool:
        """Whether what arrives at `at` is late: the second named by the deadline is still in time."""
        return at >= self.deadline + _SECOND

    def left(self, now: datetime) -> timedelta:
        """Time left; negative once it has passed."""
        return self.deadline - now


def due(p: Period, rule: Rule, days: WorkingDays) -> Due:
    """What `rule` says about `p`. Raises `ValueError` for a rule that ends before the figures are closed."""
    last = _last_instant(rule, p)
    moved = last
    if rule.rolls and not isinstance(rule.when, HardDate):
        moved = datetime.combine(days.rolled(last.date()), last.timetz())
    cut_off = datetime.combine(p.start + _DAY, time(), VIETNAM) if rule.figures_of_start else p.cut_off
    if last < cut_off:
        raise ValueError(f"{p.name}: the deadline {last:%d/%m/%Y} comes before the cut-off {cut_off:%d/%m/%Y}")
    return Due(p, rule.stage, cut_off, moved, rule.inclusive, last if moved != last else None, rule.words)


def due_of(regime: Regime, stage: str, p: Period, days: WorkingDays, windows: Iterable[Window] = ()) -> Due | None:
    """When `regime` has `p` sent at `stage`, as notices changed it; None where it says nothing of such a period."""
    rule = next((rule for rule in regime.rules if rule.stage == stage and rule.covers(p)), None)
    if rule is None or p.regime != regime.calendar:
        return None
    return _within(due(p, rule, days), {(w.period, w.stage): w for w in windows if w.regime == regime.id})


def dues(regime: Regime, first: date, last: date, days: WorkingDays, windows: Iterable[Window] = ()) -> list[Due]:
    """Every deadline of `regime` from `first` to `last`, both inclusive: by time, stages of one day in their order.

    A window is found when it closes within a year of the deadline it moves.
    """
    opened = {(w.period, w.stage): w for w in windows if w.regime == regime.id}
    slack = 1 if opened else 0
    found = (
        _within(due(p, rule, days), opened)
        for rule in regime.rules
        for year in _years(first.year - rule.when.reach - slack, last.year + (last.month == _BEGINS_EARLY) + slack)
        for p in periods_of(regime.calendar, rule.kind, year)
        if rule.covers(p)
    )
    return sorted((each for each in found if first <= each.deadline.date() <= last), key=lambda d: d.deadline)


def _years(first: int, last: int) -> range:
    """Code years of periods that matter: a school year ends in the year after, and December may roll into January."""
    return range(max(first - 1, YEARS[0]), min(last, YEARS[-1]) + 1)


def _within(found: Due, opened: dict[tuple[str, str], Window]) -> Due:
    """`found` as a recorded notice changed it."""
    window = opened.get((found.period.name, found.stage))
    if window is None:
        return found
    return replace(found, deadline=window.closes, inclusive=True, rolled_from=None, rule=window.notice)


def _last_instant(rule: Rule, p: Period) -> datetime:
    named = rule.when.on(p)
    if rule.at is not None:
        at = datetime.combine(named, rule.at, VIETNAM)
        return at if rule.inclusive else at - _SECOND
    return datetime.combine(named if rule.inclusive else named - _DAY, _LAST, VIETNAM)
